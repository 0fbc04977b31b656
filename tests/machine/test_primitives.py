"""The primitives: every write and what it leaves in the journal."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.machine import journal, primitives
from folioviz.machine.costs import (
    ENTM,
    LRU,
    MAPC,
    NRPM,
    PALLOC,
    QADD,
    QDEL,
    RGET,
    RPUT,
    SQLOCK,
)
from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, FOLIO_INDEX, FOLIO_NR_PAGES_MAPPED, PAGE_MAPCOUNT
from folioviz.machine.journal import NOWHERE, STORE, WHY
from folioviz.machine.memory import BUG_UAF, LIST_PAGE, SPLIT_QUEUE, Machine, Sizes
from folioviz.machine.view import View


@pytest.fixture
def machine():
    """Return a small machine."""
    return Machine(Sizes(pages=512, tables=1, vmas=1))


@pytest.fixture
def m(machine):
    """Return the machine as kernel functions see it."""
    return View(machine)


def test_a_write_leaves_a_row(machine, m):
    """The row has the kind, the address, what was there and what is there now."""
    primitives.write(m, MAPC, PAGE_MAPCOUNT, 5, 3)

    assert machine.page_mapcount[5] == 3
    assert m.rows == [(MAPC, machine.base[PAGE_MAPCOUNT] + 5, -1, 3)]


def test_storing_what_is_there_is_no_event(m):
    """A store is journaled only if it changes something."""
    primitives.store(m, FOLIO_INDEX, 1, 0)
    assert m.rows == []

    primitives.store(m, FOLIO_INDEX, 1, 8)
    assert [row[0] for row in m.rows] == [STORE]


@pytest.mark.parametrize(
    ("field", "kind"),
    [(PAGE_MAPCOUNT, MAPC), (FOLIO_ENTIRE_MAPCOUNT, ENTM), (FOLIO_NR_PAGES_MAPPED, NRPM)],
)
def test_an_atomic_costs_what_its_field_says(machine, m, field, kind):
    """Each counter has a cost of its own; the new value is returned."""
    machine.folio_refcount[7] = 1
    before = machine.mem[machine.base[field] + 7]

    assert primitives.atomic_add_return(m, field, 7, 4) == before + 4
    assert [row[0] for row in m.rows] == [kind]
    assert machine.bugs() == []


def test_a_mapcount_of_a_freed_folio_is_a_bug(machine, m):
    """Counting a mapping of a folio without references is a use after free."""
    primitives.atomic_add_return(m, PAGE_MAPCOUNT, 7, -1)

    assert machine.bug[0] == BUG_UAF


def test_references_come_and_go(machine, m):
    """Adding any number is one atomic; dropping the last one is told."""
    primitives.page_ref_add(m, 4, 2)
    assert not primitives.put_page_testzero(m, 4)
    assert primitives.put_page_testzero(m, 4)

    assert [row[0] for row in m.rows] == [RGET, RPUT, RPUT]
    assert machine.folio_refcount[4] == 0


def test_lists_are_those_of_the_kernel(machine, m):
    """list_add() puts a node first, list_add_tail() last, list_del_init() leaves it alone; every row is undone."""
    before = machine.snapshot()
    nodes = [LIST_PAGE + 10 + i for i in range(3)]
    for node in nodes[:2]:
        primitives.list_add_tail(m, node, SPLIT_QUEUE)
    primitives.list_add(m, nodes[2], SPLIT_QUEUE)

    assert walk(machine) == [nodes[2], nodes[0], nodes[1]]
    primitives.list_del_init(m, nodes[0])
    assert walk(machine) == [nodes[2], nodes[1]]
    assert primitives.list_empty(m, nodes[0])
    assert not primitives.list_empty(m, SPLIT_QUEUE)

    journal.undo(machine.mem, np.array(m.rows, np.int32))
    np.testing.assert_array_equal(machine.mem, before)


def walk(machine):
    """Return the queue's nodes forward, after comparing with the way back."""
    forward, backward = [], []
    for found, links in ((forward, machine.list_next), (backward, machine.list_prev)):
        node = int(links[SPLIT_QUEUE])
        while node != SPLIT_QUEUE:
            found.append(node)
            node = int(links[node])

    assert forward == backward[::-1]
    return forward


def test_the_queue_is_found_whole_at_every_row(machine, m):
    """Between the writes of an addition a walk forward finds the node or not, and never leaves the list."""
    node, other = LIST_PAGE + 10, LIST_PAGE + 20
    primitives.list_add_tail(m, other, SPLIT_QUEUE)
    start = len(m.rows)
    primitives.list_add_tail(m, node, SPLIT_QUEUE)
    steps = np.array(m.rows[start:], np.int32)
    journal.undo(machine.mem, steps)
    for i in range(len(steps) + 1):
        found, at = [], int(machine.list_next[SPLIT_QUEUE])
        while at != SPLIT_QUEUE:
            found.append(at)
            at = int(machine.list_next[at])
        assert found in ([other], [other, node])
        journal.redo(machine.mem, steps[i : i + 1])


def test_the_queues_lock_and_length(machine, m):
    """Taking the lock costs, releasing it does not; the length goes up and down with costs of their own."""
    primitives.spin_lock(m)
    primitives.split_queue_len_add(m, 1)
    primitives.split_queue_len_add(m, -1)
    primitives.spin_unlock(m)

    assert [row[0] for row in m.rows] == [SQLOCK, QADD, QDEL, STORE]
    assert machine.split_queue_lock[0] == machine.split_queue_len[0] == 0


def test_events_and_decisions_change_nothing(machine, m):
    """They are rows without a write: a number of events, or a reason, a folio's id and a detail."""
    machine.folio_id[3] = 77
    before = machine.snapshot()
    primitives.count(m, PALLOC, 16)
    primitives.why(m, journal.QUEUED, 3, 5)

    assert m.rows == [(PALLOC, NOWHERE, 0, 16), (WHY, journal.QUEUED, 77, 5)]
    np.testing.assert_array_equal(machine.mem, before)


def test_bugs_add_up(machine, m):
    """A second bug does not hide the first; the first time is the one that is journaled."""
    for bit in (BUG_UAF, 4, BUG_UAF):
        primitives.bug(m, bit)

    assert machine.bugs() == ["uaf", "vm_bug:folio_order(folio) < 2"]
    assert len(m.rows) == 2


def test_node_counters(machine, m):
    """A statistic costs one lruvec update whatever its size; a vm event is free."""
    primitives.lruvec_stat_add(m, 1, 512)
    primitives.count_vm_event(m, 2)

    assert machine.vmstat.tolist() == [0, 512]
    assert machine.vm_event.tolist() == [0, 0, 1, 0]
    assert [row[0] for row in m.rows] == [LRU, STORE]
