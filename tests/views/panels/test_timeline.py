"""The timeline's chart: what it shows of a long operation, and how many flushes it says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from folioviz import parse_line
from folioviz.files import scenario
from folioviz.views import Explorer
from folioviz.views.panels.chart_room import APART, merged, ticks
from folioviz.views.panels.chart_words import written
from folioviz.views.panels.timeline import Timeline
from folioviz.views.panels.timeline_head import title, unkept
from folioviz.views.player.curve import Curve
from folioviz.views.session.session import Session


def chart(explorer):
    """Return the timeline, and what the browser has been told of it."""
    line = next(panel for panel in explorer.panels if isinstance(panel, Timeline))
    return line, explorer.screen.get_state()["data"]["chart"]


def test_a_chart_zooms_to_the_first_and_last_write_of_the_folio_in_focus():
    """Of 8,731 steps the hundred that are about folio 1; the playhead's own steps stay; again shows all."""
    explorer = Explorer(Session("sixty-four-folios"))
    explorer.events.heard({"click": "do:allops"})
    explorer.events.heard({"click": "do:thisop"})
    line, shows = chart(explorer)
    span = explorer.session.frame.span
    assert tuple(shows) == span

    explorer.events.heard({"click": "do:zoomfolio"})
    line, shows = chart(explorer)
    writes = [x for side in explorer.session.frame.sides for x in side.curve.x[1:-1].tolist()]
    assert shows[0] <= min(writes) <= max(writes) <= shows[1] < span[0] + 200
    assert (line.x.min, line.x.max) == tuple(shows)
    labels = [int(line.axis_x.tick_labels[str(int(tick))]) for tick in line.axis_x.tick_values]
    assert labels == [int(tick) - span[0] for tick in line.axis_x.tick_values]
    assert all(label % (labels[1] - labels[0]) == 0 for label in labels)
    assert explorer.screen.get_state()["data"]["head"]["last"] == span[1]

    explorer.events.heard({"click": "do:zoomfolio"})
    assert tuple(chart(explorer)[1]) == span


@pytest.mark.parametrize("name", scenario.library())
def test_the_flushes_that_the_heading_counts_are_those_of_the_costs(name):
    """Also where more are made than a chart has room for."""
    explorer = Explorer(Session(name))
    frame = explorer.session.frame
    legend = dict(explorer.screen.get_state()["parts"]["timeline"])["legend"]
    said = re.findall(r'data-flushes="([^"]*)"', legend)
    costs = [side.cost["thw"] for side in frame.sides]
    want = [" and ".join(map(str, costs)) if len(set(costs)) > 1 else str(costs[0])] if any(costs) else []
    assert said == want


@pytest.mark.parametrize(
    ("kernel", "ops", "kinds"),
    [
        ("v6.12", "mm; mmap 1 0 512; faultpmd 1 0", {"queued"}),  # born on the queue
        ("v6.12", "mm; mmap 1 0 512; faultpmd 1 0; shrink 1", {"unqueued"}),  # dropped by the shrinker
        ("v6.12", "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 4 4; shrink 1", {"unqueued"}),  # split
        ("v6.12", "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4; exit 1", {"unqueued", "freed", "flush"}),
        ("v6.12", "mm; mmap 1 0 64; fault 1 0 4; remap 1", {"queued"}),
        (
            "v6.5-rc3+v4.1",
            "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16",
            {"queued", "unqueued", "freed", "flush"},
        ),
        ("v6.5-rc3+v4", "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16", {"freed", "flush"}),
    ],
)
def test_what_happens_to_a_folio_has_its_mark(kernel, ops, kinds):
    """Queued, taken off by whatever takes it off, freed; and flushes: those of the last operation, and no others."""
    session = Session()
    session.run(parse_line(ops), kernel)
    session.selection.focus_on(1)
    session.seek(session.history.axis.last)
    (side,) = session.frame.sides

    assert {kind for kind, _, _ in side.curve.marks} == kinds
    places = [at for _, at, _ in side.curve.marks]
    assert all(session.frame.begins[-2] < at <= session.frame.begins[-1] for at in places)


def test_marks_that_touch_are_one_run():
    """What is apart by a sixtieth of the width or more stays apart."""
    assert merged([], 60) == []
    assert merged([0, 0.5, 1.4, 2.4, 3.3], 1.0 * APART) == [(0, 3), (3, 5)]


def test_ticks_of_a_part_are_round_where_they_are_counted_from():
    """A chart that begins at step 13 of an operation has ticks at 20 and 40."""
    assert [tick - 1000 for tick in ticks(1013, 1055, 3, begin=1000)] == [20, 40]
    assert ticks(0, 0, 4) == [0]


def test_a_flat_line_at_zero_has_one_number_on_its_axis():
    """There is nothing between zero and one."""
    explorer = Explorer(Session("first-look"))
    explorer.session.seek(1)
    line, _ = chart(explorer)
    assert not any(side.curve.y.any() for side in explorer.session.frame.sides)
    assert line.axis_y.tick_values.tolist() == [0]


@pytest.mark.parametrize("name", scenario.library())
def test_words_stand_above_the_chart(name):
    """In rows of their own, for which there is room: on no line, on no mark, and not on the zero."""
    line, _ = chart(Explorer(Session(name)))
    labels = [label for label in line.words.values() if label.text[0]]

    assert all(float(label.y[0]) == pytest.approx(line.y.max) for label in labels)
    free = line.figure.fig_margin["top"]
    assert all(label.default_size / 2 <= -label.y_offset <= free - label.default_size / 2 for label in labels)


def test_words_have_the_lowest_row_with_room():
    """A's first, B's above where both are about the same steps, and beside each other where they are not."""
    empty = np.zeros(0, np.float32)
    early, late = (Curve(empty, empty, (("queued", at, 1.0),), 16, mapped=15) for at in (10, 95))
    both = [written([("A", early), ("B", other)], (0, 100)) for other in (early, late)]

    assert [[one.row for one in words.values()] for words in both] == [[0, 1], [0, 0]]
    assert [words["queued", 1].align for words in both] == ["start", "end"]


def test_a_line_that_does_not_change_has_its_number_beside_it():
    """It stands half way up, and its number is the only one; before and after an operation that changes it, too."""
    explorer = Explorer(Session("first-look"))
    explorer.events.heard({"click": "folio:1"})
    found = set()
    for begin in explorer.session.frame.begins:
        explorer.session.seek(begin)
        line, _ = chart(explorer)
        values = {float(y) for side in explorer.session.frame.sides for y in side.curve.y}
        if len(values) == 1:
            found |= values
            assert line.axis_y.tick_values.tolist() == list(values)
            assert line.y.max == 2 * max(*values, 1)
    assert max(found) > 0


def test_the_heading_says_which_step_it_is():
    """Counted from the beginning of its operation, of all steps of that one; the operation, of all operations."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"), "v6.8")
    begin, end = session.history.axis.begins[-2:]
    session.seek(begin + 5)

    assert f"step 5 of {end - begin} · operation 4 of 4: munmap" in str(title(session.frame, ""))


def test_the_heading_names_who_keeps_no_counter():
    """v6.12 keeps _nr_pages_mapped; without page mapcounts, v7.3 does not."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4"), "v6.12", "v7.3+no-page-mapcount")
    session.selection.focus_on(1)

    assert unkept(session.frame) == " · B keeps none"


def test_what_is_to_come_is_counted_in_the_operations_steps():
    """The step at which the munmap queues the folio is within it, and the folio is on the queue from there on."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8"), "v6.5-rc3+v4")
    begin, end = session.history.axis.begins[-2:]
    session.seek(end)
    found = session.frame.sides[0].coming[1]
    assert 0 < found.queued <= end - begin
    for step in (found.queued - 1, found.queued):
        session.seek(begin + step)
        assert bool(session.frame.sides[0].queue) == (step == found.queued)
