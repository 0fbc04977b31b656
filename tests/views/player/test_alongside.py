"""The traces beside each other: all is there, in order, equals on one row, and the right line is lit."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.files import scenario
from folioviz.views.player import alongside
from folioviz.views.player.alongside import ALL, NOTHING, Alongside, aligned
from folioviz.views.session.session import Session


def check(session, index):
    """Compare the rows of an operation with the folds of both kernels."""
    history = session.history
    history.go(history.axis.begins[index + 1])
    found = Alongside(history.tracks, index)
    for side, repeats in enumerate(found.repeats):
        assert [row[side] for row in found.rows if row[side] != NOTHING] == list(range(len(repeats.folds)))
    both = [row for row in found.rows if NOTHING not in row]
    if len(found.repeats) == 2:
        a, b = found.repeats
        assert all(a.keys[one] == b.keys[other] for one, other in both)
    return found


@pytest.mark.parametrize("name", scenario.library())
def test_every_scenario_is_aligned(name):
    """Both sides whole and in order, and on one row only what is about the same."""
    session = Session(name)
    for index in range(len(session.history.ops)):
        check(session, index)


def test_what_differs_has_a_sign():
    """Who alone does something, and where both do it otherwise."""
    session = Session("first-look")
    signs = {
        cell.name: pair.sign
        for pair in session.frame.trace
        for cell in pair.cells
        if cell
        and cell.name in ("deferred_split_folio", "folio_remove_rmap_range", "unmap_vmas", "MM_ANONPAGES")
    }

    assert signs == {
        "deferred_split_folio": "A",
        "folio_remove_rmap_range": "B",
        "unmap_vmas": "",
        "MM_ANONPAGES": "",
    }


def test_long_traces_are_aligned_in_pieces(monkeypatch):
    """Nothing is lost or doubled, and few comparisons are made."""
    monkeypatch.setattr(alongside, "MOST", 100)
    a, b = [number % 7 for number in range(90)], [number % 5 for number in range(70)]
    found = aligned(a, b)

    assert [one for one, _ in found if one != NOTHING] == list(range(90))
    assert [other for _, other in found if other != NOTHING] == list(range(70))
    assert all(a[one] == b[other] for one, other in found if NOTHING not in (one, other))


def test_of_very_many_rows_those_near_the_playhead_are_shown():
    """Around where either kernel is, with a note of what is left out, and every row that is lit."""
    session = Session("mthp-sizes")
    history = session.history
    index = len(history.ops) - 1
    begin, end = history.axis.begins[index : index + 2]
    for position in np.linspace(begin + 1, end - 1, 9).astype(int).tolist():
        session.seek(position)
        shown = session.frame.trace
        numbers = [pair.number for pair in shown]
        gaps = [pair.number - before - 1 for before, pair in zip([-1, *numbers], shown, strict=False)]

        assert len(shown) < ALL
        assert [pair.skipped for pair in shown] == gaps
        for place, side in enumerate(session.frame.sides):
            lit = [pair.cells[place].row for pair in shown if pair.cells[place] and pair.cells[place].nth]
            assert lit == [side.at]
