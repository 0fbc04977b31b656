"""A long history: what a frame costs does not depend on how many operations came before."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import parse, parse_line
from folioviz.compare import sentence
from folioviz.machine.journal import Journal
from folioviz.machine.memory import COMPOUND_MAPPED, NR_ANON_MAPPED
from folioviz.ops.walk import folio_head
from folioviz.views.player import scan, track
from folioviz.views.player.curve import COUNTED, OF_MACHINE
from folioviz.views.session.session import Session

BEGIN = "mm; mmap 1 0 64"
ROUND = "fault 1 0 4; dontneed 1 0 5; fork 1; write 1 8; exit {child}; munmap 1 0 64; mmap 1 0 64"
"""Operations after which the machine is as it was before."""


def session_of(rounds):
    """Return a session in which the same was done again and again."""
    session = Session()
    lines = [BEGIN, *(ROUND.format(child=number + 2) for number in range(rounds))]
    session.run(parse_line("; ".join(lines)), "v6.5-rc3+v4.1", "v6.5-rc3+v4")
    assert session.frame.refused == ("",) * len(session.frame.ops)
    return session


@pytest.fixture
def rows_read(monkeypatch):
    """Return a list that gets the length of every slice that is read of a journal."""
    read = []
    slice_of = Journal.__getitem__

    def counted(journal, part):
        rows = slice_of(journal, part)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(Journal, "__getitem__", counted)
    return read


def test_what_all_came_to_is_not_added_up_anew(monkeypatch):
    """Forth, back, over an operation taken back: the sum is that of all accounts, and one operation adds one."""
    session, added = session_of(6), []
    together = sentence.together
    monkeypatch.setattr(track, "together", lambda some: added.append(len(some)) or together(some))
    one = session.history.tracks[1]
    last = len(session.history.ops) - 1
    for index in (last, last, 3, 4, 2, last):
        assert one.so_far(index) == together(one.accounts[: index + 1])
    assert added == [1, 1, 4, 2, 3, last - 1]

    added.clear()
    session.act(parse("fault 1 0 4"))
    assert max(added) <= 2
    one.so_far(last + 1)
    one.cut(last)
    for op in parse_line("fault 1 16 3; munmap 1 16 8"):
        one.apply(op)
    assert one.so_far(last + 1) == together(one.accounts)


def test_rows_read_do_not_depend_on_what_came_before(rows_read):
    """An operation, steps, undo and redo read as many rows after 40 rounds as after two."""
    found = []
    for rounds in (2, 40):
        session = session_of(rounds)
        rows_read.clear()
        session.act(parse("fault 1 0 4"))
        session.act(parse("dontneed 1 0 5"))
        session.step(-3)
        session.step(3)
        session.undo()
        session.redo()
        session.selection.focus_on(1)
        session.selection.focus_on(session.frame.sides[0].folios[0].id)
        found.append(list(rows_read))

    assert found[0] == found[1]
    assert sum(found[0]) > 0


def test_few_operations_stay_sifted_and_are_sifted_again_alike():
    """A scan that was forgotten is made of the journal again."""
    session = session_of(4)
    parts = session.history.tracks[0].parts
    first = [parts[index].steps for index in range(len(parts))]

    assert len(parts) == len(session.history.ops)
    assert len(parts._kept) == scan.KEPT
    for index, steps in enumerate(first):
        np.testing.assert_array_equal(parts[index].steps, steps)


def test_decisions_in_words_are_kept_for_one_operation():
    """Going through the history does not pile them up."""
    session = session_of(4)
    track = session.history.tracks[0]
    sizes = []
    for index in range(len(session.history.ops)):
        session.go_to_op(index)
        sizes.append(len(track._told[1]))

    assert 0 < max(sizes[2:9]) == max(sizes[-7:])


@pytest.mark.parametrize("whole", [False, True])
def test_the_line_is_that_of_the_machine(whole):
    """At every position where the folio lives, the staircase is as high as the machine's count says."""
    session = session_of(2)
    session.selection.focus_on(1)
    session.selection.show_whole(whole)
    last = session.history.axis.begins[8]  # the folio's mapping ends within operation 8
    heights = set()
    for place in range(session.history.axis.begins[2] + 1, last):
        session.seek(place)
        side = session.frame.sides[0]
        folio = next((one for one in side.folios if one.id == 1), None)
        if folio is None or session.frame.position - session.frame.begins[session.frame.index] > side.steps:
            continue
        x, y = side.curve.x, side.curve.y
        assert x[0] <= place <= x[-1]
        assert y[np.searchsorted(x, place, side="right") - 1] == folio.nr_pages_mapped % 0x800000
        heights.add(folio.nr_pages_mapped)

    assert heights >= {0, 11, 16}


def test_a_folio_that_is_gone_or_to_come_has_a_size_and_no_line():
    """One that no kernel ever had has no size either."""
    session = session_of(2)
    for folio, begin, pages in ((1, 10, 16), (3, 3, 16), (10**9, 3, 0)):
        session.selection.focus_on(folio)
        session.seek(session.history.axis.begins[begin])
        curve = session.frame.sides[0].curve
        assert (curve.pages, curve.x.size) == (pages, 0)


DRAWN = {
    "mapped": lambda machine, head: (
        machine.folio_nr_pages_mapped[head] % COMPOUND_MAPPED
        if machine.folio_order[head]
        else machine.page_mapcount[head] + 1
    ),
    "large": lambda machine, head: machine.folio_large_mapcount[head] + 1,
    "refcount": lambda machine, head: machine.folio_refcount[head],
    "entire": lambda machine, head: machine.folio_entire_mapcount[head] + 1,
    "queue": lambda machine, _: machine.split_queue_len[0],
    "anon": lambda machine, _: machine.vmstat[NR_ANON_MAPPED],
}
PLAN = "mm; mmap 1 0 1024; faultpmd 1 512; fork 1; dontneed 2 520 9; fault 1 0 4; dontneed 1 512 600; munmap 1 0 16"


@pytest.mark.parametrize("counted", COUNTED)
@pytest.mark.parametrize("everything", [False, True])
def test_the_timeline_draws_what_the_machine_holds(counted, everything):
    """At every position at which the folio lives, the line is at the counter's value; of the machine's, always.

    A frame is built where an operation begins and ends, and now and then within it: the line is the operation's.
    """
    session = Session()
    session.run(parse_line(PLAN), "v7.3" if counted == "large" else "v6.5-rc3+v4.1")
    session.selection.focus_on(1)
    session.selection.show_whole(everything)
    session.selection.count(counted)
    machine, seen = session.history.tracks[0].lab.machine, 0
    ends = {place + more for place in session.history.axis.begins for more in (-1, 0, 1)}
    for place in range(session.history.axis.last + 1):
        session.history.go(place)
        if place in ends or place % 32 == 0:
            session.show()
        line, head = session.frame.sides[0].curve, folio_head(machine, 1)
        inside = line.x.size and line.x[0] <= place <= line.x[-1]
        if head < 0 and counted not in OF_MACHINE:
            continue
        if place in set(line.x[1:-1].tolist()) | {session.frame.span[0]} or not inside:
            continue  # a corner has two heights
        at = int(np.searchsorted(line.x, place, side="right")) - 1
        seen += 1
        assert line.y[at] == DRAWN[counted](machine, head), (place, counted)

    assert seen > 100


@pytest.mark.parametrize("kernel", ["v6.1", "v6.8", "v6.12", "v7.3"])
@pytest.mark.parametrize("everything", [False, True])
def test_a_folio_that_is_split_goes_on_as_its_first_page(kernel, everything):
    """From the row on that makes it a single page, the line is at what its card says, whatever comes later."""
    session = Session()
    session.run(
        parse_line("mm; mmap 1 0 1024; faultpmd 1 512; split 1; fork 1; exit 2; dontneed 1 512 1"), kernel
    )
    session.selection.focus_on(1)
    session.selection.show_whole(everything)
    begins, heights = session.history.axis.begins, []
    for place in [*begins[3:6], begins[6] - 1]:
        session.seek(place + 1)
        side = session.frame.sides[0]
        folio = next(one for one in side.folios if one.id == 1)
        if folio.order == 0:
            at = int(np.searchsorted(side.curve.x, place + 1, side="right")) - 1
            assert side.curve.x[-1] >= place + 1
            heights.append((float(side.curve.y[at]), int(folio.mapcount[0]) + 1))
            assert side.curve.split == (everything or place < begins[4])

    assert heights == [(1, 1), (2, 2), (1, 1)]


@pytest.mark.parametrize(
    ("kernel", "counted"),
    [("v6.5-rc3", "large"), ("v6.1", "mapped"), ("v7.3+no-page-mapcount", "mapped")],
)
def test_what_a_kernel_does_not_keep_is_not_drawn(kernel, counted):
    """No line, and the curve says so."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 1024; faultpmd 1 512; splitpmd 1 512; dontneed 1 512 9"), kernel)
    session.selection.focus_on(1)
    session.selection.count(counted)
    curve = session.frame.sides[0].curve

    assert (curve.kept, curve.x.size, curve.pages) == (False, 0, 512)


def test_another_counter_must_be_one():
    """A browser can ask for anything."""
    session = Session()
    session.selection.count("secrets")

    assert "the counter to draw is 'secrets'" in session.messages["transport"]
    assert session.frame.counting == "mapped"


@pytest.mark.parametrize(
    ("kernel", "line", "reason"),
    [
        ("v6.5-rc3+v4", "mm; mmap 1 0 64; touch 1 0 1", "the model of v4 has no touch: no touch_pages() was"),
        ("v6.1", "mm; underused 1", "v6.1 (stable) has no underused: shrink_underused came with v6.12"),
        ("v6.1", "mm; mmap 1 0 64; fault 1 0 4", "cannot fault order 4 under v6.1 (stable): by PTEs it maps"),
    ],
)
def test_a_refusal_calls_the_kernel_by_its_name(kernel, line, reason):
    """Before an operation is done and after; other kernels that the sentence names keep their names."""
    *first, last = parse_line(line)
    session = Session()
    session.run(first, kernel, "v6.12")
    asked = session.history.reasons([last])[0][0]
    track = session.history.tracks[0]
    track.apply(last)

    assert asked.startswith(reason)
    assert track.refused[-1] == asked
