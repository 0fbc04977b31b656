"""The panels of contention: sliders, curves, lanes and what is assumed, as they stand after what a person did."""

from __future__ import annotations

import asyncio
import csv
import io

import pytest

from folioviz.contention import lanes, words
from folioviz.stories.contention import simulated, verdict
from folioviz.stories.parts.hardware import CPUS
from folioviz.views import Story
from folioviz.views.panels.work import Work
from folioviz.views.story_panels.contention_curves import ContentionCurves, ceiling
from folioviz.views.story_panels.contention_lanes import ContentionLanes, boxes, busiest, shares, span
from tests.boards import on_page


def panel(board, kind):
    """Return a board's panel of a kind."""
    return next(one for one in board.panels if isinstance(one, kind))


@pytest.fixture
def board():
    """Return the story, answered, with its curves and lanes simulated."""
    made = Story("contention")
    made.events.heard({"click": "guess:skip"})
    simulate(made)
    return made


def simulate(made):
    """Do all work at once: a test has no loop."""
    for kind in (ContentionCurves, ContentionLanes):
        for _ in panel(made, kind).simulate():
            pass
        panel(made, kind).redraw()


def test_before_anything_is_simulated_it_says_so():
    """Empty curves and lanes, with words in their places; what is assumed and missing is there at once."""
    made = Story("contention")
    made.events.heard({"click": "guess:skip"})
    shown = on_page(made)

    assert "Simulating …" in shown["curvessaid"]
    assert shown["turns"].count("Simulating …") == 2
    assumed = shown["assumed"].unescape()
    assert [one for one in words.MISSING if one.removeprefix("Missing: ") not in assumed] == []


@pytest.mark.slow
def test_the_curves_are_what_was_simulated(board):
    """A line per kernel, the first look is A's, with its band; the sentence and the other scale belong to them."""
    found = simulated(board.values)
    curves = panel(board, ContentionCurves)
    [first, second, *_] = curves.speed.lines

    assert list(first.y) == pytest.approx(found.pages_per_second.middle[0] / 1e6)
    assert list(second.y) == pytest.approx(found.pages_per_second.middle[1] / 1e6)
    assert list(curves.waits.band.y[1]) == pytest.approx(found.waiting.high[0] * 100)
    assert len(first.x) == len(CPUS)
    assert verdict(found, board.values) in on_page(board)["curvessaid"].unescape()


def test_a_page_that_missed_something_gets_the_charts_again(board):
    """Every line, the scale and whether it is worked at; a page that has all of it gets nothing."""
    curves, sent = panel(board, ContentionCurves), []
    every = (curves.charts, curves.speed.scale, curves.speed.lines[0], curves.waits.band)
    for one in every:
        one.send_state = lambda *_, one=one: sent.append(one)
    board.screen._receive(None, {"have": board.screen._count}, None)
    assert sent == []
    board.screen._receive(None, {"have": -1}, None)
    assert {id(one) for one in sent} == {id(one) for one in every}


@pytest.mark.slow
def test_a_slider_changes_what_is_simulated(board):
    """The place that it was moved to; the scenario is not run again; the curves stand until the new ones are there."""
    machine, before = board.session.history.machines[0], verdict(simulated(board.values), board.values)
    assert "fv-working" not in on_page(board)["curvessaid"]
    assert "CSV" in on_page(board)["curvesgo"]
    board.events.heard({"slide": "flush=5"})

    assert board.values["flush"] == 3000
    assert board.session.history.machines[0] is machine
    assert before in on_page(board)["curvessaid"]
    assert "fv-working" in on_page(board)["curvessaid"]
    assert "do:simulate" in on_page(board)["curvesgo"]
    assert "a TLB flush 3 us" in on_page(board)["assumed"]
    simulate(board)
    assert "B does 0.9" in on_page(board)["curvessaid"]
    board.events.heard({"click": "do:defaults"})
    assert board.values == board.story.values


def test_a_simulation_can_be_cancelled_and_begun_again():
    """Then nothing says that it is at work, and a button begins once more."""

    async def walk():
        made = Story("contention")
        made.events.heard({"click": "guess:skip"})
        curves = panel(made, ContentionCurves)
        await asyncio.sleep(0)
        made.events.heard({"click": "do:curvesstop"})
        stopped = on_page(made)["curvesgo"] + on_page(made)["curvessaid"]
        made.events.heard({"click": "do:simulate"})
        again = on_page(made)["curvesgo"], curves.work.task
        for one in made.panels:
            if isinstance(work := getattr(one, "work", None), Work):
                work.stop()
        return stopped, again

    stopped, (shown, task) = asyncio.run(walk())

    assert "do:simulate" in stopped
    assert "Cancelled" in stopped
    assert "do:curvesstop" in shown
    assert task is not None


def test_how_many_cpus_are_looked_at_simulates_no_curve_again(board):
    """The sentence is another one at once."""
    board.events.heard({"slide": "cpus=5"})

    assert "On 32 CPUs" in on_page(board)["curvessaid"]
    assert not panel(board, ContentionCurves).wanted


@pytest.mark.parametrize(
    "text", ["flush", "flush=99", "flush=-1", "flush=²", "a=1", "=", "flush=1=2", "x" * 99]
)
def test_what_is_no_place_of_a_slider_changes_nothing(board, text):
    """Nothing fails, and nothing is chosen."""
    board.events.heard({"slide": text})

    assert board.values == board.story.values


def test_every_choice_is_in_the_address(board):
    """A link opens the same sliders, menus and kernels."""
    board.events.heard({"slide": "queues=3"})
    board.pickers["workload"].value = "partial-unmap"
    link = board.screen.get_state()["data"]["link"]["query"]
    other = Story("contention", link=f"?{link}")

    assert "queues=8" in link
    assert other.values == board.values
    assert other.screen.get_state()["data"]["slides"]["queues"] == 3


def test_the_lanes_are_what_was_simulated(board):
    """The shares of the whole picture; a box per turn; of more CPUs than lanes, the first."""
    found = lanes("v6.5-rc3+v4.1", 16)
    waits, holds = shares(found)
    shown = on_page(board)["turns"]

    assert f"waiting {100 * waits:.0f} %, holding {100 * holds:.0f} %" in shown
    assert 0 < waits + holds < 1
    assert boxes(found.cpu, found.got, found.left).count("z") == ((found.left - found.got) >= 1).sum()
    board.events.heard({"slide": "cpus=6"})
    simulate(board)
    assert "12 µs of the 16 of 64 CPUs that wait longest" in on_page(board)["turns"]
    many = lanes("v6.5-rc3+v4.1", 64)
    drawn = set(busiest(many).tolist())
    least = min((many.left - many.arrived)[many.cpu == cpu].sum() for cpu in drawn)
    assert len(drawn) == 16
    assert all((many.left - many.arrived)[many.cpu == cpu].sum() <= least for cpu in set(range(64)) - drawn)


@pytest.mark.parametrize(("user", "ns"), [(0, 12e3), (100e3, 25e3), (4e6, 4e5)])
def test_who_meets_rarely_is_looked_at_for_longer(user, ns):
    """A quarter of the time between two loops, within bounds that the simulation has, too."""
    assert span(user) == ns
    assert lanes("v6.1.0", 2, "ld.lld", ns=ns).ns == ns


def test_the_file_has_every_point_and_what_it_assumes(board):
    """A row per kernel and number of CPUs, each with its label and its assumptions."""
    sent = []
    board.screen.send = lambda content, buffers=None: sent.append((content, buffers))
    board.events.heard({"click": "do:savecurves"})
    [(content, [data])] = sent
    rows = list(csv.DictReader(io.StringIO(data.decode())))

    assert content == {"file": "contention.csv"}
    assert len(rows) == 5 * len(CPUS)
    assert {row["label"] for row in rows} == {"simulated"}
    assert all("Missing: NUMA" in row["assumptions"] for row in rows)


def test_a_kernel_that_refuses_says_why(board):
    """In the place of its lanes; the other one's are there."""
    board.pickers["a"].value = "v6.1"
    simulate(board)
    shown = on_page(board)["turns"]

    assert "cannot fault order 4 under v6.1" in shown
    assert shown.count("<svg") == 1


@pytest.mark.parametrize(("most", "top"), [(73.3, 80), (80, 80), (81, 100), (0.3, 1), (450, 800)])
def test_a_scale_ends_at_one_of_few_numbers(most, top):
    """The next of 1, 2, 4 and 8 times a power of ten."""
    assert ceiling(most) == top


def test_work_that_was_cancelled_does_not_end_the_work_after_it():
    """The second one is still known, and can be stopped."""

    async def both():
        work = Work(lambda: None)
        work.start(iter([None] * 50))
        await asyncio.sleep(0)
        work.stop()
        work.start(iter([None] * 50))
        second = work.task
        for _ in range(5):
            await asyncio.sleep(0)
        known = work.task is second
        await second
        return known, work.task

    assert asyncio.run(both()) == (True, None)
