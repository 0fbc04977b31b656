"""v6.18: UFFDIO_MOVE moves small folios in runs, and takes a reference on the first of each run only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_trylock, folio_unlock, pte_lock, pte_unlock
from folioviz.machine.journal import MOVE_HELD, MOVE_PINNED
from folioviz.machine.memory import EBUSY
from folioviz.machine.primitives import View, fail
from folioviz.mm.headers import (
    entry_page,
    folio_maybe_dma_pinned,
    folio_test_large,
    pmd_addr_end,
    pmd_index,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.kernels.userfaultfd import move_anon_pte
    from folioviz.mm.swap import folio_put


def move_present_pte(m: View, mm: int, dst: int, src: int, nr: int) -> int:
    """Move a small folio and those behind it that may move, up to the end of a page table; how many, or -EBUSY.

    Follows mm/userfaultfd.c, move_present_ptes(), v6.18: userfaultfd: opportunistic TLB-flush batching for present
    pages in MOVE.
    """
    pmd, to = m.pmd[pmd_index(mm, src)], m.pmd[pmd_index(mm, dst)]
    end = min(pmd_addr_end(src, src + nr) - src, pmd_addr_end(dst, dst + nr) - dst)
    pte_lock(m, to)
    pte_lock(m, pmd)
    folio = entry_page(m.pte[pte_index(pmd, src)])
    moved = 0
    pinned = folio_maybe_dma_pinned(m, folio)
    if pinned:
        fail(m, MOVE_PINNED, src)
    folio_put(m, folio)
    while not pinned and moved < end:
        move_anon_pte(m, mm, dst + moved, src + moved)
        folio_unlock(m, folio)
        moved += 1
        folio = -1
        if moved < end:
            folio = check_ptes_for_batched_move(m, pmd, to, src + moved, dst + moved)
        pinned = folio < 0 or folio_maybe_dma_pinned(m, folio)
    if folio >= 0:
        folio_unlock(m, folio)
    pte_unlock(m, pmd)
    pte_unlock(m, to)
    return moved or -EBUSY


def check_ptes_for_batched_move(m: View, pmd: int, to: int, src: int, dst: int) -> int:
    """Return the small, exclusive folio that the next PTE maps, locked, if it may move along; else -1.

    Follows mm/userfaultfd.c, v6.18: userfaultfd: opportunistic TLB-flush batching for present pages in MOVE.
    """
    pte = m.pte[pte_index(pmd, src)]
    if m.pte[pte_index(to, dst)] or not pte_present(pte):
        return -1
    folio = m.page_folio[entry_page(pte)]
    folio_trylock(m, folio)
    if folio_test_large(m, folio) or not m.page_anon_exclusive[folio]:
        folio_unlock(m, folio)
        return -1
    return int(folio)


def move_not_split(m: View, src: int) -> int:
    """Say that a folio could not be split, and give up: who holds it may do so for good.

    Follows mm/userfaultfd.c, move_pages_ptes(), v7.3: UFFDIO_MOVE gives up on a folio that it cannot split.
    """
    fail(m, MOVE_HELD, src)
    return -EBUSY
