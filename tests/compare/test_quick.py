"""Patches tried on many scenarios: machine code finds what plain Python does, and both say what was reached."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, kernels
from folioviz.compare.quick import RANDOM, Quick, tries
from folioviz.compare.random_ops import SIZES
from folioviz.compare.replaced import replaced
from folioviz.compare.trial import ENDLESS, InPython
from folioviz.compare.walks import Walk, at_random, of_library
from folioviz.engine import choice
from folioviz.errors import KernelError
from folioviz.files import scenario
from folioviz.kernels.series import batch_zap_full
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import SPLIT_QUEUE_LEN, VM_EVENT
from folioviz.machine.journal import STORE
from folioviz.machine.memory import LIST_PAGE, SPLIT_QUEUE
from folioviz.machine.primitives import (
    list_add_tail,
    list_empty,
    page_ref_add,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    write,
)
from folioviz.ops.ops import parse_line
from folioviz.stories.own_patch import PREPARED
from tests.compare.patches import module

V4 = "v6.5-rc3+v4"


def folio_get(m, folio):
    """Take one reference too many."""
    page_ref_add(m, folio, 2)


def folio_put(m, folio):
    """Fail: only plain Python has exceptions."""
    raise ZeroDivisionError("oh")


def outside():
    """Return a patch that writes far beside the machine, for some folios."""

    def folio_get(m, folio):
        page_ref_add(m, folio, 1)
        if m.folio_order[folio] == 5:
            m.mem[1 << 40] = 7

    return folio_get


def unset():
    """Return a patch that reads a name which it has not set, for some folios."""

    def folio_get(m, folio):
        if m.folio_order[folio] == 5:
            taken = 1
        page_ref_add(m, folio, taken)

    return folio_get


def by_hand():
    """Return a patch that leaves a wrong counter, which it writes without a primitive."""

    def folio_get(m, folio):
        page_ref_add(m, folio, 1)
        m.mem[m.base[VM_EVENT]] = m.vm_event[0] + m.folio_order[folio] // 7

    return folio_get


def twice():
    """Return a patch that asks for the queue twice, and so takes its lock once more."""

    def deferred_split_folio(m, folio):
        for _ in range(2):
            if list_empty(m, folio + 2 + LIST_PAGE):
                spin_lock(m)
                list_add_tail(m, folio + 2 + LIST_PAGE, SPLIT_QUEUE)
                split_queue_len_add(m, 1)
                spin_unlock(m)

    return deferred_split_folio


def forgetful():
    """Return a patch that queues without counting: a law is broken until the folio leaves the queue."""

    def split_queue_len_add(m, n):
        write(m, STORE, SPLIT_QUEUE_LEN, 0, max(m.split_queue_len[0] - 1, 0))

    return module(split_queue_len_add)


PATCHES = {key: module for key, (_, module) in PREPARED.items()} | {
    "takes too many": folio_get,
    "raises": folio_put,
    "outside": outside(),
    "unset": unset(),
    "by hand": by_hand(),
    "twice": twice(),
    "below": forgetful(),
    "a constant": module(MAX_ORDER=3),
}


def by_labs(walk, patches, mode):
    """Return costs, state and what breaks, as two labs tell, both of which check every law after each operation."""
    plain, patched = Lab(V4, mode, sizes=walk.sizes), Lab(V4, mode, patches, walk.sizes, engine="python")
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
        except (ZeroDivisionError, IndexError, UnboundLocalError) as error:
            broken = f"{type(error).__name__} in the patch: {error}"
        state = state or not np.array_equal(plain.machine.mem, patched.machine.mem)
        if broken:
            return {}, state, f"operation {number}, {op.short()}: {broken}"
    before, after = plain.costs(), patched.costs()
    return {key: after[key] - before[key] for key in COSTS if after[key] != before[key]}, state, ""


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["batched", "none"])
@pytest.mark.parametrize("patch", PATCHES)
def test_machine_code_and_plain_python_find_what_two_labs_do(patch, mode):
    """On random scenarios: costs, states, and the first law that breaks, in the same words."""
    quick, slow = Quick([PATCHES[patch]], V4, mode), InPython([PATCHES[patch]], V4, mode)
    for walk in at_random(V4, mode, 8):
        found = quick.effect(walk)

        assert (found.costs, found.state, found.broken) == by_labs(walk, [PATCHES[patch]], mode), walk.name
        assert found == slow.effect(walk)


@pytest.mark.parametrize("patch", PATCHES)
def test_machine_code_finds_what_plain_python_does(patch):
    """On the whole library and more random scenarios."""
    quick, slow = Quick([PATCHES[patch]], V4), InPython([PATCHES[patch]], V4)
    for walk in [*of_library(V4, "batched"), *at_random(V4, "batched", 20)]:
        assert quick.effect(walk) == slow.effect(walk), walk.name


@pytest.mark.slow
def test_what_runs_is_known(monkeypatch):
    """Machine code, where it can be had and is wanted, and where the patch compiles."""
    walk = next(at_random(V4, "batched", 1))
    ran = {}
    for name, patch in (PATCHES | {"a constant below": module(STORE=1)}).items():
        quick = Quick([patch], V4)
        quick.effect(walk)
        ran[name] = quick.engine
    plain = {name for name, engine in ran.items() if engine == "python"}
    monkeypatch.setenv(choice.VARIABLE, "python")

    assert plain == {"raises", "below", "a constant below"}
    assert Quick([folio_get], V4).engine == "python"


@pytest.mark.parametrize("engine", ["python", "auto"])
def test_what_one_side_refuses_is_left_out_on_both(engine, monkeypatch):
    """Without a queue nothing is split, so a page of the folio is no folio of its own, and nothing can hold it."""
    monkeypatch.setenv(choice.VARIABLE, engine)
    ops = parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1; get 9; munmap 1 0 64")
    walk = Walk("a page is held", tuple(ops), SIZES)
    found = Quick([PATCHES["never"]], V4).effect(walk)

    assert (found.costs, found.state, found.broken) == by_labs(walk, [PATCHES["never"]], "batched")
    assert found.state


@pytest.mark.parametrize("engine", ["python", "auto"])
def test_what_does_not_reach_the_patch_is_the_same(engine, monkeypatch):
    """It is said; a patch that fails when it runs shows that it did not."""
    monkeypatch.setenv(choice.VARIABLE, engine)

    def dup_mmap(m, mm):
        m.mem[1 << 40] = 0

    effects = list(tries([dup_mmap], V4, count=20))
    forks = {one.name for one in effects if any(op.word == "fork" for op in one.ops)}

    assert {one.name for one in effects if one.reached} == forks
    assert all(one.same for one in effects if not one.reached)
    assert all("IndexError" in one.broken for one in effects if one.reached)
    assert len(effects) == len(scenario.library()) + 20
    assert RANDOM >= 1000


def test_one_in_many_is_found():
    """A patch that is wrong only for a folio of order 7 with an id above 6."""

    def folio_get(m, folio):
        page_ref_add(m, folio, 2 if m.folio_order[folio] == 7 and m.folio_id[folio] > 6 else 1)

    quick, slow = Quick([folio_get], V4), InPython([folio_get], V4)
    broken = [one for one in quick.effects(100) if one.broken]

    assert 0 < len(broken) < 10
    assert [slow.effect(one.walk) for one in broken] == broken


def without_end():
    """Return patches that never return: while they write, and by counting."""

    def deferred_split_folio(m, folio):
        while True:
            page_ref_add(m, folio, 0)

    def folio_get(m, folio):
        for place in range(1 << 60):
            page_ref_add(m, folio, place & 1)

    return deferred_split_folio, folio_get


@pytest.mark.parametrize("patch", without_end(), ids=["while", "for"])
@pytest.mark.parametrize("engine", ["python", "auto"])
def test_a_patch_without_an_end_ends_the_trial(patch, engine, monkeypatch):
    """It is stopped; the scenario that shows it is the last."""
    monkeypatch.setenv(choice.VARIABLE, engine)
    monkeypatch.setattr("folioviz.compare.trial.SECONDS", 0.1)
    *others, last = tries([patch], V4, count=5)

    assert last.broken.endswith(ENDLESS)
    assert not any(one.broken for one in others)


def test_a_patch_of_nothing_is_refused():
    """Its name must be a kernel function's."""

    def no_such_function(m):
        """Do nothing."""

    with pytest.raises(KernelError, match="no function no_such_function"):
        next(tries([no_such_function], V4))


def names(*patches):
    """Return the names of what patches replace."""
    return replaced(kernels.link(V4), kernels.link(V4, "batched", *patches))


def test_what_a_patch_replaces():
    """Its functions; whatever reads a constant or calls a function that it changes below the kernel; or everything."""
    assert names() == set()
    assert names(folio_get) == {"folio_get"}
    assert names(batch_zap_full) == {"try_zap_anon_pte_range", "zap_pte_range"}
    assert names(module(MAX_ORDER=3)) == {"__free_one_page"}
    assert names(module(SOMETHING=3)) == set()

    def store(m, *_):
        """Write nothing."""

    assert names(module(store)) == names(module(STORE=1)) == {*kernels.link(V4).code}
