"""Where the lanes have something to show: areas that were mapped, and the gaps between them that are cut short."""

from __future__ import annotations

import pytest

from folioviz import parse_line
from folioviz.views.panels.events import KEYS
from folioviz.views.session.extent import areas, breaks, whole
from folioviz.views.session.selection import MANY_PAGES, beyond
from folioviz.views.session.session import Session


@pytest.mark.parametrize(
    ("ops", "found"),
    [
        ("mm", []),
        ("mm; mmap 1 32 16; mmap 1 0 16", [(0, 16), (32, 48)]),
        ("mm; mmap 1 0 16; mmap 1 16 16; fork 1; munmap 2 0 16", [(0, 32)]),
        ("mm; mmap 1 0 64; mremap 1 0 16 1000", [(0, 64), (1000, 1016)]),
    ],
)
def test_areas_are_what_any_process_has_ever_mapped(ops, found):
    """Ascending, those that touch as one, whatever has become of them."""
    assert areas(parse_line(ops)) == found


def test_the_whole_is_at_least_sixty_four_pages_and_round():
    """It holds all areas; without one it begins at page 0; it never goes past the last page."""
    assert whole([]) == (0, 64)
    assert whole([(20, 30), (100, 101)]) == (16, 112)
    assert whole([(262143, 262144)]) == (262080, 262144)


@pytest.mark.parametrize(
    ("view", "cut"),
    [
        ((0, 10016), ((16, 1000), (1016, 10000))),  # both
        ((0, 1016), ((16, 1000),)),  # what lies beside the view is not in it
        ((0, 1000), ()),  # a gap at the end of the view is what was zoomed to
        ((15, 1001), ((16, 1000),)),
        ((100, 164), ()),
    ],
)
def test_long_gaps_between_areas_of_the_view_are_cut(view, cut):
    """Of what the lanes show, and nothing before the first area or after the last."""
    assert breaks([(0, 16), (1000, 1016), (10000, 10016)], view) == cut


@pytest.mark.parametrize(
    ("pages", "gap", "cut"), [(16, 64, False), (16, 65, True), (512, 512, False), (512, 513, True)]
)
def test_a_gap_is_cut_when_it_is_longer_than_half_of_the_areas_and_than_64_pages(pages, gap, cut):
    """Shorter ones leave the areas wide enough."""
    found = [(0, pages), (pages + gap, 2 * pages + gap)]
    assert bool(breaks(found, (0, 2 * pages + gap))) == cut


def test_few_pages_far_apart_are_all_shown():
    """What counts is how many pages are mapped, not how far apart they are."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 16; mmap 1 200000 16"), "v6.1")

    assert session.frame.whole[1] > MANY_PAGES
    assert session.frame.view == session.frame.whole
    assert session.frame.breaks == ((16, 200000),)


GAP = ((16, 1000), (1016, 10000))


@pytest.mark.parametrize(
    ("pages", "by", "moved"),
    [
        ((12, 16), (1, 1), (13, 17)),  # some of them are still beside the gap
        ((15, 19), (1, 1), (1000, 1004)),
        ((1000, 1004), (-1, -1), (999, 1003)),
        ((997, 1001), (-1, -1), (12, 16)),
        ((500, 510), (1, 1), (1000, 1010)),
        ((500, 520), (-1, -1), (0, 20)),  # more than there is before the gap
        ((8, 16), (0, 1), (8, 1001)),
        ((8, 1001), (0, -1), (8, 16)),
        ((8, 1000), (0, -1), (8, 16)),
        ((1000, 1016), (0, 1), (1000, 10001)),
        ((500, 510), (0, -1), (500, 509)),  # one that begins in the gap was drawn there
    ],
)
def test_a_selection_that_keys_move_goes_over_cut_gaps(pages, by, moved):
    """It is never wholly within one, and never ends within one that it begins before."""
    assert beyond(GAP, (pages[0] + by[0], pages[1] + by[1]), *by) == moved


def test_keys_move_the_selection_over_what_the_lanes_cut():
    """In the lanes as they stand: the gap is gone over while it is cut, and walked through when it is zoomed to."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 16; mmap 1 2000 16"), "v6.1")
    session.selection.select(1, 15, 16)
    KEYS["]"][1](session)
    assert (session.frame.lo, session.frame.hi) == (2000, 2001)

    KEYS["["][1](session)
    session.selection.zoom_to((0, 64), session.frame)
    KEYS["]"][1](session)
    assert (session.frame.lo, session.frame.hi) == (16, 17)
