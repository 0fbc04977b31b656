"""A patch of one's own on the path of migration: runs of PTEs are taken down in one go."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_12.nr_pages_mapped_once import folio_remove_rmap_ptes
from folioviz.laws import every_kernel
from folioviz.machine.fields import PTE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_WRITE,
)
from folioviz.machine.primitives import clear_page_anon_exclusive, folio_mark_dirty, store
from folioviz.mm.headers import entry_page, pmd_index, pmd_trans_huge, pte_index, pte_present
from folioviz.mm.swap import folio_put
from tests.kernels.cases import differences, done


def try_to_migrate_one(m, folio, mm, addr, end, _flags):
    """Replace the mappings of a folio in a range of one process by migration entries, run by run."""
    while addr < end:
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0 or pmd_trans_huge(pmd):
            addr = (addr | 511) + 1
            continue
        run = 0
        first = entry_page(m.pte[pte_index(pmd, addr)])
        while addr + run < end and (addr + run) // 512 == addr // 512:
            pte = m.pte[pte_index(pmd, addr + run)]
            page = entry_page(pte)
            if not pte_present(pte) or m.page_folio[page] != folio or page != first + run:
                break
            run += 1
        if run == 0:
            addr += 1
            continue
        for i in range(run):
            index = pte_index(pmd, addr + i)
            pte = m.pte[index]
            if not pte & ENTRY_CLEAN:
                folio_mark_dirty(m, folio)
            entry = (
                ((first + i) << ENTRY_SHIFT) | PTE_MIGRATION | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN))
            )
            if m.page_anon_exclusive[first + i]:
                clear_page_anon_exclusive(m, first + i)
                entry |= PTE_MIGRATION_EXCLUSIVE
            store(m, PTE, index, entry)
        folio_remove_rmap_ptes(m, folio, first, run, mm)
        for _ in range(run):
            folio_put(m, folio)
        addr += run


@pytest.mark.parametrize("order", range(2, 9))
@pytest.mark.parametrize("first", [0, 256])
def test_runs_cost_less_and_flag_nothing(order, first):
    """A folio comes down in one call and goes back page by page; as it never is partially mapped, no lock is taken."""
    pages = 1 << order
    text = f"mm; mmap 1 {first} {pages}; fault 1 {first} {order}; remap 1"
    counts = {"cost nrpm": 2 * pages, "cost mmlock": 2 * pages, "cost sqlock": 1, "queue": [1]}
    batched = {"cost nrpm": pages + 1, "cost mmlock": pages + 1, "cost sqlock": 0, "queue": []}
    lab = done("v7.3", text, [try_to_migrate_one])

    assert differences(done("v7.3", text), counts) == {}
    assert differences(lab, batched | {"rss 1": pages, "orders": [order], "bugs": []}) == {}
    every_kernel.check(lab.machine)


def test_a_run_ends_where_a_page_is_missing():
    """What is there comes down in two calls, and is mapped again."""
    text = "mm; mmap 1 0 16; fault 1 0 4; dontneed 1 5 1; remap 1"
    lab = done("v7.3", text, [try_to_migrate_one])

    assert differences(lab, {"cost mmlock": 17, "rss 1": 15, "queue": [1], "bugs": []}) == {}
    every_kernel.check(lab.machine)
