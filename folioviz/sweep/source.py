"""Where a sweep's operations come from: a text, a scenario of the library, a file, or a scenario itself."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from folioviz.errors import DocumentError, LimitError, shown
from folioviz.files import inputs
from folioviz.files import scenario as scenarios
from folioviz.files.documents import MAX_BYTES, builtins_of, text_of
from folioviz.files.scenario import SHORT, Scenario
from folioviz.ops.ops import WORDS
from folioviz.sweep.template import MAX_VALUE, names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_VALUES: Final = 10_000
"""Of one parameter."""
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
BOUNDS: Final = {"order": (0, 9), "share": (1, 100), "processes": (1, 64)}
"""Parameters whose meaning is known, and what they may be."""
STANDARD: Final = "mm; mmap 1 0 512; fault 1 0 {order}; fork 1 x {processes - 1}; munmap 1 0 {share_pages}"
"""One folio that some processes map; the first of them unmaps a share of it, in per cent, from its front."""
STANDARD_VALUES: Final = {"order": tuple(range(2, 10)), "share": (25, 50, 75, 100), "processes": (1,)}

_RANGE = re.compile(r"(\d{1,10})-(\d{1,10})")
_NUMBER = re.compile(r"-?\d{1,10}")


class Source(NamedTuple):
    """Operations that may have parameters.

    Attributes:
        name: what its rows are called.
        lines: operations in the short form, with names in braces (:mod:`folioviz.sweep.template`).
        kernels: the kernels that they are about.
        mmu_gather: the mode that they are about.
        values: what its parameters are if nobody says anything else.
        needs: the parameters that the operations have.
    """

    name: str
    lines: tuple[str, ...]
    kernels: tuple[str, ...]
    mmu_gather: str
    values: Mapping[str, tuple[int, ...]]
    needs: frozenset[str]


def source(what: str | Scenario) -> Source:
    """Return operations for what a person names.

    Args:
        what: operations with ``;`` between them, the name of a scenario of the library, a file, ``-`` for standard
            input, or a scenario.

    Raises:
        DocumentError: if it is nothing of that, or an expression in it does not read.
    """
    if isinstance(what, Scenario):
        return _made(what, [op.short() for op in what.ops])
    if not isinstance(what, str):
        raise DocumentError(f"{shown(what)} is no scenario: operations, a name, a file or a Scenario are")
    if what == STANDARD:
        return _made(Scenario(()), _split(what), STANDARD_VALUES)._replace(name="share-unmapped")
    if ";" in what or "{" in what:
        return loads(what)
    if what in scenarios.shipped():
        return source(scenarios.find(what))
    try:
        with inputs.opened(what) as file:
            return loads(file.read(MAX_BYTES + 1))
    except DocumentError as error:
        if not any(mark in what for mark in "/.-"):
            scenarios.find(what)  # raises, with the names that come close
        raise DocumentError(f"{shown(what)}: {error}") from None


def loads(text: str | bytes) -> Source:
    """Read a document, as :func:`folioviz.files.scenario.loads` does, in which names may stand in braces.

    A mapping may have ``parameters``, too: their values, as :func:`numbers` reads them.

    Raises:
        DocumentError: naming the place, the value and what is allowed; nothing else, whatever the text.
    """
    text = text_of(text)
    lines = list(scenarios.short_lines(text.split("\n")))
    if lines and SHORT.match(lines[0][1]):
        if len(lines) > 1:
            raise DocumentError(f"line {lines[1][0]}: the short form is one line, and this is a second one")
        return _made(Scenario(()), _split(lines[0][1]))
    raw = builtins_of(text)
    if not isinstance(raw, dict) or not isinstance(raw.get("ops"), list | str):
        scenarios.from_builtins(raw)  # says what is wrong with it
        raise DocumentError("the document has no ops")
    ops, given = raw["ops"], raw.pop("parameters", {})
    if not isinstance(given, dict):
        raise DocumentError(f"parameters is {shown(given)}: it must be a mapping of names to numbers")
    about = scenarios.from_builtins({**raw, "ops": [], "step": None})
    made = _split(ops) if isinstance(ops, str) else [_line(op, place) for place, op in enumerate(ops)]
    return _made(about, made, {name: numbers(name, value) for name, value in given.items()})


def numbers(name: str, given: Any) -> tuple[int, ...]:
    """Return a parameter's values, each once, in their order.

    Args:
        name: the parameter.
        given: a whole number, some of them, or a text such as ``2,4,9`` or ``0-9``.

    Raises:
        DocumentError: if it is nothing of that, or the name cannot be one.
        LimitError: if there are too many, or one is out of its bounds.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise DocumentError(f"the parameter {shown(name)} must be a name of a-z, 0-9 and _, of at most 31")
    low, high = BOUNDS.get(name, (-MAX_VALUE, MAX_VALUE))
    found: dict[int, None] = {}
    for one in _values(name, given):
        if not low <= one <= high:
            raise LimitError.of(name, one, f"{low} to {high}")
        found[one] = None
        if len(found) > MAX_VALUES:
            raise LimitError.of(f"the number of values of {name}", "more", f"at most {MAX_VALUES}")
    if not found:
        raise DocumentError(f"{name} has no value: at least one is needed")
    return tuple(found)


def _values(name: str, given: Any) -> Iterable[int]:
    """Return the numbers that a value of any kind names, unchecked, one after the other."""
    parts: Any = given.split(",") if isinstance(given, str) else given
    for part in parts if hasattr(parts, "__iter__") else [parts]:
        text = part.strip() if isinstance(part, str) else part
        if hasattr(text, "__index__") and not isinstance(text, bool):  # numpy's numbers, too
            yield operator.index(text)
        elif isinstance(text, str) and (span := _RANGE.fullmatch(text)):
            yield from range(int(span[1]), int(span[2]) + 1)
        elif isinstance(text, str) and _NUMBER.fullmatch(text):
            yield int(text)
        else:
            raise DocumentError(
                f"{name} has {shown(part)}: it must be whole numbers, such as 4 or 2,4,9 or 0-9"
            )


def _split(text: str) -> list[str]:
    """Return the operations of a text."""
    return [part.strip() for part in text.split(";") if part.strip()]


def _line(op: Any, place: int) -> str:
    """Return an operation of a document in the short form."""
    if isinstance(op, dict) and op.get("op") in WORDS:
        kind = WORDS[op["op"]]
        names = kind.__struct_fields__
        given = [name for name in names if name in op]
        if {*op} == {"op", *given} and given == list(names[: max(len(given), kind.least())]):
            return " ".join([op["op"], *(str(op[name]) for name in given)])
    if isinstance(op, str):
        return op
    raise DocumentError(
        f"ops[{place}] is {shown(op)}: it must be an operation, such as 'fault 1 0 {{order}}'"
    )


def _made(about: Scenario, lines: list[str], values: Mapping[str, tuple[int, ...]] | None = None) -> Source:
    """Return the source of lines."""
    if len(lines) > scenarios.MAX_OPERATIONS:
        raise LimitError.of("the number of operations", len(lines), f"at most {scenarios.MAX_OPERATIONS}")
    needs = frozenset(names(lines))
    if odd := sorted(set(values or ()) - needs):
        raise DocumentError(f"no operation has the parameter {{{odd[0]}}}, which has values")
    return Source(about.name, tuple(lines), about.kernels, about.mmu_gather, values or {}, needs)
