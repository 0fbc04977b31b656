"""The lab: apply, seek, cut, and what each operation did."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import lab as module
from folioviz.errors import KernelError, LimitError, OperationError
from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.machine.primitives import bug
from folioviz.ops.ops import parse, parse_line

SMALL = Sizes(pages=512, tables=8, vmas=8)
LINE = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5"


def run(line=LINE, kernel="v6.5-rc3+v4.1", **more):
    """Return a lab after a line of operations."""
    lab = Lab(kernel, sizes=SMALL, **more)
    for op in parse_line(line):
        lab.apply(op)
    return lab


def test_an_operation_is_a_step_of_the_history():
    """A step has the operation, its rows and what the kernel returned; steps follow each other without a gap."""
    lab = run()
    step = lab.applied[-1]

    assert [s.op.short() for s in lab.applied] == ["mm", "mmap 1 0 64", "fault 1 0 4", "dontneed 1 0 5"]
    assert [s.start for s in lab.applied] == [0, *(s.end for s in lab.applied[:-1])]
    assert lab.cursor == step.end == len(lab.journal)
    assert [s.result for s in lab.applied] == [1, 0, 0, 0]
    np.testing.assert_array_equal(lab.rows(3), lab.journal[step.start : step.end])


def test_costs_of_any_slice():
    """The costs of an operation are a part of those of the history."""
    lab = run()
    costs = lab.costs(lab.applied[3].start)

    assert (costs["mapc"], costs["sqlock"], costs["qadd"], costs["zround"]) == (5, 1, 1, 1)
    assert lab.costs()["palloc"] == 16
    assert lab.costs(0, 0)["palloc"] == 0


def test_where_an_operation_is_under_way():
    """A row inside an operation knows which, how many are complete there, and where that one ends."""
    lab = run()
    start, end = lab.applied[3].start, lab.applied[3].end

    assert (lab.op_at(start + 7), lab.complete(start + 7), lab.boundary(start + 7)) == (3, 3, end)
    assert (lab.op_at(start), lab.complete(start), lab.boundary(start)) == (2, 3, start)
    assert (lab.op_at(0), lab.complete(0), lab.boundary(0)) == (-1, 0, 0)


def test_seek_goes_to_rows_that_exist():
    """The message names the row and the bounds."""
    lab = run("mm")
    for row in (-1, len(lab.journal) + 1):
        with pytest.raises(LimitError) as error:
            lab.seek(row)
        assert str(error.value) == f"the row to go to is {row}: it must be 0 to {len(lab.journal)}"


def test_acting_in_the_past_finishes_what_is_under_way():
    """An operation asked for in the middle of another one comes behind it; what came later is cut off."""
    lab = run()
    lab.seek(lab.applied[2].start + 3)
    lab.apply(parse("write 1 20"))

    assert [one.op.word for one in lab.applied] == ["mm", "mmap", "fault", "write"]
    assert lab.machine.folio_id.max() == 2


def test_a_history_can_be_cut():
    """What is under way at the cursor is finished; what comes after it is forgotten."""
    lab = run()
    lab.seek(lab.applied[2].start + 3)
    lab.cut()

    assert [one.op.word for one in lab.applied] == ["mm", "mmap", "fault"]
    assert lab.cursor == len(lab.journal) == lab.applied[2].end


def test_an_operation_that_is_refused():
    """The reason is the error's text; the cursor stays where it is, in the middle of an operation too."""
    lab = run()
    lab.seek(lab.applied[2].start + 3)
    with pytest.raises(OperationError, match=r"^there is no process 7: alive are 1$"):
        lab.apply(parse("exit 7"))

    assert lab.cursor == lab.applied[2].start + 3
    assert len(lab.applied) == 4


def test_the_row_of_a_bug():
    """A bug is on record in the journal: the machine before that row is sound, at that row it is not."""
    lab = run("mm; mmap 1 0 64; fault 1 0 1; dontneed 1 0 1")
    row = lab.bug_at()

    assert lab.machine.bugs() == ["vm_bug:folio_order(folio) < 2"]
    lab.seek(row - 1)
    assert lab.machine.bugs() == []
    lab.seek(row)
    assert lab.machine.bugs() == ["vm_bug:folio_order(folio) < 2"]
    assert run().bug_at() is None


def test_a_patch_that_fails_changes_nothing():
    """An error in a reader's own function is the reader's to see; machine and history are as before."""

    def alloc_pages(m, order, index):
        bug(m, 1)
        return 1 // 0

    lab = Lab("base", patches=[alloc_pages], sizes=SMALL)
    for op in parse_line("mm; mmap 1 0 64"):
        lab.apply(op)
    before = lab.machine.snapshot()
    with pytest.raises(ZeroDivisionError):
        lab.apply(parse("fault 1 0 4"))

    np.testing.assert_array_equal(lab.machine.mem, before)
    assert len(lab.applied) == 2
    lab.apply(parse("mm"))
    assert lab.applied[-1].end == len(lab.journal)
    assert lab.machine.bugs() == []
    lab.seek(lab.applied[-1].start)
    np.testing.assert_array_equal(lab.machine.mem, before)


@pytest.mark.parametrize("limit", ["MAX_OPERATIONS", "MAX_ROWS"])
def test_a_history_has_an_end(monkeypatch, limit):
    """Neither operations nor rows grow without bound."""
    monkeypatch.setattr(module, limit, 2)
    lab = run("mm; mm") if limit == "MAX_OPERATIONS" else run("mm")
    with pytest.raises(
        LimitError, match=r"^the history's length is \d: it must be under \d+ operations and \d+ rows$"
    ):
        lab.apply(parse("mm"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("v9",), "no kernel 'v9': did you mean v6.9? folioviz kernels lists them all"),
        (("base", "arm"), "no mmu_gather mode 'arm': there are batched, none"),
    ],
)
def test_what_there_is_not(arguments, message):
    """An unknown kernel or mode is named, with those that there are."""
    with pytest.raises(KernelError) as error:
        Lab(*arguments)

    assert str(error.value).startswith(message)
