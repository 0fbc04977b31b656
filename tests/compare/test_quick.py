"""Patches tried on many scenarios: the quick way finds what the plain one does, and says what was reached."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, kernels
from folioviz.compare.quick import EVERYTHING, Quick, replaced, tries
from folioviz.compare.random_ops import SIZES
from folioviz.compare.trial import ENDLESS, RANDOM, judge
from folioviz.compare.walks import Walker, at_random, of_library
from folioviz.errors import KernelError
from folioviz.files import scenario
from folioviz.kernels.series import batch_zap_full
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.costs import COSTS
from folioviz.machine.primitives import page_ref_add
from folioviz.ops.ops import parse_line
from folioviz.stories.own_patch import PREPARED
from tests.compare.patches import module

V4 = "v6.5-rc3+v4"


def folio_get(m, folio):
    """Take one reference too many."""
    page_ref_add(m, folio, 2)


def folio_put(m, folio):
    """Fail."""
    raise ZeroDivisionError("oh")


HOSTILE = {"takes too many": folio_get, "raises": folio_put}
PATCHES = {key: module for key, (_, module) in PREPARED.items()} | HOSTILE


def by_labs(walk, patches, mode):
    """Return costs, state and what breaks, as two labs tell, both of which check every law after each operation."""
    sizes = SIZES if walk.name.startswith("random") else None
    plain, patched = Lab(V4, mode, sizes=sizes), Lab(V4, mode, patches, sizes)
    state = False
    for number, op in enumerate(walk.ops, start=1):
        if any(lab.refusal(op) for lab in (plain, patched)):
            continue
        plain.apply(op)
        broken = ""
        try:
            patched.apply(op)
            if bugs := patched.machine.bugs():
                broken = f"BUG {bugs[0]}"
            else:
                check(patched.machine)
        except InvariantError as error:
            broken = str(error)
        except ZeroDivisionError as error:
            broken = f"ZeroDivisionError in the patch: {error}"
        state = state or not np.array_equal(plain.machine.mem, patched.machine.mem)
        if broken:
            return {}, state, f"operation {number}, {op.short()}: {broken}"
    before, after = plain.costs(), patched.costs()
    return {key: after[key] - before[key] for key in COSTS if after[key] != before[key]}, state, ""


@pytest.mark.parametrize("mode", ["batched", "none"])
@pytest.mark.parametrize("patch", PATCHES)
def test_the_quick_way_finds_what_two_labs_do(patch, mode):
    """On random scenarios: costs, states, and the first law that breaks."""
    quick = Quick([PATCHES[patch]], V4, mode)
    for walk in at_random(V4, mode, 8):
        found = quick.effect(walk)

        assert (found.costs, found.state, found.broken) == by_labs(walk, [PATCHES[patch]], mode), walk.name
        assert found[:5] == judge(walk.name, walk.ops, [PATCHES[patch]], V4, mode)[:5]


@pytest.mark.parametrize("patch", PREPARED)
def test_the_quick_way_finds_what_judge_does(patch):
    """On the whole library and more random scenarios."""
    quick = Quick([PATCHES[patch]], V4)
    for walk in [*of_library(V4, "batched"), *at_random(V4, "batched", 20)]:
        assert quick.effect(walk)[:5] == judge(walk.name, walk.ops, [PATCHES[patch]], V4)[:5], walk.name


def test_what_one_side_refuses_is_left_out_on_both():
    """Without a queue nothing is split, so a page of the folio is no folio of its own, and nothing can hold it."""
    ops = parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1; get 9; munmap 1 0 64")
    walk = Walker(V4, "batched", small=True).of("random, or nearly so", ops)
    found = Quick([PATCHES["never"]], V4).effect(walk)

    assert all(walk.entered)
    assert (found.costs, found.state, found.broken) == by_labs(walk, [PATCHES["never"]], "batched")
    assert found.state


def test_what_does_not_reach_the_patch_is_not_run():
    """It is the same, and it is said; a patch that fails when it runs shows that it did not."""

    def dup_mmap(m, mm):
        raise ZeroDivisionError("oh")

    effects = list(tries([dup_mmap], V4, count=20))
    forks = {one.name for one in effects if any(op.word == "fork" for op in one.ops)}

    assert {one.name for one in effects if one.reached} == forks
    assert all(one.same for one in effects if not one.reached)
    assert all("ZeroDivisionError" in one.broken for one in effects if one.reached)
    assert len(effects) == len(scenario.library()) + 20
    assert RANDOM >= 1000


def test_one_in_many_is_found():
    """A patch that is wrong only for a folio of order 7 with an id above 6."""

    def folio_get(m, folio):
        page_ref_add(m, folio, 2 if m.folio_order[folio] == 7 and m.folio_id[folio] > 6 else 1)

    broken = [one for one in tries([folio_get], V4, count=100) if one.broken]

    assert 0 < len(broken) < 10
    assert {judge(one.name, one.ops, [folio_get], V4).broken for one in broken} == {
        one.broken for one in broken
    }


def test_a_patch_without_an_end_ends_the_trial(monkeypatch):
    """It is stopped, also where it writes and writes; the scenario that shows it is the last."""
    monkeypatch.setattr("folioviz.compare.trial.SECONDS", 0.1)

    def deferred_split_folio(m, folio):
        while True:
            page_ref_add(m, folio, 0)

    *others, last = tries([deferred_split_folio], V4, count=5)

    assert last.broken.endswith(ENDLESS)
    assert not any(one.broken for one in others)


def test_a_patch_of_nothing_is_refused():
    """Its name must be a kernel function's."""

    def no_such_function(m):
        """Do nothing."""

    with pytest.raises(KernelError, match="no function no_such_function"):
        next(tries([no_such_function], V4))


def mask(*patches):
    """Return the names of what patches replace."""
    plain = kernels.link(V4)
    found = replaced(plain, kernels.link(V4, "batched", *patches))
    return {name for place, name in enumerate(plain.names) if found >> place & 1}


def test_what_a_patch_replaces():
    """Its functions; whatever reads a constant or calls a function that it changes below the kernel; or everything."""
    assert mask() == set()
    assert mask(folio_get) == {"folio_get"}
    assert mask(batch_zap_full) == {"try_zap_anon_pte_range", "zap_pte_range"}
    assert mask(module(MAX_ORDER=3)) == {"__free_one_page"}
    assert mask(module(SOMETHING=3)) == set()
    plain = kernels.link(V4)

    def store(m, *_):
        """Write nothing."""

    assert replaced(plain, kernels.link(V4, "batched", module(store))) == EVERYTHING
    assert replaced(plain, kernels.link(V4, "batched", module(STORE=1))) == EVERYTHING
