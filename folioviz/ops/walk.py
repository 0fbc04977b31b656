"""Who is alive, what is on a list, and what lies at an address: reading a machine, never writing to it.

What takes ``m`` is in the small part of Python that compiles; it reads a machine or a view of one.
"""

from __future__ import annotations

import numpy as np

from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.memory import (
    LIST_MM,
    MAX_MMS,
    MM_LIST,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_SWAP,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.machine.primitives import View
from folioviz.mm.headers import (
    deferred_list,
    entry_page,
    find_vma,
    guarded,
    memcg_split_queue,
    pmd_index,
    pte_index,
    vma_is_accessible,
)


def mm_slot(m: View, mm_id: int) -> int:
    """Return the slot of a live process, or -1; O(64)."""
    if mm_id > 0:
        for slot in range(MAX_MMS):
            if m.mm_id[slot] == mm_id:
                return slot
    return -1


def folio_head(machine: Machine, folio_id: int) -> int:
    """Return the head page of a live folio, or -1; O(pages)."""
    head = int((machine.folio_id == folio_id).argmax())
    return head if folio_id > 0 and machine.folio_id[head] == folio_id else -1


def folio_found(m: View, folio_id: int) -> int:
    """Return what :func:`folio_head` does, by a loop that compiles: some hundred times slower in plain Python."""
    if folio_id > 0:
        for head in range(len(m.folio_id)):
            if m.folio_id[head] == folio_id:
                return head
    return -1


def live_mms(machine: Machine) -> list[int]:
    """Return the slots of the live processes in order of creation."""
    slots = []
    node = int(machine.list_next[MM_LIST])
    while node != MM_LIST:
        slots.append(node - LIST_MM)
        node = int(machine.list_next[node])
    return slots


def live_folios(machine: Machine) -> np.ndarray:
    """Return the head pages of the live folios in order of their ids."""
    heads = np.flatnonzero(machine.folio_id > 0)
    return heads[np.argsort(machine.folio_id[heads])]


def listed(machine: Machine, head: int) -> list[int]:
    """Return the head pages of the folios on a list of ``_deferred_list`` nodes, head first.

    A list that a race has broken may lead back into itself; it ends where it does.
    """
    found: dict[int, None] = {}
    node = int(machine.list_next[head])
    while node != head and node not in found:
        found[node] = None
        node = int(machine.list_next[node])
    return [node - deferred_list(0) for node in found]


def queues(machine: Machine) -> dict[int, list[int]]:
    """Return the head pages of the folios on each deferred split queue, heads first, by cgroup; 0 is the root.

    Empty queues are left out, but for the root's.
    """
    found = {memcg: listed(machine, memcg_split_queue(memcg)) for memcg in range(MAX_MEMCGS + 1)}
    return {memcg: heads for memcg, heads in found.items() if heads or not memcg}


def queue(machine: Machine) -> list[int]:
    """Return the head pages of the folios on the deferred split queues, heads first: the root's, then each cgroup's."""
    return [head for heads in queues(machine).values() for head in heads]


def queued_ids(machine: Machine) -> list[int]:
    """Return the ids of the folios on the root's queue, head first; then, behind -n, those on cgroup n's."""
    found = []
    for memcg, heads in queues(machine).items():
        found += [-memcg] * bool(memcg) + [int(machine.folio_id[head]) for head in heads]
    return found


def swap_entries(entries: np.ndarray) -> np.ndarray:
    """Tell of each PTE whether it is a swap entry."""
    return np.asarray(entries & (PTE_PRESENT | PTE_MIGRATION | PTE_SWAP) == PTE_SWAP)


def vma_at(m: View, mm: int, vpn: int) -> int:
    """Return the VMA that holds a page, or -1."""
    if not 0 <= vpn < NR_VPNS:
        return -1
    vma = find_vma(m, mm, vpn)
    return vma if vma >= 0 and m.vma_start[vma] <= vpn else -1


def readonly(m: View, vma: int) -> bool:
    """Tell whether a VMA is read-only; only some kernels keep that."""
    return bool(len(m.vma_readonly) and m.vma_readonly[vma])


def writable_until(m: View, mm: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` that no writable VMA has, or ``end`` if there is none."""
    while start < end:
        vma = vma_at(m, mm, start)
        if vma < 0 or readonly(m, vma):
            return start
        start = m.vma_end[vma]
    return end


def readable_until(m: View, mm: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` that may not be read: in no VMA, PROT_NONE or guarded; or ``end``."""
    while start < end:
        vma = vma_at(m, mm, start)
        if vma < 0 or not vma_is_accessible(m, vma):
            return start
        after = min(end, m.vma_end[vma])
        while start < after:
            if guarded(m, mm, start):
                return start
            start += 1
    return end


def page_at(machine: Machine, mm: int, vpn: int) -> int:
    """Return the page that a virtual page of a process maps, or -1."""
    pmd = int(machine.pmd[pmd_index(mm, vpn)])
    if pmd & PMD_HUGE:
        return int(entry_page(pmd)) + (vpn & (PTRS_PER_PTE - 1))
    pte = int(machine.pte[pte_index(pmd, vpn)]) if pmd & PMD_TABLE else 0
    return int(entry_page(pte)) if pte & (PTE_PRESENT | PTE_MIGRATION) else -1
