"""The summary: the sentence on the screen is the operation's, wherever in it the playhead is."""

from __future__ import annotations

import html
import itertools

import numpy as np
import pytest

from folioviz import Lab, parse_line
from folioviz.compare.sentence import FITS, ON, account, sentence
from folioviz.files import scenario
from folioviz.machine import journal
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


@pytest.mark.parametrize("name", ["queue-order", "naive-repair", "flagged-by-migration"])
def test_what_is_read_at_once_is_what_is_read_later(name):
    """An operation is read as soon as it is done; the same is read of it after all others, and after a cut."""
    history = Session(name).history
    history.extend(len(history.ops) // 2, history.ops[len(history.ops) // 2 :])
    for track in history.tracks:
        for index, found in enumerate(track.accounts):
            rows = track.end(index), track.end(index + 1)
            assert found == account(track.lab, track.side, *rows, track.refused[index], track.failed[index])
        assert len(track.accounts) == len(history.ops)


@pytest.mark.parametrize("name", scenario.library())
def test_what_came_so_far_is_the_sum(name):
    """Costs are those of all rows up to there; queued are all that any decision queued; nothing for the first."""
    session = Session(name)
    for index, track in itertools.product(range(len(session.history.ops)), session.history.tracks):
        found, end = track.so_far(index), track.end(index + 1)
        whys = track.lab.journal[:end]
        whys = whys[whys[:, 0] == journal.WHY]

        assert found.costs == journal.costs(track.lab.journal[:end])
        assert set(whys[np.isin(whys[:, 1], ON), 2].tolist()) <= set(found.queued)
        freed = set(whys[whys[:, 1] == journal.UNQUEUED_FREED, 2].tolist())
        assert set(found.wasted) <= set(found.queued) & freed
    session.seek(session.history.axis.last)
    told = [track.so_far(len(session.history.ops) - 1) for track in session.history.tracks]
    assert session.frame.so_far == sentence(told)
    session.seek(0)
    assert session.frame.so_far == ""


def test_what_was_queued_rightly_was_not_for_nothing():
    """A half is unmapped, and later the other half: the folio is freed from the queue, where it had been of use."""
    session = Session()
    ops = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8; munmap 1 8 8"
    session.run(parse_line(ops), "v6.5-rc3+v4")
    session.seek(session.history.axis.last)

    assert session.frame.so_far.startswith("queues folio 1, split_queue_lock taken twice")


def test_what_is_queued_for_nothing_later_is_told():
    """A folio that a later operation queues and frees was queued for nothing, whatever came before."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64"), "v6.5-rc3+v4.1")
    session.seek(session.history.axis.last)

    assert session.frame.so_far.startswith("queues folio 1 for nothing")


def test_an_edit_of_the_past_is_told_anew():
    """What was kept of operations that are gone is forgotten."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8"), "v6.5-rc3+v4")
    session.seek(session.history.axis.last)
    before = session.frame.so_far
    session.seek(session.history.axis.begins[3])
    session.act(*parse_line("munmap 1 0 64"))

    assert session.frame.so_far == sentence([track.so_far(3) for track in session.history.tracks]) != before
    assert session.frame.so_far.startswith("queues no folio")


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
    session = Session(name)
    session.seek(session.history.axis.last)
    explorer = Explorer(session)
    (_, operation), (_, so_far), _ = explorer.screen.get_state()["parts"]["summary"]

    assert explorer.session.frame.told in html.unescape(operation)
    frame = explorer.session.frame
    assert ("the same." if frame.so_far == frame.told else frame.so_far) in html.unescape(so_far)


@pytest.mark.parametrize("name", scenario.library())
def test_two_differences_are_told_where_there_is_room(name):
    """A sentence that would not fit on a line beside its subject tells one of them, what weighs most."""
    session = Session(name)
    for end in session.history.axis.begins[1:]:
        session.seek(end)
        told = session.frame.told.rpartition("; ")[2]

        assert len(session.frame.told) <= FITS or " and " not in told
