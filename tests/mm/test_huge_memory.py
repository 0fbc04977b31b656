"""PMD-mapped folios, the split queue and its shrinker."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.machine.memory import THP_SPLIT_PAGE, THP_SPLIT_PAGE_FAILED, THP_SPLIT_PMD
from folioviz.ops.walk import queue

THREE = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; fault 1 32 4; dontneed 1 0 1; dontneed 1 16 1; dontneed 1 32 1"


def ids(lab):
    """Return the ids on the queue, the head first."""
    return [int(lab.machine.folio_id[head]) for head in queue(lab.machine)]


def test_a_split_pmd_maps_the_same_pages(after, spent):
    """One PMD becomes 512 PTEs; the folio stays whole and fully mapped, and is not queued."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 77", "v4")
    machine = lab.machine

    assert machine.folio_refcount[0] == machine.folio_nr_pages_mapped[0] == machine.mm_rss[0] == 512
    assert machine.page_anon_exclusive[:512].all()
    assert machine.vm_event[THP_SPLIT_PMD] == 1
    assert (spent(lab)["rget"], spent(lab)["mapc"]) == (1, 512)
    assert ids(lab) == []


@pytest.mark.parametrize(
    ("line", "result", "reason"),
    [
        ("get 1; munmap 1 0 64; split 1", -16, (j.SPLIT_UNMAPPED, 1, 0)),
        ("get 1; get 1; split 1", -11, (j.SPLIT_PINNED, 1, 2)),
        ("split 1", 0, (j.SPLIT_DONE, 1, 16)),
    ],
)
def test_a_split_and_its_refusals(after, reasons, line, result, reason):
    """Nothing mapped: -EBUSY. More references than mappings: -EAGAIN. Both are counted as failed."""
    lab = after(f"mm; mmap 1 0 64; fault 1 0 4; {line}", "v4")

    assert lab.applied[-1].result == result
    assert reason in reasons(lab)
    assert lab.machine.vm_event[THP_SPLIT_PAGE] == (result == 0)
    assert lab.machine.vm_event[THP_SPLIT_PAGE_FAILED] == (result != 0)


def test_the_queue_is_first_come_first_served(after):
    """Folios wait in the order in which they lost their first page, each once."""
    assert ids(after(THREE, "v4")) == [1, 2, 3]
    assert ids(after(f"{THREE}; dontneed 1 1 1", "v4")) == [1, 2, 3]
    assert ids(after(f"{THREE}; munmap 1 16 16", "v4")) == [1, 3]


@pytest.mark.parametrize(
    ("line", "result", "left"),
    [
        ("shrink 2", 2, [3]),
        ("shrink 9", 3, []),
        ("get 1; get 3; shrink 9", 1, [3, 1]),
        ("get 1; get 2; get 3; shrink 2", 0, [3, 2, 1]),
        ("shrink 9; shrink 1", -1, []),
    ],
)
def test_the_shrinker_takes_from_the_front(after, line, result, left):
    """What cannot be split goes to the end, reversed; SHRINK_STOP if there is nothing left to do."""
    lab = after(f"{THREE}; {line}", "v4")

    assert lab.applied[-1].result == result
    assert ids(lab) == left


def test_a_split_frees_what_is_not_mapped(after, spent):
    """That is what the shrinker is for: 11 of 16 pages come back."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 5 11; shrink 1", "v4")

    assert spent(lab)["pfree"] == 11
    assert lab.machine.nr_free_pages[0] == lab.machine.sizes.pages - 5


def test_a_vma_border_splits_the_pmd_it_cuts(after):
    """A range to unmap that ends inside a huge page maps the rest by PTEs."""
    assert after("mm; mmap 1 0 1024; faultpmd 1 0; munmap 1 512 100").machine.vm_event[THP_SPLIT_PMD] == 0
    lab = after("mm; mmap 1 0 1024; faultpmd 1 512; munmap 1 500 100")
    assert lab.machine.vm_event[THP_SPLIT_PMD] == 1
    assert lab.machine.mm_rss[0] == 512 - 88
