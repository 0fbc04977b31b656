"""What holds for every history: invariants, undo, seek, replay, refusal, rehearsal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from folioviz.errors import OperationError
from folioviz.kernels import GATHER_MODES, KERNELS
from folioviz.lab import Lab
from folioviz.laws import every_kernel
from folioviz.machine import journal
from folioviz.machine.memory import Machine, Sizes
from folioviz.ops.ops import Shrink, parse_line
from tests.strategies import BEGINNINGS, LATER_BEGINNINGS, SMALL, TINY, WILD, apply_all, plans, sensible

KERNEL_AND_MODE = [(kernel, mode) for kernel in KERNELS for mode in GATHER_MODES]
HUGE_PAGES = "; ".join(f"faultpmd 1 {vpn}" for vpn in range(0, 4096, 512))
KERNEL = st.sampled_from(sorted(KERNELS))
MODE = st.sampled_from(sorted(GATHER_MODES))
LABS = st.builds(Lab, KERNEL, MODE, sizes=st.just(SMALL))


def after_each(lab, plan):
    """Apply a plan; yield each step that was done."""
    for op in plan:
        try:
            yield lab.apply(op)
        except OperationError:
            continue


@pytest.mark.parametrize(("kernel", "mode"), KERNEL_AND_MODE)
@settings(max_examples=max(8, settings.default.max_examples // 3))
@given(plan=plans())
def test_every_invariant_holds_after_every_operation(kernel, mode, plan):
    """Counters, lists and page tables agree; if a kernel's own bug fires, that is on record and all else is refused."""
    lab = Lab(kernel, mode, sizes=SMALL)
    queued = 0
    for step in after_each(lab, plan):
        if lab.machine.bug[0]:
            assert lab.machine.bugs()
            assert all("hit a bug" in why_not or "has no" in why_not for why_not in map(lab.refusal, plan))
            break
        every_kernel.check(lab.machine)
        costs = lab.costs(step.start, step.end)
        queued += costs["qadd"] - costs["qdel"]
        assert lab.machine.split_queue_len[0] == queued
    else:
        costs = lab.costs()
        assert costs["palloc"] - costs["pfree"] == lab.machine.sizes.pages - lab.machine.nr_free_pages[0]


@given(LABS, plans())
def test_undo_restores_every_byte(lab, plan):
    """Going back is exact over every operation, a bug's included, and so is going forward again."""
    before = lab.machine.snapshot()
    for step in after_each(lab, plan):
        after = lab.machine.snapshot()
        lab.seek(step.start)
        np.testing.assert_array_equal(lab.machine.mem, before)
        lab.seek(step.end)
        np.testing.assert_array_equal(lab.machine.mem, after)
        before = after


@given(LABS, plans(), st.data())
def test_seek_equals_replay(lab, plan, data):
    """The machine at row n is what a fresh machine becomes by the first n rows, wherever one came from."""
    apply_all(lab, plan)
    for _ in range(3):
        row = data.draw(st.integers(0, len(lab.journal)))
        lab.seek(row)
        fresh = Machine(SMALL, lab.machine.keeps, lab.machine.drops)
        journal.redo(fresh.mem, lab.journal[:row])

        np.testing.assert_array_equal(lab.machine.mem, fresh.mem)


@given(KERNEL, MODE, plans())
def test_the_same_operations_give_the_same_journal(kernel, mode, plan):
    """Nothing but the operations decides what is written, to the byte."""
    one, two = (Lab(kernel, mode, sizes=SMALL) for _ in range(2))
    apply_all(one, plan)
    apply_all(two, plan)

    assert one.journal[:].tobytes() == two.journal[:].tobytes()
    assert one.applied == two.applied


@given(LABS, plans(), WILD)
def test_a_refused_operation_changes_nothing(lab, plan, op):
    """Neither state nor history nor cursor, nor what comes after the cursor: wherever that is."""
    apply_all(lab, plan)
    lab.seek(lab.applied[-1].start if lab.applied else 0)
    why_not = lab.refusal(op)
    assume(why_not is not None)
    before = lab.machine.snapshot(), lab.cursor, list(lab.applied), lab.journal[:].copy()
    with pytest.raises(OperationError) as error:
        lab.apply(op)

    assert str(error.value) == why_not
    np.testing.assert_array_equal(lab.machine.mem, before[0])
    np.testing.assert_array_equal(lab.journal[:], before[3])
    assert (lab.cursor, lab.applied) == (before[1], before[2])


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=max(10, settings.default.max_examples // 6))
@given(mode=MODE, plan=plans(), data=st.data())
def test_a_rehearsal_leaves_no_trace(kernel, mode, plan, data):
    """At any row, in the middle of an operation too, any operation is rehearsed and undone to the last byte."""
    lab = Lab(kernel, mode, sizes=SMALL)
    apply_all(lab, plan)
    steps, rows = list(lab.applied), lab.journal[:].copy()
    for _ in range(4):
        row = data.draw(st.integers(0, len(rows)))
        lab.seek(row)
        before = lab.machine.snapshot()
        lab.rehearse(data.draw(st.one_of(sensible(lab), WILD)))

        np.testing.assert_array_equal(lab.machine.mem, before)
        assert (lab.cursor, lab.applied) == (row, steps)
    np.testing.assert_array_equal(lab.journal[:], rows)


@given(LABS, plans(), st.data())
def test_a_rehearsal_says_what_happens_then(lab, plan, data):
    """Between two operations its rows, result, bugs and refusal are those of the operation, once that is done."""
    apply_all(lab, plan)
    op = data.draw(st.one_of(sensible(lab), WILD))
    told = lab.rehearse(op)
    if told.refusal:
        assert told.refusal == lab.refusal(op)
        assert not told.rows.size
        return
    step = lab.apply(op)

    np.testing.assert_array_equal(told.rows, lab.rows(len(lab.applied) - 1))
    assert (told.result, list(told.bugs)) == (step.result, lab.machine.bugs())


@given(KERNEL, MODE, TINY, st.data())
def test_an_operation_is_refused_with_a_sentence_or_runs(kernel, mode, sizes, data):
    """Wild integers and machines that are full never end in a Python error or a corrupt machine."""
    lab = Lab(kernel, mode, sizes=sizes)
    apply_all(lab, parse_line(data.draw(st.sampled_from([*BEGINNINGS, *LATER_BEGINNINGS]))))
    for _ in range(data.draw(st.integers(1, 12))):
        op = data.draw(st.one_of(sensible(lab), WILD))
        why_not = lab.refusal(op)
        assert why_not is None or 10 < len(why_not) < 300
        if why_not is None:
            lab.apply(op)
            if lab.machine.bug[0]:
                break
            every_kernel.check(lab.machine)


@pytest.mark.parametrize(
    ("operations", "tables"),
    [
        ("mm; mmap 1 0 512; faultpmd 1 0; fork 1; fork 1; split 1", 1),
        (f"mm; mmap 1 0 4096; {HUGE_PAGES}; mremap 1 0 4096 100001", 14),
        ("mm; mmap 1 0 1024; faultpmd 1 0; fault 1 512 0; dontneed 1 1 1", 1),
    ],
)
def test_page_tables_that_a_split_needs_are_counted(operations, tables):
    """What splits huge pages is refused if there are too few page tables for it."""
    lab = Lab(sizes=Sizes(pages=8192, tables=tables, vmas=16))
    *setup, last = parse_line(operations)
    for op in setup:
        lab.apply(op)
    with pytest.raises(OperationError, match=r"the machine has \d+ page tables left: this needs up to \d+"):
        lab.apply(last)

    every_kernel.check(lab.machine)


def test_shrinking_needs_no_page_tables():
    """A folio on the queue is not mapped by a PMD (it would not be partially mapped), so splitting it needs none."""
    lab = Lab("v6.5-rc3+v4", sizes=Sizes(pages=512, tables=1, vmas=4))
    apply_all(lab, parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 1"))

    assert lab.apply(Shrink(1)).result == 1
