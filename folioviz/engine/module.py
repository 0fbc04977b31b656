"""A linked kernel becomes one module of LLVM's intermediate text, with one way in for a call.

``run(m, b, r, c, call, a0, a1, a2, a3)`` does one call of a kernel function. What a write leaves is a matter of the
kind of module:
    calls   a row in ``r``, and one for each call of a kernel function that begins and ends
    writes  a row in ``r``
    costs   the cost is counted in ``c``, no row is left
    none    nothing
``c`` is the cursor: how many rows were left, for how many there is room, how many rounds loops may still take, whether
an index was outside, and from :data:`COUNTS` on what was counted by kind of row.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from folioviz.engine.statements import Function
from folioviz.engine.subset import CannotCompileError, callees, check_loaded, reached, signature_of, tree_of
from folioviz.engine.writer import OVER, PASSED, UNSET
from folioviz.machine.journal import EXIT, NOWHERE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import FunctionType

    from folioviz.engine.subset import Signature
    from folioviz.link import Linked

Keeps: TypeAlias = Literal["calls", "writes", "costs", "none"]
CURSOR: Final = 0
ROOM: Final = 1
FUEL: Final = 2
OUTSIDE: Final = 3
COUNTS: Final = 4
"""Places in ``c``."""
PRINT: Final = COUNTS + EXIT + 1
"""The place of the machine's fingerprint, where it is kept: two machines that began alike and have the same are alike.

It changes by (new - old) times a pseudo-random number of the address with each store, modulo 2**64; that two machines
which differ have the same is as likely as 1 in 2**33 at most.
"""
CURSOR_LENGTH: Final = PRINT + 1
MOST_ARGUMENTS: Final = 4
"""The longest operation has so many integers."""

ROW = f"""
  %n = load i64, ptr %c
  %after = add i64 %n, 1
  store i64 %after, ptr %c
  %room.at = getelementptr i64, ptr %c, i64 {ROOM}
  %room = load i64, ptr %room.at, !invariant.load !0
  %fits = icmp ult i64 %n, %room
  br i1 %fits, label %keep, label %end
keep:
  %at = shl i64 %n, 2
  %row = getelementptr i32, ptr %r, i64 %at
  %kind.32 = trunc i64 %kind to i32
  %address.32 = trunc i64 %address to i32
  %old.32 = trunc i64 %old to i32
  %new.32 = trunc i64 %new to i32
  %v0 = insertelement <4 x i32> undef, i32 %kind.32, i32 0
  %v1 = insertelement <4 x i32> %v0, i32 %address.32, i32 1
  %v2 = insertelement <4 x i32> %v1, i32 %old.32, i32 2
  %v3 = insertelement <4 x i32> %v2, i32 %new.32, i32 3
  store <4 x i32> %v3, ptr %row, align 4
  br label %end
end:
  ret void
"""
COUNT = f"""
  %place = add i64 %kind, {COUNTS}
  %at = getelementptr i64, ptr %c, i64 %place
  %before = load i64, ptr %at
  %event = icmp eq i64 %address, {NOWHERE}
  %more = select i1 %event, i64 %new, i64 1
  %after = add i64 %before, %more
  store i64 %after, ptr %at
  ret void
"""
RECORDS: Final[dict[Keeps, str]] = {"calls": ROW, "writes": ROW, "costs": COUNT, "none": "\n  ret void\n"}
BELOW: Final = f"""
define internal i64 @recorded({OVER}, i64 %place, i64 %column) alwaysinline nounwind {{
  %row = shl i64 %place, 2
  %at = add i64 %row, %column
  %from = getelementptr i32, ptr %r, i64 %at
  %half = load i32, ptr %from
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
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
!0 = !{{}}
"""


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
    code = {**below, **linked.below, **linked.code}
    own = {name: signature_of(tree_of(name, code.pop(name))) for name in ("record", "recorded")}
    trees = {name: tree_of(name, function) for name, function in code.items()}
    names = {name: signature_of(tree) for name, tree in trees.items()}
    if checked:
        del own["recorded"]  # it takes any place
    numbers = {name: number for number, name in enumerate(linked.names) if keeps == "calls" or name in told}
    order = reached(roots, {name: callees(tree) for name, tree in trees.items()})
    takes = ", ".join(f"i64 %{name}" for name in own["record"].takes)
    parts = [
        BELOW,
        f"define internal void @record({OVER}, {takes}) alwaysinline nounwind {{{RECORDS[keeps]}}}\n",
    ]
    for name in order:
        made = Function(
            trees[name],
            names | own,
            below[name].__globals__ if name in below else linked.constants,
            numbers.get(name),
            checked=checked,
            printed=printed,
        )
        parts.append(made.text())
        check_loaded(trees[name], code[name])
    return names, "\n".join(parts)


def module(linked: Linked, roots: list[str], keeps: Keeps, *, checked: bool) -> str:
    """Return a linked kernel as LLVM's text.

    Args:
        linked: the kernel.
        roots: what ``run`` may call; the place in this list is the number of the call.
        keeps: what a write leaves.
        checked: whether indices and rounds of loops are checked.

    Raises:
        CannotCompileError: if a function that is reached has what only plain Python can run.
    """
    names, text = functions(linked, roots, keeps, checked=checked)
    cases, bodies = "", ""
    for place, name in enumerate(roots):
        signature = names[name]
        if not signature.machine or len(signature.takes) > MOST_ARGUMENTS or signature.width > 1:
            raise CannotCompileError.of(name, 1, "its arguments or its result, for an operation")
        given = "".join(f", i64 %a{number}" for number in range(len(signature.takes)))
        result = "%x" + str(place) if signature.width else "0"
        cases += f"    i64 {place}, label %call.{place}\n"
        bodies += f"call.{place}:\n  %x{place} = call i64 @{name}({PASSED}{given})\n  ret i64 {result}\n"
    given = ", ".join(f"i64 %a{number}" for number in range(MOST_ARGUMENTS))
    return (
        f"{text}\ndefine i64 @run({OVER}, i64 %call, {given}) nounwind {{\n"
        f"  switch i64 %call, label %none [\n{cases}  ]\n{bodies}none:\n  ret i64 0\n}}\n"
    )
