"""A rehearsal: what an operation would do, asked and undone."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.errors import KernelError
from folioviz.lab import Lab
from folioviz.machine import journal as j
from folioviz.machine.costs import QDEL, TLBRM
from folioviz.machine.fields import BUG, LIST_NEXT, LIST_PREV
from folioviz.machine.memory import SCAN_LIST, Sizes
from folioviz.ops.ops import Shrink, parse, parse_line
from folioviz.ops.walk import queue

SMALL = Sizes(pages=2048, tables=8, vmas=16)
QUEUED = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; fault 1 32 4; dontneed 1 0 5; dontneed 1 16 3; dontneed 1 32 1"


def run(line, kernel="v6.5-rc3+v4", **more):
    """Return a lab after a line of operations."""
    lab = Lab(kernel, sizes=SMALL, **more)
    for op in parse_line(line):
        lab.apply(op)
    return lab


def reasons(told):
    """Return (reason, folio id) of each decision."""
    return [(reason, folio) for kind, reason, folio, _ in told.rows.tolist() if kind == j.WHY]


def test_a_bug_that_fires_is_told_and_undone():
    """Queueing an order-1 folio would be a bug of patch 1/3; the machine does not have it afterwards."""
    lab = run("mm; mmap 1 0 64; fault 1 0 1", "v6.5-rc3+v4.1")
    told = lab.rehearse(parse("dontneed 1 0 1"))

    assert told.bugs == ("vm_bug:folio_order(folio) < 2",)
    assert (told.rows[:, 1] == lab.machine.base[BUG]).any()
    assert lab.machine.bugs() == []
    assert lab.refusal(parse("mm")) is None


def test_what_is_refused():
    """The reason is the lab's; no row is left, and nothing is returned."""
    told = run("mm").rehearse(parse("exit 7"))

    assert told.refusal == "there is no process 7: alive are 1"
    assert told.rows.shape == (0, 4)
    assert told.result == 0


def test_the_split_can_be_left_out():
    """The shrinker decides on each folio of the queue by the kernel's own rule, and no page is moved for it."""
    lab = run(QUEUED + "; get 2")
    whole = lab.rehearse(Shrink(3))
    short = lab.rehearse(Shrink(3), without=("try_to_migrate", "__split_huge_page"))

    assert [one for one in reasons(whole) if one[0] == j.SPLIT_PINNED] == [(j.SPLIT_PINNED, 2)]
    assert [one for one in reasons(short) if one[0] == j.SPLIT_PINNED] == [(j.SPLIT_PINNED, 2)]
    assert whole.result == short.result == 2
    assert len(short.rows) * 5 < len(whole.rows)


def test_what_is_left_out_must_be_there():
    """A function that the kernel does not have is named."""
    with pytest.raises(KernelError, match=r"^no function try_to_unmap\(\) to leave out$"):
        run("mm").rehearse(Shrink(1), without=("try_to_unmap",))


def test_a_rehearsal_may_end_with_a_decision():
    """The first decision of the kinds that are asked for is its last row."""
    lab = run("mm; mmap 1 0 64; fault 1 0 4", "v6.5-rc3+v4.1")
    told = lab.rehearse(parse("dontneed 1 0 16"), until=(j.QUEUED, j.NOT_QUEUED_STILL_MAPPED))

    assert told.rows[-1].tolist() == [j.WHY, j.QUEUED, 1, 15]
    assert told.result == 0


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [("v6.5-rc3", j.NOT_QUEUED_ORDER), ("v6.5-rc3+v4.1", j.QUEUED), ("v6.5-rc3+v4", j.NOT_QUEUED_UNMAPPED)],
)
def test_another_kernel_may_do_it(kernel, reason):
    """One machine, asked what each kernel that has the same fields would do with it."""
    lab = run("mm; mmap 1 0 64; fault 1 0 4")
    told = lab.rehearse(parse("dontneed 1 0 16"), kernel)

    assert reasons(told)[0] == (reason, 1) or (j.BATCH_FOLIO_END, 1) == reasons(told)[0]
    assert (reason, 1) in reasons(told)


def test_another_kernel_must_fit():
    """v7.3 has fields that this machine has not."""
    with pytest.raises(KernelError, match=r"^v7.3 keeps other fields than the machine of v6.5-rc3\+v4 has$"):
        run("mm").rehearse(parse("mm"), "v7.3")


def test_a_gather_of_its_own():
    """While a zap's pages wait in the mmu_gather, a rehearsed zap flushes its own pages only."""
    lab = run("mm; mmap 1 0 64; fault 1 0 2; fault 1 8 2; munmap 1 0 4", "v6.5-rc3")
    step = lab.applied[-1]
    lab.seek(
        next(row for row in range(step.start, step.end) if lab.journal[row : row + 1][0, 0] == TLBRM) + 9
    )
    waiting = int(lab.machine.tlb_batch_nr[0])
    told = lab.rehearse(parse("dontneed 1 8 4"))

    assert waiting
    assert (j.FREED, 2) in reasons(told)
    assert {folio for _, folio in reasons(told)} == {2}
    assert lab.machine.tlb_batch_nr[0] == waiting


def test_a_list_of_its_own():
    """In the middle of a shrinker, another one would see what is still on the queue, and nothing else."""
    lab = run(QUEUED + "; shrink 2")
    step = lab.applied[-1]
    lab.seek(next(row for row in range(step.start, step.end) if lab.journal[row : row + 1][0, 0] == QDEL))
    assert lab.machine.list_next[SCAN_LIST] != SCAN_LIST
    told = lab.rehearse(Shrink(9))

    assert [lab.machine.folio_id[head] for head in queue(lab.machine)] == [3]
    assert {folio for reason, folio in reasons(told) if reason == j.SPLIT_DONE} == {3}


def test_a_half_linked_list_is_finished_first():
    """Whoever walks a list waits for its lock: inside list_add() the rehearsal's rows are those behind it."""
    lab = run(QUEUED)
    base, size = lab.machine.base, lab.machine.list_next.size
    step, rows = lab.applied[-1], lab.rows(len(lab.applied) - 1)
    lists = np.isin(np.searchsorted(base, rows[:, 1], side="right") - 1, (LIST_NEXT, LIST_PREV))
    places = np.flatnonzero(lists & (rows[:, 0] == j.STORE)) + step.start
    assert size
    inside, behind = places[1], places[3] + 1
    assert behind - places[0] == 4
    lab.seek(int(behind))
    want = lab.rehearse(Shrink(9))
    lab.seek(int(inside))
    told = lab.rehearse(Shrink(9))

    np.testing.assert_array_equal(told.rows, want.rows)
    assert lab.cursor == inside


def test_a_patch_that_fails_is_undone():
    """The error is the reader's to see; the machine is as before."""

    def do_anonymous_page(m, mm, addr, order):
        alloc_pages(m, order, addr)  # noqa: F821 - the linker finds it
        return 1 // 0

    lab = run("mm; mmap 1 0 64", patches=[do_anonymous_page])
    before = lab.machine.snapshot()
    with pytest.raises(ZeroDivisionError):
        lab.rehearse(parse("fault 1 0 4"))

    np.testing.assert_array_equal(lab.machine.mem, before)
