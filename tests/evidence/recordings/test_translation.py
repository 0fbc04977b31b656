"""A recorded step becomes operations of the model."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings import recording, replayed
from folioviz.evidence.recordings.grammar import parse
from folioviz.evidence.recordings.moves import maybe_shared
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.replay import SIZES, enabled
from folioviz.evidence.recordings.translation import NotModelledError, Translator
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import folio_head


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
    assert ["guard 1 0 4"] == short("7.3.4", "l4_guard", 2)


def test_locks_are_the_models():
    """Locking, unlocking, and zapping what is locked are operations."""
    steps = (
        "P map a 512",
        "P touch a 0 512",
        "P mlock a 0 256",
        "P dontneed_locked a 0 8",
        "P munlock a 0 256",
    )

    assert ["mlock 1 0 256"] == translated("v7.3", *steps, at=2)
    assert ["dontneedlocked 1 0 8"] == translated("v7.3", *steps, at=3)
    assert ["munlock 1 0 256"] == translated("v7.3", *steps)


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


def test_a_userfaultfd_moves_pages_into_a_region():
    """From pages of one region to the place in another one, which is there."""
    steps = ("P map a 16", "P map b 32", "P uffdmove a 4 8 b 20")

    assert translated("v7.3", *steps) == ["uffdmove 1 4 4 32788"]


def test_advice_for_a_whole_region_changes_nothing():
    """VMAs of the model are MADV_HUGEPAGE from the start."""
    assert translated("v7.3", "P map a 512", "P huge a 0 512") == []


@pytest.mark.parametrize(
    "step",
    [
        "P pin a 8 32",
        "P huge a 0 8",
        "P huge a 8 32",
        "P hwpoison a 0 16",
        "G touch a 0 1",
        "P touch h 0 1",
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


@pytest.mark.parametrize("order", [2, 4, 9])
def test_a_region_without_advice_gets_single_pages(order):
    """Sizes are off while it is written, also in a child; the others have them, and MADV_HUGEPAGE gives them back."""
    steps = (
        "P map a 512 nohuge",
        "P map b 512",
        "P touch a 0 1",
        "P touch b 0 1",
        "P fork C",
        "C touch a 9 10",
    )
    on, off = f"enabled {order} 1", f"enabled {order} 0"
    thp = frozenset({order})

    assert [off, "touch 1 0 1", on] == translated("v7.3", *steps, at=2, thp=thp)
    assert ["touch 1 32768 1"] == translated("v7.3", *steps, at=3, thp=thp)
    assert [off, "touch 2 9 1", on] == translated("v7.3", *steps, at=5, thp=thp)
    assert ["touch 1 0 8"] == translated(
        "v7.3", "P map a 512 nohuge", "P huge a 0 512", "P touch a 0 8", thp=thp
    )


@pytest.mark.parametrize("kernel", ["v6.8", "v6.12", "v7.3"])
def test_each_folio_of_a_range_moves_once(kernel):
    """Whatever part of it is in the range; what others map moves only if that is asked for."""
    setup = ("P map a 64", "P touch a 0 64")
    pages = translated(kernel, *setup, "P migrate a 10 20 1")
    alone = translated(kernel, *setup, "P fork C", "C munmap a 0 32", "P migrate a 0 64 1")
    everything = translated(kernel, *setup, "P fork C", "C munmap a 0 32", "P migrateall a 0 64 1")

    assert pages == ["migrate 1", "migrate 2"]
    assert alone == ["migrate 1", "migrate 2"]
    assert everything == [f"migrate {folio}" for folio in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("kernel", "shared"),
    [("v6.12", [True, True, False, True]), ("v7.3", [True, True, True, True])],
)
def test_who_is_shared_is_a_guess_before_owners_were_known(kernel, shared):
    """Two mappings of the first page say so, more mappings than pages, or a PMD; one of another page does not."""
    small = "mm; mmap 1 0 16; fault 1 0 4; fork 1"
    found = []
    for text in (
        f"{small}; dontneed 2 1 15; dontneed 1 9 3",
        f"{small}; dontneed 2 0 15",
        f"{small}; dontneed 2 0 15; dontneed 1 9 3",
        "mm; mmap 1 0 512; faultpmd 1 0; fork 1; dontneed 2 0 500",
    ):
        lab = Lab(kernel, sizes=SIZES)
        for op in parse_line(text):
            lab.apply(op)
        found.append(maybe_shared(lab.machine, folio_head(lab.machine, 1)))

    assert found == shared


@pytest.mark.parametrize("first", [0, 3, 15])
def test_what_is_pinned_does_not_move(first):
    """A registered buffer keeps its folios where they are, until it is dropped; vmsplice() is another reference."""
    setup = ("P map a 32", "P touch a 0 32", f"P gup a {first} {first + 1}")

    assert [f"pin 1 {first} 1"] == translated("v7.3", *setup)
    assert ["migrate 2"] == translated("v7.3", *setup, "P migrate a 0 32 1")
    assert ["migrate 1", "migrate 2"] == translated("v7.3", *setup, "P ungup", "P migrate a 0 32 1")
    assert ["migrate 1", "migrate 2"] == translated("v7.3", *setup[:2], "P pin a 0 1", "P migrate a 0 32 1")


def test_a_buffer_holds_each_folio_once():
    """16 pages of two folios are two pins; vmsplice() takes one for each page."""
    setup = ("P map a 64", "P touch a 0 64")

    assert ["pin 1 8 16"] + ["unpin 1"] * 7 + ["unpin 2"] * 7 == translated("v7.3", *setup, "P gup a 8 24")
    assert ["unpin 1", "unpin 2"] == translated("v7.3", *setup, "P gup a 8 24", "P ungup")
    assert ["get 1"] * 8 + ["get 2"] * 8 == translated("v7.3", *setup, "P pin a 8 24")


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (("P map b 64 nohuge", "khugepaged 6"), "khugepaged leaves VMAs"),
        (("swapon", "reclaim 4096"), "which folios reclaim takes"),
    ],
)
def test_what_ends_a_scenario_under_way(steps, why):
    """What a step needs depends on what is there: folios, sharing, pins, swap space."""
    with pytest.raises(NotModelledError, match=why):
        translated("v7.3", "P map a 32", "P touch a 0 32", *steps)


@pytest.mark.parametrize(
    ("release", "seen"),
    [
        ("6.12.85", False),
        ("6.12.88", True),
        ("6.13.1", False),
        ("6.18.15", False),
        ("7.0.13", True),
        ("6.9.1", True),
    ],
)
def test_not_every_release_queues_what_moved(release, seen):
    """What a release does otherwise than its model ends the comparison; from v6.12.88 and v7.0 on both are alike."""
    assert release_of(release).queues_what_moved == seen


@pytest.mark.parametrize(
    ("release", "removed", "then"),
    [("6.12.118", ["rmcgroup 1"], []), ("6.18.15", [], []), ("7.0.13", ["rmcgroup 1"], ["shrink 1"])],
)
def test_a_removed_cgroup_keeps_its_queue_before_v6_19(release, removed, then):
    """The shrinker does not come there: under v6.12 in the model, under v6.18 because its model is that of v7.3."""
    steps = ("cgroup", "P map a 16", "P touch a 0 16", "P dontneed a 0 8", "uncgroup", "rmcgroup", "mkcgroup")
    lab = Lab(release_of(release).model, sizes=SIZES)
    where = Translator(lab.machine, frozenset({4}), release_of(release))
    done = []
    for text in steps:
        for op in where.operations(parse(text), 0):
            lab.apply(op)
            done.append(op.short())

    assert [one for one in done if "cgroup" in one] == ["cgroup 1 1", "cgroup 1 0", *removed]
    assert [op.short() for op in where.operations(parse("dropcaches 2"), 0)] == then


def test_a_release_without_a_model_of_its_own_sees_the_root_only():
    """Where v6.18 would pass over the removed cgroup, and the model of v7.3 does not, the comparison ends."""
    lab = Lab("v7.3", sizes=SIZES)
    where = Translator(lab.machine, frozenset({4}), release_of("6.18.15"))
    half = ("P map a 32", "P touch a 0 16", "P dontneed a 0 8")
    for text in ("cgroup", *half, "uncgroup", "rmcgroup", "P touch a 16 32", "P dontneed a 16 20"):
        for op in where.operations(parse(text), 0):
            lab.apply(op)

    with pytest.raises(NotModelledError, match="cgroup that was removed"):
        next(where.operations(parse("dropcaches 2"), 0))


def test_a_cgroup_that_is_reclaimed_does_not_visit_the_roots_queue():
    """The model's shrinker would; where only the cgroup has something queued both come to the same."""
    lab = Lab("v7.3", sizes=SIZES)
    where = Translator(lab.machine, frozenset({4}), release_of("7.3.4"))
    for text in ("cgroup", "P map a 32", "P touch a 0 16", "P dontneed a 0 8"):
        for op in where.operations(parse(text), 0):
            lab.apply(op)
    assert [op.short() for op in where.operations(parse("reclaim 4096"), 0)] == ["shrink 1"]

    for text in ("uncgroup", "P touch a 16 32", "P dontneed a 16 20"):
        for op in where.operations(parse(text), 0):
            lab.apply(op)
    with pytest.raises(NotModelledError, match="the model's shrinker the root's, too"):
        next(where.operations(parse("reclaim 4096"), 0))


def test_a_region_without_huge_pages_is_locked_in_small_ones():
    """MADV_NOHUGEPAGE is where no size is allowed, for as long as its pages are brought."""
    steps = ("P map a 16 nohuge", "P mlock a 4 16")

    assert ["enabled 4 0", "mlock 1 4 12", "enabled 4 1"] == translated("v7.3", *steps, thp=frozenset({4}))
