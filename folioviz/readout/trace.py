"""The call tree of an operation: kernel functions, and the writes and events inside them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine import journal as j
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import (
    FIELDS,
    FOLIO_ID,
    MTHP_STAT,
    PAGE_FOLIO,
    PMD,
    PTE,
    SPLIT_QUEUE_LOCK,
    SWAP_EVENT,
    SWAP_STAT,
    TLB_PAGE,
    VM_EVENT,
    VMSTAT,
)
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    ENTRY_SHIFT,
    NR_MTHP_STATS,
    PMD_HUGE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_ZERO,
)
from folioviz.machine.swap import NR_SWAP_STATS
from folioviz.readout.counters import COUNTERS, MTHP_STATS, SWAP_EVENTS, SWAP_STATS, size_name
from folioviz.readout.explain import sentence

if TYPE_CHECKING:
    import numpy as np

    from folioviz.lab import Lab

HIDDEN = {
    "alloc_pages",
    "prep_compound_page",
    "free_unref_page",
    "__free_one_page",
    "free_pages_check",
    "why_not_queued",
    "thp_suitable",
}
"""Functions that are folioviz's own or the page allocator's: their free-of-charge inside is shown on demand."""
BOOKKEEPING = frozenset(row.number for row in FIELDS if row.quiet)
"""Fields whose writes are shown on demand."""
COST_TEXT = {row.kind: row.words for row in COSTS.values()}


class Line(NamedTuple):
    """A line of the tree.

    Attributes:
        row: its journal row; going there means seeking to ``row + 1``.
        depth: how many functions are around it.
        kind: a kind of :mod:`folioviz.machine.journal` (ENTER for a function; EXIT has no line).
        name: the function, or what was written or counted.
        what: the change ("0 -> -1"), the amount, or the sentence of a decision.
        folio: the id of the folio concerned, 0 if none.
        end: for a function, the row of its EXIT; else ``row``.
    """

    row: int
    depth: int
    kind: int
    name: str
    what: str
    folio: int
    end: int


class Namer(ABC):
    """Names what rows write."""

    @abstractmethod
    def page(self, page: int) -> tuple[int, int]:
        """Return (folio id, offset in the folio) of a page, at the row that is to be named."""

    def write(self, field: int, index: int, old: int, new: int) -> tuple[str, str, int]:
        """Return (name, change, folio id) of a write."""
        row = FIELDS[field]
        if row.by == "page" and not row.quiet:
            folio, offset = self.page(index)
            return f"{row.label}[{offset}]", f"{old} → {new}", folio
        if row.by == "folio":
            change = " → ".join(
                hex(value) if value >= COMPOUND_MAPPED else str(value) for value in (old, new)
            )
            return row.label, change, self.page(index)[0]
        if field in (PTE, PMD, TLB_PAGE):
            return self.entry(field, index, old, new)
        return (*named_write(field, index, old, new), 0)

    def entry(self, field: int, index: int, old: int, new: int) -> tuple[str, str, int]:
        """Return (name, change, folio id) of a write to a page table or a gather slot."""
        if field == TLB_PAGE:
            folio, offset = self.page(new)
            return f"gather slot {index}", f"folio {folio} page {offset}", folio
        value = new or old
        name = f"{'pte' if field == PTE else 'pmd'}[{index & 511}]"
        cleared = "" if new else " cleared"
        if field == PTE and value & PTE_ZERO:
            return name, f"zero page{cleared}", 0
        if field == PTE and value == PTE_GUARD:
            return name, f"guard marker{cleared}", 0
        if field == PMD and value == PMD_ZERO:
            return name, f"huge zero page{cleared}", 0
        if field == PMD and not value & PMD_HUGE:
            return name, f"page table{cleared}", 0
        folio, offset = self.page(value >> ENTRY_SHIFT)
        return name, f"folio {folio} page {offset}{cleared}", folio


class _Follower(Namer):
    """Knows which folio a page belongs to, from row to row of an operation."""

    def __init__(self, lab: Lab, start: int) -> None:
        cursor = lab.cursor
        lab.seek(start)
        self.head = lab.machine.page_folio.copy()
        self.ids = lab.machine.folio_id.copy()
        lab.seek(cursor)
        self.machine = lab.machine

    def follow(self, field: int, index: int, new: int) -> None:
        """Take note of a write."""
        if field == PAGE_FOLIO:
            self.head[index] = new
        elif field == FOLIO_ID and new:
            self.ids[index] = new

    def page(self, page: int) -> tuple[int, int]:
        """Return (folio id, offset in the folio) of a page."""
        head = int(self.head[page])
        return int(self.ids[head]), page - head


def named_write(field: int, index: int, old: int, new: int) -> tuple[str, str]:
    """Return (name, change) of a write to something that belongs to no folio."""
    if field in (VMSTAT, VM_EVENT):
        counter = next(key for key, value in COUNTERS.items() if value == (int(field == VM_EVENT), index))
        return counter.upper(), f"{new - old:+d}"
    if field == MTHP_STAT:
        order, item = divmod(index, NR_MTHP_STATS)
        return f"{size_name(order)} {MTHP_STATS[item]}", f"{new - old:+d}"
    if field == SWAP_STAT:
        order, item = divmod(index, NR_SWAP_STATS)
        return f"{size_name(order)} {SWAP_STATS[item]}", f"{new - old:+d}"
    if field == SWAP_EVENT:
        return SWAP_EVENTS[index].upper(), f"{new - old:+d}"
    if field == SPLIT_QUEUE_LOCK:
        return ("spin_lock" if new else "spin_unlock"), "split_queue_lock"
    return FIELDS[field].label, f"{old} → {new}"


def lines(lab: Lab, index: int, *, allocator: bool = False) -> list[Line]:
    """Return the call tree of one operation of a lab's history, in order of time.

    Args:
        lab: whose history; its cursor stays where it is.
        index: which of ``lab.applied``.
        allocator: also show list links, and what happens inside the page allocator.
    """
    one = lab.applied[index]
    return slice_lines(lab, lab.journal[one.start : one.end], one.start, allocator=allocator)


def slice_lines(lab: Lab, rows: np.ndarray, start: int, *, allocator: bool = False) -> list[Line]:
    """Return the call tree of journal rows that begin at row ``start``, where an operation begins."""
    namer = _Follower(lab, start)
    found: list[Line] = []
    stacks: dict[
        int, list[int | None]
    ] = {}  # per CPU the line of each open call; None if that call is hidden
    cpus = lab.cpus_of(start, start + len(rows)).tolist()
    for row, (cpu, (kind, where, old, new)) in enumerate(zip(cpus, rows.tolist(), strict=True), start=start):
        stack = stacks.setdefault(cpu, [])
        hidden = not allocator and None in stack
        depth = len(stack) - stack.count(None)
        if kind == j.ENTER:
            name = lab.linked.names[where]
            if hidden or (name in HIDDEN and not allocator):
                stack.append(None)
            else:
                stack.append(len(found))
                found.append(Line(row, depth, kind, name, "", 0, row))
        elif kind == j.EXIT:
            opened = stack.pop()
            if opened is not None:
                found[opened] = found[opened]._replace(end=row)
        else:
            line = _leaf(namer, row, depth, kind, where, old, new)
            bookkeeping = kind == j.STORE and namer.machine.where(where)[0] in BOOKKEEPING
            if allocator or not (bookkeeping or (hidden and kind == j.STORE)):
                found.append(line)
    return found


def _leaf(namer: _Follower, row: int, depth: int, kind: int, where: int, old: int, new: int) -> Line:
    """Return the line of a row that is no call."""
    if kind == j.WHY:
        return Line(row, depth, kind, "why", sentence(where, old, new), old, row)
    if where == j.NOWHERE:
        return Line(row, depth, kind, COST_TEXT[kind], f"+{new}", 0, row)
    field, index = namer.machine.where(where)
    namer.follow(field, index, new)
    name, what, folio = namer.write(field, index, old, new)
    return Line(row, depth, kind, name, what, folio, row)
