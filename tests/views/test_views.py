"""The views: what they show is the frame's, hostile values do no harm, and no widget is left behind."""

from __future__ import annotations

import re
from contextlib import suppress

import ipywidgets as w
import numpy as np
import pytest
from traitlets import TraitError

from folioviz import parse_line
from folioviz.views import Explorer
from folioviz.views.address_space import snapped, tick_pages
from folioviz.views.cells import grid
from folioviz.views.lane_picture import CLEAR, EDGE, FAINT, FILL, HEIGHT, picture, strip
from folioviz.views.session import Session
from folioviz.views.text import vpn_of
from folioviz.views.timeline import ticks

HOSTILE = [
    None,
    True,
    -1,
    0,
    3,
    2**31,
    10**30,
    -(10**30),
    1.5,
    float("nan"),
    float("inf"),
    "",
    "0",
    "7",
    "-7",
    "0x7f0000010000",
    "0x7f0000010001",
    "٣",
    "²",
    "1e9",
    "9" * 4000,
    "<img src=x onerror=alert(1)>",
    "\x00\ud800",
    [],
    [1, 2],
    [float("nan"), 3.0],
    [[1], [2, 3]],
    ["a", "b"],
    {},
    {"x": [1, {"y": 2}]},
    b"\x00\xff",
]

REFUSED = (TypeError, ValueError, KeyError, OverflowError, AttributeError)
"""What the widget libraries raise for values that are none of theirs, before any handler of ours is called."""


@pytest.fixture(scope="module")
def explorer():
    """Return an explorer on the first scenario."""
    return Explorer()


def controls(explorer):
    """Return every widget of the explorer that a browser can set."""
    seen = []

    def walk(widget):
        seen.append(widget)
        for child in getattr(widget, "children", ()):
            walk(child)

    walk(explorer)
    seen += [lane.brush for lane in explorer.lanes.lanes]
    return seen


def test_the_page_tells_what_the_frame_says(explorer):
    """Counters, badges, queue and costs of the first frame stand in the HTML."""
    a, b = (column.value for column in explorer.folios.columns)
    assert "queued #1 · spurious" in a
    assert "waiting in mmu_gather" in b
    assert re.search(r'data-counter="mapped">_nr_pages_mapped <b>15<', a)
    assert re.search(r'data-counter="mapped">_nr_pages_mapped <b>16<', b)
    assert 'data-queued="1"' in explorer.queue.widget.value
    assert re.search(r'data-cost="sqlock".*?−2</td>', explorer.costs.widget.value)
    assert 'aria-current="step"' in explorer.trace.body.value


def test_hostile_values_are_refused_or_told(explorer):
    """Whatever a browser sets, on any control: no exception but traitlets' own, and the machine stays."""
    rng = np.random.default_rng(7)
    session = explorer.session
    for _ in range(600):
        widget = controls(explorer)[rng.integers(len(controls(explorer)))]
        names = [
            name
            for name in widget.keys
            if not name.startswith("_") and name not in {"layout", "style", "children"}
        ]
        before = [track.lab.machine.mem.copy() for track in session.history.tracks]
        ops, rows = list(session.history.ops), [track.lab.cursor for track in session.history.tracks]
        name = names[rng.integers(len(names))]
        if isinstance(widget, w.Dropdown | w.ToggleButtons) and name == "index":
            continue  # a valid choice is one
        with suppress(TraitError):  # traitlets' own refusal
            try:
                widget.set_state({name: HOSTILE[rng.integers(len(HOSTILE))]})
            except REFUSED as error:
                if "folioviz" in innermost(error):
                    raise
        if list(session.history.ops) == ops and [t.lab.cursor for t in session.history.tracks] == rows:
            for track, old in zip(session.history.tracks, before, strict=True):
                assert np.array_equal(track.lab.machine.mem, old)
        assert list(session.history.ops) == ops


def innermost(error):
    """Return the file in which an exception was raised."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_globals["__name__"]


def test_hostile_messages_do_nothing(explorer):
    """Clicks and keys that were never offered are ignored."""
    session = explorer.session
    ops, at = list(session.history.ops), session.history.position
    clicks = [
        "op:99",
        "op:-1",
        "row:C:1",
        "row:A:999999999999",
        "do:exit",
        "folio:0x1",
        "op:" + "9" * 40,
        "",
        "op:²",
    ]
    for content in (
        *HOSTILE,
        *({"click": value} for value in [*HOSTILE, *clicks]),
        *({"key": value} for value in [*HOSTILE, "q"]),
        *({"seek": value} for value in ["1", None, [], 1.5, float("nan"), True]),
        {"step": "1"},
    ):
        explorer.events._heard(None, content, [])
        explorer.transport.slider._heard(None, content, [])

    assert list(session.history.ops) == ops
    assert session.history.position == at


@pytest.mark.parametrize("value", HOSTILE)
def test_typed_nonsense_is_told_beside_its_field(value):
    """A field's text that is no page: a message, and the selection stays."""
    explorer = _explorer()
    session = explorer.session
    before = session.chosen
    if isinstance(value, str) and vpn_of(value) is None:
        explorer.controls.start.value = value
        assert list(session.frame.messages) == ["selection"]
        assert session.chosen == before
        explorer.controls.target.value = value
        assert list(session.frame.messages) == ["move"]
        assert session.chosen == before
        assert "<img" not in explorer.controls.moved.value


_KEPT = []


def _explorer():
    """Return one explorer for all parameters; making one takes a while."""
    if not _KEPT:
        _KEPT.append(Explorer())
    return _KEPT[0]


def test_stepping_leaves_no_widget_behind(explorer):
    """A hundred steps and operations later there are as many widgets as before."""
    session = explorer.session
    session.open("front")
    counts = []
    for _ in range(3):
        for _ in range(20):
            session.step(-1)
            session.step(1)
            session.do("dontneed")
            session.undo()
        counts.append(len(w.widgets.widget._instances))

    assert counts[1] == counts[2]


def test_a_lane_shows_folios_holes_and_areas():
    """Pixels in the middle of a page: its folio's colour; unmapped: faint, with an edge; outside any VMA: clear."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 32; fault 1 0 4; dontneed 1 4 4"), "v6.5-rc3")
    side = session.frame.sides[0]
    part = strip(side.processes[0], side.owners, 0, 64)
    drawn = picture(part, 64 * 28)
    middle = drawn[HEIGHT // 2, 14::28]

    assert middle[:4].tolist() == [FILL] * 4
    assert middle[4:8].tolist() == [FAINT] * 4
    assert middle[32:].tolist() == [CLEAR] * 32
    assert EDGE in drawn[0]
    assert drawn.shape == (HEIGHT, 64 * 28)


def test_a_fork_hatches_what_a_write_would_copy():
    """Read-only pages have dark stripes, writable ones none between their borders."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 16; fault 1 0 4"), "v6.5-rc3")
    side = session.frame.sides[0]
    plain = picture(strip(side.processes[0], side.owners, 0, 16), 16 * 40)
    session.do("fork")
    side = session.frame.sides[0]
    hatched = picture(strip(side.processes[0], side.owners, 0, 16), 16 * 40)

    assert len(np.unique(plain[5:-5, 10:38])) == 1
    assert len(np.unique(hatched[5:-5, 10:38])) == 2


def test_a_grid_frames_what_changed():
    """The corner of a changed cell has the colour of change, the others their own."""
    drawn = grid(np.ones(512, np.uint8), frozenset({65}))

    assert drawn[7, 7] == 5
    assert drawn[0, 0] == 1
    assert drawn.shape == (56, 448)


@pytest.mark.parametrize(
    ("text", "vpn"),
    [("0x7f0000010000", 16), (" 16 ", 16), ("0X7F0000000000", 0), ("262143", 262143), ("262144", None), ("-1", None),
     ("0x10", None), ("0x7f0000000001", None), ("\uff11\uff16", None), ("1_6", None), ("", None)],
)  # fmt: skip
def test_addresses_and_page_numbers_are_read(text, vpn):
    """A hexadecimal address at the start of a page, or a page number."""
    assert vpn_of(text) == vpn


def test_a_brush_snaps_to_pages():
    """To the pages that it covers by a quarter or more; nonsense is no range."""
    assert snapped([15.9, 32.1], (0, 64)) == (16, 32)
    assert snapped([32.1, 15.9], (0, 64)) == (16, 32)
    assert snapped([3.4, 3.5], (0, 64)) == (3, 4)
    assert snapped([-9, 900], (0, 64)) == (0, 64)
    for value in (None, [], [1], [1, 2, 3], ["a", "b"], [float("nan"), 2], [float("inf"), 2], {}):
        assert snapped(value, (0, 64)) is None


def test_ticks_are_few_and_round():
    """Never more than fit, whatever the range."""
    for last in (1, 2, 5, 64, 159, 8731, 113147):
        assert 1 <= len(ticks(0, last)) <= 8
    for last in (64, 528, 2048, 10240, 262144):
        assert 1 <= len(tick_pages(0, last)) <= 6
