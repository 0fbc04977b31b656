"""The only code that writes to the machine; every write leaves a row in the journal.

``m`` is the machine as a kernel function sees it: ``m.mem`` and ``m.base`` as in
:class:`folioviz.machine.memory.Machine`, one attribute per field, and ``m.rows``, where rows go.
:mod:`folioviz.link` hands it over to plain Python, :mod:`folioviz.engine` to machine code. Nothing here allocates,
formats, or knows who called.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from folioviz.machine.costs import (
    AEF,
    ENTM,
    LMC,
    LRU,
    MAPC,
    NRPM,
    PMF,
    QADD,
    QDEL,
    RGET,
    RPUT,
    SQLOCK,
)
from folioviz.machine.fields import (
    BUG,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_FLAGS,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_REFCOUNT,
    LIST_NEXT,
    LIST_PREV,
    MTHP_STAT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    SPLIT_QUEUE_LEN,
    SPLIT_QUEUE_LOCK,
    VM_EVENT,
    VMSTAT,
)
from folioviz.machine.journal import NOWHERE, STORE, WHY
from folioviz.machine.memory import (
    BUG_UAF,
    ENTRY_OLD,
    NR_MTHP_STATS,
    PG_DIRTY,
    SCAN_LIST,
)

View: TypeAlias = Any
"""A machine as kernel functions see it; its fields differ in type between plain and compiled runs."""


def record(m: View, kind: int, address: int, old: int, new: int) -> None:
    """Append one row to the journal (quiet and compiled kernels have their own)."""
    m.rows.append((kind, address, old, new))


def recorded(m: View, place: int, column: int) -> int:
    """Return one number of a row that is in the journal (compiled kernels have their own)."""
    number: int = m.rows[place][column]
    return number


def write(m: View, kind: int, field: int, index: int, new: int) -> None:
    """Write one integer and journal it as ``kind``."""
    address = m.base[field] + index
    old = m.mem[address]
    m.mem[address] = new
    record(m, kind, address, old, new)


def store(m: View, field: int, index: int, new: int) -> None:
    """Write one integer, free of charge; storing what is there already is no event."""
    address = m.base[field] + index
    old = m.mem[address]
    if old != new:
        m.mem[address] = new
        record(m, STORE, address, old, new)


def count(m: View, kind: int, n: int) -> None:
    """Journal ``n`` events of a kind that changes no state."""
    record(m, kind, NOWHERE, 0, n)


def why(m: View, reason: int, folio: int, detail: int) -> None:
    """Journal a decision: its reason, the folio's id and one number."""
    record(m, WHY, reason, m.folio_id[folio], detail)


def fail(m: View, reason: int, vpn: int) -> None:
    """Journal why a call returns an error, and the virtual page that it is about: no folio's decision."""
    record(m, WHY, reason, 0, vpn)


def bug(m: View, bit: int) -> None:
    """Note that the kernel would have reported a bug here."""
    store(m, BUG, 0, m.bug[0] | bit)


def atomic_add_return(m: View, field: int, index: int, n: int) -> int:
    """Add to a mapcount, return the new value; one atomic of that field's kind (atomic_t, linux/atomic.h)."""
    kind = STORE
    if field == PAGE_MAPCOUNT:
        kind = MAPC
        if m.folio_refcount[m.page_folio[index]] == 0:
            bug(m, BUG_UAF)
    elif field == FOLIO_NR_PAGES_MAPPED:
        kind = NRPM
    elif field == FOLIO_ENTIRE_MAPCOUNT:
        kind = ENTM
    elif field == FOLIO_LARGE_MAPCOUNT:
        kind = LMC
    new: int = m.mem[m.base[field] + index] + n
    write(m, kind, field, index, new)
    return new


def page_ref_add(m: View, folio: int, n: int) -> None:
    """Take ``n`` references in one atomic (linux/page_ref.h)."""
    write(m, RGET, FOLIO_REFCOUNT, folio, m.folio_refcount[folio] + n)


def put_page_testzero(m: View, folio: int) -> bool:
    """Drop one reference; true if it was the last (linux/mm.h)."""
    new = m.folio_refcount[folio] - 1
    write(m, RPUT, FOLIO_REFCOUNT, folio, new)
    return bool(new == 0)


def page_ref_sub_and_test(m: View, folio: int, n: int) -> bool:
    """Drop ``n`` references in one atomic; true if they were the last (linux/page_ref.h)."""
    new = m.folio_refcount[folio] - n
    write(m, RPUT, FOLIO_REFCOUNT, folio, new)
    return bool(new == 0)


def set_page_anon_exclusive(m: View, page: int) -> None:
    """Set a page's AnonExclusive bit (linux/page-flags.h)."""
    write(m, AEF, PAGE_ANON_EXCLUSIVE, page, 1)


def clear_page_anon_exclusive(m: View, page: int) -> None:
    """Clear a page's AnonExclusive bit, if it is set (linux/page-flags.h)."""
    if m.page_anon_exclusive[page]:
        write(m, AEF, PAGE_ANON_EXCLUSIVE, page, 0)


def folio_set_partially_mapped(m: View, folio: int, flag: int) -> None:
    """Set or clear PG_partially_mapped (linux/page-flags.h, v6.12)."""
    write(m, PMF, FOLIO_PARTIALLY_MAPPED, folio, flag)


def pte_mkold(m: View, entry: int) -> int:
    """Return a PTE or huge PMD entry whose accessed bit is clear, where the kernel keeps it (asm/pgtable.h)."""
    return entry | ENTRY_OLD if len(m.folio_flags) else entry


def folio_mark_dirty(m: View, folio: int) -> None:
    """Set PG_dirty, where it is kept: a mapping that goes was written through (mm/page-writeback.c)."""
    if len(m.folio_flags):
        store(m, FOLIO_FLAGS, folio, m.folio_flags[folio] | PG_DIRTY)


def copy_folio_flags(m: View, src: int, dst: int) -> None:
    """Give a page that is split off, or a folio that is migrated to, the flags of the old one, where they are kept."""
    if len(m.folio_flags):
        store(m, FOLIO_FLAGS, dst, m.folio_flags[src])


def clear_folio_flags(m: View, folio: int) -> None:
    """Clear the flags of a folio that is freed, where they are kept (free_pages_prepare(), mm/page_alloc.c)."""
    if len(m.folio_flags):
        store(m, FOLIO_FLAGS, folio, 0)


def mod_mthp_stat(m: View, order: int, item: int, n: int) -> None:
    """Add to a statistic of one folio size (linux/huge_mm.h, v6.12)."""
    place = order * NR_MTHP_STATS + item
    write(m, STORE, MTHP_STAT, place, m.mthp_stat[place] + n)


def lruvec_stat_add(m: View, item: int, n: int) -> None:
    """Add to a node counter, as __lruvec_stat_mod_folio() does (linux/vmstat.h)."""
    write(m, LRU, VMSTAT, item, m.vmstat[item] + n)


def count_vm_event(m: View, item: int) -> None:
    """Count one event of /proc/vmstat (linux/vmstat.h)."""
    write(m, STORE, VM_EVENT, item, m.vm_event[item] + 1)


def spin_lock(m: View) -> None:
    """Take split_queue_lock."""
    write(m, SQLOCK, SPLIT_QUEUE_LOCK, 0, 1)


def spin_unlock(m: View) -> None:
    """Release split_queue_lock."""
    write(m, STORE, SPLIT_QUEUE_LOCK, 0, 0)


def split_queue_len_add(m: View, n: int) -> None:
    """Count a folio onto (+1) or off (-1) the split queue."""
    write(m, QADD if n > 0 else QDEL, SPLIT_QUEUE_LEN, 0, m.split_queue_len[0] + n)


def list_empty(m: View, node: int) -> bool:
    """Tell whether a list_head is alone (linux/list.h)."""
    return bool(m.list_next[node] == node)


def shrinking(m: View) -> bool:
    """Tell whether the shrinker has folios on its own list: then what is linked and loses mappings is there."""
    return bool(m.list_next[SCAN_LIST] != SCAN_LIST)


def list_add_between(m: View, node: int, prev: int, after: int) -> None:
    """Link a node between two neighbours, as __list_add() does.

    In the kernel's order of writes: whoever walks the list forward, at any row, finds it whole.
    """
    store(m, LIST_PREV, after, node)
    store(m, LIST_NEXT, node, after)
    store(m, LIST_PREV, node, prev)
    store(m, LIST_NEXT, prev, node)


def list_add(m: View, node: int, head: int) -> None:
    """Link a node behind a list's head (linux/list.h)."""
    list_add_between(m, node, head, m.list_next[head])


def list_add_tail(m: View, node: int, head: int) -> None:
    """Link a node at a list's end (linux/list.h)."""
    list_add_between(m, node, m.list_prev[head], head)


def list_del_init(m: View, node: int) -> None:
    """Unlink a node and leave it alone (linux/list.h)."""
    prev, after = m.list_prev[node], m.list_next[node]
    store(m, LIST_PREV, after, prev)
    store(m, LIST_NEXT, prev, after)
    store(m, LIST_NEXT, node, node)
    store(m, LIST_PREV, node, node)
