"""What can be done after the operation under the playhead: the order that fits, and why what cannot be done cannot."""

from __future__ import annotations

import pytest

from folioviz.ops.ops import parse_line
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.session import Session

A, B = "v6.5-rc3+v4.1", "v6.5-rc3+v4"


@pytest.mark.parametrize(("first", "order"), [(0, 4), (8, 3), (12, 2), (2, 1), (60, 2), (63, 0)])
def test_a_fault_takes_the_largest_order_that_fits(first, order):
    """Up to the chosen one: aligned, and before the VMA's end; what is less than the chosen one is said."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64"), A, B)
    session.selection.select(1, first, first + 16)

    assert not session.frame.refusals["fault"]
    session.do("fault")
    assert [folio.order for folio in session.frame.sides[0].folios] == [order]
    said = session.frame.messages.get("done", "")
    assert said.startswith(f"order {order}, {1 << order} page" if order < 4 else "")
    assert said.endswith(f"the largest that fits at {0x7F0000000000 + 4096 * first:#x}" if order < 4 else "")


def test_what_is_there_bounds_the_order():
    """A folio at page 8 leaves room for 8 pages before it; what is chosen stays chosen."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 8 3"), A)
    session.selection.select(1, 0, 16)
    session.do("fault")

    assert (session.frame.ops[-1].short(), session.selection.asked["order"]) == ("fault 1 0 3", 4)


def test_refusals_are_about_what_is_on_the_screen():
    """Within a munmap that frees the folio shown: it says so; the end of the same munmap knows no such folio."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"), A, B)
    begin = session.history.axis.begins[3]
    session.seek(begin + 3)
    session.selection.focus_on(1)
    for name in ("get", "put", "split"):
        assert session.frame.refusals[name] == "this operation frees folio 1"
        session.do(name)
        assert session.frame.messages == {"operations": "this operation frees folio 1"}
    session.selection.select(1, 16, 24)
    assert session.frame.refusals["mmap"].startswith("after this operation: ")

    session.seek(session.history.axis.last)
    assert session.frame.refusals["get"].startswith("there is no folio 1")
    assert not any(why.startswith("after") for why in session.frame.refusals.values())
    assert set(session.frame.refusals) == set(ACTIONS)
