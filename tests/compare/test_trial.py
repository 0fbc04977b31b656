"""Trying patches: nothing changes without one, and what breaks is named."""

from __future__ import annotations

import pytest

from folioviz import Lab
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.trial import InPython
from folioviz.compare.walks import Walk
from folioviz.engine.choice import VARIABLE
from folioviz.errors import KernelError
from folioviz.files import scenario
from folioviz.kernels.series import batch_zap_fix, batch_zap_full
from folioviz.machine.primitives import page_ref_add
from folioviz.ops.refusal import refusal
from folioviz.stories.patches import never_queue, queue_halves

V4 = "v6.5-rc3+v4"


def effect(name, *patches):
    """Return what patches do to a scenario of the library."""
    return InPython(patches, V4).effect(Walk(name, scenario.find(name).ops, None))


@pytest.mark.parametrize("seed", range(1, 6))
def test_wandering_is_repeatable_and_possible(seed):
    """The same seed gives the same operations, none of which is refused."""
    ops, lab = wander(seed, 30), Lab(V4, sizes=SIZES)
    for op in ops:
        assert refusal(lab.machine, op) is None
        lab.apply(op)

    assert ops == wander(seed, 30)
    assert len(ops) == 32


def test_no_patch_no_difference():
    """Without a patch, or with what is there already."""
    assert effect("middle").same


def test_never_queueing_breaks_no_law():
    """The shrinker has nothing to split."""
    found = effect("back", never_queue)

    assert found.state
    assert not found.broken
    assert found.costs["pfree"] < 0


def test_queueing_halves_only():
    """A folio of which less than half is unmapped is not queued."""
    assert effect("front", queue_halves).costs["qadd"] == -1
    assert effect("sixty-four-folios", queue_halves).same


def test_the_explicit_full_saves_flushes_and_the_naive_repair_overruns():
    """64 flushes less, and a gather that is overrun (docs/kernel/findings.md#the-naive-repair)."""
    assert effect("sixty-four-folios", batch_zap_full).costs["thw"] == -64
    assert not effect("naive-repair", batch_zap_full).broken
    assert "BUG vm_bug:batch->nr > batch->max" in effect("naive-repair", batch_zap_fix).broken


def test_a_broken_law_and_a_broken_patch_are_named(monkeypatch):
    """With the operation that shows it; in plain Python, whichever engine labs are told to have."""
    monkeypatch.setenv(VARIABLE, "compiled")

    def folio_get(m, folio):
        page_ref_add(m, folio, 2)

    def folio_put(m, folio):
        raise ZeroDivisionError("oh")

    assert "refcount" in effect("front", folio_get).broken
    assert (
        "operation 4, munmap 1 0 64: ZeroDivisionError in the patch: oh"
        in effect("whole-folio", folio_put).broken
    )


def test_a_patch_of_nothing_is_refused():
    """Its name must be a kernel function's."""

    def no_such_function(m):
        """Do nothing."""

    with pytest.raises(KernelError, match="no function no_such_function"):
        effect("front", no_such_function)
