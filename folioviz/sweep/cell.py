"""One cell of a sweep: its operations are done, and what came of them becomes a row."""

from __future__ import annotations

import pickle
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from folioviz.compare.sentence import account, sentence
from folioviz.errors import FoliovizError, OperationError
from folioviz.lab import Lab
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.costs import COSTS
from folioviz.readout.explain import failure
from folioviz.readout.state import folios
from folioviz.sweep.plan import FOUND, STATUS, TEXT, TOTAL
from folioviz.sweep.template import operations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FunctionType, ModuleType
    from typing import TypeAlias

    from folioviz.ops.ops import Operation
    from folioviz.sweep.plan import Cell

    Row: TypeAlias = dict[str, Any]

DONE: Final = "done"
BUG: Final = "bug"
LAW: Final = "law"
REFUSED: Final = "refused"
FAILED: Final = "failed"
NO_RESULT: Final = {REFUSED, FAILED}
"""What becomes of a cell that has no numbers."""
MAX_ERROR: Final = 500
"""Characters of an error that are kept."""


def run(cell: Cell) -> Row:
    """Do a cell's operations and return its row: every column of :class:`folioviz.sweep.plan.Plan`, in their order.

    The run ends at the first bug of the kernel, and at an operation that the kernel refuses. Nothing is raised but
    KeyboardInterrupt and its like: what goes wrong in a reader's patch is the row's error.
    """
    try:
        ops, measured = _expanded(cell.lines, cell.parameters)
        lab = Lab(cell.kernel, cell.mmu_gather, patches(cell.patches), calls=False)
        return _done(cell, lab, ops, measured)
    except Exception as error:
        return failed(cell, f"{type(error).__name__}: {error}")


def failed(cell: Cell, why: str) -> Row:
    """Return the row of a cell that has no result."""
    return _row(cell, **{STATUS: FAILED, "error": why}, operations=text(cell))


def text(cell: Cell) -> str:
    """Return a cell's operations in the short form; "" if they do not read."""
    try:
        return "; ".join(op.short() for op in _expanded(cell.lines, cell.parameters)[0])
    except FoliovizError:
        return ""


@lru_cache(maxsize=64)
def _expanded(
    lines: tuple[str, ...], parameters: tuple[tuple[str, int | None], ...]
) -> tuple[tuple[Operation, ...], int]:
    """Return what :func:`folioviz.sweep.template.operations` does; often the next kernel does the same."""
    return operations(lines, {name: value for name, value in parameters if value is not None})


@lru_cache(maxsize=8)
def patches(code: bytes) -> tuple[FunctionType | ModuleType, ...]:
    """Return a reader's own functions; the same ones each time, so that a kernel is linked with them once.

    The bytes are from the process that made the sweep, never from a file.
    """
    found: tuple[FunctionType | ModuleType, ...] = pickle.loads(code) if code else ()
    return found


def _done(cell: Cell, lab: Lab, ops: Sequence[Operation], measured: int) -> Row:
    """Do operations and return the row."""
    said = text(cell)
    for number, op in enumerate(ops, start=1):
        try:
            lab.apply(op)
        except OperationError as error:
            why = f"operation {number}, {op.short()}: {error}"
            return _row(cell, **{STATUS: REFUSED}, verdict=f"not done: {why}", error=why, operations=said)
        except Exception as error:
            why = f"operation {number}, {op.short()}: {type(error).__name__}: {error}"
            return failed(cell, why)
        if lab.machine.bugs():
            start = lab.applied[min(measured, number - 1)].start
            verdict = sentence([account(lab, cell.kernel, start, lab.cursor)])
            bugs = "; ".join(lab.machine.bugs())
            why = f"operation {number}, {op.short()}"
            return _row(cell, **{STATUS: BUG}, bugs=bugs, verdict=verdict, error=why, operations=said)
    start = lab.applied[measured].start
    why = failure(lab.journal[start : lab.cursor]) if lab.applied[-1].result < 0 else ""
    told = account(lab, cell.kernel, start, lab.cursor, failed=why)
    total = lab.costs()
    law = _broken(lab)
    return _row(
        cell,
        **{STATUS: LAW if law else DONE},
        **{name: told.costs[name] for name in COSTS if name in told.known},
        **{TOTAL + name: total[name] for name in COSTS if name in told.known},
        queue_length=int(lab.machine.split_queue_len[0]),
        partially_mapped=sum(folio.partially_mapped for folio in folios(lab.machine)),
        law=law,
        verdict=sentence([told]),
        operations=said,
    )


def _broken(lab: Lab) -> str:
    """Return the first law that does not hold, or ""."""
    try:
        check(lab.machine)
    except InvariantError as error:
        return str(error)
    return ""


def _row(cell: Cell, **found: Any) -> Row:
    """Return a row: text is one line, "" where there is none; numbers are None where there are none."""
    row = cell.where
    for name in FOUND:
        value = found.get(name)
        row[name] = " ".join(str(value or "").split()) if name in TEXT else value
    row["error"] = row["error"][:MAX_ERROR]
    return row
