"""What a step's result says of what was done, and what smaps says of several VMAs."""

from __future__ import annotations

from errno import EAGAIN, EFAULT, EINVAL, ENOMEM, ENOSYS

import pytest

from folioviz.evidence.recordings import kernel_side, replay
from folioviz.evidence.recordings.format import About, Step
from folioviz.evidence.recordings.reading import Recording


def last(*ops, result=0, kernel="6.12.1", thp="4"):
    """Return what came of the last of some steps, which has this result."""
    results = [0] * (len(ops) - 1) + [result]
    steps = [Step("x", i, op, rc=rc) for i, (op, rc) in enumerate(zip(ops, results, strict=True))]
    return replay(Recording(About("x", kernel, thp=thp), tuple(steps))).steps[-1]


HOLE = ("P map a 64", "P touch a 0 64", "P munmap a 32 40")
CALLS = {
    "P mprotect a 24 56 r": ENOMEM,
    "P free a 24 56": ENOMEM,
    "P cold a 24 56": ENOMEM,
    "P dontneed a 24 56": ENOMEM,
    "P touch a 24 56": EFAULT,
    "P mremap a 24 56 b 0": EFAULT,
}
"""What runs into a hole, and how the kernel then ends it."""


@pytest.mark.parametrize("error", [ENOMEM, EFAULT, EINVAL, ENOSYS, EAGAIN])
@pytest.mark.parametrize("op", CALLS)
def test_a_part_is_done_where_the_model_fails_alike(op, error):
    """With the error of a hole, what comes before the hole is done; with any other, nothing."""
    assert bool(last(*HOLE, op, result=-error).ops) == (CALLS[op] == error)


def test_what_goes_page_by_page_ends_where_it_fails():
    """Writes to every eighth page: none comes after the one that got the signal."""
    done = last(*HOLE, "P touch a 0 64 8", result=-EFAULT)
    stopped = last(*HOLE[:2], "P mprotect a 32 40 r", "P touch a 0 64 8", result=-EFAULT)

    assert stopped.ops == done.ops
    assert ["touch 1 0 1", "touch 1 8 1", "touch 1 16 1", "touch 1 24 1"] == [op.short() for op in done.ops]


def test_a_kernel_that_is_told_each_write_ends_at_the_hole_too():
    """v6.5 chooses no sizes, so its writes are given one by one; those before the signal are done."""
    steps = ("P map a 64", "P munmap a 32 40", "P touch a 24 56")

    assert [f"write 1 {page}" for page in range(24, 32)] == [
        op.short() for op in last(*steps, result=-EFAULT, kernel="6.6.1").ops
    ]


@pytest.mark.parametrize("error", [ENOMEM, EFAULT, EINVAL, ENOSYS, EAGAIN])
@pytest.mark.parametrize("op", CALLS)
def test_nothing_is_done_where_the_model_would_not_fail(op, error):
    """Without a hole, the kernel refused at once, whatever the error: the model is as it was."""
    before, after = last(*HOLE), last(*HOLE, op.replace("24 56", "8 24"), result=-error)

    assert after.ops == ()
    assert after.rows[0] == after.rows[1]
    assert before.model.memory["P a"] == after.model.memory["P a"]


@pytest.mark.parametrize(
    ("error", "done"), [(EAGAIN, True), (ENOSYS, False), (EINVAL, False), (ENOMEM, False)]
)
def test_only_reclaim_that_freed_too_little_has_worked(error, done):
    """-EAGAIN says that less came free than was asked for; another error, that nothing was tried."""
    steps = ("P map a 16", "P touch a 0 16", "P dontneed a 0 4", "reclaim 1048576")

    assert bool(last(*steps, result=-error).ops) == done


def test_what_the_kernel_did_and_the_model_ends_is_a_difference():
    """A step that succeeded fails on the model."""
    (found,) = last(*HOLE, "P touch a 24 56").differences

    assert ("operation", "refused", "done") == found[:3]
    assert "SIGSEGV" in found.model


@pytest.mark.parametrize(
    ("cut", "pss", "other"),
    [
        ("C mprotect a 0 8 r", 681, 682),  # 8 pages in three parts are 10 kB, 504 nearly 672
        ("C mlock a 0 8", 703, 687),  # of which 32 are copies: mlock() writes, as it were
        ("C mprotect a 0 256 r", 682, 682),  # twice 341
    ],
)
def test_pss_is_rounded_in_each_vma(cut, pss, other):
    """Three processes share 512 pages, and one of them has two VMAs: smaps cuts off each one's fraction."""
    done = last("P map a 512", "P touch a 0 512", "P fork C", "C fork D", cut, thp="9")

    assert pss == done.model.memory["C a"]["Pss"]
    assert done.model.memory["D a"]["Pss"] == other


@pytest.mark.parametrize(
    ("op", "why"),
    [
        ("P map b 64 small", "op is 'P map b 64 small': SHIFT is 'small'"),
        ("P dontneed a 4 4", "the range 4 to 4 is empty"),
        ("P hwpoison a 0 16", "hwpoison is no operation of the model"),
        ("P pin a 8 32", "pin brings pages"),
    ],
)
def test_why_a_step_is_not_compared(op, why):
    """The reason names the form, the word, or what the model lacks; nothing was done, and nothing is compared."""
    done = last("P map a 32", "P touch a 0 16", op)

    assert why in done.not_modelled
    assert (done.ops, done.differences) == ((), ())


@pytest.mark.parametrize("kernel", ["6.9.1", "6.12.118", "7.3.4"])
def test_a_migration_is_no_fault(kernel):
    """The new folio is counted as one that lives, not as one that a fault brought."""
    done = last("P map a 16", "P touch a 0 16", "P migrate a 0 16 1", kernel=kernel)

    assert [op.short() for op in done.ops] == ["migrate 1"]
    assert done.model.counters.get("64kB anon_fault_alloc", 0) == 0


@pytest.mark.parametrize("word", ["migrate", "migrateall"])
def test_faults_of_the_caller_are_no_part_of_a_move(word):
    """Removals outside of the regions are left out, adding is not counted; both are in other steps."""
    event = {"e": "rmptes", "o": 0, "n": 1, "st": 0, "nr": 1}
    kp = [event | {"f": -1, "o": -1}, event | {"f": 0, "n": 16, "st": 1}]
    step = Step("x", 0, f"P {word} a 0 16 1", n={"rmap_add": 19, "rmap_remove": 17}, kp=kp)
    seen = kernel_side.observe(About("x", "7.3.4", trace=1), step)

    assert (seen.calls["rmap_add"], seen.calls["rmap_remove"], len(seen.removals)) == (-1, 16, 16)
