"""Does the series reduce contention? What the story says, against the simulation and the model's counts."""

from __future__ import annotations

from importlib import import_module

import pytest

from folioviz.contention import PARAMETERS, WORKLOADS, Hardware, contention
from folioviz.contention.curves import AT_MEMORY
from folioviz.contention.published import published
from folioviz.stories import find
from folioviz.stories.contention import at_cpus, drawn, held, ops, points, refusal, simulated, verdict
from folioviz.stories.parts.hardware import CPUS, OWN, SLIDERS, hardware, loop_of
from folioviz.stories.parts.parts import Slider
from folioviz.stories.parts.pieces import FIRST, V4, ran

STORY = find("contention")


def told(**choices):
    """Return the sentence for some choices."""
    values = {**STORY.values, **choices}
    return verdict(simulated(values), values)


def test_the_answer_is_computed():
    """The first patch alone; the counts are the journal's, twice for each of 64 folios, and the rest is simulated."""
    right, because = STORY.question.answer()
    found = contention((FIRST, V4), 64)
    lab = ran(WORKLOADS["fault-unmap"].setup, FIRST)
    took = sum(lab.costs(one.start, one.end)["sqlock"] for one in lab.applied)

    assert STORY.question.options[right] == "the series’ first patch alone"
    assert "v4 1/3 takes split_queue_lock 128 times in a loop" in because
    assert took == 2 * 64 == 128
    assert "v4 takes split_queue_lock 0 times in a loop" in because
    assert f"waits {100 * found.waiting.middle[0, 0]:.0f} % of its time" in because


def cases(keys, cpus, **choices):
    """Return what is simulated for some choices, for few kernels on few CPUs."""
    values = {**STORY.values, **choices}
    return contention(keys, cpus, loop_of(values), hardware(values))


@pytest.mark.slow
def test_what_the_words_say_happens():
    """IPIs undo the gain on 16 CPUs, not on 32; eight queues end the waiting; the lines decide where it begins."""
    plain, dear = (
        cases((FIRST, V4, "v7.3"), (16, 32), **more).pages_per_second.middle for more in ({}, {"flush": 3000})
    )
    assert plain[1, 0] / plain[0, 0] > 1.4
    assert dear[1, 0] < dear[0, 0] < dear[2, 0]
    assert dear[1, 1] > dear[0, 1]
    assert cases(FIRST, 32, queues=8).waiting.middle < 0.05
    assert cases(FIRST, 8, near=140).waiting.middle > 0.5
    assert cases(FIRST, 64, near=20).waiting_at[0, 0, AT_MEMORY] > 0.05
    halves = cases(("v6.5-rc3", V4, "v7.3"), 32, workload="partial-unmap").waiting.middle
    assert halves[0] == 0 < min(halves[1:])


@pytest.mark.parametrize("one", SLIDERS, ids=lambda one: one.name)
def test_every_slider_begins_at_what_is_assumed(one):
    """The default of the hardware, with its source; the workload's own time in the program."""
    by_words = {known.words: known for known in PARAMETERS}
    assert isinstance(one, Slider)
    assert one.value in dict(one.options).values()
    if one.tooltip in by_words:
        known = by_words[one.tooltip]
        assert (one.value, one.source) in {(known.default, known.source), (OWN, known.source)}
        assert all(known.least <= value <= known.most for _, value in one.options if value != OWN)


def test_the_first_choices_are_the_simulations_defaults():
    """Nothing is moved: the hardware of the workload; ld.lld keeps its own time and its sockets."""
    assert hardware(STORY.values) == Hardware()
    assert hardware({**STORY.values, "workload": "ld.lld"}) == WORKLOADS["ld.lld"].hardware


@pytest.mark.slow
def test_points_are_kept_for_the_curves(monkeypatch):
    """After its steps nothing is left to simulate, so that nothing freezes."""
    values = {**STORY.values, "near": 40, "b": "none"}
    for _ in points(drawn(values), CPUS, loop_of(values), hardware(values)):
        pass
    monkeypatch.setattr(import_module("folioviz.contention.curves"), "simulate", None)

    assert simulated(values).kernels == tuple(drawn(values))


@pytest.mark.slow
def test_a_kernel_that_refuses_is_left_out():
    """v6.1 has no folios of order 4: it says so, and the others are drawn; ld.lld it can do."""
    values = {**STORY.values, "a": "v6.1"}

    assert "order 4 under v6.1" in refusal("v6.1", WORKLOADS["fault-unmap"])
    assert refusal("v6.1", WORKLOADS["ld.lld"]) == ""
    assert "v6.1" not in simulated(values).kernels
    assert "v4 does" in told(a="v6.1")
    assert "B does" not in told(a="v6.1")


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_explorer_shows_one_loop(name):
    """The scenario ends with the workload's loop."""
    assert ops({"workload": name, "order": OWN}).endswith(WORKLOADS[name].loop)


@pytest.mark.parametrize("name", WORKLOADS)
def test_folios_of_every_order_can_be_simulated(name):
    """The loop has folios of the order that is chosen; ld.lld's stays as it was published."""
    (slider,) = (one for one in SLIDERS if one.name == "order")
    for _, order in slider.options:
        asked = loop_of({"workload": name, "order": order})
        assert refusal("v7.3", asked) == ""
        if name == "ld.lld" or order == OWN:
            assert asked is WORKLOADS[name]
        else:
            assert f" order-{order} " in asked.title


def test_the_table_has_what_was_simulated():
    """Speed, waiting and counts of every kernel on the CPUs that are chosen."""
    found = simulated(STORY.values)
    table = at_cpus(found, 16)
    column = CPUS.index(16)

    assert [row[0] for row in table.rows] == ["v4 1/3", "v4", "v6.5-rc3", "v6.9", "v7.3"]
    assert [float(row[1]) for row in table.rows] == pytest.approx(
        found.pages_per_second.middle[:, column] / 1e6, rel=0.01
    )
    assert [row[6] for row in table.rows] == [costs["sqlock"] for costs in found.costs]


def test_what_was_published_says_how_it_is_known():
    """A row each, fitted, predicted or counted, and whose it is below."""
    table = held()

    assert [row[3] for row in table.rows] == [one.kind for one in published()]
    assert [one.source for one in published() if one.source not in table.note] == []
