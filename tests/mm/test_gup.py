"""FOLL_PIN: what is pinned belongs to one process, stays where it is, and is copied by fork."""

from __future__ import annotations

import re

import pytest

from folioviz import KERNELS
from folioviz.errors import OperationError
from folioviz.laws.every_kernel import check
from folioviz.machine import journal as j
from folioviz.ops.ops import parse

HUGE = "mm; mmap 1 0 512; faultpmd 1 0"
SMALL = "mm; mmap 1 0 4; write 1 0; write 1 1"


@pytest.mark.parametrize("key", KERNELS)
def test_a_pin_is_counted_and_dropped(after, key):
    """A large folio has one reference more for each, a small one 1024; with the last one it is as it was."""
    machine = after(f"{HUGE}; pin 1 3 2", key).machine
    assert (machine.folio_refcount[0], machine.folio_pincount[0], machine.nr_foll_pin[0]) == (3, 2, 2)

    machine = after(f"{SMALL}; pin 1 1 1", key).machine
    assert (machine.folio_refcount[1], machine.folio_pincount[1]) == (1025, 1)

    machine = after(f"{SMALL}; pin 1 1 1; unpin 2", key).machine
    assert (machine.folio_refcount[1], machine.folio_pincount[1], machine.nr_foll_pin[0]) == (1, 0, 0)


@pytest.mark.parametrize("key", KERNELS)
def test_fork_copies_what_is_pinned(after, reasons, key):
    """The child gets single pages of its own, all writable; nothing of the folio is shared, and its PMD is split."""
    lab = after(f"{HUGE}; pin 1 3 1; fork 1", key)
    machine = lab.machine

    assert machine.mm_rss[:2].tolist() == [512, 512]
    assert machine.folio_refcount[0] == 512 + 1
    assert machine.page_anon_exclusive[:1024].all()
    assert set(machine.folio_order[512:1024].tolist()) == {0}
    assert sum(reason == j.COPIED_PINNED for reason, *_ in reasons(lab)) == 512
    check(lab.machine)


@pytest.mark.parametrize("key", ["v6.5-rc3+v4", "v6.8", "v6.12", "v7.3", "v7.3+no-page-mapcount"])
def test_fork_shares_what_is_not_exclusive(after, key):
    """The second fork finds a page of its own and fifteen that the first child maps, too: one is copied."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; fork 1; exit 2; write 1 3; fork 1; pin 1 5 1; fork 1", key)
    machine = lab.machine

    assert machine.mm_rss[:3].max() == 16
    check(lab.machine)


@pytest.mark.parametrize("key", KERNELS)
def test_what_is_shared_is_copied_before_it_is_pinned(after, key):
    """After a fork a write would copy the page; so does a pin."""
    lab = after(f"{SMALL}; fork 1; pin 1 0 1", key)
    assert lab.machine.page_anon_exclusive[2] == lab.machine.folio_pincount[2] == 1
    assert lab.machine.folio_pincount[:2].tolist() == [0, 0]


@pytest.mark.parametrize("key", KERNELS)
def test_what_is_pinned_outlives_its_mappings(after, key):
    """All pages are dropped: the folio lives until the pin goes."""
    lab = after(f"{HUGE}; pin 1 0 1; dontneed 1 0 512", key)
    assert (lab.machine.folio_id[0], lab.machine.folio_refcount[0], lab.machine.mm_rss[0]) == (1, 1, 0)
    lab.apply(parse("unpin 1"))
    assert (lab.machine.folio_id[0], lab.machine.nr_free_pages[0]) == (0, lab.machine.sizes.pages)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pin 1 3 2", "cannot pin pages 3 to 4: not all of them are in a VMA"),
        ("pin 1 0 0", "cannot pin 0 pages: at least 1 is needed"),
        ("unpin 1", "cannot unpin folio 1: no pin holds it"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(after, text, said):
    """Pages that are not mapped, none, and a pin that nobody took."""
    with pytest.raises(OperationError, match=re.escape(said)):
        after(SMALL, "v7.3").apply(parse(text))


def test_what_is_pinned_does_not_move(after):
    """A migration would change what the device writes to."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; pin 1 0 1", "v7.3")
    for text in ("migrate 1", "remap 1"):
        with pytest.raises(OperationError, match=re.escape("it is pinned (FOLL_PIN)")):
            lab.apply(parse(text))


def test_fork_needs_room_for_copies(after):
    """Refused before anything is copied, with what is free and what it needs."""
    lab = after(f"{HUGE}; pin 1 0 1; mmap 1 512 4096", "v7.3")
    pages = lab.machine.sizes.pages
    for place in range(512, pages, 512):
        if lab.refusal(parse(f"faultpmd 1 {place}")) is None:
            lab.apply(parse(f"faultpmd 1 {place}"))
    if lab.machine.nr_free_pages[0] < 512:
        with pytest.raises(OperationError, match="copies of what is pinned need 512"):
            lab.apply(parse("fork 1"))
