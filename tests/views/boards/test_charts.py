"""Charts: a page that has missed something gets all of them again."""

from __future__ import annotations

import bqplot
import pytest

from folioviz.views import Explorer, Story
from folioviz.views.panels.chart_room import parts


def inside(widget):
    """Yield a widget and all that is laid out in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from inside(child)


@pytest.mark.parametrize("key", ["", "costs", "from-3n-to-2", "contention"])
def test_a_page_that_missed_something_gets_its_charts_again(key):
    """Whichever panel has drawn them, with their scales, axes and marks; a page that has all of it gets nothing."""
    board, sent = Story(key) if key else Explorer(), []
    board.events.heard({"click": "guess:skip"})
    charts = [one for one in inside(board) if isinstance(one, bqplot.Figure)]
    wanted = {
        id(part)
        for chart in charts
        for part in (chart, *chart.marks, *chart.axes, *chart.marks[0].scales.values())
    }
    for one in (part for chart in charts for part in parts(chart)):
        one.send_state = lambda *_, one=one: sent.append(id(one))
    board.screen._receive(None, {"have": board.screen._count}, None)
    assert (len(charts) > 0, sent) == (True, [])
    board.screen._receive(None, {"have": -1}, None)

    assert wanted <= set(sent)
