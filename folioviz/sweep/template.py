"""Operations with names in place of numbers: what may be written, and the operations that it comes to.

``fault 1 0 {order}`` has a name in braces; there may be arithmetic, too: ``{nr_pages // 2}``. What ends in
``x {processes - 1}`` is done so many times, and ``{i}`` counts them from 0. What comes behind ``measure`` is measured,
or else the last operation.
"""

from __future__ import annotations

import ast
import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError, LimitError, shown
from folioviz.files.scenario import MAX_OPERATIONS
from folioviz.ops.ops import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from folioviz.ops.ops import Operation

MEASURE: Final = "measure"
"""Stands between what is prepared and what is measured."""
PLACE: Final = "i"
"""Counts the times of an operation that is repeated, from 0."""
DERIVED: Final = {"nr_pages": ("order",), "share_pages": ("order", "share")}
"""Names that follow from parameters."""
MAX_EXPRESSION: Final = 80
MAX_VALUE: Final = 2**31 - 1
MAX_SHIFT: Final = 31

_BRACES = re.compile(r"\{([^{}]*)\}")
_TIMES = re.compile(r"(.+?)\s+x\s+(\d{1,6}|\{[^{}]*\})")
_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
ALLOWED: Final = "whole numbers, names, ( ) and + - * // % << >>"


def values_of(parameters: Mapping[str, int]) -> dict[str, int]:
    """Return parameters and what follows from them.

    ``nr_pages`` are the pages of a folio of that order; ``share_pages`` are a share of them in per cent, rounded down,
    at least one.
    """
    found = dict(parameters)
    if "order" in found:
        found["nr_pages"] = 1 << found["order"]
        if "share" in found:
            found["share_pages"] = max(1, found["nr_pages"] * found["share"] // 100)
    return found


def names(lines: Sequence[str]) -> set[str]:
    """Return the parameters that operations need.

    Raises:
        DocumentError: for what is no operation whatever its numbers are, or an expression that does not read.
    """
    found: set[str] = set()
    for number, line in enumerate(lines, start=1):
        once, times = _repeated(line)
        try:
            inner, outer = (_names(text) for text in (once, times))
            if once != MEASURE:
                parse(_BRACES.sub("0", once))
        except DocumentError as error:
            raise DocumentError(f"operation {number}: {error}") from None
        if PLACE in outer or (PLACE in inner and not times):
            raise DocumentError(
                f"operation {number} ({shown(line)}): {{{PLACE}}} counts the times of an operation that ends in x TIMES"
            )
        found |= (inner | outer) - {PLACE}
    return {needed for name in found for needed in DERIVED.get(name, (name,))}


def operations(lines: Sequence[str], parameters: Mapping[str, int]) -> tuple[tuple[Operation, ...], int]:
    """Return the operations that lines come to with these parameters, and the index of the first measured one.

    Raises:
        DocumentError: for what is no operation, naming it.
        LimitError: if a number is too large, or there are too many operations.
    """
    values = values_of(parameters)
    found: list[Operation] = []
    measured = None
    for number, line in enumerate(lines, start=1):
        if line.strip() == MEASURE:
            if measured is not None:
                raise DocumentError(f"operation {number}: {MEASURE} is there twice")
            measured = len(found)
            continue
        try:
            once, times = _repeated(line)
            count = int(_filled(times, values)) if times else 1
            if not 0 <= count <= MAX_OPERATIONS - len(found):
                raise LimitError.of("the number of operations", len(found) + count, f"0 to {MAX_OPERATIONS}")
            found += [parse(_filled(once, {**values, PLACE: place})) for place in range(count)]
        except (DocumentError, LimitError) as error:
            raise type(error)(f"operation {number} ({shown(line)}): {error}") from None
    if not found or measured == len(found):
        raise DocumentError(
            f"no operation to measure: at least one is needed, behind {MEASURE} if that is there"
        )
    return tuple(found), len(found) - 1 if measured is None else measured


def _repeated(line: str) -> tuple[str, str]:
    """Return an operation and how many times it is done, "" for once without a count."""
    found = _TIMES.fullmatch(line.strip())
    return (found[1], found[2]) if found else (line.strip(), "")


def _names(text: str) -> set[str]:
    """Return the names in a text's braces."""
    trees = [_tree(one) for one in _BRACES.findall(text)]
    return {node.id for one in trees for node in ast.walk(one) if isinstance(node, ast.Name)}


def _filled(text: str, values: Mapping[str, int]) -> str:
    """Return a text with numbers for what stands in braces."""
    return _BRACES.sub(lambda found: str(_value(_tree(found[1]), values)), text)


@lru_cache(maxsize=1024)
def _tree(text: str) -> ast.expr:
    """Read an expression; only :func:`_value` gives it a meaning."""
    if len(text) > MAX_EXPRESSION:
        raise DocumentError(f"{shown(text)} is too long: at most {MAX_EXPRESSION} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise DocumentError(f"{{{shown(text)}}} does not read: in braces there are {ALLOWED}") from None
    for node in ast.walk(tree):
        good = (ast.Name, ast.BinOp, ast.UnaryOp, ast.USub, ast.Load, *_BINARY)
        number = isinstance(node, ast.Constant) and type(node.value) is int
        if not (isinstance(node, good) or number):
            raise DocumentError(f"{{{shown(text)}}} does not read: in braces there are {ALLOWED}")
    return tree


def _value(node: ast.expr, values: Mapping[str, int]) -> int:
    """Return what an expression comes to; no number on the way has more than 32 bits."""
    match node:
        case ast.Constant(value=int() as number):
            found = number
        case ast.Name(id=name):
            if name not in values:
                raise DocumentError(f"{{{shown(name)}}} has no value")
            found = values[name]
        case ast.UnaryOp(operand=inner):
            found = -_value(inner, values)
        case ast.BinOp(left=left, op=op, right=right):
            found = _calculated(op, _value(left, values), _value(right, values))
        case _:
            raise DocumentError(f"no expression: in braces there are {ALLOWED}")
    if abs(found) > MAX_VALUE:
        raise LimitError.of("a number", found, f"of at most 32 bits, -{MAX_VALUE} to {MAX_VALUE}")
    return found


def _calculated(op: ast.operator, left: int, right: int) -> int:
    """Return what two numbers come to."""
    if isinstance(op, ast.LShift | ast.RShift) and not 0 <= right <= MAX_SHIFT:
        raise LimitError.of("a shift", right, f"0 to {MAX_SHIFT}")
    if isinstance(op, ast.FloorDiv | ast.Mod) and not right:
        raise LimitError.of("a divisor", right, "another number")
    return int(_BINARY[type(op)](left, right))
