"""A and B beside each other: what one has not come to is said with its step, and by progress both are as far."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from folioviz import kernels
from folioviz.compare.random_ops import wander
from folioviz.files import scenario
from folioviz.files.scenario import Scenario
from folioviz.machine import memory as m
from folioviz.mm.headers import deferred_list
from folioviz.views import Explorer
from folioviz.views.session.session import Session

PAIRS = list(zip(kernels.KERNELS, [*kernels.KERNELS][1:], strict=False))
SHORT = [name for name, found in scenario.library().items() if len(found.ops) < 20]
LONG = 400
"""Operations of fewer positions are looked at position by position."""


def tables(machine):
    """Return what each page of each address space is mapped to: (slot, page) -> value."""
    found = {}
    for at in np.flatnonzero(machine.pmd).tolist():
        entry = int(machine.pmd[at])
        if entry & 2:
            found[at, -1] = entry
        else:
            table = entry >> m.ENTRY_SHIFT
            for page in np.flatnonzero(machine.pte[table * 512 : table * 512 + 512]).tolist():
                found[at, page] = int(machine.pte[table * 512 + page])
    return found


def last_changes(session, track, begin, end):
    """Return where in an operation each entry of page tables becomes what it stays: entry -> position."""
    machine, found = track.lab.machine, {}
    session.history.go(begin)
    before = tables(machine)
    for position in range(begin + 1, end + 1):
        session.history.go(position)
        now = tables(machine)
        found |= {name: position for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
        before = now
    return found


def check_walk(session):
    """Both sides finish the same entries at the same positions, and every step of each has a position."""
    session.align(by_progress=True)
    history = session.history
    paced = 0
    for index, (begin, end) in enumerate(pairwise(history.axis.begins)):
        pace = history.axis.paces[index]
        if pace is None:
            continue
        paced += 1
        if end - begin < LONG:
            a, b = (last_changes(session, track, begin, end) for track in history.tracks)
            assert a == b
            assert sorted(a.values()) == (pace.starts[1:-1] + begin).tolist()
        for track in history.tracks:
            done = [history.axis.step(track, index, offset) for offset in range(end - begin + 1)]
            assert sorted(set(done)) == list(range(track.parts[index].steps.size + 1))
            assert done == sorted(done)
    return paced


@pytest.mark.parametrize("name", SHORT)
def test_by_progress_both_kernels_have_dealt_with_the_same_entries(name):
    """Of every scenario: what page tables still lack is the same, and no step of a kernel is passed over."""
    session = Session(name)
    assert check_walk(session)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@pytest.mark.parametrize("mode", kernels.GATHER_MODES)
def test_by_progress_of_random_operations(pair, mode):
    """The same of operations that nobody chose, under every kernel and either gather."""
    check_walk(Session(Scenario(tuple(wander(5, 14)), kernels=pair, mmu_gather=mode)))


def queued(machine):
    """Return the ids of the folios on the queue, walked link by link."""
    node, found = int(machine.list_next[m.SPLIT_QUEUE]), set()
    while node != m.SPLIT_QUEUE:
        found.add(int(machine.folio_id[node - deferred_list(0)]))
        node = int(machine.list_next[node])
    return found


def comes_true(explorer, place, folio, words):
    """Tell whether a side's machine does what is announced at the step that is named, and not a step before."""
    session = explorer.session
    history, back = session.history, session.history.position
    machine, begin = history.machines[place], session.frame.begins[session.frame.index]
    seen = []
    step = int(re.findall(r"\d+", words)[0])
    for position in (begin + step - 1, begin + step):
        history.go(position)
        seen.append(folio in (machine.folio_id if words.startswith("freed") else queued(machine)))
    history.go(back)
    return seen == ([False, True] if words.startswith("queued") else [True, False])


@pytest.mark.slow
@pytest.mark.parametrize("by_progress", [False, True], ids=["step", "progress"])
def test_what_a_side_has_not_come_to_is_said_with_its_step(by_progress):
    """Of every scenario: the step that queue and cards name is the one at which that machine does it."""
    said = []
    for name in SHORT:
        explorer = Explorer(Session(name))
        session = explorer.session
        session.align(by_progress=by_progress)
        begin, end = session.frame.begins[session.frame.index :][:2]
        for position in np.unique(np.linspace(begin + 1, end, 8).astype(int)).tolist():
            session.seek(position)
            parts = explorer.screen.get_state()["parts"]
            columns = re.split('<section data-side="B">', dict(parts["queue"])[""])
            for place, column in enumerate(columns):
                found = re.findall(r"data-awaited=\"(\d+)\">folio \d+: ([^<]*)<", column)
                for key, card in parts[f"folios:{'AB'[place]}"]:
                    found += [(key, text) for text in re.findall(r">((?:freed|queued) at step \d+)<", card)]
                for folio, words in found:
                    if re.search(r"\d", words):
                        assert comes_true(explorer, place, int(folio), words), (name, position, words)
                    said.append(words.rstrip("0123456789"))
    assert {"queued at step ", "not queued by this operation", "freed at step "} <= set(said)


@pytest.mark.slow
def test_a_link_made_by_progress_opens_at_the_same_step_of_a():
    """Positions in links and files stay those by step."""
    session = Session("front")
    explorer, other = Explorer(session), Explorer()
    session.align(by_progress=True)
    for position in range(session.history.axis.begins[-2] + 1, session.history.axis.last + 1):
        session.seek(position)
        step = session.frame.sides[0].step
        data = explorer.screen.get_state()["data"]
        other.follow_link(f"{data['link']['query']}&at={data['head']['at']}")
        assert other.session.frame.sides[0].step == step


def test_a_person_chooses_how_positions_go():
    """The switch in the timeline's heading: both sides stand still for A's step, and the heading counts entries."""
    explorer = Explorer(Session("front"))
    session = explorer.session
    before = session.frame.sides[0].row
    explorer.events.heard({"click": "do:byprogress"})
    head = dict(explorer.screen.get_state()["parts"]["timeline"])
    assert (session.frame.sides[0].row, session.history.by_progress) == (before, True)
    assert 'fv-go-byprogress" data-fv="do:byprogress"' in head["align"]
    assert re.search(r", entry \d of 5 ·", head["title"])
    explorer.events.heard({"click": "do:bystep"})
    assert (session.frame.sides[0].row, session.history.by_progress) == (before, False)
