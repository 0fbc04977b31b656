"""Which operations cannot be done, and why: the -EINVAL of each operation, and a machine that is full.

An operation that passes never fails inside the kernel functions, which therefore need no error paths.
"""

from __future__ import annotations

from functools import singledispatch

import msgspec
import numpy as np

from folioviz import ops
from folioviz.machine import (
    FREE_AREA,
    HPAGE_PMD_NR,
    MAX_MMS,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PTE_WRITE,
    PTRS_PER_PTE,
    Machine,
    address_of,
)
from folioviz.mm.headers import entry_page, find_vma, pmd_index, pte_index
from folioviz.state import queue

HIGHEST_ORDER = 9


def refusal(machine: Machine, op: ops.Op) -> str | None:
    """Return why an operation cannot be done now, in one sentence, or None if it can.

    The sentence names the thing, the value and the bound. O(1) but for folio look-ups, O(pages).
    """
    if machine.bug[0]:
        return f"the kernel has hit a bug ({', '.join(machine.bugs())}): undo it first"
    if isinstance(op, (ops.Get, ops.Put, ops.Split)):
        return _folio_refusal(machine, op)
    mm_id = msgspec.structs.asdict(op).get("mm")
    mm = -1 if mm_id is None else ops.mm_slot(machine, mm_id)
    if mm_id is not None and mm < 0:
        alive = ", ".join(str(machine.mm_id[slot]) for slot in ops.live_mms(machine)) or "none"
        return f"there is no process {mm_id}: alive are {alive}"
    return _refuse(op, machine, mm)


def _folio_refusal(machine: Machine, op: ops.Get | ops.Put | ops.Split) -> str | None:
    """Refuse what needs a live folio."""
    folio = ops.folio_head(machine, op.folio)
    if folio < 0:
        return f"there is no folio {op.folio}: the ids given so far are 1 to {machine.next_folio_id[0] - 1}"
    if isinstance(op, ops.Put) and machine.folio_pins[folio] == 0:
        return f"cannot put folio {op.folio}: no get holds it"
    order = int(machine.folio_order[folio])
    if isinstance(op, ops.Split) and order < 2:
        return f"cannot split folio {op.folio} of order {order}: the order must be at least 2"
    if isinstance(op, ops.Split):
        return _room(machine, tables=_huge_mappings(machine, [folio]))
    return None


def _huge_mappings(machine: Machine, heads: list[int]) -> int:
    """Count the PMDs that map folios; splitting such a folio puts a page table in the place of each."""
    return int(machine.folio_entire_mapcount[heads].sum()) + len(heads)


def _range(start: int, pages: int, what: str) -> str | None:
    """Refuse a range that is empty or leaves the address space."""
    if pages < 1:
        return f"cannot {what} {pages} pages: at least 1 is needed"
    if start < 0 or start + pages > NR_VPNS:
        return f"cannot {what} pages {start} to {start + pages - 1}: the address space has pages 0 to {NR_VPNS - 1}"
    return None


def _room(machine: Machine, tables: int = 0, vmas: int = 0) -> str | None:
    """Refuse what might run out of page tables or VMAs."""
    for name, first, after, need in (
        ("page tables", machine.free_pte_table[0], machine.pte_table_next, tables),
        ("VMAs", machine.free_vma[0], machine.vma_next, vmas),
    ):
        free, at = 0, int(first)
        while at >= 0 and free < need:
            free, at = free + 1, int(after[at])
        if free < need:
            return f"the machine has {free} {name} left: this needs up to {need}"
    return None


def _memory(machine: Machine, order: int) -> str | None:
    """Refuse what finds no free block of an order."""
    if any(machine.list_next[head] != head for head in range(FREE_AREA + order, FREE_AREA + MAX_ORDER + 1)):
        return None
    return f"no memory: {machine.nr_free_pages[0]} pages are free, but no block of {1 << order} pages"


def _vma(machine: Machine, mm: int, vpn: int) -> int:
    """Return the VMA that holds a page, or -1."""
    if not 0 <= vpn < NR_VPNS:
        return -1
    vma = find_vma(machine, mm, vpn)
    return vma if vma >= 0 and machine.vma_start[vma] <= vpn else -1


def _cut(machine: Machine, mm: int, start: int, end: int) -> int:
    """Count the huge PMDs that the ends of a range cut."""
    slots = {pmd_index(mm, vpn) for vpn in (start, end) if vpn % HPAGE_PMD_NR}
    return sum(bool(machine.pmd[slot] & PMD_HUGE) for slot in slots)


def _tables(machine: Machine, mm: int) -> int:
    """Count a process's page tables."""
    return int(np.count_nonzero(machine.pmd[mm * 512 : mm * 512 + 512] & PMD_TABLE))


@singledispatch
def _refuse(op: ops.Op, machine: Machine, mm: int) -> str | None:
    """Refuse one kind of operation (those registered below)."""
    raise KeyError(op, machine, mm)


@_refuse.register
def _(_op: ops.Mm, machine: Machine, _mm: int) -> str | None:
    if len(ops.live_mms(machine)) == MAX_MMS:
        return f"there are {MAX_MMS} processes already: that is all this machine can hold"
    return None


@_refuse.register
def _(op: ops.Fork, machine: Machine, mm: int) -> str | None:
    vmas, vma = 0, int(machine.mm_mmap[mm])
    while vma >= 0:
        vmas, vma = vmas + 1, int(machine.vma_next[vma])
    return _refuse(ops.Mm(), machine, -1) or _room(machine, _tables(machine, mm), vmas)


@_refuse.register
def _(_op: ops.Exit, _machine: Machine, _mm: int) -> str | None:
    return None


@_refuse.register
def _(op: ops.Mmap, machine: Machine, mm: int) -> str | None:
    if bad := _range(op.vpn, op.pages, "map"):
        return bad
    vma = find_vma(machine, mm, op.vpn)
    if vma >= 0 and machine.vma_start[vma] < op.vpn + op.pages:
        first, last = int(machine.vma_start[vma]), int(machine.vma_end[vma]) - 1
        return f"cannot map pages {op.vpn} to {op.vpn + op.pages - 1}: a VMA is there already, pages {first} to {last}"
    return _room(machine, vmas=1)


@_refuse.register
def _(op: ops.Fault, machine: Machine, mm: int) -> str | None:
    if not 0 <= op.order <= HIGHEST_ORDER:
        return f"cannot fault order {op.order}: orders are 0 to {HIGHEST_ORDER}"
    nr = 1 << op.order
    if bad := _range(op.vpn, nr, "fault in"):
        return bad
    what = f"cannot fault order {op.order} at {address_of(op.vpn):#x}"
    if op.vpn % nr:
        nearest = address_of(round(op.vpn / nr) * nr)
        return f"{what}: an order-{op.order} folio must start at a multiple of {4 * nr} KiB (nearest: {nearest:#x})"
    vma = _vma(machine, mm, op.vpn)
    if vma < 0:
        return f"{what}: no VMA is there"
    if op.vpn + nr > machine.vma_end[vma]:
        return f"{what}: its VMA ends at {address_of(int(machine.vma_end[vma])):#x}, before the folio would"
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd & PMD_HUGE:
        return f"{what}: a huge page is mapped there"
    if pmd:
        first = pte_index(pmd, op.vpn)
        used = np.flatnonzero(machine.pte[first : first + nr])
        if used.size:
            return f"{what}: a page is mapped at {address_of(op.vpn + int(used[0])):#x}"
    return _memory(machine, op.order) or (None if pmd else _room(machine, tables=1))


@_refuse.register
def _(op: ops.FaultPmd, machine: Machine, mm: int) -> str | None:
    if bad := _range(op.vpn, HPAGE_PMD_NR, "fault in"):
        return bad
    what = f"cannot fault a huge page at {address_of(op.vpn):#x}"
    if op.vpn % HPAGE_PMD_NR:
        return f"{what}: it must start at a multiple of 2 MiB"
    vma = _vma(machine, mm, op.vpn)
    if vma < 0 or op.vpn + HPAGE_PMD_NR > machine.vma_end[vma]:
        return f"{what}: no VMA covers all of its 512 pages"
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd:
        return f"{what}: {'a huge page' if pmd & PMD_HUGE else 'a page table'} is there already"
    return _memory(machine, MAX_ORDER)


@_refuse.register
def _(op: ops.Write, machine: Machine, mm: int) -> str | None:
    if _vma(machine, mm, op.vpn) < 0:
        return f"cannot write to {address_of(op.vpn):#x}: no VMA is there"
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd & PMD_WRITE or (pmd & PMD_TABLE and machine.pte[pte_index(pmd, op.vpn)] & PTE_WRITE):
        return None
    return _memory(machine, 0) or _room(machine, tables=int(not pmd & PMD_TABLE))


@_refuse.register
def _(op: ops.Munmap, machine: Machine, mm: int) -> str | None:
    if bad := _range(op.vpn, op.pages, "unmap"):
        return bad
    end = op.vpn + op.pages
    cut = sum(_vma(machine, mm, at) == _vma(machine, mm, at - 1) >= 0 for at in (op.vpn, end))
    return _room(machine, _cut(machine, mm, op.vpn, end), vmas=cut)


@_refuse.register
def _(op: ops.Dontneed, machine: Machine, mm: int) -> str | None:
    bad = _range(op.vpn, op.pages, "zap")
    return bad or _room(machine, _cut(machine, mm, op.vpn, op.vpn + op.pages))


@_refuse.register
def _(op: ops.Mremap, machine: Machine, mm: int) -> str | None:
    if bad := _range(op.vpn, op.pages, "move") or _range(op.to, op.pages, "move to"):
        return bad
    what = f"cannot move pages {op.vpn} to {op.vpn + op.pages - 1}"
    vma = _vma(machine, mm, op.vpn)
    if vma < 0 or op.vpn + op.pages > machine.vma_end[vma]:
        return f"{what}: no single VMA holds them all"
    if op.vpn < op.to + op.pages and op.to < op.vpn + op.pages:
        return f"{what} to {op.to}: the ranges overlap"
    slots = machine.pmd[mm * 512 : mm * 512 + 512]
    source = slots[op.vpn >> 9 : ((op.vpn + op.pages - 1) >> 9) + 1]
    target = slots[op.to >> 9 : ((op.to + op.pages - 1) >> 9) + 1]
    tables = np.count_nonzero(source & PMD_HUGE) + np.count_nonzero(~target & PMD_TABLE)
    return _room(machine, int(tables), vmas=6)


@_refuse.register
def _(op: ops.SplitPmd, machine: Machine, mm: int) -> str | None:
    if not 0 <= op.vpn < NR_VPNS or not machine.pmd[pmd_index(mm, op.vpn)] & PMD_HUGE:
        return f"cannot split the PMD at {address_of(op.vpn):#x}: no huge page is mapped there"
    return _room(machine, tables=1)


@_refuse.register
def _(op: ops.Shrink, machine: Machine, _mm: int) -> str | None:
    if op.nr < 1:
        return f"cannot scan {op.nr} folios: at least 1 is needed"
    scanned = queue(machine)[: op.nr]
    return _room(machine, tables=_huge_mappings(machine, scanned)) if scanned else None


@_refuse.register
def _(op: ops.Glimit, _machine: Machine, _mm: int) -> str | None:
    if op.batches < -1:
        return f"cannot limit the gather to {op.batches} batches: it must be 0 or more, or -1 for no limit"
    return None


def page_at(machine: Machine, mm: int, vpn: int) -> int:
    """Return the page that a virtual page of a process maps, or -1."""
    pmd = int(machine.pmd[pmd_index(mm, vpn)])
    if pmd & PMD_HUGE:
        return int(entry_page(pmd)) + (vpn & (PTRS_PER_PTE - 1))
    pte = int(machine.pte[pte_index(pmd, vpn)]) if pmd else 0
    return int(entry_page(pte)) if pte else -1
