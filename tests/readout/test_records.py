"""Records: what changed is known from the rows alone, and a lab that begins anew knows nothing of before."""

from __future__ import annotations

import numpy as np

from folioviz.compare.random_ops import SIZES, wander
from folioviz.lab import Lab
from folioviz.machine.memory import Machine
from folioviz.readout.records import Recorder, records
from folioviz.readout.written import Places, Written


def test_a_lab_that_begins_anew_tells_the_same():
    """After other operations, also after some that were refused, the machine is empty and the records are equal."""
    lab = Lab("v7.3", sizes=SIZES, calls=False)
    recorder = Recorder(lab)
    for seed in range(8):
        ops = wander(seed, 20, "v7.3")
        fresh = Lab("v7.3", sizes=SIZES)

        assert recorder.run(ops) == records(fresh, ops)
        np.testing.assert_array_equal(lab.machine.mem, fresh.machine.mem)


def test_what_was_written_is_what_differs(after):
    """Each page, page table and PMD that an operation changed is among those written, and so is each id that went."""
    lab = after("mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 2; faultpmd 1 512; fork 1")
    for op in wander(5, 25)[2:]:
        if lab.refusal(op) is not None:
            continue
        before = Machine(lab.machine.sizes, lab.machine.keeps, lab.machine.drops)
        before.restore(lab.machine.mem)
        lab.apply(op)
        machine = lab.machine
        written = Written(Places(machine), lab.rows(-1), memoryview(machine.folio_id.data))

        other = {
            name: (getattr(before, name) != getattr(machine, name)).nonzero()[0] for name in ("pte", "pmd")
        }
        assert {*(other["pte"] // 512).tolist()} <= written.tables
        assert {*(other["pmd"] // 512).tolist()} <= written.slots
        for name in ("page_mapcount", "folio_refcount", "page_anon_exclusive"):
            changed = (getattr(before, name) != getattr(machine, name)).nonzero()[0]
            assert {*changed.tolist()} <= {*written.pages.tolist()}
        moved = before.folio_id != machine.folio_id
        assert written.gone == {*before.folio_id[moved].tolist()} - {0}
