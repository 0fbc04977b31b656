"""What a program did not write holds zeros: from v6.8 on the model remembers it, page by page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz import kernels
from folioviz.lab import Lab
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, mm_slot
from tests.strategies import SMALL

KEEPING = [key for key, kernel in kernels.KERNELS.items() if "page_zero_filled" in kernels.keeps(kernel)]
REMAPPING = [key for key in KEEPING if "folio_partially_mapped" in kernels.keeps(kernels.find(key))]
"""Kernels whose splits leave out pages of zeros (v6.12)."""
PAGES = 600


def rss(lab, mm_id=1):
    """Return how many pages of a process are resident."""
    return int(lab.machine.mm_rss[mm_slot(lab.machine, mm_id)])


def done(kernel, text):
    """Return a lab in which operations were done."""
    lab = Lab(kernel, sizes=SMALL)
    for op in ops.parse_line(text):
        lab.apply(op)
    return lab


@pytest.mark.parametrize("kernel", KEEPING)
@pytest.mark.parametrize(
    ("text", "written", "mapped"),
    [
        ("enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; cold 1 0 8", 1, 16),
        ("enabled 4 1; mm; mmap 1 0 16; write 1 3; split 1", 1, 16),
        ("enabled 4 1; mm; mmap 1 0 32; touch 1 14 4; split 1; split 2", 4, 32),
        ("enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; fork 1; write 2 5; split 1", 1, 16),
        ("enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; fork 1; exit 1; touch 2 4 2; split 1", 3, 16),
        ("enabled 9 1; mm; mmap 1 0 512; touch 1 500 12; free 1 0 511", 12, 512),
        ("enabled 9 1; mm; mmap 1 0 512; touch 1 0 9; zero 1 0 4; split 1", 5, 512),
    ],
)
def test_a_split_keeps_what_was_written(kernel, text, written, mapped):
    """Before v6.12 a split kept every page; a copy made by a write, and a page that is filled later, are written."""
    lab = done(kernel, text)
    last = int(lab.machine.mm_id.max())

    assert rss(lab, last if "exit 1" in text else 1) == (written if kernel in REMAPPING else mapped)


@pytest.mark.parametrize("kernel", REMAPPING)
@pytest.mark.parametrize(
    ("pages", "split"), [(1, True), (100, True), (102, True), (103, False), (512, False)]
)
def test_the_shrinker_counts_what_was_not_written(kernel, pages, split):
    """max_ptes_none 409: 410 pages of zeros are too many, 409 are not."""
    lab = done(kernel, f"maxnone 409; enabled 9 1; mm; mmap 1 0 512; touch 1 0 {pages}; shrink 1")

    assert rss(lab) == (pages if split else 512)
    assert int(lab.machine.thp_underused_split_page[0]) == int(split)
    assert int(lab.machine.split_queue_len[0]) == 0


@pytest.mark.parametrize("kernel", KEEPING)
@pytest.mark.parametrize("text", ["mm; mmap 1 0 512; fault 1 0 4", "mm; mmap 1 0 512; faultpmd 1 0"])
def test_what_a_fault_brings_counts_as_written(kernel, text):
    """The operations of the vectors stand for a program that fills the whole folio."""
    assert not done(kernel, text).machine.page_zero_filled.any()


WRITES = st.lists(
    st.tuples(st.sampled_from(["touch", "write"]), st.integers(0, PAGES - 1), st.integers(1, 40)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("kernel", ["v6.10", "v6.12", "v7.3", "v7.3+no-page-mapcount"])
@given(orders=st.sets(st.integers(2, 9)), writes=WRITES, underused=st.booleans())
def test_after_a_split_of_everything_rss_is_what_was_written(kernel, orders, writes, underused):
    """Whatever sizes were allowed and in whatever order pages were written; before v6.12, all that was mapped.

    shrink_underused is not asked, and no such split counts as one of an underused folio.
    """
    lab = Lab(kernel, sizes=SMALL)
    setting = [ops.Underused(int(underused))] if kernel in REMAPPING else []
    for op in (
        *setting,
        *(ops.Enabled(order, 1) for order in sorted(orders)),
        ops.Mm(),
        ops.Mmap(1, 0, PAGES),
    ):
        lab.apply(op)
    written = set()
    for word, first, length in writes:
        pages = range(first, min(first + (length if word == "touch" else 1), PAGES))
        lab.apply(ops.Touch(1, first, len(pages)) if word == "touch" else ops.Write(1, first))
        written |= set(pages)
    mapped = rss(lab)
    for head in live_folios(lab.machine).tolist():
        if lab.machine.folio_order[head]:
            lab.apply(ops.Split(int(lab.machine.folio_id[head])))

    assert rss(lab) == (len(written) if kernel in REMAPPING else mapped)
    assert not lab.machine.thp_underused_split_page.any()
