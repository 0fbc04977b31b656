"""Folios are told from words of memory that was drawn at random, as a loop over its pages tells them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from folioviz.capture import folios, read, sums, words, write
from folioviz.capture.form import BLOCK, Process
from folioviz.capture.take import take
from folioviz.evidence.recordings import observed as shape
from tests.capture.fixture import NAMES, Fixture, frames_in

BLOCKS, FIRST_FRAME, PAGES, PROCESSES = 5, 3 * BLOCK, 500, 2
GONE = 97
"""Every so many pages, one is elsewhere when pagemap is read again."""


class Folio(NamedTuple):
    """Frames, and whether they are a folio of anonymous memory."""

    first: int
    order: int
    anonymous: bool


class Drawn:
    """A machine of a few 2 MiB, with folios and page tables that were drawn; a source of words."""

    privileged = True

    def __init__(self, seed):
        """Draw folios, then what two processes map of them, in a row or not, and what somebody else maps."""
        self.random = np.random.default_rng(seed)
        frames = BLOCKS * BLOCK
        self.folio_of = []
        self.kpageflags = np.zeros(frames, np.uint64)
        while len(self.folio_of) < frames:
            first = len(self.folio_of)
            order = int(self.random.choice([0, 0, 1, 2, 4, 9]))
            while first % (1 << order):
                order -= 1
            folio = Folio(first, order, bool(self.random.random() < 0.8))
            self.folio_of += [folio] * (1 << order)
            here = self.kpageflags[first : first + (1 << order)]
            here |= np.uint64(folio.anonymous << words.KPF_ANON | (order > 0) << words.KPF_THP)
            here[1:] |= np.uint64(1 << words.KPF_COMPOUND_TAIL)
        self.tables = [[self._row() for _ in range(2)] for _ in range(PROCESSES)]
        self.ours = np.bincount([f for f in self._mapped() if f is not None], minlength=frames)
        self.kpagecount = self.ours + (self.random.random(frames) < 0.02)
        self.again = set()

    def _row(self):
        """Draw which frame each page of a region maps, None for none."""
        row = []
        while len(row) < PAGES:
            folio = self.folio_of[self.random.integers(BLOCKS * BLOCK)]
            start = int(self.random.integers(1 << folio.order)) if self.random.random() < 0.3 else 0
            row += [*range(folio.first + start, folio.first + (1 << folio.order))]
            row += [None] * int(self.random.integers(3))
        return row[:PAGES]

    def _mapped(self):
        """Return every page's frame."""
        return [frame for regions in self.tables for row in regions for frame in row]

    def moved(self, page):
        """Tell whether a page is elsewhere when it is looked for again."""
        return page % GONE == 0

    def system(self):
        """Return what is known of the machine."""
        return words.System("6.18.0", no_page_mapcount=False)

    def vmas(self, process):
        """Return two mappings, which adjoin."""
        return [words.Vma(PAGES * n, PAGES * (n + 1), "rw-p") for n in (1, 2)]

    def pagemap(self, process, start, pages):
        """Return words; when they are asked for again, some pages have gone."""
        row = self.tables[process][start // PAGES - 1]
        found = np.zeros(pages, np.uint64)
        for page, frame in enumerate(row):
            if frame is not None:
                once = self.kpagecount[frame] == 1
                found[page] = FIRST_FRAME + frame | int(once) << words.MMAP_EXCLUSIVE | 1 << words.PRESENT
        if (process, start) in self.again:
            found[::GONE] = 0
        self.again.add((process, start))
        return found

    def populated(self, process, start, pages):
        """Return nothing: no mapping is wide."""

    def scan(self, process, start, pages):
        """Return nothing: no PMD, no zero page."""
        return words.Scan([], [])

    def flags(self, spans):
        """Return kpageflags."""
        return self.kpageflags[frames_in(spans) - FIRST_FRAME]

    def counts(self, spans):
        """Return kpagecount."""
        return self.kpagecount.astype(np.uint64)[frames_in(spans) - FIRST_FRAME]

    def raw(self, heads):
        """Return nothing: the kernel's own memory is not read."""
        return {}


def pages_of(source):
    """Return (region, page, frame) of all pages that are there, and stay."""
    rows = [row for regions in source.tables for row in regions]
    return [
        (number, page, frame)
        for number, row in enumerate(rows, start=1)
        for page, frame in enumerate(row)
        if frame is not None and source.folio_of[frame].anonymous and not source.moved(page)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_memory_drawn_at_random_is_told_page_by_page(seed):
    """Folios in the order in which they are found, orders, offsets, mapcounts, who else maps a page, and sums."""
    source = Drawn(seed)
    capture = read(write(take(source, [Process()] * PROCESSES)))
    pages = pages_of(source)
    ids, counts, home = {}, {}, {}
    for number, page, frame in pages:
        folio = source.folio_of[frame]
        ids.setdefault(folio, len(ids))
        counts[frame] = counts.get(frame, 0) + 1
        home.setdefault(folio, (number, (capture.region(number).align + page) // BLOCK))
    tables = {number: capture.table(number) for number in range(1, 2 * PROCESSES + 1)}
    wrong = []
    for number, page, frame in pages:
        folio, row = source.folio_of[frame], tables[number][page]
        want = (shape.PRESENT, ids[folio], folio.order, frame - folio.first, counts[frame])
        exclusive = source.kpagecount[frame] == 1
        found = row[[shape.STATE, shape.FOLIO, shape.ORDER, shape.OFFSET, shape.MAPCOUNT]]
        wrong += [] if tuple(found) == want and row[shape.EXCLUSIVE] == exclusive else [(number, page, row)]
    held = dict.fromkeys(home.values(), 0)
    for folio, place in home.items():
        if folio.order:
            frames = range(folio.first, folio.first + (1 << folio.order))
            held[place] += sum(not counts.get(one) and not source.kpagecount[one] for one in frames)
            other = [max(int(source.kpagecount[one]) - counts.get(one, 0), 0) for one in frames]
            slot = capture.slots[ids[folio]]
            assert capture.foreign[slot : slot + len(other)].tolist() == other

    assert wrong == []
    assert sum(int((table[:, shape.STATE] > 0).sum()) for table in tables.values()) == len(pages)
    blocks, starts = sums.by_block(capture), sums.first_blocks(capture)
    assert {place: int(blocks.held[starts[place[0] - 1] + place[1]]) for place in held} == held
    assert blocks.held.sum() == sum(held.values())


class Counting(Fixture):
    """A fixture that keeps of how many frames something was read."""

    flagged = counted = 0

    def flags(self, spans):
        """Return kpageflags."""
        self.flagged += frames_in(spans).size
        return super().flags(spans)

    def counts(self, spans):
        """Return kpagecount."""
        self.counted += frames_in(spans).size
        return super().counts(spans)


@pytest.mark.parametrize("name", NAMES)
def test_kpagecount_is_read_only_where_it_can_tell_something(monkeypatch, name):
    """Not of small folios and of those that are mapped once, page by page; read everywhere, it changes nothing."""
    few, every = Counting(name), Counting(name)
    found = take(few, [Process(), Process(parent=1)])
    monkeypatch.setattr(folios, "_untold", lambda slot, once, of, first: np.ones(first.size, bool))
    same = take(every, [Process(), Process(parent=1)])

    assert 0 < few.counted < every.counted <= few.flagged
    assert [getattr(found, name).tobytes() for name in ("runs", "orders", "foreign", "unsure")] == [
        getattr(same, name).tobytes() for name in ("runs", "orders", "foreign", "unsure")
    ]
    assert found.about.no_page_mapcount is same.about.no_page_mapcount


@pytest.mark.parametrize(
    ("folios_there", "mapped", "spans"),
    [
        ([], [3], [(0, 17)]),
        ([], [3, 20, 100], [(0, 33), (96, 113)]),
        ([], [511], [(496, 512)]),
        ([(16, 4)], [17], [(16, 33)]),
        ([(32, 5)], [35], [(0, 512)]),
        ([(32, 5)], [63], [(0, 512)]),
        ([(32, 5)], [35, 50], [(32, 65)]),
        ([(32, 5), (64, 5)], [35, 50, 64, 80], [(32, 97)]),
        ([(480, 5)], [500], [(0, 512)]),
        ([(512, 9)], [3, 1000], [(0, 17), (512, 1024)]),
    ],
)
def test_frames_are_read_as_far_as_their_folios_go(folios_there, mapped, spans):
    """64 KiB and a frame; all of the 2 MiB where a folio begins before, or goes on behind."""
    machine = Drawn(0)
    machine.kpageflags[:] = np.uint64(1 << words.KPF_ANON)
    for first, order in folios_there:
        machine.kpageflags[first : first + (1 << order)] |= np.uint64(1 << words.KPF_THP)
        machine.kpageflags[first + 1 : first + (1 << order)] |= np.uint64(1 << words.KPF_COMPOUND_TAIL)
    found = folios.frames_of(machine, np.array(mapped, np.uint64) + np.uint64(FIRST_FRAME))
    frames = frames_in(np.array(spans))
    order = {first + n: order for first, order in folios_there for n in range(1 << order)}
    heads = {first + n: first for first, order in folios_there for n in range(1 << order)}

    assert found.flags.tolist() == machine.kpageflags[frames].tolist()
    assert found.flags[found.slot].tolist() == machine.kpageflags[mapped].tolist()
    assert frames[found.slot].tolist() == mapped
    assert found.order[found.of[found.slot]].tolist() == [order.get(one, 0) for one in mapped]
    assert found.head[found.of[found.slot]].tolist() == [FIRST_FRAME + heads.get(one, one) for one in mapped]
