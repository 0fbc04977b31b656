"""A rehearsal: an operation is done on a machine and undone, to see what a kernel would decide."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from folioviz.errors import KernelError
from folioviz.machine import journal
from folioviz.machine.fields import LIST_NEXT, LIST_PREV, TLB_BATCH_NR
from folioviz.machine.memory import PAGES_TO_FREE, SCAN_LIST
from folioviz.machine.primitives import record, store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.link import Linked
    from folioviz.machine.memory import Machine
    from folioviz.machine.view import View
    from folioviz.ops.op import Op


class Rehearsal(NamedTuple):
    """What an operation would do.

    Attributes:
        rows: the journal rows that it would leave, int32 of shape (n, 4); none if it is refused.
        result: what the kernel would return, 0 if that is nothing, or if the kernel was not asked to the end.
        refusal: why it cannot be done, in one sentence, or "".
        bugs: the names of the kernel bugs that would have fired.
        linked: the kernel; its ``names`` are the functions of ENTER and EXIT rows.
    """

    rows: np.ndarray
    result: int
    refusal: str
    bugs: tuple[str, ...]
    linked: Linked


class _EnoughError(Exception):
    """A rehearsal has seen what it was to wait for."""


def refused(why_not: str, linked: Linked) -> Rehearsal:
    """Return the rehearsal of what cannot be done."""
    return Rehearsal(np.empty((0, 4), np.int32), 0, why_not, (), linked)


@lru_cache(maxsize=64)
def functions(
    linked: Linked, without: frozenset[str] = frozenset(), until: frozenset[int] = frozenset()
) -> Mapping[str, Any]:
    """Return a kernel's functions for a rehearsal.

    Args:
        linked: the kernel.
        without: names of its functions that do nothing, and return 0.
        until: reasons of decisions; the first of them ends the rehearsal.

    Raises:
        KernelError: if the kernel has no such function.
    """
    if unknown := without - set(linked.names):
        raise KernelError(f"no function {min(unknown)}() to leave out")
    kind, enough = journal.WHY, _EnoughError

    def why(m: Any, reason: int, folio: int, detail: int) -> None:
        record(m, kind, reason, m.folio_id[folio], detail)
        if reason in until:
            raise enough

    def nothing(*_args: Any) -> int:
        return 0

    def frozen(*_args: Any) -> bool:  # what is left out would have dropped the references that are in the way
        return True

    aside: dict[str, Any] = dict.fromkeys(without, nothing)
    if without:
        aside["folio_ref_freeze"] = frozen
    if until:
        aside["why"] = why
    return linked.traced(**aside)


def done(machine: Machine, view: View, linked: Linked, named: Mapping[str, Any], op: Op) -> Rehearsal:
    """Do an operation that is possible; its rows stay in the view until :func:`take_back`."""
    _set_aside(machine, view)
    aside, result = len(view.rows), 0
    with suppress(_EnoughError):
        result = int(named[op.call](view, *op.arguments(machine)) or 0)
    rows = np.array(view.rows[aside:], np.int32).reshape(-1, 4)
    return Rehearsal(rows, result, "", tuple(machine.bugs()), linked)


def take_back(machine: Machine, view: View) -> None:
    """Undo what the rows of a view say, and forget them."""
    if view.rows:
        journal.undo(machine.mem, np.array(view.rows, np.int32))
        view.rows.clear()


def _set_aside(machine: Machine, view: View) -> None:
    """Hide what an operation under way has to itself: the pages in its mmu_gather, and its private lists."""
    for head in (SCAN_LIST, PAGES_TO_FREE):
        store(view, LIST_NEXT, head, head)
        store(view, LIST_PREV, head, head)
    for batch in range(machine.tlb_batch_nr.size):
        store(view, TLB_BATCH_NR, batch, 0)


def whole_from(machine: Machine, rows: journal.Journal, row: int) -> int:
    """Return the first row at or after ``row`` at which no list_head is half linked."""
    while 0 < row < len(rows) and all(_links(machine, one) for one in rows[row - 1 : row + 1].tolist()):
        row += 1
    return row


def _links(machine: Machine, row: list[int]) -> bool:
    """Tell whether a journal row writes to a list_head."""
    return row[0] == journal.STORE and machine.where(row[1])[0] in {LIST_NEXT, LIST_PREV}
