"""Records: what changed is known from the rows alone, and a lab that begins anew knows nothing of before."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

import msgspec
import numpy as np
import pytest

from folioviz.compare.random_ops import SIZES, wander
from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.link import Linked
from folioviz.machine.memory import Machine
from folioviz.machine.view import View
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import live_mms, queue
from folioviz.readout import changes, telling
from folioviz.readout.records import Recorder, records


def test_a_lab_that_begins_anew_tells_the_same():
    """After other operations, also after some that were refused, the machine is empty and the records are equal."""
    lab = Lab("v7.3", sizes=SIZES, calls=False)
    recorder = Recorder(lab)
    for seed in range(8):
        ops = wander(seed, 20, "v7.3")
        fresh = Lab("v7.3", sizes=SIZES)

        assert recorder.run(ops) == records(fresh, ops)
        np.testing.assert_array_equal(lab.machine.mem, fresh.machine.mem)


def histories():
    """Yield labs after each of many operations, with the machine before: random ones, on small and large folios."""
    for key in ("v6.5-rc3", "v6.12", "v7.3"):
        for seed in range(3):
            lab = Lab(key, sizes=SIZES, calls=False)
            for op in [
                *parse_line("mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512; fork 1"),
                *wander(seed, 15, key),
            ]:
                before = Machine(lab.machine.sizes, lab.machine.keeps, lab.machine.drops)
                before.restore(lab.machine.mem)
                with suppress(OperationError):
                    lab.apply(op)
                    yield lab, before


def test_what_changed_is_what_differs():
    """Each folio, id and page table that differs from before is told of; queue, rss and costs are the lab's."""
    for lab, before in histories():
        machine, view = lab.machine, View(lab.machine)
        told = changes.found(machine, view, lab.rows(-1))
        heads = set(told.heads)
        for name in ("page_mapcount", "folio_refcount", "page_anon_exclusive"):
            (pages,) = (getattr(before, name) != getattr(machine, name)).nonzero()
            assert {head for head in machine.page_folio[pages].tolist() if machine.folio_id[head]} <= heads
        moved = before.folio_id != machine.folio_id
        assert {*before.folio_id[moved].tolist()} - {0} == {
            one for one in told.gone if one < before.next_folio_id[0]
        }
        for slot in live_mms(machine):
            maps = changes.maps(machine, slot)
            mm = str(machine.mm_id[slot])
            assert told.tables.get(mm, maps) == maps
            assert mm in told.tables or maps == changes.maps(before, slot)
        assert told.queued == machine.folio_id[queue(machine)].tolist()
        assert told.rss == {str(machine.mm_id[slot]): machine.mm_rss[slot] for slot in live_mms(machine)}
        assert told.costs == {name: n for name, n in lab.costs(lab.applied[-1].start).items() if n}


@pytest.mark.parametrize("engine", ["python", "compiled"])
def test_what_is_told_by_rows_is_what_numpy_finds(engine):
    """One text, run by Python and as machine code, and numpy: all three say the same of every operation."""
    plain = Linked((telling,)).untraced["tell"]
    for lab, _ in islice(histories(), 0, None, 1 if engine == "compiled" else 5):
        rows, view = lab.rows(-1), View(lab.machine)
        found = changes.found(lab.machine, view, rows)
        if engine == "compiled":
            told = changes.told(changes.teller().bind(lab.machine), rows)
        else:
            view.rows = rows.tolist()
            plain(view, len(rows))
            told = changes.read(view.rows[len(rows) :])

        assert told._replace(heads=set(told.heads)) == found._replace(heads=set(found.heads))
        assert [*told.costs] == [*found.costs]


def test_what_finds_no_room_is_told_again(monkeypatch):
    """A process may map more than an operation leaves rows."""
    monkeypatch.setattr("folioviz.engine.compiled.USUAL_ROOM", 1)
    lab = Lab("v7.3", sizes=SIZES, calls=False, engine="python")
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 0; fault 1 2 0; fault 1 4 0; fault 1 6 0; get 1"):
        lab.apply(op)
        rows = lab.rows(-1)
        told = changes.told(changes.teller().bind(lab.machine), rows)
        assert told.tables == changes.found(lab.machine, View(lab.machine), rows).tables


def test_both_engines_leave_the_same_records():
    """Which of them ran is nowhere in a record, nor in the order of what it lists."""
    for key in ("v6.1", "v4", "v6.12", "v7.3"):
        recorders = [
            Recorder(Lab(key, sizes=SIZES, calls=False, engine=one)) for one in ("python", "compiled")
        ]
        for seed in range(3):
            ops = wander(seed, 20, key)
            plain, native = (msgspec.json.encode(one.run(ops)) for one in recorders)
            assert plain == native
