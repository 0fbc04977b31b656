"""Inlines: indices into page tables, batches and lists."""

from __future__ import annotations

import pytest

from folioviz.machine.memory import ENTRY_SHIFT, GATHER_CAPACITY, MAX_GATHER_BATCH_COUNT
from folioviz.mm import headers


def test_batches_lie_one_behind_the_other():
    """The local bundle of 8 and 19 batches of 510 fill 9,698 places without gap or overlap."""
    place = 0
    for batch in range(MAX_GATHER_BATCH_COUNT + 1):
        assert headers.batch_slot(batch) == place
        place += headers.batch_max(batch)

    assert place == GATHER_CAPACITY == 9698


@pytest.mark.parametrize(
    ("addr", "end", "after"), [(0, 2000, 512), (511, 2000, 512), (512, 2000, 1024), (5, 9, 9), (0, 512, 512)]
)
def test_a_range_is_walked_table_by_table(addr, end, after):
    """The next step ends at 2 MiB or at the range's end."""
    assert headers.pmd_addr_end(addr, end) == after


def test_entries_hold_a_page_and_bits():
    """Page or table number and bits do not touch each other; a migration entry is not present."""
    assert headers.entry_page(77 << ENTRY_SHIFT | (1 << ENTRY_SHIFT) - 1) == 77
    assert headers.pte_index(3 << ENTRY_SHIFT | 1, 1025) == 3 * 512 + 1
    assert headers.pmd_index(2, 1025) == 2 * 512 + 2
    assert headers.pte_present(77 << ENTRY_SHIFT | 1)
    assert not headers.pte_present(77 << ENTRY_SHIFT | 4)
    assert headers.pmd_trans_huge(512 << ENTRY_SHIFT | 2)
    assert not headers.pmd_trans_huge(3 << ENTRY_SHIFT | 1)


def test_find_vma_finds_the_first_that_ends_behind(after):
    """As in the kernel the VMA found may begin behind the address."""
    machine = after("mm; mmap 1 10 5; mmap 1 20 5").machine

    assert [headers.find_vma(machine, 0, addr) for addr in (0, 10, 14, 15, 24, 25)] == [0, 0, 0, 1, 1, -1]
