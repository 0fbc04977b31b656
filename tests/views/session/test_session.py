"""The session: time, branches, kernels, selection, and frames that tell the machine's state."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from folioviz import Lab, parse_line
from folioviz.files import scenario
from folioviz.machine.costs import COSTS
from folioviz.ops import ops
from folioviz.ops.ops import WORDS
from folioviz.readout import counters, state
from folioviz.views import Explorer
from folioviz.views.session.action import Row
from folioviz.views.session.actions import ACTIONS, INTENTS, standing
from folioviz.views.session.asks import ASKS
from folioviz.views.session.described import described
from folioviz.views.session.session import NONE, Session

A, B = "v6.5-rc3+v4.1", "v6.5-rc3+v4"
OPS = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; munmap 1 0 24; fork 1"


@pytest.fixture
def session():
    """Return a session with a small history under two kernels."""
    made = Session()
    made.run(parse_line(OPS), A, B)
    return made


def position(session):
    """Return the playhead."""
    return session.history.position


def test_it_opens_where_a_queues_a_folio_for_nothing():
    """The first frame: folio 1 on A's queue, spurious, and not on B's."""
    frame = Session().frame

    assert [folio.id for folio in frame.sides[0].queue] == [1]
    assert frame.sides[0].spurious(frame.sides[0].queue[0])
    assert frame.sides[1].queue == []
    assert frame.sides[0].latest.folio == 1


def test_every_position_shows_both_machines_as_they_were(session):
    """Folios, processes and counters of a frame equal those of labs that were run and sought apart."""
    labs = [Lab(A), Lab(B)]
    for lab in labs:
        for op in parse_line(OPS):
            lab.apply(op)
    for place in range(session.history.axis.last + 1):
        session.seek(place)
        for side, lab in zip(session.frame.sides, labs, strict=True):
            lab.seek(side.row)
            assert np.array_equal(
                lab.machine.mem, session.history.tracks["AB".index(side.name)].lab.machine.mem
            )
            assert str(tuple(state.folios(lab.machine))) == str(side.folios)
            assert counters.counters(lab.machine) == side.counters


def test_an_operation_takes_the_positions_of_its_longer_side(session):
    """In the shorter one the machine stands at the operation's end."""
    history = session.history
    for index in range(len(history.ops)):
        steps = [track.parts[index].steps.size for track in history.tracks]
        assert history.axis.begins[index + 1] - history.axis.begins[index] == max(1, *steps)
        session.seek(history.axis.begins[index + 1])
        assert [side.row for side in session.frame.sides] == [
            track.parts[index].end for track in history.tracks
        ]
        assert session.frame.index == index


def test_so_far_grows_to_the_whole_cost(session):
    """Costs up to the playhead never pass the total, and equal it where the operation ends."""
    for place in range(session.history.axis.begins[4], session.history.axis.begins[5] + 1):
        session.seek(place)
        for side in session.frame.sides:
            assert all(side.so_far[name] <= side.cost[name] for name in side.cost) or place == 0
    assert session.frame.sides[0].so_far == session.frame.sides[0].cost


def test_acting_in_the_past_drops_the_rest_and_restore_brings_it_back(session):
    """Operations after the one under the playhead go; restoring swaps them with what came instead."""
    before = list(session.history.ops)
    session.seek(session.history.axis.begins[2] + 1)
    session.selection.mm, session.selection.lo, session.selection.hi = 1, 0, 4
    session.do("dontneed")

    assert session.history.ops == before
    assert session.frame.pending[1] == 3

    session.cancel()

    assert session.frame.pending is None
    session.do("dontneed")
    session.branch()
    assert [op.word for op in session.history.ops] == ["mm", "mmap", "fault", "dontneed"]
    assert session.frame.dropped == 3
    assert "history" in session.frame.messages

    session.restore()

    assert session.history.ops == before
    assert position(session) == session.history.axis.last

    session.restore()

    assert session.history.ops[-1].word == "dontneed"


def test_undo_and_redo(session):
    """Undo goes to where the operation began; redo to where it ends; at the end it brings back what was dropped."""
    begins = session.history.axis.begins
    session.seek(begins[-1])
    session.undo()
    assert position(session) == begins[-2]
    session.seek(begins[-2] + 1)
    session.undo()
    assert position(session) == begins[-2]
    session.redo()
    assert position(session) == begins[-1]
    session.seek(0)
    session.undo()
    assert position(session) == 0
    session.do("mm")
    session.branch()
    session.redo()
    assert len(session.history.ops) == len(parse_line(OPS))


def test_another_kernel_does_the_same_operations(session):
    """And the playhead stays in its operation."""
    session.seek(session.history.axis.begins[4] + 5)
    session.choose(0, "v6.5-rc3")

    assert [side.kernel.key for side in session.frame.sides] == ["v6.5-rc3", B]
    assert session.frame.index == 4

    session.choose(1, NONE)

    assert [side.name for side in session.frame.sides] == ["A"]
    assert session.frame.index == 4


def test_an_operation_that_one_kernel_refuses_is_marked():
    """A folio that only one kernel still has can be split there only; the other one says why not."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 4; fault 1 0 1; munmap 1 0 2; mm"), A, "v6.5-rc3")

    assert session.frame.refused[-1] == "A"
    session.seek(session.history.axis.last)
    assert "bug" in session.frame.sides[0].refused
    assert session.frame.sides[1].refused == ""
    session.do("mm")
    assert session.frame.refused == ("", "", "", "", "A", "A")


@pytest.mark.parametrize(
    ("do", "place"),
    [
        (lambda s: s.open("nonsense"), "scenario"),
        (lambda s: s.open(7), "scenario"),
        (lambda s: s.choose(0, "nonsense"), "kernels"),
        (lambda s: s.choose(0, NONE), "kernels"),
        (lambda s: s.choose(1, None), "kernels"),
        (lambda s: s.gather("nonsense"), "kernels"),
        (lambda s: s.gather([]), "kernels"),
        (lambda s: s.seek("7"), "transport"),
        (lambda s: s.seek(float("nan")), "transport"),
        (lambda s: s.selection.select(1, -1, 4), "selection"),
        (lambda s: s.selection.select(1, 4, 4), "selection"),
        (lambda s: s.selection.select(1, 0, 262145), "selection"),
        (lambda s: s.selection.select(True, 0, 4), "selection"),
        (lambda s: s.selection.ask("order", 10), "operations"),
        (lambda s: s.selection.ask("target", 2**18), "move"),
        (lambda s: s.selection.ask("scan", 0), "operations"),
        (lambda s: s.selection.ask("none", 512), "operations"),
        (lambda s: s.selection.focus_on(-1), "folios"),
        (lambda s: s.selection.show_only("nonsense"), "folios"),
        (lambda s: s.selection.show_only([]), "folios"),
        (lambda s: s.selection.trace("C"), "trace"),
        (lambda s: s.selection.trace([]), "trace"),
        (lambda s: s.selection.zoom_to(("a", 1), s.frame), "selection"),
    ],
)
def test_what_is_impossible_is_told_beside_its_control_and_changes_nothing(session, do, place):
    """A message at its place; kernels, operations, playhead, selection and machines stay."""

    def everything():
        history = session.history
        tracks = [track.lab.machine.snapshot().tobytes() for track in history.tracks]
        return (
            history.kernels,
            history.mmu_gather,
            tuple(history.ops),
            history.position,
            session.frame.chosen,
            tracks,
        )

    before = everything()
    do(session)

    assert list(session.frame.messages) == [place]
    assert session.frame.messages[place]
    assert everything() == before


def test_a_refused_operation_changes_nothing(session):
    """A fault where a page is mapped: the reason, which is not the order's, and no new operation."""
    session.seek(session.history.axis.begins[4])
    session.selection.select(1, 3, 4)
    before = session.history.ops
    session.do("fault")

    assert session.history.ops is before
    assert session.frame.messages["operations"].startswith("cannot fault order 0 at 0x7f0000003000")
    assert session.frame.refusals["fault"] == session.frame.messages["operations"]


@pytest.mark.parametrize("name", list(scenario.library()))
def test_every_scenario_of_the_library_opens(name):
    """Without a message, at a place from which one can step both ways."""
    session = Session(name)

    assert session.frame.messages == {}
    assert session.frame.scenario == name
    for by in (1, -1):
        session.step(by)
        session.skip(by)
    assert session.frame.messages == {}


def test_a_bug_is_seen():
    """v3 without a gather frees a folio that is mapped: the frame says so."""
    assert "free_mapped" in Session("s390-and-v3").frame.sides[0].bugs


def test_steps_by_function_stop_where_another_one_begins(session):
    """Forward and back visit the same places; each is where the function of the next write changes."""
    session.seek(0)
    forward = [0]
    while position(session) < session.history.axis.last:
        session.call(1)
        forward.append(position(session))
    back = [position(session)]
    while position(session) > 0:
        session.call(-1)
        back.append(position(session))

    assert forward == back[::-1]
    assert set(session.history.axis.begins) <= set(forward)
    assert len(session.history.axis.begins) < len(forward) < session.history.axis.last


def test_a_refused_operation_in_the_past_is_not_asked_about(session):
    """The reason is told at once."""
    session.seek(session.history.axis.begins[4])
    session.selection.select(1, 3, 4)
    session.do("fault")

    assert session.frame.pending is None
    assert "a page is mapped" in session.frame.messages["operations"]


def test_anything_else_answers_no(session):
    """A step instead of an answer forgets the question."""
    session.seek(0)
    session.do("mm")
    assert session.frame.pending is not None
    session.step(1)
    session.branch()

    assert len(session.history.ops) == len(parse_line(OPS))


def test_zoom_stays_inside_and_never_gets_too_small(session):
    """Whatever is asked for, the view is part of the whole; as wide as the whole, it is the whole."""
    whole = session.frame.whole
    assert session.frame.view == whole
    for view in ((5, 6), (-(2**40), 9), (2**40, 2**41), (60, 3), (0, 2**30)):
        session.selection.zoom_to(view, session.frame)
        lo, hi = session.frame.view
        assert whole[0] <= lo < hi <= whole[1]
        assert hi - lo >= 16
    session.selection.zoom_to((16, 32), session.frame)
    assert session.frame.view == (16, 32)
    session.selection.zoom_by(2, session.frame)
    assert session.frame.view[1] - session.frame.view[0] == 32
    session.selection.zoom_to(None, session.frame)
    assert session.frame.view == whole


def test_what_was_spent_so_far_is_up_to_the_row():
    """At every step of a munmap: the counts of the rows before it, and of none after."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 3; munmap 1 0 8"), A)
    (track,) = session.history.tracks
    begin, end = session.history.axis.begins[-2:]
    start = track.end(3)
    for position in range(begin, end + 1):
        session.seek(position)
        (side,) = session.frame.sides
        rows = track.lab.journal[start : side.row]
        for name, row in COSTS.items() if position > begin else ():
            mine = rows[rows[:, 0] == row.kind]
            assert side.so_far[name] == int(np.where(mine[:, 1] < 0, mine[:, 3], 1).sum())


def test_the_pages_of_an_operation_are_selected():
    """From its first page to the one after its last; sixteen where it names no number."""
    for text, selected in (("munmap 1 8 4", (1, 8, 12)), ("fault 1 3 2", (1, 3, 19)), ("mm", (1, 0, 16))):
        session = Session()
        session.selection.about(*parse_line(text))

        assert (session.selection.mm, session.selection.lo, session.selection.hi) == selected


def test_of_very_many_pages_those_around_the_selection_are_shown():
    """A VMA of 262,144 pages: the lanes show 1,024 of them and an overview."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 262144; fault 1 200000 4"), A)

    assert session.frame.whole == (0, 262144)
    lo, hi = session.frame.view
    assert lo <= 200000 < hi
    assert hi - lo == 1024
    session.selection.zoom_to(None, session.frame)
    assert session.frame.view == session.frame.whole


def test_every_operation_can_be_done_from_the_screen():
    """Each word has a button that makes it, or, the gather's limit, a menu; each stands in a row, or is searched."""
    chosen = Session().frame.chosen
    made = {action.make(chosen).word for action in ACTIONS.values()}

    assert set(WORDS) == made | {"glimit"}
    assert set(ACTIONS) == {one.name for row in get_args(Row) for one in standing(row)}
    assert {one.under or one.intent for one in ACTIONS.values()} <= set(INTENTS)
    assert {ask for one in ACTIONS.values() for ask in one.asks} == set(ASKS)


def test_every_operation_is_described():
    """In a few words, with what it is about."""
    made = {action.make(Session().frame.chosen) for action in ACTIONS.values()} | {ops.Glimit(2)}
    words = {op.word: described(op) for op in made}

    assert words["touch"] == "touch pages 16–23"
    assert words["zero"] == "zero-fill 8 pages of folio 2 from 0"
    assert words["remap"] == "failed migration of folio 1"
    assert words["split"] == "split folio 1"
    assert words["mprotect"].startswith("mprotect ")
    assert words["underused"] == "shrink_underused on"
    assert words["glimit"] == "gather limit 2"
    assert len(set(words.values())) == len(words)


BEGINNING = "mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512"


def later(text, *pair, at=None):
    """Return a session that has run more under later kernels; the playhead is at the end of an operation."""
    made = Session()
    made.run(parse_line(f"{BEGINNING}; {text}"), *pair)
    made.seek(made.history.axis.last if at is None else made.history.axis.begins[at])
    return made


def spurious(session, folio):
    """Return why a folio gains nothing on A's queue."""
    side = session.frame.sides[0]
    return side.spurious(next(one for one in side.folios if one.id == folio))


@pytest.mark.parametrize("kernel", ["v6.12", "v7.3", "v7.3+no-page-mapcount"])
def test_queued_at_birth_is_not_spurious(kernel):
    """Unflagged, a folio waits for the test of underused ones: mapped, and while it is being unmapped."""
    session = later("munmap 1 0 1024", kernel, at=4)
    assert spurious(session, 2) == ""
    session.seek(session.history.axis.begins[4] + 3)
    assert spurious(session, 2) == ""


@pytest.mark.parametrize("kernel", ["v6.10", "v6.12", "v7.3"])
def test_flagged_and_mapped_again_is_spurious(kernel):
    """A failed migration unmaps a healthy folio page by page, which queues it; then all of it is mapped again."""
    session = later("remap 1", kernel)

    assert spurious(session, 1) == "all of its pages are mapped, so splitting it frees none"
    begins = session.history.axis.begins
    while_unmapped = []
    for place in range(begins[4], begins[5]):
        session.seek(place)
        side = session.frame.sides[0]
        folio = next(one for one in side.folios if one.id == 1)
        if folio.queue_place and not folio.pages_mapped:
            while_unmapped.append(side.spurious(folio))
    assert set(while_unmapped) == {""}


def test_what_one_side_refuses_is_told_with_its_name():
    """B does it, A says why not, and A's machine stays."""
    session = later("mm", "v6.5-rc3", "v7.3")
    session.selection.focus_on(1)
    assert session.frame.halves["migrate"].startswith(
        "A refuses this, and nothing changes there: the model of v6.5-rc3 has no"
    )
    before = session.history.tracks[0].lab.machine.snapshot().tobytes()
    session.do("migrate")

    assert session.frame.messages["operations"] == session.frame.sides[0].refused.join(
        ("A refuses this, and nothing changes there: ", "")
    )
    assert session.frame.refused[-1] == "A"
    assert session.history.tracks[0].lab.machine.snapshot().tobytes() == before


def test_what_both_sides_refuse_for_different_reasons_is_told_of_both():
    """Nothing is done."""
    session = later("mm", "v6.5-rc3", "v6.1")
    count = len(session.history.ops)
    session.do("migrate")

    assert session.frame.messages["operations"].count("refuses this") == 2
    assert len(session.history.ops) == count


def test_switches_flip_what_the_machine_has():
    """A size, shrink_underused and max_ptes_none; another press takes it back."""
    session = later("mm", "v6.5-rc3", "v7.3")
    machine = session.history.tracks[1].lab.machine
    session.do("size4")
    assert int(machine.thp_enabled[0]) >> 4 & 1
    session.do("size4")
    assert not int(machine.thp_enabled[0]) >> 4 & 1
    before = int(machine.shrink_underused[0])
    session.do("underused")
    assert int(machine.shrink_underused[0]) == 1 - before
    session.selection.ask("none", 7)
    session.do("maxnone")
    assert int(machine.max_ptes_none[0]) == session.frame.sides[1].settings["max_ptes_none"] == 7


def test_zero_fill_means_the_selected_pages():
    """Within the folio at the first of them; where nothing is mapped, all of the folio in focus."""
    session = later("mm", "v6.12")
    session.selection.select(1, 12, 40)
    assert session.frame.chosen.empty == (1, 12, 4)
    session.selection.select(1, 600, 700)
    assert session.frame.chosen.empty == (2, 88, 100)
    session.selection.focus_on(1)
    session.selection.select(1, 40, 44)
    assert session.frame.chosen.empty == (1, 0, 16)


def test_actions_that_no_kernel_has_are_lacking():
    """None of v6.5's has migration; v6.12 lacks what came later, and v7.3 has everything."""
    assert {"migrate", "size4", "touch"} <= later("mm", "v6.5-rc3").frame.lacking
    assert later("mm", "v6.5-rc3", "v6.12").frame.lacking == {"guard", "unguard"}
    assert later("mm", "v6.5-rc3", "v7.3").frame.lacking == frozenset()


def test_the_gathers_limit_is_an_operation_like_others():
    """The menu shows the machine's; choosing another acts after the playhead."""
    explorer = Explorer()
    explorer.session.run(parse_line("mm; mmap 1 0 64"), A, B)
    explorer.controls.limit.value = 0

    assert [op.short() for op in explorer.session.frame.ops] == ["mm", "mmap 1 0 64", "glimit 0"]
    assert explorer.session.frame.gather_limit == 0
    explorer.session.seek(0)
    assert explorer.controls.limit.value == -1
    explorer.controls.limit.value = 2
    assert explorer.session.pending is not None


def test_an_assertion_is_worth_seeing():
    """An order-1 folio under 1/3: the playhead is where the assertion has just fired."""
    session = Session("order-1")

    assert session.frame.sides[0].bugs == ("vm_bug:folio_order(folio) < 2",)
    session.step(-1)
    assert session.frame.sides[0].bugs == ()


def test_why_queueing_gains_nothing():
    """Unmapped by now, or going to be by this operation; neither if part of it stays."""
    spurious = Session("first-look").frame.sides[0]
    kept, waits = Session(), Session()
    kept.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4"), A)
    waits.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; get 1; dontneed 1 0 16; mm"), A)

    assert spurious.spurious(spurious.queue[0]) == "this operation goes on to unmap all of it"
    assert kept.frame.sides[0].spurious(kept.frame.sides[0].queue[0]) == ""
    assert waits.frame.sides[0].spurious(waits.frame.sides[0].queue[0]).startswith("nothing maps it any more")


def test_a_queueing_of_both_kernels_opens_where_both_have_done_it():
    """The front of a folio: neither queue looks empty; where one kernel alone queues, its queueing is shown."""
    both = Session("front").frame
    assert both.position == both.last
    assert [len(side.queue) for side in both.sides] == [1, 1]
    one = Session("whole-folio").frame
    assert one.begins[-2] < one.position < one.last
    assert [len(side.queue) for side in one.sides] == [1, 0]
