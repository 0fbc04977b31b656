"""The views: what they show is the frame's, hostile values do no harm, and no widget is left behind."""

from __future__ import annotations

import re
from contextlib import suppress

import ipywidgets as w
import numpy as np
import pytest
from markupsafe import escape
from traitlets import TraitError

from folioviz import parse_line
from folioviz.kernels import KERNELS
from folioviz.kernels.kernel import ERAS
from folioviz.readout.glossary import TERMS
from folioviz.views import Explorer
from folioviz.views.page.text import vpn_of
from folioviz.views.panels.chart_room import ticks
from folioviz.views.panels.lane_runs import BINS, HUGE, MAX_RUNS, WRITABLE, ZERO, overview, runs
from folioviz.views.panels.tooltip import tooltip
from folioviz.views.session.session import Session

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


@pytest.fixture
def explorer():
    """Return an explorer of its own for each test, on the first scenario."""
    return Explorer()


def controls(explorer):
    """Return every widget of the explorer that a browser can set."""
    seen = []

    def walk(widget):
        seen.append(widget)
        for child in getattr(widget, "children", ()):
            walk(child)

    walk(explorer)
    return seen


def html(explorer, name):
    """Return what stands in a slot."""
    return "".join(piece for _, piece in explorer.screen.get_state()["parts"][name])


def test_the_page_tells_what_the_frame_says(explorer):
    """Counters, badges, queue and costs of the first frame stand in the HTML."""
    a, b = (html(explorer, f"folios:{side}") for side in "AB")
    assert "queued #1 · spurious" in a
    assert "waiting in mmu_gather" in b
    assert re.search(r'data-counter="mapped"><button [^>]*>_nr_pages_mapped</button> <b>15<', a)
    assert re.search(r'data-counter="mapped"><button [^>]*>_nr_pages_mapped</button> <b>16<', b)
    assert 'data-queued="1"' in html(explorer, "queue")
    assert re.search(r'data-cost="sqlock".*?−2</td>', html(explorer, "costrows"))
    assert 'aria-current="step"' in html(explorer, "tracelines")


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
        *({"select": value} for value in [*HOSTILE, ["1", 0, 4], [1, 0], [1, True, 4]]),
        *({"zoom": value} for value in [*HOSTILE, ["1", 0], [1], [1.5, 2]]),
        *(
            {"look": value}
            for value in [
                *HOSTILE,
                ["lane"],
                ["lane", True, 1],
                ["card", "C", 1, 1],
                ["term", "x"],
                ["term", []],
            ]
        ),
        *({"have": value} for value in HOSTILE),
        {"step": "1"},
        {"step": True},
        {"play": False},
    ):
        explorer.screen._receive(None, content, [])

    assert list(session.history.ops) == ops
    assert session.history.position == at


@pytest.mark.parametrize("value", HOSTILE)
def test_typed_nonsense_is_told_beside_its_field(value):
    """A field's text that is no page: a message, and the selection stays."""
    explorer = _explorer()
    session = explorer.session
    before = session.frame.chosen
    if isinstance(value, str) and vpn_of(value) is None:
        explorer.controls.start.value = value
        assert list(session.frame.messages) == ["selection"]
        assert session.frame.chosen == before
        explorer.controls.asks["target"].value = value
        assert list(session.frame.messages) == ["move"]
        assert session.frame.chosen == before
        assert "<img" not in html(explorer, "moved")


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


def lane(ops, first=0, last=64, mm=0):
    """Return the runs of a process after operations."""
    session = Session()
    session.run(parse_line(ops), "v6.5-rc3")
    session.seek(session.history.axis.last)
    side = session.frame.sides[0]
    return runs(side.processes[mm], side.owners, first, last).tolist()


def test_a_lane_has_folios_holes_and_areas():
    """Runs of a folio, of unmapped pages of a VMA, and nothing outside."""
    assert lane("mm; mmap 1 0 32; fault 1 0 4; dontneed 1 4 4") == [
        [0, 4, 1, 1, WRITABLE],
        [4, 8, 0, 1, 0],
        [8, 16, 1, 1, WRITABLE],
        [16, 32, 0, 1, 0],
    ]


def test_a_window_cuts_runs():
    """Only pages inside it."""
    assert lane("mm; mmap 1 0 32; fault 1 0 4", 4, 20) == [[4, 16, 1, 1, WRITABLE], [16, 20, 0, 1, 0]]


def test_a_fork_takes_the_right_to_write_and_a_pmd_is_one_run():
    """What a write would copy is not writable; 512 pages of a PMD are one huge run."""
    assert lane("mm; mmap 1 0 16; fault 1 0 4; fork 1") == [[0, 16, 1, 1, 0]]
    assert lane("mm; mmap 1 0 1024; faultpmd 1 512", 0, 1024)[1] == [512, 1024, 1, 1, WRITABLE | HUGE]


def test_the_shared_zero_page_is_no_folios():
    """A split leaves it where pages were zero-filled: runs of their own, told as what they are."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 32; fault 1 0 4; zero 1 4 6; split 1"), "v6.12")
    session.seek(session.history.axis.last)
    side = session.frame.sides[0]
    found = runs(side.processes[0], side.owners, 0, 32, side.zeros[1]).tolist()

    assert found[4] == [4, 10, 0, 1, ZERO]
    assert [run[2] for run in found] == [1, 2, 3, 4, 0, 11, 12, 13, 14, 15, 16, 0]
    assert "shared zero page" in tooltip(session.frame, ["lane", 1, 5])
    assert lane("mm; mmap 1 0 32; fault 1 0 4") == [[0, 16, 1, 1, WRITABLE], [16, 32, 0, 1, 0]]


def test_a_torn_address_space_is_still_few_runs():
    """Every other page gone: no more runs than are drawn."""
    ops = "; ".join(["mm; mmap 1 0 512; fault 1 0 9"] + [f"dontneed 1 {k} 1" for k in range(0, 512, 2)])
    assert len(lane(ops, 0, 512)) == 512 < 2 * MAX_RUNS


def test_an_overview_tells_where_folios_are():
    """Of 262,144 pages: a VMA, a folio's place, and nothing."""
    bins = overview(np.array([[0, 1024, 0, 1, 0], [1024, 1536, 9, 1, 1]], np.int32), 0, 262144)

    assert len(bins) == BINS
    assert list(bins[:5]) == [1, 1, 2, 0, 0]


def test_a_look_at_a_page_tells_everything():
    """pfn, folio, offset, mapcount, AnonExclusive and who maps it, in a lane and on a card."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 16; fault 1 0 4; fork 1"), "v6.5-rc3+v4.1", "v6.5-rc3+v4")
    session.seek(session.history.axis.last)
    text = tooltip(session.frame, ["lane", 2, 3])

    assert "folio 1, page 3 of 16" in text
    assert "_mapcount 1: 2 PTEs" in text
    assert "not AnonExclusive" in text
    assert "read-only" in text
    assert "process 1 at 0x7f0000003000, process 2 at 0x7f0000003000" in text
    assert "folio 1, page 3 of 16" in tooltip(session.frame, ["card", "B", 1, 3])
    assert "no VMA" in tooltip(session.frame, ["lane", 1, 99])
    assert tooltip(session.frame, ["card", "A", 1, 16]) == tooltip(session.frame, ["card", "A", 7, 0]) == ""


def shown(ops, *kernels):
    """Return an explorer at the end of operations."""
    explorer = Explorer()
    explorer.session.run(parse_line(ops), *kernels)
    explorer.session.seek(explorer.session.history.axis.last)
    return explorer


def test_a_card_tells_what_later_kernels_keep():
    """The count of all mappings raw, the owners, the flag; and what a kernel does not keep is not there."""
    explorer = shown("mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 8; dontneed 2 0 4", "v6.8", "v7.3")
    a, b = (html(explorer, f"folios:{side}") for side in "AB")

    assert re.search(r'title="19 \+ 1: 20 mappings"><button [^>]*>_large_mapcount</button> <b>19<', b)
    assert "P1 ×8, P2 ×12 · maybe others" in b
    assert ">PG_partially_mapped<" in b
    assert "_large_mapcount" not in a
    assert "owners" not in a
    assert "_nr_pages_mapped" in a


def test_cells_of_a_kernel_that_counts_no_pages_are_the_page_tables():
    """Said once, above the cards; half and half, the kernel has not flagged what is partially mapped."""
    explorer = shown(
        "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 8; dontneed 2 0 8",
        "v6.12",
        "v7.3+no-page-mapcount",
    )
    a, b = (html(explorer, f"folios:{side}") for side in "AB")

    assert "this kernel does not count the pages" in b
    assert "this kernel does not count the pages" not in a
    assert "_nr_pages_mapped" not in b
    assert ">PG_partially_mapped<" in a
    assert "the kernel has not flagged it" in b
    assert "which this kernel does not count" in tooltip(explorer.session.frame, ["card", "B", 1, 9])


def test_pages_of_zeros_have_a_mark():
    """On cells, on a canvas, in words and in the tooltip."""
    explorer = shown("mm; mmap 1 0 1024; fault 1 0 4; zero 1 2 3; faultpmd 1 512; zero 2 8 500", "v6.12")
    explorer.session.selection.focus_on(2)
    cards = html(explorer, "folios:A")

    assert cards.count(' z"') == 3
    assert "500*0z" in cards
    assert "3 zero-filled; page" in cards
    assert "zero-filled" in tooltip(explorer.session.frame, ["card", "A", 1, 3])


def test_the_queue_tells_what_the_shrinker_would_do():
    """Of a folio queued at birth: drop it, unless enough of it is zeros; of a flagged one: split it."""
    ops = "mm; mmap 1 0 1536; faultpmd 1 512; faultpmd 1 1024; zero 2 0 300"
    queue = html(shown(ops, "v6.12"), "queue")
    assert queue.count("would drop it: neither flagged nor underused") == 2
    queue = html(shown(f"{ops}; maxnone 250; dontneed 1 512 9", "v7.3"), "queue")
    assert "shrinker</button> would free 300 zero-filled pages" in queue
    assert "shrinker</button> would free 9 pages" in queue


def test_costs_that_no_kernel_has_take_no_row():
    """Under v6.5 the table is as it was; under v7.3 the owner lock has a row, and the atomics it replaced none."""
    ops = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4"
    old = set(re.findall(r'data-cost="(\w+)"', html(shown(ops, "v6.5-rc3+v4.1", "v6.5-rc3+v4"), "costrows")))
    new = set(re.findall(r'data-cost="(\w+)"', html(shown(ops, "v7.3"), "costrows")))

    assert old & {"lmc", "mmlock", "pmf"} == set()
    assert {"mmlock", "pmf"} <= new
    assert "lmc" not in new


def test_what_is_not_counted_under_a_kernel_is_no_zero():
    """Gather slots are counted from v6.8 on: beside v7.3, v6.5 has a dash, and there is no difference."""
    rows = html(shown("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64", "v6.5-rc3", "v7.3"), "costrows")
    row = re.search(r'<tr data-cost="tslot">.*?</tr>', rows)[0]

    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == ["–", "2", ""]


def test_the_nodes_counters_and_the_sizes_statistics_are_told():
    """Where a kernel keeps none, there is a dash."""
    rows = html(shown("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4", "v6.8", "v6.12"), "noderows")

    assert re.search(
        r'hugepages-64kB split_deferred</th><td class="fv-A">–</td><td class="fv-B">1</td>', rows
    )
    assert "nr_anon_mapped" in rows


def test_pickers_are_grouped_and_tell_how_each_kernel_is_proven(explorer):
    """Every kernel once, under its era, with its line; below, title, date and proof."""
    menus = html(explorer, "kernels")
    for kernel in KERNELS.values():
        assert menus.count(f'<option value="{escape(kernel.key)}"') == 2
        assert escape(kernel.line) in menus
    assert re.findall(r'<optgroup label="([^"]*)"', menus) == [escape(title) for title in ERAS.values()] * 2
    assert menus.count(" selected>") == 2
    assert "vectors" in html(explorer, "kernelnotes")
    assert escape(explorer.session.frame.sides[0].kernel.title) in html(explorer, "kernelnotes")


def test_picking_a_kernel_chooses_it(explorer):
    """B none shows A alone; what is no kernel is told, or ignored."""
    explorer.screen._receive(None, {"kernel": ["A", "v7.3"]}, [])
    assert explorer.session.frame.sides[0].kernel.key == "v7.3"
    explorer.screen._receive(None, {"kernel": ["B", "none"]}, [])
    assert len(explorer.session.frame.sides) == 1
    for said in (["C", "v7.3"], ["A"], [True, "v7.3"], ["A", 7], ["A", "v7.3", 1], [["A"], "v7.3"]):
        explorer.screen._receive(None, {"kernel": said}, [])
    explorer.screen._receive(None, {"kernel": ["A", "<b>"]}, [])
    assert "no kernel" in explorer.session.messages["kernels"]
    assert [side.kernel.key for side in explorer.session.frame.sides] == ["v7.3"]


def test_every_counter_is_explained():
    """Each name on cards and in the table opens two sentences and a place in the kernel."""
    explorer = Explorer()
    terms = set(re.findall(r'data-term="(\w+)"', html(explorer, "folios:A") + html(explorer, "costrows")))

    assert {"mapped", "entire", "refcount", "sqlock", "nrpm"} <= terms <= set(TERMS)
    for name, found in TERMS.items():
        assert 2 <= found.text.count(". ") + found.text.endswith(".") <= 3
        told = tooltip(explorer.session.frame, ["term", name])
        assert escape(found.text) in told
        assert escape(found.source) in told


def test_a_step_sends_one_message_with_what_changed(explorer):
    """And a step back and forth sends the same pieces again."""
    session = explorer.session
    session.open("front")
    session.seek(session.frame.begins[-2] + 8)
    sent = []
    explorer.screen.send = lambda content, _buffers=None: sent.append(content)
    session.step(1)
    session.step(1)
    del explorer.screen.send

    assert len(sent) == 2
    assert sent[1]["serial"] == sent[0]["serial"] + 1
    assert "act:pages" not in sent[1]["parts"]
    assert "timeline" in sent[1]["parts"]


def test_filters_hide_other_folios():
    """Queued: only those on the queue, on each side."""
    explorer = Explorer(Session())
    explorer.session.selection.show_only("queued")

    assert 'data-folio="1"' in html(explorer, "folios:A")
    assert 'data-folio="2"' not in html(explorer, "folios:A")
    assert "None is queued" in html(explorer, "folios:B")


@pytest.mark.parametrize(
    ("text", "vpn"),
    [("0x7f0000010000", 16), (" 16 ", 16), ("0X7F0000000000", 0), ("262143", 262143), ("262144", None), ("-1", None),
     ("0x10", None), ("0x7f0000000001", None), ("\uff11\uff16", None), ("1_6", None), ("", None)],
)  # fmt: skip
def test_addresses_and_page_numbers_are_read(text, vpn):
    """A hexadecimal address at the start of a page, or a page number."""
    assert vpn_of(text) == vpn


def test_ticks_are_few_and_round():
    """Never more than fit, whatever the range."""
    for last in (1, 2, 5, 64, 159, 8731, 113147):
        assert 1 <= len(ticks(0, last)) <= 8


def test_words_about_other_kernels_say_of_which():
    """What the first scenario says of 1/3 and v4 is not said of whatever else is chosen."""
    explorer = Explorer()
    told = explorer.bar.about.value
    explorer.session.choose(1, "none")
    alone = explorer.bar.about.value
    explorer.session.choose(1, "v7.3")
    other = explorer.bar.about.value

    assert "A, patch 1/3 alone" in told
    assert "(told of" not in told
    assert "more (told of v4 1/3 and v4)" in other
    assert "Try:" in other
    assert "more (told of v4 1/3 and v4)" in alone


def test_what_a_kernel_refused_earlier_is_said():
    """v6.1 has no order-4 folios: the chips and its column tell of the operations that it refused."""
    explorer = shown("mm; mmap 1 0 64; fault 1 0 4; fault 1 16 3; munmap 1 0 64", "v6.1", "v7.3")
    a, b = (html(explorer, f"folios:{side}") for side in "AB")

    assert "This kernel refused operations 3 and 4: go there to see why." in a
    assert "refused" not in b
    assert '<small>3</small> <span class="fv-bad">✗ A</span> ' in html(explorer, "chips")


def test_an_error_is_said_where_the_operation_is():
    """mremap() takes no second VMA under v6.12: chip, column, sentence and trace say so, and B's do not."""
    explorer = shown("mm; mmap 1 0 8; mmap 1 16 8; mremap 1 0 24 100", "v6.12", "v7.3")
    a, b = (html(explorer, f"folios:{side}") for side in "AB")
    error = "The VMA ends at page 8, before the range: mremap() returns -EFAULT"

    assert f"The operation ends with an error. {error}" in a
    assert "error" not in b
    assert f"A: {error}" in html(explorer, "summary")
    assert re.search(
        r'title="ended with an error under A; [^"]*"><small>4</small> <span class="fv-bad">! A</span> ',
        html(explorer, "chips"),
    )
    assert error in html(explorer, "tracelines")
