"""What is shown of a capture is what it holds: figures, cells, table, cards, counters, and files to save."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

from folioviz.capture import read, sums, write
from folioviz.evidence.recordings import observed as shape
from folioviz.views.machine_panels import beside, cards, figures, heat_map, orders, regions, tables
from folioviz.views.machine_panels.amounts import memory, share
from folioviz.views.machine_panels.look import WHOLE, Look
from folioviz.views.machine_panels.taken import example
from tests.views.machine_panels.captures import DOCUMENT, HELD, RAW, UNPRIVILEGED, taken


def figure(found, name):
    """Return a figure by the beginning of its name."""
    return next(one for one in figures.figures(found) if one.name.startswith(name))


def test_figures_are_those_of_the_page_tables():
    """Counted anew, page by page: what is mapped, what large folios hold, which of them, and what is mapped twice."""
    found = taken()
    tables_ = [found.capture.table(number) for number in (1, 2, 3)]
    present = sum(int((table[:, shape.STATE] == shape.PRESENT).sum()) for table in tables_)

    assert figure(found, "mapped, anonymous")[1:3] == (memory(present), "in 2 processes")
    assert figure(found, "held")[1] == memory(HELD)
    assert figure(found, "held").tip == "420 pages, 1,680 KiB"
    assert figure(found, "folios")[1:3] == ("2", "of 3")
    assert figure(found, "mapped more")[1] == memory(8)


def test_what_was_not_seen_is_no_number():
    """Without privileges nothing is said to be held or not; a kernel without page mapcounts, and moves, are told of."""
    without = taken(UNPRIVILEGED)
    notes = [short for short, _ in figures.notes(taken(no_page_mapcount=True, moved=3))]

    assert figure(without, "held").value == figure(without, "folios").value == "not seen"
    assert [short for short, _ in figures.notes(without)] == ["captured without privileges"]
    assert notes == ["counted from page tables", "CONFIG_NO_PAGE_MAPCOUNT", "3 pages moved"]
    assert "held" not in heat_map.words(without, 1, WHOLE)
    assert "6 maybe shared" in heat_map.words(without, 1, 1)
    assert "privileges" in cards.pieces(without, 1, 0)["none"]
    assert "–" in regions.table(Look(without))


def test_an_example_is_told_to_be_one():
    """With how one's own is made; a file of one's own is not."""
    assert "folioviz capture PID" in figures.strip(example())["notes"]
    assert "folioviz capture PID" not in figures.strip(taken())["notes"]


def test_the_bar_says_what_was_read():
    """Kernel, processes, and what moved meanwhile."""
    said = figures.bar(taken(moved=1, frozen=True, ms=1234))

    assert "svc.json.gz" in said
    assert "Linux 7.3.4 · 2 processes, stopped · read in 1,234 ms, 1 page moved meanwhile" in said


def test_a_cell_is_its_block():
    """Colour is the order of most pages, height what is mapped and held; marks are what is shared and swapped."""
    found = np.frombuffer(heat_map.cells(taken()), np.uint8).reshape(-1, 4).tolist()

    assert found == [
        [4, 6, 2, heat_map.SHARED],
        [0, 1, 0, 0],
        [9, 255, 0, 0],
        [9, 48, 208, heat_map.SWAPPED],
        [4, 4, 0, heat_map.SHARED | heat_map.SWAPPED],
        [orders.NOTHING, 0, 0, 0],
    ]
    assert np.frombuffer(heat_map.cells(taken(UNPRIVILEGED)), np.uint8)[[0, 4]].tolist() == [9, orders.UNSEEN]


def test_a_cell_says_what_is_in_it():
    """By kind, and of what is not there nothing; beyond the last block there is no tooltip."""
    found = taken()

    assert (
        heat_map.words(found, 1, 0)
        == "12 of 12 pages mapped; 4 held and mapped by nobody; 12 in folios of order 4; 8 shared"
    )
    assert (
        heat_map.words(found, 2, 0)
        == "512 of 512 pages mapped; none held; 512 in folios of order 9; by a PMD"
    )
    assert "1 swapped out; 2 of the zero page" in heat_map.words(found, 2, 1)
    assert heat_map.words(found, 3, 0).endswith("1 swapped out; 1 guard marker")
    assert "pages 12–39 of the region" in heat_map.tip(found, 1, 1)
    assert [heat_map.tip(found, *at) for at in ((0, 0), (4, 0), (1, 2), (1, -1))] == [""] * 4


def test_regions_stand_by_what_they_hold_or_by_address():
    """Most waste first; what is held of both, in percent, and the orders that are there."""
    look = Look(taken())
    by_waste = re.findall(r'data-fv="region:(\d)"', regions.table(look))
    look.sort("address")

    assert by_waste == ["2", "1", "3"]
    assert re.findall(r'data-fv="region:(\d)"', regions.table(look)) == ["1", "2", "3"]
    cells = [re.sub("<[^>]*>", "|", row).split("|") for row in regions.table(look).split("<tr>")[2:]]
    told = [[cell for cell in row if cell] for row in cells]
    assert told[0] == ["1", "1", "56 KiB", "16 KiB", "22 %", "4 0"]
    assert told[2] == ["3", "2", "32 KiB", "0", "0 %", "4"]


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(0, 9, "0 %"), (1, 999, "<1 %"), (998, 999, "99 %"), (9, 9, "100 %")]
)
def test_a_share_is_never_rounded_to_nothing_or_all(part, whole, said):
    """What is not 0 is not shown as 0, and what is not all is not shown as all."""
    assert share(part, whole) == said


@pytest.mark.parametrize(
    ("pages", "said"),
    [(0, "0"), (3, "12 KiB"), (256, "1 MiB"), (257, "1.00 MiB"), (3000, "11.7 MiB"), (26000, "102 MiB")],
)
def test_amounts_have_three_digits(pages, said):
    """Exact in KiB and in whole units, else in three digits."""
    assert memory(pages) == said


def test_cards_are_the_folios_of_a_block():
    """Large ones with their cells, and what they hold; of single pages the number; mapped by others is mapped."""
    found = taken()
    first, second = cards.pieces(found, 1, 0)["list"], cards.pieces(found, 1, 1)["list"]
    half = cards.pieces(found, 2, 1)["list"]

    assert first.count("<article") == 1
    assert "holds 4 pages" in first
    assert re.findall(r'<i class="m(\d)">', first) == ["2"] * 8 + ["1"] * 4 + ["0"] * 4
    assert "pages 0–7 mapped 2 times; pages 8–11 mapped once; pages 12–15 not mapped" in first
    assert "2 folios of a single page" in second
    assert 'data-cells="96*1,416*0"' in half
    assert "Select a cell" in cards.pieces(found, 2, WHOLE)["none"]
    assert "mapped 2 × by what was captured, 0 × by other processes" in cards.tip(found, 0, 3)
    assert [cards.tip(found, *at) for at in ((9, 0), (0, 16), (-1, 0))] == [""] * 3


def test_cards_say_what_the_kernel_says():
    """Queue, flag and counters as they were read, on a card and in a row; nothing of a capture by /proc."""
    found = taken(DOCUMENT | {"raw": RAW}, memory="live")
    first, whole, half = (cards.pieces(found, *at)["list"] for at in ((1, 0), (2, 0), (2, 1)))

    assert "fv-mc-seen" not in cards.pieces(taken(), 2, 1)["list"]
    assert "from the kernel:" in half
    assert re.findall(
        r'"fv-count">(?:<b>)?(\w+)(?:</b>| <b>([^<]*)</b>)', half[half.index("fv-mc-seen") :]
    ) == [
        ("queued", "node 0"),
        ("PG_partially_mapped", ""),
        ("_nr_pages_mapped", "96"),
        ("_refcount", "96"),
    ]
    assert "queued" not in first
    assert "0 + ENTIRELY_MAPPED" in whole
    assert [name for name, _ in figures.notes(found)] == ["seen in the kernel"]
    assert [name for name, _ in figures.notes(taken())] == ["counted from page tables"]


def test_a_counter_that_lies_is_told_of():
    """One folio of 64 kB holds pages, and the kernel counts none; of 2 MiB it counts as many as there are."""
    sizes = {one.kib: one for one in beside.sizes(taken())}

    assert sizes[64] == (64, 1, 1, 7, 0)
    assert sizes[2048] == (2048, 2, 1, 9, 1)
    (said,) = beside.said(taken())
    assert said.startswith(
        "1 folio of 64 kB holds pages that nobody maps, and nr_anon_partially_mapped counts 0 "
    )
    assert list(beside.said(taken(UNPRIVILEGED))) == []


def test_the_examples_counters_agree():
    """Nothing else used large folios meanwhile: the kernel counts as many; the lists hold nearly as much."""
    found = example()

    assert [(one.folios, one.partial) for one in beside.sizes(found)] == [
        (one.counted, one.marked) for one in beside.sizes(found)
    ]
    assert list(beside.said(found)) == []
    assert "on the whole machine" in beside.panel(found)["held"]


def test_the_example_tells_nothing_of_a_machine():
    """No addresses, names, process ids or builds; it is small, and is a capture like any other."""
    capture = example().capture
    one = read(write(capture))

    assert [(process.pid, process.name) for process in one.processes] == [(None, None)] * 2
    assert {(region.address, region.name) for region in one.regions} == {(None, None)}
    assert (one.about.version, one.about.privileged) == ("", True)
    assert len(write(one)) < 5000
    assert int(sums.by_region(one).held.sum()) > 5000


def test_tables_hold_every_number():
    """Regions and blocks as CSV add up to the figures; blocks in which nothing is are left out."""
    found = taken()
    whole = list(csv.DictReader(io.StringIO(tables.regions(found))))
    parts = list(csv.DictReader(io.StringIO(tables.blocks(found))))

    assert [row["region"] for row in whole] == ["1", "2", "3"]
    assert [(row["region"], row["block"]) for row in parts] == [
        ("1", "0"),
        ("1", "1"),
        ("2", "0"),
        ("2", "1"),
        ("3", "0"),
        ("3", "1"),
    ]
    for name in tables.SUMS:
        assert (
            sum(int(row[name]) for row in whole)
            == sum(int(row[name]) for row in parts)
            == getattr(found.regions, name).sum()
        )
