"""One page: what maps it, and how each kernel's page dump shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.errors import LimitError
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    NR_VPNS,
    PAGE_SHIFT,
    PG_DIRTY,
    PG_LAZYFREE,
    PMD_HUGE,
    PMD_MIGRATION,
    PMD_WRITE,
    PTE_GUARD,
    PTE_PRESENT,
    PTE_WRITE,
    PTE_ZERO,
    VM_START,
    address_of,
)
from folioviz.mm.headers import (
    entry_page,
    folio_test_swapcache,
    is_huge_zero_pmd,
    pmd_index,
    pte_index,
    pte_swap,
)
from folioviz.ops.walk import mm_slot, vma_at
from folioviz.proc.mapcounts import averages, mapcounts
from folioviz.proc.smaps import rights
from folioviz.readout.words import count

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


def page_line(machine: Machine, mm: int, vpn: int) -> str:
    """Say in one line what lies at a virtual page of a process: VMA, what maps it, folio, flags and counts.

    Args:
        machine: what is read; O(pages).
        mm: the process.
        vpn: the virtual page.

    Raises:
        LimitError: if there is no such process or page.
    """
    slot = mm_slot(machine, mm)
    if slot < 0:
        alive = ", ".join(str(number) for number in sorted(machine.mm_id[machine.mm_id > 0].tolist()))
        raise LimitError.of("the process", mm, f"one that is alive: {alive or 'there is none'}")
    if not 0 <= vpn < NR_VPNS:
        raise LimitError.of("the page", vpn, f"0 to {NR_VPNS - 1}")
    vma = vma_at(machine, slot, vpn)
    where = f"page {vpn} of process {mm}, {address_of(vpn):x}"
    if vma < 0:
        return f"{where}: no VMA"
    start, end = address_of(int(machine.vma_start[vma])), address_of(int(machine.vma_end[vma]))
    entry, by = _entry(machine, slot, vpn)
    what = _what(machine, entry, by) if by else "nothing is mapped"
    return f"{where} in {start:x}-{end:x} {rights(machine, vma)}: {what}"


def _entry(machine: Machine, slot: int, vpn: int) -> tuple[int, str]:
    """Return the page that an entry names, and what names it; -1 and '' if nothing does."""
    pmd = int(machine.pmd[pmd_index(slot, vpn)])
    if pmd & PMD_HUGE:
        by = "a migration entry" if pmd & PMD_MIGRATION else f"by a PMD, {_written(pmd & PMD_WRITE)}"
        return entry_page(pmd) + (vpn & 511), by
    huge = is_huge_zero_pmd(pmd)
    pte = int(machine.pte[pte_index(pmd, vpn)]) if pmd and not huge else 0
    if huge or pte & PTE_ZERO:
        return -1, "the huge zero page" if huge else "the shared zero page"
    if pte == PTE_GUARD:
        return -1, "a guard marker (pagemap: bits 58 and 62)"
    if pte_swap(pte):
        return -1, f"a swap entry, slot {entry_page(pte)}"
    if pte & PTE_PRESENT:
        return entry_page(pte), f"by a PTE, {_written(pte & PTE_WRITE)}"
    return (entry_page(pte), "a migration entry") if pte else (-1, "")


def _written(bit: int) -> str:
    """Return what a write bit says."""
    return "writable" if bit else "not writable"


def _what(machine: Machine, page: int, by: str) -> str:
    """Return the folio of a page, its flags and its counts."""
    if page < 0:
        return by
    head = int(machine.page_folio[page])
    order = int(machine.folio_order[head])
    folio = f"folio {int(machine.folio_id[head])}"
    if order:
        folio = f"page {page - head} of {folio}, order {order}, head pfn {head:#x}"
    counts = f"refcount {int(machine.folio_refcount[head])}, mapcount {int(mapcounts(machine)[page])}"
    if order and averages(machine):
        counts += " on average"
    if machine.folio_large_mapcount.size and order:
        counts += f", {count(int(machine.folio_large_mapcount[head]) + 1, 'mapping')} of the folio"
    return f"{by}; {folio}; flags {'|'.join(_flags(machine, page, head)) or 'none'}; {counts}"


def _flags(machine: Machine, page: int, head: int) -> list[str]:
    """Return the page flags that the model knows, by the kernel's names; those of the folio first."""
    kept = machine.folio_flags.size > 0
    flags = int(machine.folio_flags[head]) if kept else 0
    named = {
        "head": machine.folio_order[head] > 0,
        "swapbacked": not flags & PG_LAZYFREE,
        "dirty": flags & PG_DIRTY,
        "swapcache": folio_test_swapcache(machine, head),
        "partially_mapped": machine.folio_partially_mapped.size and machine.folio_partially_mapped[head],
        "double_map": machine.folio_double_map.size and machine.folio_double_map[head],
        "anon_exclusive": machine.page_anon_exclusive[page],
    }
    return [name for name, there in named.items() if there]


def notes(machine: Machine) -> str:
    """Return what is to be said of a machine's dumps."""
    named = "pfn, and folio1+3 for an address, are" if _addresses(machine) else "pfn is"
    return f"{named} the model's; memcg, flags and raw words are left out."


def _addresses(machine: Machine) -> bool:
    """Tell whether a dump begins with an address: before v6.9, whose gather keeps runs."""
    return "tlb_nr" not in machine.keeps


def dump(machine: Machine, page: int) -> tuple[str, ...]:
    """Return what dump_page() says of a page of a live folio: a line, and one of the head of a large folio.

    Follows __dump_page() and, from v6.9 on, __dump_folio(), mm/debug.c, v6.1, v6.5, v6.9, v6.10, v6.12 and v7.3. Up to
    v6.9 the page's mapcount has the PMD mappings in it, since v6.10 they stand in the next line alone. Without
    mapcounts of pages it is 0, and nr_pages_mapped -1. Nothing is pinned: ``get`` takes references.
    """
    head = int(machine.page_folio[page])
    order, offset = int(machine.folio_order[head]), page - head
    name = f"folio{int(machine.folio_id[head])}"
    own, entire = int(machine.page_mapcount[page]) + 1, int(machine.folio_entire_mapcount[head]) + 1
    addresses = _addresses(machine)
    total = "folio_large_mapcount" in machine.keeps
    mapcount = own if total or not order else int(mapcounts(machine)[page])
    index = (VM_START >> PAGE_SHIFT) + int(machine.folio_index[head]) + offset
    first = f":{name}{f'+{offset}' if offset else ''}" if addresses else ":"
    counts = f"refcount:{int(machine.folio_refcount[head])} mapcount:{mapcount}"
    lines = [f"page{first} {counts} mapping:{0:016x} index:{index:#x} pfn:{page:#x}"]
    if order:
        start = f"head:{name} order:{order}" if addresses else f"head: order:{order}"
        if "folio_double_map" in machine.keeps:
            counts = f"compound_mapcount:{entire} compound_pincount:0"
        else:
            mapped = -1 if averages(machine) else int(machine.folio_nr_pages_mapped[head]) % COMPOUND_MAPPED
            counts = f"entire_mapcount:{entire} nr_pages_mapped:{mapped} pincount:0"
        if total:
            counts = f"mapcount:{int(machine.folio_large_mapcount[head]) + 1} {counts}"
        lines.append(f"{start} {counts}")
    return tuple(lines)
