"""The buddy allocator: blocks are halved, given away, and joined again."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.machine.journal import FREED, FREED_MAPPED
from folioviz.machine.memory import FREE_AREA, MAX_ORDER, Machine, Sizes

SMALL = Sizes(pages=1024, tables=8, vmas=8)
ONE = Sizes(pages=512, tables=8, vmas=8)


def free_blocks(machine):
    """Return (page, order) of every free block."""
    return [(int(page), int(machine.page_buddy[page])) for page in np.flatnonzero(machine.page_buddy >= 0)]


def test_a_block_is_halved_until_it_fits(after):
    """The lower half is used; the upper halves wait on the lists of their orders."""
    machine = after("mm; mmap 1 0 64; fault 1 0 4", sizes=SMALL).machine

    assert free_blocks(machine) == [(16, 4), (32, 5), (64, 6), (128, 7), (256, 8), (512, 9)]
    assert machine.nr_free_pages[0] == 1024 - 16


def test_the_smallest_block_that_fits_is_taken(after):
    """A block of the right order comes before halving a larger one."""
    line = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; fault 1 32 4; fault 1 20 2"
    machine = after(line, sizes=SMALL).machine

    assert np.flatnonzero(machine.folio_id).tolist() == [0, 16, 20, 32]


def test_everything_freed_joins_again(after):
    """After the last process's exit memory is in blocks of 512 pages, and no page remembers anything."""
    lab = after(
        "mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 1; fault 1 512 3; fork 1; write 2 3; exit 1; exit 2",
        sizes=SMALL,
    )
    fresh = Machine(SMALL)

    assert free_blocks(lab.machine) == [(0, 9), (512, 9)]
    for field in (
        "page_mapcount",
        "page_anon_exclusive",
        "page_folio",
        "folio_order",
        "folio_refcount",
        "folio_id",
        "folio_nr_pages_mapped",
        "folio_entire_mapcount",
        "folio_index",
    ):
        np.testing.assert_array_equal(getattr(lab.machine, field), getattr(fresh, field), err_msg=field)


def test_ids_are_never_given_twice(after):
    """A folio that comes to lie where another was gets a new id."""
    machine = after("mm; mmap 1 0 512; fault 1 0 9; dontneed 1 0 512; fault 1 0 9", sizes=ONE).machine

    assert machine.folio_id[0] == 2


def test_a_split_gives_the_tails_ids_in_order(after):
    """The head keeps its id; each tail becomes a folio with the page offset that it always had."""
    machine = after("mm; mmap 1 8 64; fault 1 8 2; split 1", sizes=SMALL).machine

    assert machine.folio_id[:4].tolist() == [1, 2, 3, 4]
    assert machine.folio_index[:4].tolist() == [8, 9, 10, 11]
    assert machine.page_folio[:4].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("order", range(MAX_ORDER + 1))
def test_every_order(after, spent, order):
    """A folio of any order costs and returns 2**order pages."""
    lab = after(f"mm; mmap 1 0 512; fault 1 0 {order}", sizes=SMALL)
    assert spent(lab)["palloc"] == 1 << order

    lab = after(f"mm; mmap 1 0 512; fault 1 0 {order}; munmap 1 0 512", sizes=SMALL)
    assert spent(lab)["pfree"] == 1 << order
    assert lab.machine.list_next[FREE_AREA + MAX_ORDER] != FREE_AREA + MAX_ORDER


def test_a_folio_that_is_still_mapped_is_reported_and_leaked(after, reasons):
    """As bad_page() does: the pages do not come back."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; exit 1", "v3", "none", sizes=SMALL)

    assert (FREED_MAPPED, 1, 16) in reasons(lab)
    assert FREED not in {reason for reason, _, _ in reasons(lab)}
    assert lab.machine.nr_free_pages[0] == 1024 - 16
    assert lab.machine.bugs() == ["free_mapped", "uaf"]
