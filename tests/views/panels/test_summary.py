"""The summary: the sentence on the screen is the operation's, wherever in it the playhead is."""

from __future__ import annotations

import html

import pytest

from folioviz import Lab
from folioviz.compare.sentence import account, sentence
from folioviz.files import scenario
from folioviz.views import Explorer
from folioviz.views.panels.summary import NOTHING, words
from folioviz.views.session.session import Session


def computed(session, index):
    """Return the sentence of an operation, from labs of its own."""
    accounts = []
    for name, key in zip("AB", session.history.kernels, strict=False):
        lab = Lab(key, session.history.mmu_gather)
        for op in session.history.ops[: index + 1]:
            step = lab.apply(op)
        accounts.append(account(lab, name, step.start, step.end))
    return sentence(accounts)


@pytest.mark.parametrize("name", ["first-look", "front", "copy-on-write", "s390-and-v3", "queued-at-birth"])
def test_the_sentence_is_of_the_operation_under_the_playhead(name):
    """At its start, in its middle and at its end: all of the operation is told; the lab stays where it was."""
    session = Session(name)
    begins = session.history.axis.begins
    for index in range(len(session.history.ops)):
        for position in {begins[index] + 1, (begins[index] + begins[index + 1] + 1) // 2, begins[index + 1]}:
            session.seek(position)

            assert session.frame.told == computed(session, index)
            assert words(session.frame).endswith(session.frame.told)
            assert all(
                track.lab.cursor == track.row(index, position - begins[index])
                for track in session.history.tracks
            )


def test_it_changes_with_the_kernels():
    """Another kernel is another sentence; one alone is told without names."""
    session = Session("first-look")
    pair = session.frame.told
    session.choose(1, "none")

    assert pair.startswith("A queues folio 1 for nothing")
    assert session.frame.told.startswith("queues folio 1 for nothing")


def test_nothing_done_is_said_so():
    """Before the first operation it says how to begin."""
    session = Session("first-look")
    session.run([], "v6.12")

    assert words(session.frame) == NOTHING


@pytest.mark.parametrize("name", scenario.library())
def test_every_explorer_has_the_sentence(name):
    """It stands in the page, escaped, for every scenario of the library."""
    explorer = Explorer(Session(name))
    shown = explorer.screen.get_state()["parts"]["summary"][0][1]

    assert explorer.session.frame.told in html.unescape(shown)
