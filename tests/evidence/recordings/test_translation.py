"""A recorded step becomes operations of the model."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings import recording, replayed
from folioviz.evidence.recordings.grammar import parse
from folioviz.evidence.recordings.replay import SIZES, enabled
from folioviz.evidence.recordings.translation import NotModelledError, Translator
from folioviz.lab import Lab


def short(kernel, scenario, step):
    """Return what the model did for a step, in the short form."""
    return [op.short() for op in replayed(kernel, scenario).steps[step].ops]


def translated(kernel, *steps, at=-1, thp=frozenset({4, 9})):
    """Do steps, given as text, and return the operations of one of them, the last one."""
    lab = Lab(kernel, sizes=SIZES)
    acts = [parse(text) for text in steps]
    where = Translator(lab.machine, thp)
    done = []
    for act in acts:
        done.append([])
        for op in where.operations(act, 0):
            lab.apply(op)
            done[-1].append(op.short())
    return done[at]


def test_the_first_step_makes_the_first_process():
    """Sizes that were on are allowed before anything else is done."""
    assert ["mm", "enabled 4 1", "enabled 9 1", "mmap 1 0 600"] == short("7.3.4", "l_mixed", 0)
    assert ["mm", "enabled 9 1", "mmap 1 0 512"] == short("6.1.192", "d9_front", 0)


def test_a_kernel_that_chooses_no_sizes_is_told_them():
    """v6.5 gets 2 MiB where they fit and single pages elsewhere; v7.3 is left to it."""
    assert ["touch 1 0 512"] == short("7.3.4", "d9_front", 1)
    assert ["faultpmd 1 0", "write 1 512"] == translated("v6.5-rc3", "P map a 513", "P touch a 0 513")
    assert ["write 1 3"] == translated("v6.5-rc3", "P map a 9 +3", "P touch a 0 1")


def test_strides_are_calls_of_their_own():
    """Every other page is one call each, as the program made them."""
    ops = short("7.3.4", "d9_alt", 2)

    assert [f"dontneed 1 {page} 1" for page in range(0, 512, 2)] == ops


def test_regions_keep_away_from_each_other():
    """A region begins at a 2 MiB boundary, or as far behind one as the recording says."""
    assert ["mmap 1 5 40"] == short("7.3.4", "l_misaligned", 0)[-1:]
    assert ["mremap 1 0 512 32771"] == short("7.3.4", "f9_mremap_unaligned", 2)


def test_strides_of_writes_are_writes():
    """What a write leaves of a folio holds zeros by the model's own rule: nothing is said about it."""
    steps = ("P map a 32", "P touch a 0 32 16", "dropcaches 2")

    assert ["touch 1 0 1", "touch 1 16 1"] == translated("v7.3", *steps, at=1)


def test_dropping_caches_runs_the_shrinker_over_what_is_queued():
    """With nothing on the queue, or for the page cache alone, it is not asked."""
    front = ("P map a 16", "P touch a 0 16", "P dontneed a 0 4")

    assert ["shrink 1"] == translated("v7.3", *front, "dropcaches 2")
    assert translated("v7.3", *front, "dropcaches 1") == []
    assert translated("v7.3", *front[:2], "dropcaches 3") == []


def test_what_the_kernel_refused_is_not_done():
    """v6.12 has no guard markers: -EINVAL, and nothing happened."""
    assert short("6.12.117", "l4_guard", 2) == []
    assert ["dontneed 1 0 4"] == short("7.3.4", "l4_guard", 2)


def test_locking_a_part_splits_the_pmd_at_its_border():
    """Where the lock ends is a border between VMAs; a second lock that ends there adds none."""
    steps = ("P map a 512", "P touch a 0 512", "P mlock a 0 256")

    assert ["splitpmd 1 256"] == translated("v7.3", *steps)
    assert translated("v7.3", *steps, "P mlock a 0 256") == []


def test_sizes_change_under_way():
    """Only what changes is set; v6.1 has 2 MiB alone, and a kernel without the setting is told at the next fault."""
    steps = ("P map a 512", "thp 2+9", "thp 0", "thp 4")

    assert ["enabled 2 1", "enabled 4 0"] == translated("v7.3", *steps, at=1)
    assert ["enabled 2 0", "enabled 9 0"] == translated("v7.3", *steps, at=2)
    assert ["enabled 4 1"] == translated("v7.3", *steps, at=3)
    assert [[], ["enabled 9 0"], []] == [translated("v6.1", *steps, at=at) for at in (1, 2, 3)]
    assert ["write 1 0"] == translated("v6.5-rc3", "P map a 512", "thp 0", "P touch a 0 1")
    assert ["faultpmd 1 0"] == translated("v6.5-rc3", "P map a 512", "thp 0", "thp 9", "P touch a 0 1")


def test_pins_are_references_page_by_page():
    """Each pinned page holds its folio once, until the process lets all of them go."""
    steps = ("P map a 32", "P touch a 0 32", "P pin a 14 18", "P pin a 0 1", "P unpin", "P unpin")

    assert ["get 1", "get 1", "get 2", "get 2"] == translated("v7.3", *steps, at=2)
    assert ["put 1", "put 1", "put 2", "put 2", "put 1"] == translated("v7.3", *steps, at=4)
    assert translated("v7.3", *steps) == []


def test_rights_and_moves_are_as_recorded():
    """The rights r take the write bit and rw give it back; a region is moved to its new letter's place."""
    steps = ("P map a 32", "P mprotect a 4 8 r", "P mprotect a 4 6 rw", "P mremap a 8 16 b 2")

    assert [translated("v7.3", *steps, at=at) for at in (1, 2, 3)] == [
        ["mprotect 1 4 4 0"], ["mprotect 1 4 2 1"], ["mremap 1 8 8 32770"]
    ]  # fmt: skip


def test_advice_for_a_whole_region_changes_nothing():
    """VMAs of the model are MADV_HUGEPAGE from the start."""
    assert translated("v7.3", "P map a 512", "P huge a 0 512") == []


@pytest.mark.parametrize(
    "step",
    [
        "P mlock a 8 32",
        "P pin a 8 32",
        "P huge a 0 8",
        "P huge a 8 32",
        "P collapse a 0 16",
        "G touch a 0 1",
        "P touch h 0 1",
        "split P a 0 16 2",
        "sysfs defrag 1",
        "fly",
    ],
)
def test_what_has_no_operation_is_said(step):
    """Words, processes, regions, settings and sizes that the model does not know."""
    with pytest.raises(NotModelledError):
        translated("v7.3", "P map a 32", "P touch a 0 16", step)


def test_sizes_are_those_of_the_folios_that_faults_brought():
    """A folio that came out of another one says nothing about what was enabled."""
    replay = replayed("7.3.4", "j9_split_o4")
    without = type(replay.about)(replay.about.scenario, replay.about.release)
    assert frozenset({9}) == enabled(recording("7.3.4", "j9_split_o4")._replace(about=without))
