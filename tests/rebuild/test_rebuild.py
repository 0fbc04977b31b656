"""What the operations are that make what was seen, what they cannot make, and what is said of that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from folioviz.errors import LimitError
from folioviz.evidence.recordings.nearest import release_of
from folioviz.rebuild import Vma, rebuild
from tests.rebuild.seen import mapped, short, small, state


def test_one_fault_a_folio_and_holes_in_one():
    """A hole of two folios is one operation; small pages in a row come by one write."""
    seen = state({"P": {"a": [mapped(0, 8, 0), mapped(24, 8, 1, 8), small(32, 3, 5)]}}, {0: 4, 1: 4})
    found = rebuild(seen, "v7.3")

    assert short(found) == "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; dontneed 1 8 16; touch 1 32 3"
    assert found.differences == ()
    assert found.left_out == ()


def test_many_folios_of_a_size_come_by_one_write():
    """The size is allowed for it and forbidden again; a kernel without that switch brings one after the other."""
    seen = state({"P": {"a": [mapped(16 * one, 16, one) for one in range(4)]}}, dict.fromkeys(range(4), 4))

    assert short(rebuild(seen, "v7.3")) == "mm; mmap 1 0 64; enabled 4 1; touch 1 0 64; enabled 4 0"
    assert short(rebuild(seen, "v6.5-rc3")).count("fault") == 4


def test_what_is_shared_comes_before_the_fork():
    """What nobody maps goes before it, too; a page that one of them has for itself is a copy."""
    seen = state(
        {
            "P": {"a": [mapped(0, 3, 0, 0, 2), small(3, 1, 1, 1), mapped(4, 4, 0, 4, 2)]},
            "C": {"a": [mapped(0, 8, 0)]},
        },
        {0: 4},
    )
    found = rebuild(seen, "v7.3")

    assert short(found) == "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 8 8; fork 1; write 1 3"
    assert found.same_structure


def test_huge_pages_are_mapped_as_they_were_seen():
    """By a PMD in one process, and by PTEs in its child."""
    whole = {"a": [mapped(0, 512, 0)]}
    seen = state({"P": whole, "C": whole}, {0: 9}, {"a": (512, 512)}, huge={"P a": frozenset({0})})
    found = rebuild(seen, "v6.12")
    by_ptes = rebuild(replace(seen, huge={}), "v6.12")

    assert short(found) == "mm; mmap 1 0 512; faultpmd 1 0; fork 1; splitpmd 2 0"
    assert found.same_structure
    assert short(by_ptes) == "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1"


def test_a_folio_where_no_fault_brings_it_is_moved():
    """Its offset does not fit its place, or another one lies where it would come."""
    apart = state({"P": {"a": [mapped(3, 8, 0)]}}, {0: 4})
    both = state({"P": {"a": [mapped(0, 8, 0), mapped(8, 8, 1, 8)]}}, {0: 4, 1: 4})

    for seen in (apart, both):
        found = rebuild(seen, "v7.3")
        assert "mremap" in short(found)
        assert found.same_structure


def test_who_else_maps_pages_is_a_process_of_the_models():
    """The count says that others map them, and without them the folio would be partially mapped."""
    seen = state({"P": {"a": [mapped(0, 8, 0, 0, 2)]}}, {0: 4}, told=["page_mapcount"])
    seen.observed.folios[0]["kpagecount"] = ((8, 2), (8, 1))
    found = rebuild(seen, "v7.3")

    assert short(found) == "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 8 8"
    assert found.differences == ()
    assert "16 pages, up to 1 time each: a process" in found.left_out[0]


def test_vmas_rights_locks_and_markers():
    """Holes between VMAs are unmapped; a lock brings what was not there, and that goes again."""
    vmas = (Vma(0, 16, locked=True), Vma(20, 40, "r"), Vma(40, 64, "none"))
    seen = state(
        {"P": {"a": [mapped(0, 8, 0), small(30, 1, 1), small(50, 2, 2), [60, 2, "g"]]}},
        {0: 4},
        vmas={"P a": vmas},
    )
    found = rebuild(seen, "v7.3")

    assert found.same_structure
    assert found.left_out == ()
    assert short(found).endswith(
        "mlock 1 0 16; dontneedlocked 1 8 8; guard 1 60 2; mprotect 1 20 20 0; protnone 1 40 24"
    )
    without = rebuild(seen, "v6.12")
    assert without.left_out == ("2 guard markers of P: the kernel has none",)
    assert [one.model for one in without.differences if one.field == "state"] == ["absent"]


def test_zero_pages_are_read():
    """Each process reads its own after the fork; what lies between them may be read, too, but no guard marker."""
    seen = state(
        {
            "P": {"a": [[0, 4, "z"], mapped(4, 12, 0, 4, 2), [16, 8, "z"], [24, 4, "g"], [28, 4, "z"]]},
            "C": {"a": [mapped(4, 12, 0, 4, 2), [30, 34, "z"]]},
        },
        {0: 4},
        vmas={"P a": (Vma(0, 32), Vma(32, 64, "none"))},
    )
    found = rebuild(seen, "v7.3")

    assert "read 1 0 24; read 1 28 4; guard 1 24 4; protnone 1 32 32; read 2 30 34" in short(found)
    assert (found.differences, found.left_out) == ((), ())


def test_the_huge_zero_page_is_mapped_by_a_pmd():
    """If a PMD was seen, and the kernel has it; elsewhere 512 PTEs map the small one, and that is said."""
    whole = {"P": {"a": [[0, 512, "z"]]}}
    seen = state(whole, regions={"a": (512, 512)}, huge={"P a": frozenset({0})})

    for kernel in ("v6.1", "v6.12", "v7.3"):
        found = rebuild(seen, kernel)
        assert short(found) == "mm; mmap 1 0 512; enabled 9 1; read 1 0 512; enabled 9 0"
        assert found.differences == ()
    assert short(rebuild(replace(seen, huge={}), "v7.3")) == "mm; mmap 1 0 512; read 1 0 512"
    assert rebuild(replace(seen, huge={}), "v7.3").differences == ()
    [differs] = rebuild(seen, "v6.5-rc3").differences
    assert tuple(differs) == ("P a pages 0-511", "mapped by", "a PMD", "PTEs")


def test_what_is_swapped_out_is_paged_out():
    """Single pages stand for it, each process's own; a kernel without swap space, or with too little, leaves it out."""
    seen = state(
        {
            "P": {"a": [[0, 4, "s"], mapped(4, 12, 0, 4, 2), [16, 1, "s"], [17, 1, "z"]]},
            "C": {"a": [mapped(4, 12, 0, 4, 2), [20, 3, "s"]]},
        },
        {0: 4},
    )
    found = rebuild(seen, "v7.3")
    large = state({"P": {"a": [[0, 17000, "s"]]}}, regions={"a": (0, 17000)})

    assert short(found).startswith(
        "swapon 8; mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4; fork 1; touch 1 0 4;"
    )
    assert "pageout 1 0 4; pageout 1 16 1; read 1 17 1" in short(found)
    assert short(found).endswith("pageout 2 20 3")
    assert (found.differences, found.left_out) == ((), ())
    for left, kernel, pages in ((seen, "v6.5-rc3+v4", "5 pages"), (large, "v7.3", "17,000 pages")):
        without = rebuild(left, kernel)
        assert without.left_out[0] == f"{pages} of P a: swapped out"
        assert ("swapped", "absent") in [(one.kernel, one.model) for one in without.differences]


def test_a_lock_after_the_fork_would_copy():
    """What a child has locked and shares stays unlocked, and that is said."""
    whole = {"a": [mapped(0, 16, 0)]}
    seen = state({"P": whole, "C": whole}, {0: 4}, vmas={"C a": (Vma(0, 64, locked=True),)})
    found = rebuild(seen, "v7.3")

    assert found.same_structure
    assert found.left_out == ("the lock of 64 pages of C: it copies what is shared",)


def test_regions_that_adjoin_keep_their_distance():
    """A folio lies in both; a region far away comes near, at the same place in its 2 MiB."""
    seen = state(
        {"P": {"a": [mapped(0, 8, 0)], "b": [mapped(0, 8, 0, 8)], "c": [small(0, 1, 1)]}},
        {0: 4},
        {"a": (1 << 20, 8), "b": (8 + (1 << 20), 8), "c": (77 + (1 << 30), 1)},
    )
    found = rebuild(seen, "v7.3")

    assert found.starts == {"a": 0, "b": 8, "c": 1024 + 77}
    assert found.same_structure


def test_what_is_left_out_is_said():
    """Pages that are merged, sizes that the kernel lacks, folios that no page table maps."""
    seen = state(
        {"P": {"a": [small(8, 1, 1), small(9, 1, 1), mapped(16, 16, 2)]}},
        {2: 4, 7: 2},
    )
    found = rebuild(seen, "v6.1")

    assert found.left_out == (
        "1 folio of which no page table maps a page",
        "2 pages of P: merged by KSM",
        "1 folio of order 4: the kernel has none, and single pages stand for them",
    )
    assert not found.same_structure
    assert rebuild(state({"P": {"a": []}}), "v7.3").ops


def test_a_kernel_that_counts_averages_tells_of_nobody_else():
    """There every page of a folio shows at least 1, mapped or not."""
    seen = state(
        {"P": {"a": [mapped(0, 8, 0, 0, 1)]}},
        {0: 4},
        release=release_of("7.3.4", "CONFIG_NO_PAGE_MAPCOUNT=y"),
    )
    seen.observed.folios[0]["kpagecount"] = ((16, 1),)

    assert short(rebuild(seen, "v7.3+no-page-mapcount")) == "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 8 8"


def test_what_does_not_fit_is_refused():
    """More pages than the machine has, or more address space, or processes: in words, before anything is done."""
    wide = state({"P": {"a": [small(0, 1, 1)]}}, regions={"a": (0, 300_000)})
    tables = {f"{number} a": np.zeros((1, 9), np.int32) for number in range(65)}
    crowd = state({"P": {"a": []}})
    crowd.observed.tables.update(tables)

    with pytest.raises(LimitError, match="pages of address space of the regions is 300032"):
        rebuild(wide, "v7.3")
    with pytest.raises(LimitError, match="number of processes is 66"):
        rebuild(crowd, "v7.3")
    one_page_each = {"P": {"a": [mapped(one, 1, one) for one in range(130)]}}
    with pytest.raises(LimitError, match="pages of the folios is 66560: it must be at most 65536"):
        rebuild(state(one_page_each, dict.fromkeys(range(130), 9), {"a": (0, 130)}), "v7.3")
