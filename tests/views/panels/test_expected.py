"""What a scenario expects, beside its words: seen at the end, true or not, and where not."""

from __future__ import annotations

from folioviz.files import scenario
from folioviz.views.panels.bar import introduction
from folioviz.views.panels.links import shown
from folioviz.views.session.session import Session

OPS = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"


def said(expect, kernels=("v6.9", "v7.3"), ops=OPS):
    """Return a session with expectations, and what the page says before the end and at it."""
    found = {"ops": ops, "title": "t", "about": "a", "kernels": list(kernels), "expect": expect, "step": 3}
    session = Session(scenario.from_builtins(found))
    session.seek(session.history.axis.begins[3])
    before = introduction(session.frame)
    session.seek(session.frame.last)
    return session, before, introduction(session.frame)


def test_all_that_is_true_is_said_at_the_end():
    """Before it the statements stand there, and nobody judges them."""
    session, before, end = said(["rss 1 == 0", "live 1 == 0"])

    assert before.count("seen at the end") == 2
    assert "of 2 true" not in before
    assert "Expected at the end: 2 of 2 true." in end
    assert end.count("<b>true</b>") == 2
    assert "process 1: resident pages: 0" in end
    assert [one.fails for one in session.frame.expected] == [(), ()]


def test_what_is_not_true_names_its_sides():
    """The kernel that refused the split to a lower order has one folio still; the other has what is asked for."""
    ops = "mm; mmap 1 0 512; faultpmd 1 0; split 1 4"
    session, _, end = said(["order 1 0 == 4", "rss 1 == 7"], ("v6.8", "v6.9"), ops)

    assert [one.fails for one in session.frame.expected] == [("A",), ("A", "B")]
    assert "Expected at the end: 2 of 2 not true under A and B." in end
    assert "<b>not true under A</b>" in end
    assert "<b>not true under A and B</b>" in end


def test_other_operations_have_no_expectations():
    """They were the scenario's; a document of what is on the screen has them as long as it is that."""
    session, _, _ = said(["rss 1 == 0"])
    assert shown(session.frame).expect == ("rss 1 == 0",)
    session.do("mm")

    assert session.frame.expected == shown(session.frame).expect == ()
