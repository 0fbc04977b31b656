"""What an operation's rows changed, told as rows behind them: in the small part of Python that compiles.

Plain Python takes long for it; :mod:`folioviz.readout.changes` finds the same by numpy where nothing is compiled.

A row that tells has one of these tags in front; each is negative, so that what has no tag is a run of page tables:
    FOLIO    the head page of a live folio that rows write to; it may be told of several times
    GONE     an id that was at a page before a row, and is not there now
    QUEUED   the id of a folio on the deferred split queue, the head first; behind -n those on cgroup n's
    COST     the kind of a row that costs, and how often
    PROCESS  the id of a live process, what it has resident, and whether its page tables were written to; if so, what
             they map follows as rows of (vpn, folio, page, 2 * count + writable)
"""

from __future__ import annotations

from folioviz.machine.fields import FOLIO_ID, LIST_NEXT, MM_ID, PMD, PTE
from folioviz.machine.journal import WHY
from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    LIST_MM,
    MM_LIST,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_WRITE,
    PTE_ZERO,
    PTRS_PER_PTE,
)
from folioviz.machine.primitives import View, record, recorded
from folioviz.mm.headers import deferred_list, memcg_split_queue

FOLIO = -1
GONE = -2
QUEUED = -3
COST = -4
PROCESS = -5
TABLE = -6
"""The number of a page table that rows write to."""
SLOT = -7
"""The slot of a process that rows begin or end, or whose PMDs they write to."""
LATELY = 16
"""So many rows are looked at for what has been told of: most fields of a folio are written one after the other."""
SEVERAL = -2
"""The page of a run of several small folios, whose ids follow each other."""
ZEROS = -3
"""The page of a run of the shared zero page."""
GUARDS = -4
"""The page of a run of guard markers."""
HUGE = -1
"""The page of a huge PMD's run."""


def tell(m: View, rows: int) -> None:
    """Tell what the first ``rows`` rows changed; O(rows, and entries of the page tables that they write to)."""
    end = tell_written(m, rows)
    tell_costs(m, rows)
    for memcg in range(MAX_MEMCGS + 1):
        queue = memcg_split_queue(memcg)
        node = m.list_next[queue]
        if memcg and node != queue:
            record(m, QUEUED, -memcg, 0, 0)
        while node != queue:
            record(m, QUEUED, m.folio_id[node - deferred_list(0)], 0, 0)
            node = m.list_next[node]
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        changed = maps_written(m, mm, rows, end)
        record(m, PROCESS, m.mm_id[mm], m.mm_rss[mm], int(changed))
        if changed:
            tell_tables(m, mm)
        node = m.list_next[node]


def tell_written(m: View, rows: int) -> int:
    """Tell of folios, ids that went, page tables and slots; return where these rows end."""
    others, ptes, pmds, mms = m.base[LIST_NEXT], m.base[PTE], m.base[PMD], m.base[MM_ID]
    end = rows
    for i in range(rows):
        address = recorded(m, i, 1)
        if recorded(m, i, 0) >= WHY or address < 0:
            continue
        if address < others:
            end = tell_page(m, address, recorded(m, i, 2), rows, end)
        elif ptes <= address < ptes + len(m.pte):
            end = tell_once(m, TABLE, (address - ptes) // PTRS_PER_PTE, rows, end)
        elif pmds <= address < pmds + len(m.pmd):
            end = tell_once(m, SLOT, (address - pmds) // PTRS_PER_PTE, rows, end)
        elif mms <= address < mms + len(m.mm_id):
            end = tell_once(m, SLOT, address - mms, rows, end)
    return end


def tell_page(m: View, address: int, old: int, start: int, end: int) -> int:
    """Tell of the folio at a page whose field was written; and of the id that was there, if that was overwritten."""
    page = address
    while page >= len(m.page_folio):
        page -= len(m.page_folio)
    folio = m.page_folio[page]
    if m.folio_id[folio] > 0:
        end = tell_once(m, FOLIO, folio, start, end)
    if address - page == m.base[FOLIO_ID] and old > 0 and old != m.folio_id[page]:
        end = tell_once(m, GONE, old, start, end)
    return end


def tell_once(m: View, tag: int, number: int, start: int, end: int) -> int:
    """Tell of one thing, if it was not told of a little before; return where the rows end."""
    for i in range(max(start, end - LATELY), end):
        if recorded(m, i, 0) == tag and recorded(m, i, 1) == number:
            return end
    record(m, tag, number, 0, 0)
    return end + 1


def tell_costs(m: View, rows: int) -> None:
    """Tell what rows cost (:func:`folioviz.machine.journal.costs`)."""
    for kind in range(1, WHY):
        times = 0
        for i in range(rows):
            if recorded(m, i, 0) == kind:
                times += recorded(m, i, 3) if recorded(m, i, 1) < 0 else 1
        if times:
            record(m, COST, kind, times, 0)


def maps_written(m: View, mm: int, start: int, end: int) -> bool:
    """Tell whether rows ``[start, end)``, of :func:`tell_written`, have page tables of a process, or its PMDs."""
    for i in range(start, end):
        if recorded(m, i, 0) == SLOT and recorded(m, i, 1) == mm:
            return True
    for place in range(PTRS_PER_PTE):
        entry = m.pmd[mm * PTRS_PER_PTE + place]
        if entry & PMD_TABLE:
            for i in range(start, end):
                if recorded(m, i, 0) == TABLE and recorded(m, i, 1) == entry >> ENTRY_SHIFT:
                    return True
    return False


def tell_tables(m: View, mm: int) -> None:
    """Tell what a process maps, by address, in runs.

    Within a run, address and what is mapped advance together and everything else stays. A run's page is the first one
    within its folio, or SEVERAL, ZEROS, GUARDS or HUGE; the huge zero page is HUGE of folio 0.
    """
    vpn, folio, page, count, writable, small = 0, 0, 0, 0, 0, 0
    for place in range(PTRS_PER_PTE):
        entry = m.pmd[mm * PTRS_PER_PTE + place]
        if entry & PMD_HUGE:
            tell_run(m, vpn, folio, page, count, writable, small)
            folio, count = m.folio_id[entry >> ENTRY_SHIFT], 0
            tell_run(m, place * PTRS_PER_PTE, folio, HUGE, PTRS_PER_PTE, int(entry & PMD_WRITE > 0), 0)
        if entry == PMD_ZERO:
            tell_run(m, vpn, folio, page, count, writable, small)
            count = 0
            tell_run(m, place * PTRS_PER_PTE, 0, HUGE, PTRS_PER_PTE, 0, 0)
        if entry & PMD_TABLE:
            first = (entry >> ENTRY_SHIFT) * PTRS_PER_PTE
            for i in range(PTRS_PER_PTE):
                pte = m.pte[first + i]
                if pte:
                    at, may = place * PTRS_PER_PTE + i, int(pte & PTE_WRITE > 0)
                    head = m.page_folio[pte >> ENTRY_SHIFT]
                    one = int(m.folio_order[head] == 0)
                    what, where = m.folio_id[head], (pte >> ENTRY_SHIFT) - head
                    if pte & PTE_ZERO:
                        one, what, where = 0, 0, ZEROS
                    if pte == PTE_GUARD:
                        one, what, where = 0, 0, GUARDS
                    if (
                        count
                        and at == vpn + count
                        and may == writable
                        and one == small
                        and what == folio + count * one
                        and where == page + (0 if one or where <= ZEROS else count)
                    ):
                        count += 1
                    else:
                        tell_run(m, vpn, folio, page, count, writable, small)
                        vpn, folio, page, count, writable, small = at, what, where, 1, may, one
    tell_run(m, vpn, folio, page, count, writable, small)


def tell_run(m: View, vpn: int, folio: int, page: int, count: int, writable: int, small: int) -> None:
    """Tell a run, if there is one."""
    if count:
        record(m, vpn, folio, SEVERAL if small and count > 1 else page, 2 * count + writable)
