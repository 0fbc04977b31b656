"""An operation as one function of machine code: it looks up what is named, asks the rules, and does it if it may.

The rules of refusals (:mod:`folioviz.ops.rules`) are compiled like a kernel's functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.engine.subset import Beside, Signature
from folioviz.engine.width import narrow
from folioviz.engine.writer import OVER, PASSED, UNSET
from folioviz.link import constants_of, functions_of
from folioviz.ops import blocks, reasons, room, rules, walk
from folioviz.ops.ops import WORDS
from folioviz.ops.refusal import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.link import Linked
    from folioviz.ops.op import Op

DO: Final = "do."
"""In front of a kernel function: the function that does the operation which calls it, or returns :data:`REFUSED`."""
REFUSED: Final = int(UNSET)
"""What no kernel function returns."""
LOOKED_UP: Final = {"mm": ("mm_slot", reasons.NO_MM), "folio": ("folio_found", reasons.NO_FOLIO)}
"""A first field that is an id: what finds it, and why the operation is refused if nothing is found."""
MODULES: Final = (walk, reasons, blocks, room, *rules.MODULES)
"""What is compiled beside a kernel: what looks things up, and the rules."""
BELOW: Final = {name: function for one in MODULES for name, function in functions_of(one).items()}
NAMED: Final = {f"{one.__name__}.{name}": n for one in MODULES for name, n in constants_of(one).items()}
"""The functions of these modules, and the integers that they name."""


def had(linked: Linked) -> list[type[Op]]:
    """Return the operations that a kernel has."""
    return [kind for kind in WORDS.values() if kind.call in linked.code]


def words() -> list[object]:
    """Return all that decides what is written here, of simple values."""
    return [
        (word, kind.call, kind.takes, kind.__struct_fields__, word in RULES and RULES[word].__name__)
        for word, kind in WORDS.items()
    ]


def roots(linked: Linked) -> list[str]:
    """Return the functions that a kernel's operations call, and those that are asked before."""
    kinds = had(linked)
    rules = [RULES[word].__name__ for word, kind in WORDS.items() if kind in kinds and word in RULES]
    return [*(kind.call for kind in kinds), *rules, *(find for find, _ in LOOKED_UP.values()), "hit_bug"]


def checked(kind: type[Op]) -> str:
    """Return the name of :func:`done`'s function."""
    return f"checked.{kind.call}"


def _left(value: str, why: str) -> str:
    """Return what leaves with a reason if a value, made just before, is one."""
    return f"""  %no.{value} = icmp ne i64 %{value}, 0
  br i1 %no.{value}, label %refused.{value}, label %after.{value}
refused.{value}:
  ret i64 {why}
after.{value}:
"""


def done(kind: type[Op], signature: Signature) -> str:
    """Return the function that looks up, checks and does an operation: it returns why not, and fills the result in."""
    names = kind.__struct_fields__
    looked_up = names[:1] if names and names[0] in LOOKED_UP else ()
    values = {name: f"i64 %{'w' if name in looked_up else 'f'}{place}" for place, name in enumerate(names)}
    fields = "".join(f", i64 %f{place}" for place in range(len(names)))
    text = f"define internal i64 @{checked(kind)}({OVER}, ptr noalias %x.at{fields}) nounwind {{\n"
    text += (
        f"  %bug = call i64 @hit_bug({PASSED})\n{_left('bug', '%bug')}{narrow(len(names), reasons.NOT_HAD)}"
    )
    if looked_up:
        find, why = LOOKED_UP[names[0]]
        text += f"  %w0 = call i64 @{find}({PASSED}, i64 %f0)\n  %gone = lshr i64 %w0, 63\n{_left('gone', str(why))}"
    word = kind.__name__.lower()
    if word in RULES:
        given = "".join(f", {value}" for value in values.values())
        text += f"  %why = call i64 @{RULES[word].__name__}({PASSED}{given})\n{_left('why', '%why')}"
    if "end" in kind.takes:
        text += f"  %end = add {values['vpn']}, {values['pages'].removeprefix('i64 ')}\n"
        values["end"] = "i64 %end"
    given = "".join(f", {values[name]}" for name in kind.takes)
    made = f"call {signature.gives} @{kind.call}({PASSED}{given})"
    if signature.leaves:
        text += f"""  %both = {made}
  %x = extractvalue {signature.gives} %both, 0
  %next = extractvalue {signature.gives} %both, 1
  call void @left(ptr %next, ptr %c)
"""
    else:
        text += f"  %x = {made}\n"
    return f"{text}  store i64 {'%x' if signature.width else '0'}, ptr %x.at\n  ret i64 0\n}}\n"


def alone(linked: Linked, names: Mapping[str, Signature]) -> tuple[dict[str, Signature], str]:
    """Return functions that each do one operation, or return :data:`REFUSED`: what they take, and their text."""
    found, text = {}, ""
    for kind in had(linked):
        name, takes = f"{DO}{kind.call}", kind.__struct_fields__
        found[name] = Signature(machine=True, takes=takes, width=1)
        fields = "".join(f", i64 %f{place}" for place in range(len(takes)))
        text += f"""{done(kind, names[kind.call])}
define internal i64 @{name}({OVER}{fields}) nounwind {{
  %x.at = alloca i64
  store i64 {REFUSED}, ptr %x.at
  call i64 @{checked(kind)}({PASSED}, ptr %x.at{fields})
  %x = load i64, ptr %x.at
  ret i64 %x
}}
"""
    return found, text


def beside(linked: Linked) -> Beside:
    """Return the operations of a kernel (:func:`alone`)."""
    return Beside(roots(linked), BELOW, lambda names: alone(linked, names))
