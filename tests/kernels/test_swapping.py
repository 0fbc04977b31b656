"""MADV_PAGEOUT, reclaim and swap-in: what a folio costs on its way out, and what comes back, kernel by kernel."""

from __future__ import annotations

import pytest

from folioviz.kernels import KERNELS
from folioviz.laws.every_kernel import check
from folioviz.ops.ops import parse
from folioviz.proc.smaps import rollup
from folioviz.readout.counters import size_stats, swap_events

SWAP = "swapon 1024; mm; mmap 1 0 64"
MTHP = f"{SWAP}; enabled 4 1; touch 1 0 16"
WITH_SWAP = [key for key in KERNELS if not key.startswith("v6.5")]
SIZES = ("v6.10", "v6.12", "v7.3", "v7.3+no-page-mapcount")
"""Kernels that swap a folio of any size out whole."""


@pytest.mark.parametrize("key", SIZES)
def test_a_large_folio_goes_out_whole_and_is_not_queued(after, key):
    """Sixteen removals, one by one, and never the queue: the folio is in the swap cache. As recorded."""
    lab = after(f"{MTHP}; pageout 1 0 16", key)
    done = lab.applied[-1]
    cost = lab.costs(done.start, done.end)

    assert (cost["qadd"], cost["sqlock"], cost["rput"], cost["pfree"]) == (0, 0, 16, 16)
    assert swap_events(lab.machine)["pswpout"] == 16
    assert size_stats(lab.machine)[4]["swpout"] == 1
    assert rollup(lab.machine, 0).kb()["Swap"] == 64


@pytest.mark.parametrize(("key", "pages"), [("v6.10", 1), ("v6.12", 16), ("v7.3", 16)])
def test_a_fault_brings_back_what_is_enabled(after, key, pages):
    """From v6.12 on a whole folio for a run of slots; before, a page. As recorded."""
    lab = after(f"{MTHP}; pageout 1 0 16; write 1 3", key)

    assert swap_events(lab.machine)["pswpin"] == lab.machine.mm_rss[0] == pages
    check(lab.machine)


@pytest.mark.parametrize("key", WITH_SWAP)
def test_without_swap_space_a_large_folio_is_split_for_nothing(after, key):
    """There is no run of slots, so reclaim tries pages, and finds none for these, either."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; pageout 1 0 512", key)

    assert lab.machine.mm_rss[0] == 512
    assert lab.machine.folio_order.max() == 0
    assert swap_events(lab.machine)["thp_swpout_fallback"] == 1


@pytest.mark.parametrize("key", WITH_SWAP)
def test_what_fork_shares_goes_by_reclaim_only(after, key):
    """MADV_PAGEOUT leaves shared pages alone; reclaim makes entries of all, and a write then copies."""
    text = f"{SWAP}; fault 1 0 0; fork 1"
    assert after(f"{text}; pageout 1 0 1", key).machine.mm_rss.sum() == 2

    lab = after(f"{text}; reclaim 1", key)
    assert (lab.machine.mm_rss.sum(), lab.machine.swap_map[0]) == (0, 2)
    lab = after(f"{text}; reclaim 1; write 1 0", key)
    assert (lab.machine.swap_map[0], lab.machine.mm_rss[0]) == (1, 1)


@pytest.mark.parametrize("key", WITH_SWAP)
def test_a_held_page_stays_in_the_swap_cache(after, key):
    """It is unmapped, but not freed; the next fault finds it there, without a read."""
    lab = after(f"{SWAP}; fault 1 0 0; get 1; pageout 1 0 1", key)
    assert (lab.machine.mm_rss[0], lab.machine.folio_refcount[0], lab.machine.swap_cache[0]) == (0, 2, 0)
    assert swap_events(lab.machine)["pswpout"] == 0

    lab = after(f"{SWAP}; fault 1 0 0; get 1; pageout 1 0 1; write 1 0", key)
    assert (swap_events(lab.machine)["pswpin"], lab.machine.mm_rss[0]) == (0, 1)


@pytest.mark.parametrize("key", ["v6.12", "v7.3"])
def test_zeros_are_not_written(after, key):
    """A folio of zeros goes to the zero map, and comes back from there."""
    lab = after(f"{MTHP}; zero 1 0 16; pageout 1 0 16; write 1 0", key)
    events = swap_events(lab.machine)

    assert (events["swpout_zero"], events["swpin_zero"], events["pswpout"], events["pswpin"]) == (
        16,
        16,
        0,
        0,
    )


@pytest.mark.parametrize("key", WITH_SWAP)
def test_what_was_given_up_needs_no_slot(after, key):
    """MADV_FREE, then MADV_PAGEOUT: the page is dropped; written to since, it goes to swap like any other later on."""
    lab = after(f"{SWAP}; fault 1 0 0; fault 1 1 0; free 1 0 2; write 1 1; pageout 1 0 2", key)

    assert (lab.machine.mm_rss[0], swap_events(lab.machine)["pswpout"]) == (1, 0)


@pytest.mark.parametrize("key", WITH_SWAP)
def test_swapoff_brings_single_pages(after, key):
    """All that was out is back, read-only, and no slot is left."""
    lab = after(f"{MTHP if key in SIZES else f'{SWAP}; touch 1 0 16'}; pageout 1 0 16; swapoff", key)

    assert (lab.machine.mm_rss[0], lab.machine.folio_order.max(), lab.machine.swap_map.any()) == (
        16,
        0,
        False,
    )
    check(lab.machine)
    assert lab.refusal(parse("swapoff")) == "cannot swapoff: there is no swap space"


def test_what_cannot_be_done(after):
    """A second area, one that is too large, a size without a run; v6.5-rc3 has none."""
    lab = after(f"{MTHP}; pageout 1 0 16", "v7.3")

    assert "already" in lab.refusal(parse("swapon 8"))
    assert "from 1 to" in after("mm", "v7.3").refusal(parse("swapon 99999"))
    assert lab.refusal(parse("fault 1 0 0")).endswith("the page at 0x7f0000000000 is swapped out")
    assert after("mm", "v6.5-rc3").refusal(parse("swapon 8"))
