"""What only several CPUs need: locks, references that may be refused, moves that nobody sees half done.

On one CPU nobody waits, and no answer surprises: these locks leave no row of the journal (split_queue_lock, which costs
count, is a primitive), each trylock and freeze succeeds, and there is no migration entry of somebody else. With several
CPUs :mod:`folioviz.race` puts real locks in their place. Like primitives they are linked, and not traced.
"""

from __future__ import annotations

from folioviz.machine.costs import MMLOCK
from folioviz.machine.fields import (
    FOLIO_ID,
    FOLIO_PINS,
    FOLIO_REFCOUNT,
    FREE_VMA,
    LIST_NEXT,
    LIST_PREV,
    NEXT_FOLIO_ID,
    PMD,
    PTE,
)
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    PMD_HUGE,
    PTE_PRESENT,
)
from folioviz.machine.primitives import View, count, list_add, list_empty, page_ref_add, store

# --- references ---------------------------------------------------------------------------------------------------


def folio_try_get(m: View, folio: int) -> bool:
    """Take a reference unless there is none left: then the folio is being freed (linux/page_ref.h)."""
    if m.folio_refcount[folio] == 0:
        return False
    page_ref_add(m, folio, 1)
    return True


def folio_ref_freeze(m: View, folio: int, nr: int) -> bool:
    """Make the refcount 0, so that nobody can take one more, if it is ``nr`` (linux/page_ref.h)."""
    if m.folio_refcount[folio] != nr:
        return False
    store(m, FOLIO_REFCOUNT, folio, 0)
    return True


def page_ref_inc(m: View, page: int) -> None:
    """Give a frozen page its first reference again (linux/page_ref.h)."""
    page_ref_add(m, page, 1)


def folio_ref_unfreeze(m: View, folio: int, nr: int) -> None:
    """End a freeze with ``nr`` references (linux/page_ref.h)."""
    store(m, FOLIO_REFCOUNT, folio, nr)


# --- locks --------------------------------------------------------------------------------------------------------


def pte_lock(_m: View, _pmd: int) -> None:
    """Take a page table's lock, the PTL; ``pmd`` is its PMD entry (linux/mm.h)."""


def pte_unlock(_m: View, _pmd: int) -> None:
    """Release a page table's lock (linux/mm.h)."""


def pmd_lock(_m: View, _slot: int) -> None:
    """Take the lock of the table that a PMD lies in, of which a process has one here (linux/mm.h)."""


def pmd_unlock(_m: View, _slot: int) -> None:
    """Release the lock of a PMD's table (linux/mm.h)."""


def pmdp_invalidate(_m: View, _slot: int) -> None:
    """Begin to make a table of a huge PMD: whoever looks without the lock still sees it huge (linux/pgtable.h)."""


def pmd_populate(_m: View, _slot: int) -> None:
    """Let everybody see the table that a PMD became (asm/pgalloc.h)."""


def folio_lock(_m: View, _folio: int) -> None:
    """Take the folio lock, PG_locked (linux/pagemap.h)."""


def folio_trylock(_m: View, _folio: int) -> bool:
    """Take the folio lock if it is free; tell whether it was (linux/pagemap.h)."""
    return True


def folio_unlock(_m: View, _folio: int) -> None:
    """Release the folio lock (linux/pagemap.h)."""


def anon_vma_lock(_m: View) -> None:
    """Take the lock of the root anon_vma: VMAs and page tables stay where a walk finds them (linux/rmap.h)."""


def anon_vma_unlock(_m: View) -> None:
    """Release the lock of the root anon_vma (linux/rmap.h)."""


def folio_lock_large_mapcount(m: View, _folio: int) -> None:
    """Take the bit that guards a folio's owners (linux/rmap.h, v6.15)."""
    count(m, MMLOCK, 1)


def folio_unlock_large_mapcount(_m: View, _folio: int) -> None:
    """Release the bit that guards a folio's owners (linux/rmap.h, v6.15)."""


# --- pages that another CPU has under migration ----------------------------------------------------------------------


def migration_entry_wait(_m: View, _index: int) -> None:
    """Wait until an entry waits for no page any more: whoever moves or splits it is done (mm/migrate.c)."""


# --- what a program and the reader do ------------------------------------------------------------------------------


def write_by_pte(m: View, index: int) -> int:
    """Write to a page as a program does: the processor makes its PTE accessed and dirty. Return the page.

    With several CPUs, return -1 if the PTE does not allow it any more: the write faults again.
    """
    store(m, PTE, index, m.pte[index] & ~(ENTRY_OLD | ENTRY_CLEAN))
    return int(m.pte[index]) >> ENTRY_SHIFT


def write_by_pmd(m: View, slot: int, addr: int) -> int:
    """Do the same where a PMD maps the page."""
    store(m, PMD, slot, m.pmd[slot] & ~(ENTRY_OLD | ENTRY_CLEAN))
    return (int(m.pmd[slot]) >> ENTRY_SHIFT) + (addr & 511)


def read_by_pte(m: View, index: int) -> None:
    """Read a page as a program does: the processor makes its PTE accessed, if it is still present."""
    pte = m.pte[index]
    if pte & PTE_PRESENT and pte & ENTRY_OLD:
        store(m, PTE, index, pte & ~ENTRY_OLD)


def read_by_pmd(m: View, slot: int) -> None:
    """Do the same where a PMD maps the page."""
    pmd = m.pmd[slot]
    if pmd & PMD_HUGE and pmd & ENTRY_OLD:
        store(m, PMD, slot, pmd & ~ENTRY_OLD)


def count_pin(m: View, folio: int, n: int) -> None:
    """Remember how many references are somebody's outside mm/. Folioviz's own."""
    store(m, FOLIO_PINS, folio, m.folio_pins[folio] + n)


def give_folio_id(m: View, folio: int) -> None:
    """Give a new folio the next id, which is folioviz's own."""
    store(m, FOLIO_ID, folio, m.next_folio_id[0])
    store(m, NEXT_FOLIO_ID, 0, m.next_folio_id[0] + 1)


# --- memory of the kernel's own -----------------------------------------------------------------------------------


def vm_area_alloc(m: View) -> int:
    """Return a VMA that is free; the caller made sure that there is one (kernel/fork.c)."""
    vma = m.free_vma[0]
    store(m, FREE_VMA, 0, m.vma_next[vma])
    return int(vma)


# --- lists --------------------------------------------------------------------------------------------------------


def list_move(m: View, node: int, head: int) -> None:
    """Link a node behind another head; at no time is it alone, so that list_empty() without a lock says no."""
    prev, after = m.list_prev[node], m.list_next[node]
    store(m, LIST_PREV, after, prev)
    store(m, LIST_NEXT, prev, after)
    list_add(m, node, head)


def list_splice_tail_init(m: View, head: int, to: int) -> None:
    """Link all nodes of a list at the end of another, in their order, and leave the first empty (linux/list.h).

    In an order of writes in which whoever walks one of them forward, at any row, comes to its end.
    """
    if not list_empty(m, head):
        first, last, prev = m.list_next[head], m.list_prev[head], m.list_prev[to]
        store(m, LIST_NEXT, head, head)
        store(m, LIST_NEXT, last, to)
        store(m, LIST_PREV, first, prev)
        store(m, LIST_NEXT, prev, first)
        store(m, LIST_PREV, to, last)
        store(m, LIST_PREV, head, head)
