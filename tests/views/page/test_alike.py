"""What says how widgets look."""

from __future__ import annotations

import ipywidgets as w

from folioviz.views import Explorer, Story
from folioviz.views.page.alike import alike, common
from tests.boards import widgets


def looks(board):
    """Return the layouts and styles of a board's widgets, each once."""
    found = [
        getattr(one, name) for one in widgets(board) for name in ("layout", "style") if hasattr(one, name)
    ]
    return {one.model_id: one for one in found}.values()


def says(look):
    """Return what a layout or a style says."""
    state = look.get_state()
    return tuple((name, state[name]) for name in sorted(state) if state[name] is not None)


def test_no_two_layouts_or_styles_of_a_board_say_the_same():
    """What looks alike has one of each, on the explorer and in a story with menus of its own."""
    for board in (Explorer(), Story("contention")):
        found = [says(one) for one in looks(board)]
        assert len(found) == len(set(found))
        assert len(found) < len(list(widgets(board)))


def test_what_one_widget_shows_leaves_the_others_as_they_are():
    """A column that goes away takes no other with it, and comes back."""
    board = Explorer()
    before = [(one, says(one.layout)) for one in widgets(board)]
    board.session.choose(1, "none")
    hidden = [one for one, was in before if says(one.layout) != was]
    assert [one.layout.display for one in hidden] == ["none"]
    board.session.choose(1, "v6.5-rc3")
    assert [says(one.layout) for one, _ in before] == [was for _, was in before]


def test_a_layout_that_was_closed_is_not_used_again():
    """As after all widgets of a kernel were closed."""
    old = common(w.Layout, width="7px")
    old.close()
    new = alike(w.HTML, layout={"width": "7px"}).layout
    assert new is not old
    assert new.comm is not None
    assert common(w.Layout, width="7px") is new
