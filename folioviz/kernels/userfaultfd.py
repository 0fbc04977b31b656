"""mm/userfaultfd.c: UFFDIO_MOVE puts what is mapped at one address at another; nothing is copied, and VMAs stay.

A program does three things: it registers the destination with a userfaultfd for missing pages, which cuts a VMA at the
ends of the range; it moves; it closes the userfaultfd, and the VMA is joined again if the kernel allows it. Here one
operation does all three. Not modelled: faults that a userfaultfd reports, and a registration that stays.

What is moved is one process's alone, and stays so: no counter of a folio changes. A page of a large folio could not
have an index of its own, so a large folio moves as a whole under its PMD, or is split first.

Locks: those of both VMAs, or mmap_lock, for reading; the folio lock; the PTLs of both tables; up to v6.18 the lock of
the folio's anon_vma.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_lock,
    folio_trylock,
    folio_unlock,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import FOLIO_INDEX, PMD, PTE, VMA_FLAGS
from folioviz.machine.journal import (
    MOVE_MARKER,
    MOVE_PINNED,
    MOVE_RETRIED,
    MOVE_SHARED,
    MOVE_THERE,
)
from folioviz.machine.memory import (
    EAGAIN,
    EBUSY,
    EEXIST,
    EFAULT,
    ENTRY_CLEAN,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    PMD_HUGE,
    PMD_WRITE,
    PMD_ZERO,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    VM_STICKY,
    VM_UFFD_MISSING,
)
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_maybe_dma_pinned,
    folio_test_large,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
    pte_swap,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.kernels.move_shared import move_zeropage_pte, shared_pmd
    from folioviz.kernels.vma import vma_modify_flags
    from folioviz.mm.huge_memory import __split_huge_pmd, split_huge_page_to_list
    from folioviz.mm.memory import pte_alloc
    from folioviz.mm.swap import folio_get, folio_put


def userfaultfd_move(m: View, mm: int, src: int, dst: int, nr: int) -> int:
    """Register ``[dst, dst + nr)``, move to it, close; 0, or -EAGAIN if only the first pages moved, or an error.

    Follows fs/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    userfaultfd_set_ctx(m, mm, dst, dst + nr, VM_UFFD_MISSING)
    moved = move_pages(m, mm, dst, src, nr)
    userfaultfd_set_ctx(m, mm, dst, dst + nr, 0)
    if moved == nr:
        return 0
    return -EAGAIN if moved > 0 else moved


def userfaultfd_set_ctx(m: View, mm: int, start: int, end: int, missing: int) -> None:
    """Register ``[start, end)`` of one VMA, or end that: it is cut, or joined with what is as it is now.

    Follows fs/userfaultfd.c, userfaultfd_register(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    vma = find_vma(m, mm, start)
    flags = m.vma_flags[vma] & ~VM_UFFD_MISSING | missing
    vma = vma_modify_flags(m, mm, vma, start, end, m.vma_readonly[vma], m.vma_account[vma], flags)
    store(m, VMA_FLAGS, vma, flags | m.vma_flags[vma] & VM_STICKY)


def move_pages(m: View, mm: int, dst: int, src: int, nr: int) -> int:
    """Move ``nr`` pages, holes too, up to one that cannot be; return how many, or the error of the first.

    Follows mm/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    vma = find_vma(m, mm, dst)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    moved, step = 0, 0
    while moved < nr and step >= 0:
        slot, to = pmd_index(mm, src + moved), pmd_index(mm, dst + moved)
        if pmd_trans_huge(m.pmd[to]):
            fail(m, MOVE_THERE, dst + moved)
            step = -EEXIST
        elif pmd_trans_huge(m.pmd[slot]):
            if move_splits_huge_pmd(m, dst + moved, src + moved, nr - moved) or m.pmd[to]:
                step = split_to_move(m, mm, src + moved)
            else:
                step = move_pages_huge_pmd(m, mm, dst + moved, src + moved)
        else:
            pmd_lock(m, slot)
            pte_alloc(m, mm, src + moved)
            pte_alloc(m, mm, dst + moved)
            pmd_unlock(m, slot)
            step = move_pages_pte(m, mm, dst + moved, src + moved, nr - moved)
        moved += max(step, 0)
    return moved or step


def move_splits_huge_pmd(_m: View, dst: int, src: int, nr: int) -> bool:
    """Tell whether a huge PMD cannot move as it is: an address is not aligned, or not all of it moves.

    Follows mm/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    return bool((src | dst) & (HPAGE_PMD_NR - 1) or nr < HPAGE_PMD_NR)


def split_to_move(m: View, mm: int, src: int) -> int:
    """Map a huge page that is exclusive by PTEs; 0, or -EBUSY.

    Follows mm/userfaultfd.c, move_pages(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    busy = shared_pmd(m, mm, src)
    if not busy:
        __split_huge_pmd(m, mm, src, 0, -1)
    return busy


def move_pages_huge_pmd(m: View, mm: int, dst: int, src: int) -> int:
    """Move a huge PMD to where nothing is, writable and dirty; return its pages, or -EBUSY.

    Follows mm/huge_memory.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    slot, to = pmd_index(mm, src), pmd_index(mm, dst)
    busy = shared_pmd(m, mm, src)
    if busy:
        return busy
    folio = pmd_page(m.pmd[slot])
    if folio < 0:  # the huge zero page, which nothing counts
        pmd_lock(m, slot)
        store(m, PMD, slot, 0)
        store(m, PMD, to, PMD_ZERO)
        pmd_unlock(m, slot)
        return HPAGE_PMD_NR
    folio_get(m, folio)
    folio_lock(m, folio)
    pmd_lock(m, slot)  # of both: they lie in one table
    pinned = folio_maybe_dma_pinned(m, folio)
    if pinned:
        fail(m, MOVE_PINNED, src)
    else:
        store(m, PMD, slot, 0)
        store(m, FOLIO_INDEX, folio, linear_page_index(m, mm, dst))
        store(m, PMD, to, (folio << ENTRY_SHIFT) | PMD_HUGE | PMD_WRITE)
    pmd_unlock(m, slot)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return -EBUSY if pinned else HPAGE_PMD_NR


def linear_page_index(m: View, mm: int, addr: int) -> int:
    """Return the page offset of an address in its VMA.

    Follows include/linux/pagemap.h, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    vma = find_vma(m, mm, addr)
    return int(m.vma_pgoff[vma] + addr - m.vma_start[vma])


def move_pages_pte(m: View, mm: int, dst: int, src: int, nr: int) -> int:
    """Move what one PTE has, or a hole; return how many pages moved, 0 if a folio was split first, or an error.

    Of a large folio the kernel asks whether its first page is exclusive, whichever page is moved. ``nr`` is for kernels
    that move several at a time.

    Follows mm/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    index = pte_index(m.pmd[pmd_index(mm, src)], src)
    if m.pte[pte_index(m.pmd[pmd_index(mm, dst)], dst)]:
        fail(m, MOVE_THERE, dst)
        return -EEXIST
    pte = m.pte[index]
    if pte == 0:
        return 1
    if pte_zero(pte):
        return move_zeropage_pte(m, mm, dst, src)
    if pte_swap(pte):
        return move_swap_pte(m, mm, dst, src)
    if not pte_present(pte):
        fail(m, MOVE_MARKER, src)
        return -EFAULT
    folio = m.page_folio[entry_page(pte)]
    if not m.page_anon_exclusive[folio]:
        fail(m, MOVE_SHARED, src)
        return -EBUSY
    folio_trylock(m, folio)
    folio_get(m, folio)
    if not folio_test_large(m, folio):
        return move_present_pte(m, mm, dst, src, nr)
    error = split_huge_page_to_list(m, folio, 0)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return move_not_split(m, src) if error else 0


def move_not_split(m: View, src: int) -> int:
    """Say that a folio could not be split; the kernel tries again until it can, and here that is the end.

    Follows mm/userfaultfd.c, move_pages_pte(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    fail(m, MOVE_RETRIED, src)
    return -EAGAIN


def move_present_pte(m: View, mm: int, dst: int, src: int, _nr: int) -> int:
    """Move a small folio, of which the caller has the lock and a reference, unless it is pinned; 1, or -EBUSY.

    Follows mm/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    pmd, to = m.pmd[pmd_index(mm, src)], m.pmd[pmd_index(mm, dst)]
    pte_lock(m, to)
    pte_lock(m, pmd)
    pte = m.pte[pte_index(pmd, src)]
    folio = entry_page(pte)
    pinned = folio_maybe_dma_pinned(m, folio)
    if pinned:
        fail(m, MOVE_PINNED, src)
    else:
        move_anon_pte(m, mm, dst, src)
    pte_unlock(m, pmd)
    pte_unlock(m, to)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return -EBUSY if pinned else 1


def move_anon_pte(m: View, mm: int, dst: int, src: int) -> None:
    """Take a PTE away from one address and put it at another: writable and accessed, clean if it was.

    Follows mm/userfaultfd.c, move_present_pte(), v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    index = pte_index(m.pmd[pmd_index(mm, src)], src)
    pte = m.pte[index]
    store(m, PTE, index, 0)
    store(m, FOLIO_INDEX, entry_page(pte), linear_page_index(m, mm, dst))
    bits = PTE_PRESENT | PTE_WRITE | pte & ENTRY_CLEAN
    store(m, PTE, pte_index(m.pmd[pmd_index(mm, dst)], dst), (entry_page(pte) << ENTRY_SHIFT) | bits)


def move_swap_pte(m: View, mm: int, dst: int, src: int) -> int:
    """Move an exclusive swap entry, and the index of its page if that is in the swap cache; 1, or -EBUSY.

    v6.8 did not look into the swap cache, which was a bug; the model has the look from v6.8 on. A large folio there is
    -EBUSY in the kernel; here no exclusive entry waits for one.

    Follows mm/userfaultfd.c, v6.8: adef440691ba ("userfaultfd: UFFDIO_MOVE uABI").
    """
    pmd, to = m.pmd[pmd_index(mm, src)], m.pmd[pmd_index(mm, dst)]
    pte = m.pte[pte_index(pmd, src)]
    if not pte & PTE_MIGRATION_EXCLUSIVE:
        fail(m, MOVE_SHARED, src)
        return -EBUSY
    page = m.swap_cache[entry_page(pte)]
    if page >= 0:
        folio_get(m, page)
        folio_lock(m, page)
    pte_lock(m, to)
    pte_lock(m, pmd)
    if page >= 0:
        store(m, FOLIO_INDEX, page, linear_page_index(m, mm, dst))
    store(m, PTE, pte_index(pmd, src), 0)
    store(m, PTE, pte_index(to, dst), pte)
    pte_unlock(m, pmd)
    pte_unlock(m, to)
    if page >= 0:
        folio_unlock(m, page)
        folio_put(m, page)
    return 1
