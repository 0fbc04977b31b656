"""Changes of the past: what would have been equals a history that was made so from the start; nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, parse_line
from folioviz.views.session.edits import edit
from folioviz.views.session.session import Session

A, B = "v6.5-rc3+v4.1", "v6.5-rc3+v4"
OPS = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; munmap 1 0 8; fork 1"


@pytest.fixture
def session():
    """Return a session with a small history under two kernels."""
    made = Session()
    made.run(parse_line(OPS), A, B)
    return made


def done(session):
    """Return the operations in the short form."""
    return "; ".join(op.short() for op in session.history.ops)


def equals(session, ops):
    """Compare both machines at the end with labs that did these operations."""
    session.seek(session.history.axis.last)
    for track in session.history.tracks:
        lab = Lab(track.lab.kernel.key)
        for op in parse_line(ops):
            lab.apply(op)
        assert np.array_equal(lab.machine.mem, track.lab.machine.mem)


@pytest.mark.parametrize(
    ("change", "after", "at"),
    [
        (("change", 4, "munmap 1 0 16"), OPS.replace("munmap 1 0 8", "munmap 1 0 16"), 5),
        (("delete", 4, ""), OPS.replace("munmap 1 0 8; ", ""), 4),
        (("delete", 5, "whatever"), OPS.replace("; fork 1", ""), 5),
        (("insert", 2, "get 1"), OPS.replace("fault 1 16", "get 1; fault 1 16"), 4),
        (("insert", -1, "mm"), f"mm; {OPS}", 1),
    ],
)
def test_what_would_have_been(session, change, after, at):
    """The later operations are done again; the playhead is where the change is done; all can be brought back."""
    edit(session, *change)

    assert done(session) == after
    assert session.frame.position == session.history.axis.begins[at]
    assert "operation" in session.frame.messages["history"]
    assert session.frame.scenario == ""
    equals(session, after)
    session.restore()
    assert done(session) == OPS
    equals(session, OPS)
    if not OPS.startswith(after):
        session.restore()
        assert done(session) == after


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("change", 9, "fork 1"), "the operation is 9: it must be a whole number, 0 to 5"),
        (("change", -1, "fork 1"), "the operation is -1"),
        (("delete", True, ""), "the operation is True"),
        (("insert", -2, "fork 1"), "the operation is -2: it must be a whole number, -1 to 5"),
        (("change", 1, "nmap 1 0 8"), "unknown operation 'nmap"),
        (("change", 1, ""), "unknown operation"),
        (("change", 1, None), "unknown operation"),
        (("drop", 1, ""), "the change is 'drop': it must be one of change, insert, delete"),
        (("delete", 1, ""), "operation 2, fault 1 0 4, could not be done then"),
        (("change", 2, "fault 1 0 9"), "operation 3, fault 1 0 9, could not be done then"),
        (("delete", 0, ""), "could not be done then"),
    ],
)
def test_what_cannot_be_changes_nothing(session, change, said):
    """The message names the operation and why; history, playhead and machines are as they were."""
    session.seek(40)
    edit(session, *change)

    assert said in session.frame.messages["operations"]
    assert (done(session), session.frame.position) == (OPS, 40)
    equals(session, OPS)


def test_what_one_kernel_refuses_is_marked_as_ever(session):
    """An operation that one of the kernels can do stays in the history, and the other's refusal is shown."""
    session.choose(0, "v6.1")
    edit(session, "insert", 5, "migrate 1")

    assert "could not be done then" in session.frame.messages["operations"]
    session.choose(1, "v7.3")
    edit(session, "insert", 5, "migrate 2")
    assert done(session).endswith("migrate 2")
    assert session.frame.refused[-1] == "A"


def test_hostile_messages_change_nothing(session):
    """What is no change at all is ignored, or told."""
    from folioviz.views import Explorer

    explorer = Explorer(session)
    for what in (
        [],
        ["delete"],
        ["delete", 1, "", ""],
        "delete",
        {"a": 1},
        ["\ud800", 10**30, []],
        [None, None, None],
    ):
        explorer.events.heard({"edit": what})
        assert done(session) == OPS
    explorer.events.heard({"operation": "munmap 1 0 8"})
    assert "munmap pages 0–7" in explorer.screen._now["edited"][""]
    explorer.events.heard({"operation": "<b>"})
    assert "&lt;b&gt;" in explorer.screen._now["edited"][""]
