"""The search leaves nothing out: against all shared memory visible, against brute force, and against removed lines."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_8 import mthp_stats, undo_large_rmappable
from folioviz.kernels.since_v6_12 import partially_mapped, underused, unqueue_deferred
from folioviz.link import functions_of
from folioviz.mm import huge_memory
from folioviz.race.document import find
from folioviz.race.library import BOTH_QUEUED, FORKED, LIBRARY, ONE, QUEUED, TWO
from folioviz.race.race import Race
from tests.mutations.breaking import changed

WIDE = ("k1b", "k3", "owners-unlocked", "same-half-v4", "same-half-v6.9", "zap-shrink-v6.12", "gup-zap-v6.12")
"""Small races whose shared memory is made visible as a whole."""


def laws(found):
    """Return the laws that are broken."""
    return {one.law for one in found.violations}


@pytest.mark.parametrize("name", WIDE)
def test_what_is_no_step_changes_nothing(name):
    """With every address that two CPUs touch as a step: the same laws are broken, and the memory comes to the same."""
    race = find(name).race()
    found, wide = race.explore(), race.explore(everything=True)

    assert found.complete
    assert wide.complete
    assert wide.states > found.states
    assert laws(found) == laws(wide)
    assert found.ends == wide.ends


SMALL = (
    *("same-half-v4.1", "same-half-v6.8", "same-half-v6.9", "half-whole-v6.9", "k3", "k3-fixed", "owners"),
    *("owners-unlocked", "fork-zap-v6.12", *(name for name in LIBRARY if name.startswith("other-half"))),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_brute_force_counts_the_same(name):
    """Of races with at most 1,000 schedules each is run by itself: so many end or break a law, and all end alike."""
    race = find(name).race()
    found = race.explore()
    assert found.schedules <= 1000
    forced = race.explore(merge=False)

    assert len(forced.graph.ends) + len(forced.graph.steps) == found.schedules == forced.schedules
    assert forced.ends == found.ends
    assert laws(forced) == laws(found)


@pytest.mark.parametrize("name", ["k1b", "k3", "owners-unlocked", "references-v4", "v3-s390"])
def test_fewest_is_fewest(name):
    """With one preemption less, no schedule breaks that law."""
    race = find(name).race()
    for one in race.explore().violations:
        if one.preemptions:
            assert one.law not in laws(race.explore(preemptions=one.preemptions - 1))
        assert one.law in laws(race.explore(preemptions=one.preemptions))


@pytest.mark.slow
def test_k1_needs_two_preemptions():
    """With one, no schedule breaks any law; with two, the length is wrong and the list is, and nothing else."""
    race = find("k1").race()

    assert race.explore(preemptions=1).violations == ()
    assert {one.preemptions for one in race.explore(preemptions=2).violations} == {2}


REST = (QUEUED, ("dontneed 1 0 3", "shrink 4"))
ONE_PAGE = (QUEUED, ("dontneed 1 0 1", "shrink 4"))
HALVES = (FORKED, ("dontneed 1 0 2", "dontneed 2 2 2"))
LEFT = (f"{FORKED}; dontneed 2 2 2; dontneed 1 0 2", ("dontneed 1 2 1", "dontneed 2 0 1"))
REMOVED = {
    "the queue's lock": ("v6.10", ("spin_lock",), LEFT),
    "the PTL": ("v6.12", ("pte_lock",), ONE_PAGE),
    "the anon_vma's lock": ("v6.9", ("anon_vma_lock",), (QUEUED, ("mremap 1 0 4 1000", "shrink 4"))),
    "the owners' lock": ("v7.3", ("folio_lock_large_mapcount",), HALVES),
    "folio_try_get() of the scan": ("v6.12", ("folio_try_get",), REST),
    "folio_try_get() of GUP-fast": ("v6.5-rc3+v4", ("folio_try_get",), (ONE, ("gup 1 0", "dontneed 1 0 4"))),
    "the freeze of a split": ("v6.9", ("folio_ref_freeze",), (QUEUED, ("gup 1 0", "shrink 4"))),
    "migration entries that a zap clears": (
        "v6.12",
        ("zap_migration_entry",),
        (QUEUED, ("munmap 1 0 64", "shrink 4")),
    ),
}
PATCHED = {
    "the second look as a folio is queued": (
        "v6.10",
        (mthp_stats, "deferred_split_folio"),
        ("    if list_empty(m, node):\n        count", "    if 1:\n        count"),
        LEFT,
    ),
    "the second look as a folio is freed": (
        "v6.9",
        (undo_large_rmappable, "folio_undo_large_rmappable"),
        ("    spin_lock(m)\n    if not list_empty(m, deferred_list(folio)):", "    spin_lock(m)\n    if 1:"),
        REST,
    ),
    "the second look as a flagged folio is freed": (
        "v6.12",
        (unqueue_deferred, "__folio_unqueue_deferred_split"),
        ("if not list_empty(m, deferred_list(folio)):", "if 1:"),
        REST,
    ),
    "the shrinker's list splice": (
        "v6.5-rc3+v4",
        (huge_memory, "deferred_split_scan"),
        ("    list_splice_tail_init(m, SCAN_LIST, queue)\n", ""),
        (BOTH_QUEUED, ("shrink 4", "gup 1 0")),
    ),
    "the hold of the folio before": (
        "v6.12",
        (underused, "deferred_split_scan"),
        (
            "            before = held\n            held = folio\n            folio = before\n",
            "            pass\n",
        ),
        (f"{TWO}; queue 1; dontneed 1 7 1", ("dontneed 1 4 4", "shrink 4")),
    ),
    "the flag of a folio that is being freed": (
        "v6.12",
        (underused, "deferred_split_scan"),
        ("            folio_clear_partially_mapped(m, folio)\n", ""),
        REST,
    ),
    "the way back of a split that fails": (
        "v6.12",
        (mthp_stats, "split_huge_page_to_list"),
        ("        remove_migration_ptes(m, folio, folio, 0)\n", ""),
        (QUEUED, ("gup 1 0", "shrink 4")),
    ),
    "the lock's release as a freeze fails": (
        "v6.12",
        (partially_mapped, "split_unqueue"),
        ("        spin_unlock(m)\n        return False", "        return False"),
        (QUEUED, ("gup 1 0", "shrink 4")),
    ),
}


@pytest.mark.parametrize("name", REMOVED)
def test_what_is_left_out_is_missed(name):
    """With it no schedule breaks a law, without it some do: so it is there for something, and the search finds it."""
    kernel, without, (setup, cpus) = REMOVED[name]

    assert Race(kernel, setup, cpus).explore(preemptions=1).violations == ()
    assert Race(kernel, setup, cpus, without=without).explore(preemptions=1).violations != ()


@pytest.mark.parametrize("name", PATCHED)
def test_a_line_that_is_left_out_is_missed(name):
    """Likewise for one line of a function."""
    kernel, (module, function), (old, new), (setup, cpus) = PATCHED[name]
    patch = changed(functions_of(module)[function], old, new)

    few = 2 if name == "the hold of the folio before" else 1
    assert Race(kernel, setup, cpus).explore(preemptions=few).violations == ()
    assert Race(kernel, setup, cpus, patches=(patch,)).explore(preemptions=few).violations != ()


def test_enough_is_left_out():
    """A dozen lines and locks, each for one reason why it is there."""
    assert len(REMOVED) + len(PATCHED) >= 12
