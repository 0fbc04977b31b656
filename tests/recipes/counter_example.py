"""What docs/recipes/counter.md promises of its counter; test_counter.py runs this in a copy that followed the page."""

from __future__ import annotations

import re

import numpy as np
import pytest

from folioviz import Lab, Sizes, parse_line
from folioviz.compare.compare import compare, compare_in
from folioviz.compare.random_ops import wander
from folioviz.laws import every_kernel
from folioviz.laws.census import InvariantError
from folioviz.machine.fields import FOLIO_EXAMPLE
from folioviz.machine.memory import Machine
from folioviz.readout import trace
from folioviz.readout.records import records
from folioviz.views import Explorer
from folioviz.views.panels.tooltip import tooltip

KEPT, NOT = "v6.12+example", "v6.12"
LINE = "mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512; fork 1; munmap 2 0 8"


@pytest.fixture
def explorer():
    """Return an explorer with both kernels, in the midst of the last operation."""
    made = Explorer()
    made.session.run(parse_line(LINE), KEPT, NOT)
    made.session.seek(made.session.history.axis.last - 1)
    return made


def card(explorer, side):
    """Return the card of folio 1 under a kernel."""
    return explorer.screen._now[f"folios:{side}"]["1"]


def test_it_is_on_the_card_of_the_kernel_that_keeps_it(explorer):
    """With its label and its value: parent and child map 16 pages each, but for the 8 that the child unmapped."""
    shown = re.search(r'data-counter="example">(.*?) <b>(.*?)</b>', card(explorer, "A"))

    assert ">_example<" in shown[1]
    assert shown[2] == str(16 + 16 - 8)
    assert "example" not in card(explorer, "B")


def test_a_click_on_it_explains_it(explorer):
    """Two sentences, and where it is in the kernel."""
    text = tooltip(explorer.session.frame, ["term", "example"])

    assert 'data-term="example"' in card(explorer, "A")
    assert (
        "<b>_example</b><p>How many PTEs and PMDs map the folio or a page of it. It is 0 once nothing does.</p>"
        in text
    )
    assert "folio-&gt;_example, include/linux/mm_types.h" in text


def test_a_step_that_writes_it_outlines_it(explorer):
    """At every step of the munmap it is outlined if its own row was written, and only then."""
    session, found = explorer.session, []
    track = session.history.tracks[0]
    first = session.history.axis.begins[-2]
    for step, row in enumerate(track.parts[len(session.history.ops) - 1].steps.tolist(), start=1):
        session.seek(first + step)
        field, _ = track.lab.machine.where(int(track.lab.journal[row : row + 1][0, 1]))
        found.append(field == FOLIO_EXAMPLE)
        assert ('<span class="fv-count d" data-counter="example">' in card(explorer, "A")) == found[-1]

    assert found.count(True) == 1


def test_the_trace_names_it(explorer):
    """With its old and its new value."""
    lab = explorer.session.history.tracks[0].lab
    lines = trace.lines(lab, len(explorer.session.history.ops) - 1)

    assert [line.what for line in lines if line.name == "_example"] == ["32 → 24"]


def test_the_timeline_draws_it(explorer):
    """From 32 to 24 in this operation; of the other kernel it says that it keeps none."""
    explorer.session.selection.focus_on(1)
    explorer.session.selection.count("example")
    kept, other = (side.curve for side in explorer.session.frame.sides)

    assert {32.0, 24.0} == set(np.unique(kept.y).tolist())
    assert (other.kept, other.y.size) == (False, 0)


def test_records_and_comparisons_have_it():
    """It is no difference where it is not kept."""
    (folio,) = records(Lab(KEPT), parse_line("mm; mmap 1 0 64; fault 1 0 4"))[-1]["F"]
    comparison = compare(parse_line(LINE), [KEPT, NOT])

    assert folio["ex"] == 16
    assert comparison.state == ()


def test_a_comparison_tells_what_it_tells_apart():
    """Of two kernels that keep it, one of which does not count."""

    def folio_sub_large_mapcount(m, folio, nr, _mm):
        """Forget to count."""

    labs = [Lab(KEPT), Lab(KEPT, patches=[folio_sub_large_mapcount])]
    found = compare_in(labs, parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4"))

    assert ("folio 1 _example", (12, 16)) in [(one.what, one.values) for one in found.state]


@pytest.mark.parametrize("seed", range(4))
def test_the_law_holds(seed):
    """After every one of some random operations, in which folios are mapped."""
    lab, most = Lab(KEPT), 0
    for op in wander(seed, 40, KEPT):
        lab.apply(op)
        every_kernel.check(lab.machine)
        most = max(most, lab.machine.folio_example.max())

    assert most > 1


def test_the_law_notices_a_wrong_count():
    """One more or less is found, on a folio's head and where no folio is."""
    lab = Lab(KEPT, sizes=Sizes(pages=512))
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 4"):
        lab.apply(op)
    head = int(np.flatnonzero(lab.machine.folio_example)[0])
    for page, message in (
        (head, "it is 17, it must be 16"),
        (head + 3, "no large folio's head: it is 1, it must be 0"),
    ):
        lab.machine.folio_example[page] += 1
        with pytest.raises(InvariantError, match=message):
            every_kernel.check(lab.machine)
        lab.machine.folio_example[page] -= 1


def test_other_kernels_do_not_have_it():
    """No element, and no byte more."""
    assert Machine().folio_example.size == 0
