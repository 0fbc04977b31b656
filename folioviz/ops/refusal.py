"""Which operations cannot be done, and why: the -EINVAL of each operation, and a machine that is full.

An operation that passes never fails inside the kernel functions, which therefore need no error paths.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.memory import (
    HPAGE_PMD_NR,
    LOWEST_QUEUED_ORDER,
    MAX_MMS,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PTE_WRITE,
    Machine,
    address_of,
)
from folioviz.mm.headers import find_vma, pmd_index, pte_index
from folioviz.ops import ops
from folioviz.ops.capacity import (
    bad_range,
    bad_switch,
    folios_mapped,
    huge_mappings,
    huge_pages_cut,
    no_blocks,
    no_memory,
    no_room,
    readonly,
    tables_needed,
    tables_to_move,
    too_small,
    vmas_until,
    writable_until,
)
from folioviz.ops.walk import folio_head, live_mms, mm_slot, queue, tables_of, vma_at

if TYPE_CHECKING:
    from folioviz.ops.op import Op


def refusal(machine: Machine, op: Op) -> str | None:
    """Return why an operation cannot be done now, in one sentence, or None if it can.

    The sentence names the thing, the value and the bound. O(1), except folio look-ups: O(pages).
    """
    if machine.bug[0]:
        return f"the kernel has hit a bug ({', '.join(machine.bugs())}): undo it first"
    where = -1
    if isinstance(folio := getattr(op, "folio", None), int):
        where = folio_head(machine, folio)
        if where < 0:
            given = f"the ids given so far are 1 to {machine.next_folio_id[0] - 1}"
            return f"there is no folio {folio}: {given}"
    elif isinstance(mm := getattr(op, "mm", None), int):
        where = mm_slot(machine, mm)
        if where < 0:
            alive = ", ".join(str(machine.mm_id[slot]) for slot in live_mms(machine)) or "none"
            return f"there is no process {mm}: alive are {alive}"
    return _refuse(op, machine, where)


@singledispatch
def _refuse(op: Op, machine: Machine, where: int) -> str | None:
    """Refuse one kind of operation (those registered below); ``where`` is its process's slot or its folio's head."""
    raise KeyError(op, machine, where)


@_refuse.register(ops.Get)
@_refuse.register(ops.Exit)
def _(_op: ops.Get | ops.Exit, _machine: Machine, _where: int) -> str | None:
    return None


@_refuse.register
def _(op: ops.Put, machine: Machine, folio: int) -> str | None:
    return None if machine.folio_pins[folio] else f"cannot put folio {op.folio}: no get holds it"


@_refuse.register
def _(op: ops.Split, machine: Machine, folio: int) -> str | None:
    bad = too_small(machine, folio, f"split folio {op.folio}")
    return bad or no_room(machine, tables=huge_mappings(machine, [folio]))


@_refuse.register
def _(op: ops.Zero, machine: Machine, folio: int) -> str | None:
    last = (1 << int(machine.folio_order[folio])) - 1
    if op.pages < 1 or op.page < 0 or op.page + op.pages - 1 > last:
        pages = f"pages {op.page} to {op.page + op.pages - 1}"
        return f"cannot fill {pages} of folio {op.folio}: it has pages 0 to {last}"
    return None


@_refuse.register(ops.Remap)
@_refuse.register(ops.Migrate)
def _(op: ops.Remap | ops.Migrate, machine: Machine, folio: int) -> str | None:
    what = f"{op.word} folio {op.folio}"
    if bad := too_small(machine, folio, what):
        return bad
    if machine.folio_entire_mapcount[folio] >= 0:
        return f"cannot {what}: a PMD maps it, and PMD migration entries are not modelled"
    return no_memory(machine, int(machine.folio_order[folio])) if isinstance(op, ops.Migrate) else None


@_refuse.register
def _(_op: ops.Mm, machine: Machine, _mm: int) -> str | None:
    if len(live_mms(machine)) == MAX_MMS:
        return f"there are {MAX_MMS} processes already: that is all this machine can hold"
    return None


@_refuse.register
def _(op: ops.Fork, machine: Machine, mm: int) -> str | None:
    vmas = vmas_until(machine, int(machine.mm_mmap[mm]), NR_VPNS)
    return _refuse(ops.Mm(), machine, -1) or no_room(machine, tables_of(machine, mm), vmas)


@_refuse.register
def _(op: ops.Mmap, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, op.pages, "map"):
        return bad
    vma = find_vma(machine, mm, op.vpn)
    if vma >= 0 and machine.vma_start[vma] < op.vpn + op.pages:
        first, last = int(machine.vma_start[vma]), int(machine.vma_end[vma]) - 1
        return f"cannot map pages {op.vpn} to {op.vpn + op.pages - 1}: a VMA is there already, pages {first} to {last}"
    return no_room(machine, vmas=1)


@_refuse.register
def _(op: ops.Fault, machine: Machine, mm: int) -> str | None:
    if not 0 <= op.order <= MAX_ORDER:
        return f"cannot fault order {op.order}: orders are 0 to {MAX_ORDER}"
    nr = 1 << op.order
    if bad := bad_range(op.vpn, nr, "fault in"):
        return bad
    what = f"cannot fault order {op.order} at {address_of(op.vpn):#x}"
    if op.vpn % nr:
        nearest = address_of(round(op.vpn / nr) * nr)
        return f"{what}: an order-{op.order} folio must start at a multiple of {4 * nr} KiB (nearest: {nearest:#x})"
    vma = vma_at(machine, mm, op.vpn)
    if vma < 0:
        return f"{what}: no VMA is there"
    if op.vpn + nr > machine.vma_end[vma]:
        return f"{what}: its VMA ends at {address_of(int(machine.vma_end[vma])):#x}, before the folio would"
    if bad := readonly(machine, mm, op.vpn, op.vpn + nr, what):
        return bad
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd & PMD_HUGE:
        return f"{what}: a huge page is mapped there"
    if pmd:
        first = pte_index(pmd, op.vpn)
        used = np.flatnonzero(machine.pte[first : first + nr])
        if used.size:
            return f"{what}: a page is mapped at {address_of(op.vpn + int(used[0])):#x}"
    return no_memory(machine, op.order) or no_room(machine, tables=int(not pmd))


@_refuse.register
def _(op: ops.FaultPmd, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, HPAGE_PMD_NR, "fault in"):
        return bad
    what = f"cannot fault a huge page at {address_of(op.vpn):#x}"
    if op.vpn % HPAGE_PMD_NR:
        return f"{what}: it must start at a multiple of 2 MiB"
    vma = vma_at(machine, mm, op.vpn)
    if vma < 0 or op.vpn + HPAGE_PMD_NR > machine.vma_end[vma]:
        return f"{what}: no VMA covers all of its 512 pages"
    if bad := readonly(machine, mm, op.vpn, op.vpn + HPAGE_PMD_NR, what):
        return bad
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd:
        return f"{what}: {'a huge page' if pmd & PMD_HUGE else 'a page table'} is there already"
    return no_memory(machine, MAX_ORDER)


@_refuse.register
def _(op: ops.Write, machine: Machine, mm: int) -> str | None:
    what = f"cannot write to {address_of(op.vpn):#x}"
    if vma_at(machine, mm, op.vpn) < 0:
        return f"{what}: no VMA is there"
    if bad := readonly(machine, mm, op.vpn, op.vpn + 1, what):
        return bad
    pmd = int(machine.pmd[pmd_index(mm, op.vpn)])
    if pmd & PMD_WRITE or (pmd & PMD_TABLE and machine.pte[pte_index(pmd, op.vpn)] & PTE_WRITE):
        return None
    return no_memory(machine, 0) or no_room(machine, tables=int(not pmd & PMD_TABLE))


@_refuse.register
def _(op: ops.Munmap, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, op.pages, "unmap"):
        return bad
    end = op.vpn + op.pages
    cut = sum(vma_at(machine, mm, at) == vma_at(machine, mm, at - 1) >= 0 for at in (op.vpn, end))
    return no_room(machine, huge_pages_cut(machine, mm, op.vpn, end), vmas=cut)


@_refuse.register
def _(op: ops.Dontneed, machine: Machine, mm: int) -> str | None:
    bad = bad_range(op.vpn, op.pages, "zap")
    return bad or no_room(machine, huge_pages_cut(machine, mm, op.vpn, op.vpn + op.pages))


@_refuse.register
def _(op: ops.Mremap, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, op.pages, "move") or bad_range(op.to, op.pages, "move to"):
        return bad
    what = f"cannot move pages {op.vpn} to {op.vpn + op.pages - 1}"
    vma = vma_at(machine, mm, op.vpn)
    if vma < 0:
        return f"{what}: no VMA has the first of them"
    if op.vpn < op.to + op.pages and op.to < op.vpn + op.pages:
        return f"{what} to {op.to}: the ranges overlap"
    tables = tables_to_move(machine, mm, op.vpn, op.to, op.pages)
    return no_room(machine, tables, 6 * vmas_until(machine, vma, op.vpn + op.pages))


@_refuse.register
def _(op: ops.SplitPmd, machine: Machine, mm: int) -> str | None:
    if not 0 <= op.vpn < NR_VPNS or not machine.pmd[pmd_index(mm, op.vpn)] & PMD_HUGE:
        return f"cannot split the PMD at {address_of(op.vpn):#x}: no huge page is mapped there"
    return no_room(machine, tables=1)


@_refuse.register
def _(op: ops.Shrink, machine: Machine, _mm: int) -> str | None:
    if op.nr < 1:
        return f"cannot scan {op.nr} folios: at least 1 is needed"
    scanned = queue(machine)[: op.nr]
    return no_room(machine, tables=huge_mappings(machine, scanned)) if scanned else None


@_refuse.register
def _(op: ops.Glimit, _machine: Machine, _mm: int) -> str | None:
    if op.batches < -1:
        return f"cannot limit the gather to {op.batches} batches: it must be 0 or more, or -1 for no limit"
    return None


@_refuse.register
def _(op: ops.Mprotect, machine: Machine, mm: int) -> str | None:
    bad = bad_range(op.vpn, op.pages, "protect") or bad_switch("writable", op.writable)
    if not bad and vma_at(machine, mm, op.vpn) < 0:
        bad = f"cannot protect {address_of(op.vpn):#x}: no VMA is there"
    cut = huge_pages_cut(machine, mm, op.vpn, op.vpn + op.pages)
    return bad or no_room(machine, cut, vmas=2)


@_refuse.register(ops.Free)
@_refuse.register(ops.Cold)
def _(op: ops.Free | ops.Cold, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, op.pages, "advise"):
        return bad
    end = op.vpn + op.pages
    vma = find_vma(machine, mm, op.vpn)
    if vma < 0 or machine.vma_start[vma] >= end:
        return f"cannot advise {address_of(op.vpn):#x}: no VMA is there"
    return no_room(machine, huge_mappings(machine, folios_mapped(machine, mm, op.vpn, end)))


@_refuse.register
def _(op: ops.Touch, machine: Machine, mm: int) -> str | None:
    if bad := bad_range(op.vpn, op.pages, "write to"):
        return bad
    if vma_at(machine, mm, op.vpn) < 0:
        return f"cannot write to {address_of(op.vpn):#x}: no VMA is there"
    if bad := readonly(machine, mm, op.vpn, op.vpn + 1, f"cannot write to {op.pages} pages"):
        return bad
    end = writable_until(machine, mm, op.vpn, op.vpn + op.pages)
    return no_blocks(machine, op.vpn, end) or no_room(machine, tables_needed(machine, mm, op.vpn, end))


@_refuse.register
def _(op: ops.Enabled, _machine: Machine, _mm: int) -> str | None:
    if not LOWEST_QUEUED_ORDER <= op.order <= MAX_ORDER:
        return f"cannot enable order {op.order}: sizes are of orders {LOWEST_QUEUED_ORDER} to {MAX_ORDER}"
    return bad_switch(f"order {op.order}'s enabled", op.on)


@_refuse.register
def _(op: ops.Underused, _machine: Machine, _mm: int) -> str | None:
    return bad_switch("shrink_underused", op.on)


@_refuse.register
def _(op: ops.MaxNone, _machine: Machine, _mm: int) -> str | None:
    if not 0 <= op.pages < HPAGE_PMD_NR:
        return f"cannot set max_ptes_none to {op.pages}: it must be from 0 to {HPAGE_PMD_NR - 1}"
    return None
