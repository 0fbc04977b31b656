"""What an operation changed, found from its rows: by machine code where that runs, and by numpy elsewhere."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from folioviz.engine.compiled import Bound, Compiled, OutOfRoomError
from folioviz.link import Linked
from folioviz.machine import journal
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import FOLIO_ID, MM_ID, PMD, PTE
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_WRITE,
    PTE_ZERO,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.ops.walk import live_mms, queued_ids
from folioviz.readout import telling
from folioviz.readout.runs import spans
from folioviz.readout.telling import COST, FOLIO, GONE, GUARDS, HUGE, PROCESS, QUEUED, SEVERAL, ZEROS

if TYPE_CHECKING:
    from collections.abc import Iterable

Run: TypeAlias = tuple[int, int, int, int, int]
"""A run of a process's page tables: vpn, folio, page, count, writable."""
NAMES: Final = {row.kind: name for name, row in COSTS.items()}


class Changes(NamedTuple):
    """What an operation changed, and the little that is told after each.

    Attributes:
        heads: the head pages of live folios that it wrote to, or to pages of them, in no order, each once.
        gone: the ids that were at a page before one of its rows and are there no more.
        queued: the ids of the folios on the deferred split queue, the head first; behind -n those on cgroup n's.
        rss: pages that are resident, of each live process by its id.
        tables: the page tables of processes in which it wrote to one, as flat runs by address (:data:`Run`).
        costs: what it cost by name, where that is not 0.
    """

    heads: Iterable[int]
    gone: set[int]
    queued: list[int]
    rss: dict[str, int]
    tables: dict[str, list[int]]
    costs: dict[str, int]


# --- by machine code ------------------------------------------------------------------------------------------------


@cache
def teller() -> Compiled:
    """Return what tells, for machine code; all kernels have the same."""
    return Compiled(Linked((telling,)), "writes", checked=False, roots=["tell"])


def told(bound: Bound, rows: np.ndarray) -> Changes:
    """Return what rows changed; ``bound`` is :func:`teller` on their machine, which must be whole."""
    try:
        bound.call("tell", (len(rows),), 2 * len(rows), rows)
    except OutOfRoomError as error:
        bound.call("tell", (len(rows),), error.rows, rows)
    return read(bound.rows.tolist())


def read(rows: Iterable[Iterable[int]]) -> Changes:
    """Return what rows of :func:`folioviz.readout.telling.tell` say."""
    heads: dict[int, None] = {}
    found = Changes(heads, set(), [], {}, {}, {})
    _, gone, queued, rss, tables, costs = found
    runs: list[int] = []
    for tag, first, second, third in rows:
        if tag >= 0:
            runs += tag, first, second, third >> 1, third & 1
        elif tag == FOLIO:
            heads[first] = None
        elif tag == COST:
            costs[NAMES[first]] = second
        elif tag == QUEUED:
            queued.append(first)
        elif tag == PROCESS:
            rss[str(first)] = second
            if third:
                runs = tables[str(first)] = []
        elif tag == GONE:
            gone.add(first)
    return found


# --- by numpy -------------------------------------------------------------------------------------------------------


def found(machine: Machine, view: Any, rows: np.ndarray) -> Changes:
    """Return what rows, int32 of shape (n, 4), changed; ``view`` is the machine's."""
    kinds, addresses = rows[:, :2].T.copy()
    addresses = addresses[kinds < journal.WHY]
    addresses.sort()
    base = machine.base
    parts = [
        0,
        machine.paged,
        *(end for field in (FOLIO_ID, PTE, PMD, MM_ID) for end in base[field : field + 2]),
    ]
    first, paged, *cuts = addresses.searchsorted(np.array(parts, np.int32)).tolist()
    named, ptes, pmds, mms = (addresses[start:end] for start, end in zip(cuts[::2], cuts[1::2], strict=True))
    pages = addresses[first:paged] % machine.sizes.pages
    tables = _numbers(ptes - base[PTE])
    slots = _numbers(pmds - base[PMD]) | {*(mms - base[MM_ID]).tolist()}
    live = live_mms(view)
    return Changes(
        [head for head in {*machine.page_folio.take(pages).tolist()} if view.folio_id[head] > 0],
        _gone(machine, rows, view.folio_id) if named.size else set(),
        queued_ids(view),
        {str(view.mm_id[slot]): view.mm_rss[slot] for slot in live},
        {
            str(view.mm_id[slot]): maps(machine, slot)
            for slot in live
            if slot in slots or (tables and not tables.isdisjoint(page_tables(machine, slot)[1].tolist()))
        },
        {name: n for name, n in journal.costs(rows).items() if n},
    )


def _numbers(entries: np.ndarray) -> set[int]:
    """Return the numbers of the tables of 512 entries that entries are in."""
    return {*(entries // PTRS_PER_PTE).tolist()} if entries.size else set()


def _gone(machine: Machine, rows: np.ndarray, ids: memoryview) -> set[int]:
    """Return the ids that were at a page before one of the rows, and are not after them."""
    first, end = machine.base[FOLIO_ID : FOLIO_ID + 2]
    address = rows[:, 1]
    named = rows[(address >= first) & (address < end) & (rows[:, 0] < journal.WHY), 1:3]
    return {old for at, old in named.tolist() if old > 0 and ids[at - first] != old}


def page_tables(machine: Machine, mm: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the PMD slots of a process that have a page table, and the numbers of those tables."""
    entries = machine.pmd[mm * PTRS_PER_PTE : (mm + 1) * PTRS_PER_PTE]
    slots = (entries & PMD_TABLE).nonzero()[0]
    return slots, entries[slots] >> ENTRY_SHIFT


def huge_runs(machine: Machine, mm: int) -> list[Run]:
    """Return what PMDs of a process map; the huge zero page is of folio 0."""
    entries = machine.pmd[mm * PTRS_PER_PTE : (mm + 1) * PTRS_PER_PTE]
    slots = ((entries & PMD_HUGE > 0) | (entries == PMD_ZERO)).nonzero()[0]
    if not slots.size:
        return []
    ids = np.where(entries[slots] == PMD_ZERO, 0, machine.folio_id[entries[slots] >> ENTRY_SHIFT]).tolist()
    writable = (entries[slots] & PMD_WRITE > 0).tolist()
    return [
        (slot * PTRS_PER_PTE, folio, HUGE, PTRS_PER_PTE, int(may))
        for slot, folio, may in zip(slots.tolist(), ids, writable, strict=True)
    ]


def pte_runs(machine: Machine, mm: int) -> list[Run]:
    """Return what PTEs of a process map."""
    slots, tables = page_tables(machine, mm)
    ptes = machine.pte.reshape(-1, PTRS_PER_PTE)[tables].ravel()
    place = ptes.nonzero()[0]
    if not place.size:
        return []
    pte = ptes.take(place)
    vpn = place + (slots - np.arange(slots.size))[place // PTRS_PER_PTE] * PTRS_PER_PTE
    page, writable = pte >> ENTRY_SHIFT, pte & PTE_WRITE
    head = machine.page_folio.take(page)
    small = machine.folio_order.take(head) == 0
    ids, offset = machine.folio_id.take(head), page - head
    # Within a run, address and what is mapped advance together and everything else stays.
    advancing, what = np.where(small, ids, offset), np.where(small, -1, ids)
    zero = pte & PTE_ZERO > 0
    advancing, what, ids = np.where(zero, vpn, advancing), np.where(zero, 0, what), np.where(zero, 0, ids)
    offset, small = np.where(zero, ZEROS, offset), small & ~zero
    guard = pte == PTE_GUARD
    if guard.any():
        advancing, what, ids = (
            np.where(guard, vpn, advancing),
            np.where(guard, 0, what),
            np.where(guard, 0, ids),
        )
        offset, small = np.where(guard, GUARDS, offset), small & ~guard
    along = advancing - vpn
    ends = (vpn[1:] - vpn[:-1] != 1) | (along[1:] != along[:-1])
    ends |= (what[1:] != what[:-1]) | (writable[1:] != writable[:-1])
    found = []
    for start, end in spans(ends):
        count = end - start
        where = (SEVERAL if count > 1 else 0) if small[start] else offset.item(start)
        found.append((vpn.item(start), ids.item(start), where, count, int(writable[start] > 0)))
    return found


def maps(machine: Machine, mm: int) -> list[int]:
    """Return what a process's page tables map as flat runs, by address."""
    runs = sorted([*huge_runs(machine, mm), *pte_runs(machine, mm)])
    return [number for run in runs for number in run]
