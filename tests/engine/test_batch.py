"""Lists of operations in one call: checked, done and refused as a lab does one by one."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import KERNELS, Lab, parse_line
from folioviz.compare.random_ops import SIZES, wander
from folioviz.engine.batch import FIELD, RESULT, WHY, WIDTH, WORD, Batch, _code
from folioviz.engine.native import FOLDER
from folioviz.errors import KernelError
from folioviz.kernels import link
from folioviz.link import constants_of, functions_of
from folioviz.machine.fields import TLB_LIMIT
from folioviz.machine.memory import MAX_MMS, Machine, Sizes
from folioviz.machine.primitives import store
from folioviz.ops import reasons, room, rules, walk
from folioviz.ops.ops import WORDS, parse
from folioviz.ops.refusal import why_not
from folioviz.ops.sentences import sentence
from tests.ops.test_refusal import SIZES as ROOMY
from tests.ops.test_refusal import STATE, V7_3

LENGTH = 25
TINY = Sizes(pages=512, tables=1, vmas=3)
FULL = "mm; mmap 1 0 512; mmap 1 512 512; faultpmd 1 0; splitpmd 1 0"


def batch(lab, **options):
    """Return a batch on a machine like a lab's."""
    machine = Machine(lab.machine.sizes, lab.machine.keeps, lab.machine.drops)
    return Batch(lab.linked, machine, lab.kernel.orders, **options), machine


@pytest.mark.slow
@pytest.mark.parametrize("key", ["v6.1", "v6.5-rc3+v4", "v6.12", "v7.3"])
def test_a_batch_does_what_a_lab_does(key):
    """The machine, each result and the costs, after many random operations; a reset machine is as good as new."""
    lab = Lab(key, sizes=SIZES, calls=False, engine="python")
    native, machine = batch(lab, costs=True)
    for seed in (1, 2, 3):
        lab.restart()
        native.reset()
        plan = native.plan(wander(seed, LENGTH, key))
        results = [lab.apply(op).result for op in wander(seed, LENGTH, key)]

        assert native.run(plan) == len(plan)
        np.testing.assert_array_equal(machine.mem, lab.machine.mem)
        assert plan[:, RESULT].tolist() == results
        assert not plan[:, WHY].any()
        assert native.costs() == lab.costs()


@pytest.mark.parametrize("key", KERNELS)
def test_rules_and_kernels_share_no_name(key):
    """They are compiled together: a rule's constant that is a kernel's, too, would change the kernel."""
    linked, modules = link(key), (walk, reasons, room, *rules.MODULES)
    functions = {name for module in modules for name in functions_of(module)}
    codes = set(constants_of(reasons)) - {"TYPE_CHECKING"}

    assert functions & {*linked.below, *linked.code} == set()
    assert codes & {*linked.constants} == set()
    for module in modules:
        constants = constants_of(module)
        assert {
            constants[name] == linked.constants[name] for name in constants if name in linked.constants
        } <= {True}


def wild():
    """Return operations of every kind: near to what is there, at the ends, and far outside."""
    numbers = (-(2**31), -1, 0, 1, 2, 3, 4, 9, 16, 100, 512, 1024, 1028, 262143, 2**31 - 1)
    rng = np.random.default_rng(1)
    return [
        kind(*(int(one) for one in rng.choice(numbers, len(kind.__struct_fields__))))
        for kind in WORDS.values()
        for _ in range(40)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "line", "sizes"), [("v7.3", V7_3, ROOMY), ("v7.3", FULL, TINY), ("v6.1", STATE, ROOMY)]
)
def test_a_batch_refuses_what_a_lab_refuses(key, line, sizes):
    """The same reason and numbers, so the same sentence; and nothing changes."""
    lab = Lab(key, sizes=sizes, calls=False)
    for op in parse_line(line):
        if lab.refusal(op) is None:
            lab.apply(op)
    native, machine = batch(lab)
    machine.restore(lab.machine.mem)
    refused = [op for op in wild() if lab.refusal(op) is not None]
    for op in refused:
        plan = native.plan([op])

        assert native.run(plan) == 0
        number = int(plan[0, WHY])
        if number == reasons.NOT_HAD:
            assert lab.kernel.key in lab.refusal(op)
        else:
            assert number == why_not(lab.machine, op)
            assert sentence(machine, op, number) == lab.refusal(op)
    assert {type(op) for op in refused} >= set(WORDS.values()) - {WORDS["mm"]}
    np.testing.assert_array_equal(machine.mem, lab.machine.mem)


def test_a_batch_ends_where_something_is_refused():
    """What is before it is done, what is behind it is not; it may go on from there."""
    lab = Lab("v7.3", sizes=ROOMY)
    native, machine = batch(lab)
    plan = native.plan(parse_line("mm; mmap 1 0 64; mmap 1 0 64; mm"))

    assert native.run(plan) == 2
    assert plan[:, WHY].tolist() == [0, 0, reasons.VMA_THERE, 0]
    assert sentence(machine, parse("mmap 1 0 64"), int(plan[2, WHY])).startswith(
        "cannot map pages 0 to 63: a VMA"
    )
    assert native.run(plan[3:]) == 1
    assert machine.mm_id[:3].tolist() == [1, 2, 0]
    assert native.run(native.plan([parse("mm")] * MAX_MMS)) == MAX_MMS - 2


@pytest.mark.slow
def test_after_a_bug_a_batch_ends():
    """A kernel that has hit a bug stands still; a reset takes the bug back."""
    lab = Lab("v3", "none", sizes=ROOMY)
    native, machine = batch(lab)
    plan = native.plan(parse_line("mm; mmap 1 0 64; fault 1 0 4; exit 1; mm"))

    assert native.run(plan) == 4
    assert machine.bugs() == ["free_mapped", "uaf"]
    assert plan[4, WHY] == reasons.HIT_BUG
    native.reset()
    assert native.run(plan[:3]) == 3


def test_of_a_trial_only_the_kernel_itself_is_kept_on_disk(tmp_path, monkeypatch):
    """A patch runs now, and never again; what is told of it, and what a sweep runs, have machine code of their own."""
    monkeypatch.setenv(FOLDER, str(tmp_path))

    def set_gather_limit(m, limit):
        store(m, TLB_LIMIT, 0, limit + 1)

    plain = frozenset()
    for patches, trial, files in (
        ((), plain, 1),
        ((), plain, 1),
        ((set_gather_limit,), frozenset({"set_gather_limit"}), 1),
        ((), frozenset({"set_gather_limit"}), 2),
    ):
        _code.cache_clear()
        linked = link("v6.5-rc3", "batched", *patches)
        limit = Batch(linked, Machine(TINY), trial=trial)
        assert limit.does(parse("glimit 3"))
        assert limit.machine.tlb_limit[0] == 3 + len(patches)
        assert limit.entered == len(trial)
        assert len([*tmp_path.rglob("*.o")]) == files


def test_only_in_a_trial_a_batch_runs_a_patch():
    """A patch may be wrong, and nothing is checked but in a trial."""

    def set_gather_limit(m, limit):
        m.mem[1 << 40] = limit

    with pytest.raises(
        KernelError, match="only in a trial a batch runs a patch, which may be wrong: set_gather_limit"
    ):
        Batch(link("v7.3", "batched", set_gather_limit), Machine(TINY))


@pytest.mark.parametrize(
    "plan", [np.zeros((1, WIDTH), np.int32), np.zeros(WIDTH, np.int64), np.zeros((WIDTH, 2), np.int64)]
)
def test_what_is_no_plan_is_not_run(plan):
    """Machine code would read what is beside it."""
    native, _ = batch(Lab("v7.3", sizes=TINY))
    with pytest.raises(ValueError, match="a plan is int64"):
        native.run(plan)


def test_a_word_that_no_operation_has_is_refused():
    """Whatever number stands in a plan."""
    native, _ = batch(Lab("v7.3", sizes=TINY))
    plan = native.plan([parse("mmap 1 2 3")])
    assert plan[0, FIELD:WHY].tolist() == [1, 2, 3, 0]
    for number in (len(WORDS), 2**40, -5):
        plan[0, WORD] = number

        assert native.run(plan) == 0
        assert plan[0, WHY] == reasons.NOT_HAD


@pytest.mark.parametrize("wide", [2**31, 2**62, 2**63 - 1, -(2**31) - 1, -(2**63)])
def test_a_number_wider_than_any_operations_is_refused(wide):
    """Where two of them are added, the sum may seem to be in range."""
    native, machine = batch(Lab("v7.3", sizes=TINY))
    native.run(native.plan([parse("mm")]))
    before = machine.snapshot()
    for number, kind in enumerate(WORDS.values()):
        fields = len(kind.__struct_fields__)
        plan = np.zeros((1, WIDTH), np.int64)
        plan[0, WORD], plan[0, FIELD : FIELD + fields] = number, wide
        if fields:
            plan[0, FIELD] = 1
        if fields > 1:
            assert native.run(plan) == 0
            assert plan[0, WHY] == reasons.NOT_HAD
    np.testing.assert_array_equal(machine.mem, before)
