"""A linked kernel becomes one module of LLVM's intermediate text, with one way in for a call.

``run(m, b, r, c, call, a0, a1, a2, a3)`` does one call of a kernel function. What a write leaves is a matter of the
kind of module:
    calls   a row in ``r``, and one for each call of a kernel function that begins and ends
    writes  a row in ``r``
    costs   the cost is counted in ``c``, no row is left
    none    nothing
Where rows are left, ``r`` is the place of the next one: a function takes it and returns it, so that it stays in one of
the processor's registers. ``c`` is the cursor: how many rows were left, the address where room for them ends, how many
rounds loops may still take, whether an index was outside, the first row's address, and from :data:`COUNTS` on what was
counted by kind of row.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from folioviz.engine import guards, places, quiet
from folioviz.engine.places import PAST_CACHES, ROWS, tag
from folioviz.engine.statements import Function
from folioviz.engine.subset import CannotCompileError, callees, check_loaded, reached, signature_of, tree_of
from folioviz.engine.writer import OVER, PASSED, UNSET
from folioviz.link import functions_of
from folioviz.machine.journal import EXIT, NOWHERE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import FunctionType

    from folioviz.engine.subset import Beside, Signature
    from folioviz.link import Linked

Keeps: TypeAlias = Literal["calls", "writes", "costs", "none"]
CURSOR: Final = 0
END: Final = 1
FUEL: Final = 2
OUTSIDE: Final = 3
FIRST: Final = 4
COUNTS: Final = 5
"""Places in ``c``."""
OWN: Final = ("record", "recorded")
"""Functions that are written here, and not compiled."""
PRINT: Final = COUNTS + EXIT + 1
"""The place of the machine's fingerprint, where it is kept: two machines that began alike and have the same are alike.

It changes by (new - old) times a pseudo-random number of the address with each store, modulo 2**64; that two machines
which differ have the same is as likely as 1 in 2**33 at most.
"""
CURSOR_LENGTH: Final = PRINT + 1
MOST_ARGUMENTS: Final = 4
"""The longest operation has so many integers."""

WIDTH: Final = 16
"""Bytes of a row; one begins where this divides the address."""
ROW = f"""
  %end.at = getelementptr ptr, ptr %c, i64 {END}
  %end = load ptr, ptr %end.at, !invariant.load !0
  %fits = icmp ult ptr %r, %end
  br i1 %fits, label %keep, label %done
keep:
  %kind.32 = trunc i64 %kind to i32
  %address.32 = trunc i64 %address to i32
  %old.32 = trunc i64 %old to i32
  %new.32 = trunc i64 %new to i32
  %row.1 = insertelement <4 x i32> undef, i32 %kind.32, i32 0
  %row.2 = insertelement <4 x i32> %row.1, i32 %address.32, i32 1
  %row.3 = insertelement <4 x i32> %row.2, i32 %old.32, i32 2
  %row.4 = insertelement <4 x i32> %row.3, i32 %new.32, i32 3
  store <4 x i32> %row.4, ptr %r, align {WIDTH}{tag(ROWS)}{PAST_CACHES}
  br label %done
done:
  %next = getelementptr i8, ptr %r, i64 {WIDTH}
  %given = insertvalue {{ i64, ptr }} {{ i64 -1, ptr undef }}, ptr %next, 1
  ret {{ i64, ptr }} %given
"""
"""A row is one store past the caches: there its place would be read before, and push the machine out."""
COUNT = f"""
  %place = add i64 %kind, {COUNTS}
  %at = getelementptr i64, ptr %c, i64 %place
  %before = load i64, ptr %at
  %event = icmp eq i64 %address, {NOWHERE}
  %more = select i1 %event, i64 %new, i64 1
  %after = add i64 %before, %more
  store i64 %after, ptr %at
  ret i64 -1
"""
RECORDS: Final[dict[Keeps, str]] = {"calls": ROW, "writes": ROW, "costs": COUNT, "none": "\n  ret i64 -1\n"}
BELOW: Final = f"""
define internal i64 @recorded({OVER}, i64 %place, i64 %column) alwaysinline nounwind {{
  %row = shl i64 %place, 2
  %at = add i64 %row, %column
  %first.at = getelementptr ptr, ptr %c, i64 {FIRST}
  %first = load ptr, ptr %first.at, !invariant.load !0
  %from = getelementptr i32, ptr %first, i64 %at
  %half = load i32, ptr %from{tag(ROWS)}
  %number = sext i32 %half to i64
  ret i64 %number
}}
define internal i1 @fuel(ptr noalias %c) alwaysinline nounwind {{
  %at = getelementptr i64, ptr %c, i64 {FUEL}
  %left = load i64, ptr %at
  %after = sub i64 %left, 1
  store i64 %after, ptr %at
  %go = icmp sgt i64 %after, 0
  ret i1 %go
}}
define internal i64 @within(ptr noalias %c, i64 %index, i64 %length) alwaysinline nounwind {{
  %negative = icmp slt i64 %index, 0
  %back = add i64 %index, %length
  %place = select i1 %negative, i64 %back, i64 %index
  %inside = icmp ult i64 %place, %length
  br i1 %inside, label %good, label %bad
bad:
  %at = getelementptr i64, ptr %c, i64 {OUTSIDE}
  store i64 1, ptr %at
  ret i64 0
good:
  ret i64 %place
}}
define internal i64 @narrow(ptr noalias %c, i64 %new) alwaysinline nounwind {{
  %half = trunc i64 %new to i32
  %again = sext i32 %half to i64
  %same = icmp eq i64 %again, %new
  br i1 %same, label %good, label %bad
bad:
  %at = getelementptr i64, ptr %c, i64 {OUTSIDE}
  store i64 1, ptr %at
  ret i64 0
good:
  ret i64 %new
}}
define internal i64 @known(ptr noalias %c, i64 %value) alwaysinline nounwind {{
  %set = icmp ne i64 %value, {UNSET}
  br i1 %set, label %good, label %bad
bad:
  %at = getelementptr i64, ptr %c, i64 {OUTSIDE}
  store i64 1, ptr %at
  ret i64 0
good:
  ret i64 %value
}}
define internal void @fingerprint(ptr noalias %c, i64 %address, i32 %old, i32 %new) alwaysinline nounwind {{
  %one = add i64 %address, 1
  %a = mul i64 %one, -7046029254386353131
  %high = lshr i64 %a, 32
  %b = xor i64 %a, %high
  %number = mul i64 %b, -4658895280553007687
  %old.64 = sext i32 %old to i64
  %new.64 = sext i32 %new to i64
  %more = sub i64 %new.64, %old.64
  %change = mul i64 %more, %number
  %at = getelementptr i64, ptr %c, i64 {PRINT}
  %before = load i64, ptr %at
  %after = add i64 %before, %change
  store i64 %after, ptr %at
  ret void
}}
define internal i64 @floormod(i64 %a, i64 %b) alwaysinline nounwind {{
  %rest = srem i64 %a, %b
  %other = add i64 %rest, %b
  %mixed = xor i64 %rest, %b
  %differ = icmp slt i64 %mixed, 0
  %some = icmp ne i64 %rest, 0
  %fix = and i1 %differ, %some
  %found = select i1 %fix, i64 %other, i64 %rest
  ret i64 %found
}}
define internal i64 @floordiv(i64 %a, i64 %b) alwaysinline nounwind {{
  %rest = call i64 @floormod(i64 %a, i64 %b)
  %whole = sub i64 %a, %rest
  %found = sdiv i64 %whole, %b
  ret i64 %found
}}
define internal void @left(ptr %next, ptr noalias %c) alwaysinline nounwind {{
  %first.at = getelementptr i64, ptr %c, i64 {FIRST}
  %from = load i64, ptr %first.at
  %to = ptrtoint ptr %next to i64
  %bytes = sub i64 %to, %from
  %rows = udiv exact i64 %bytes, {WIDTH}
  store i64 %rows, ptr %c
  ret void
}}
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
attributes #0 = {{ nounwind "no-builtins" }}
{guards.text(OUTSIDE)}{places.TEXT}"""
"""No loop becomes a call of the C library: the loops of a zap are short."""


def functions(
    linked: Linked,
    roots: list[str],
    keeps: Keeps,
    *,
    checked: bool,
    told: Collection[str] = (),
    printed: bool = False,
    below: Mapping[str, FunctionType] = MappingProxyType({}),
) -> tuple[dict[str, Signature], str]:
    """Return what functions look like from outside, and the text of those that some roots reach.

    Args:
        linked: the kernel.
        roots: the functions with which one begins.
        keeps: what a write leaves.
        checked: whether indices and rounds of loops are checked.
        told: functions whose begin and end are rows, too, where not all are.
        printed: whether the machine's fingerprint is kept.
        below: functions that are no kernel's, by name; they name the integers of their own modules.

    Raises:
        CannotCompileError: if a function that is reached has what only plain Python can run.
    """
    leaves = keeps in {"calls", "writes"}
    code = {**below, **linked.below, **linked.code, **({} if leaves else functions_of(quiet))}
    trees = {name: tree_of(name, function) for name, function in code.items()}
    calls = {name: callees(tree) for name, tree in trees.items()}
    numbers = {name: number for number, name in enumerate(linked.names) if keeps == "calls" or name in told}
    order = reached(["record", *roots], calls)
    leaving = {"record"} if leaves else set()
    for name in order:
        if leaves and (name in numbers or not leaving.isdisjoint(calls[name])):
            leaving.add(name)
    names = {name: signature_of(tree)._replace(leaves=name in leaving) for name, tree in trees.items()}
    if checked:
        del names["recorded"]  # it takes any place
    record = names["record"]
    takes = ", ".join(f"i64 %{name}" for name in record.takes)
    parts = [
        BELOW,
        f"define internal {record.gives} @record({OVER}, {takes}) alwaysinline nounwind {{{RECORDS[keeps]}}}\n",
    ]
    wanted: list[tuple[str, int | None]] = [(name, None) for name in order if name not in OWN]
    for name, version in wanted:
        made = Function(
            trees[name],
            names,
            below[name].__globals__ if name in below else linked.constants,
            numbers.get(name),
            checked=checked,
            printed=printed,
            version=version,
        )
        parts.append(made.text())
        wanted += sorted(made.versions.difference(wanted))
        check_loaded(trees[name], code[name])
    return names, "\n".join(parts)


def module(
    linked: Linked,
    roots: list[str],
    keeps: Keeps,
    *,
    checked: bool,
    beside: Beside,
) -> str:
    """Return a linked kernel as LLVM's text.

    Args:
        linked: the kernel.
        roots: what ``run`` may call; the place in this list is the number of the call.
        keeps: what a write leaves.
        checked: whether indices and rounds of loops are checked.
        beside: what else it may call, behind that.

    Raises:
        CannotCompileError: if a function that is reached has what only plain Python can run.
    """
    names, text = functions(linked, [*roots, *beside.roots], keeps, checked=checked, below=beside.below)
    added, written = beside.written(names)
    cases, bodies = "", ""
    for place, (name, signature) in enumerate({**{name: names[name] for name in roots}, **added}.items()):
        if not signature.machine or len(signature.takes) > MOST_ARGUMENTS or signature.width > 1:
            raise CannotCompileError.of(name, 1, "its arguments or its result, for an operation")
        given = "".join(f", i64 %a{number}" for number in range(len(signature.takes)))
        result = f"%x{place}" if signature.width else "0"
        cases += f"    i64 {place}, label %call.{place}\n"
        made = f"%both{place}" if signature.leaves else f"%x{place}"
        bodies += f"call.{place}:\n  {made} = call {signature.gives} @{name}({PASSED}{given})\n"
        if signature.leaves:
            bodies += f"  %x{place} = extractvalue {signature.gives} {made}, 0\n"
            bodies += f"  %next{place} = extractvalue {signature.gives} {made}, 1\n"
            bodies += f"  call void @left(ptr %next{place}, ptr %c)\n"
        bodies += f"  ret i64 {result}\n"
    given = ", ".join(f"i64 %a{number}" for number in range(MOST_ARGUMENTS))
    return (
        f"{text}\n{written}\ndefine i64 @run({OVER}, i64 %call, {given}) nounwind {{\n"
        f"  switch i64 %call, label %none [\n{cases}  ]\n{bodies}none:\n  ret i64 0\n}}\n"
    )
