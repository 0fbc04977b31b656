"""PMD-mapped folios, the split queue and its shrinker."""

from __future__ import annotations

import re

import pytest

from folioviz.errors import OperationError
from folioviz.machine import journal as j
from folioviz.machine.memory import (
    MTHP_STAT_NR_ANON,
    MTHP_STAT_SPLIT,
    MTHP_STAT_SPLIT_DEFERRED,
    NR_MTHP_STATS,
    THP_SPLIT_PAGE,
    THP_SPLIT_PAGE_FAILED,
    THP_SPLIT_PMD,
)
from folioviz.ops.ops import parse
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


@pytest.mark.parametrize("key", ["v6.9", "v6.12", "v7.3", "v7.3+no-page-mapcount"])
@pytest.mark.parametrize("order", [2, 4, 8])
def test_a_folio_is_split_into_folios_of_a_lower_order(after, key, order):
    """Each is mapped as before, whole and healthy; the first keeps its id, and one split of 2 MiB is counted."""
    lab = after(f"mm; mmap 1 0 512; faultpmd 1 0; fork 1; split 1 {order}", key)
    machine, nr = lab.machine, 1 << order
    heads = range(0, 512, nr)

    assert lab.applied[-1].result == 0
    assert {int(machine.folio_order[head]) for head in heads} == {order}
    assert [int(machine.folio_id[head]) for head in heads] == list(range(1, 512 // nr + 1))
    assert (machine.page_folio[:512] == [page // nr * nr for page in range(512)]).all()
    assert {int(machine.folio_refcount[head]) for head in heads} == {2 * nr}
    assert machine.mm_rss[:2].tolist() == [512, 512]
    assert (machine.vm_event[THP_SPLIT_PAGE], queue(machine)) == (1, [])


def test_what_is_split_to_an_order_is_counted_by_size(after):
    """The recorded steps: 32 folios of 64 KiB, one split of 2 MiB; then half of one goes, and it is queued."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; split 1 4; dontneed 1 0 8", "v7.3")
    stat = lab.machine.mthp_stat.reshape(-1, NR_MTHP_STATS)

    assert (stat[9, MTHP_STAT_SPLIT], stat[9, MTHP_STAT_NR_ANON]) == (1, 0)
    assert (stat[4, MTHP_STAT_NR_ANON], stat[4, MTHP_STAT_SPLIT_DEFERRED]) == (32, 1)
    assert ids(lab) == [1]


def test_tails_that_nobody_maps_go(after):
    """A folio that has lost its first half: the folios of that half are freed, the others mapped again."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 4 6; split 1 2", "v6.12")
    machine = lab.machine

    assert machine.folio_id[:16:4].tolist() == [1, 0, 3, 4]
    assert machine.folio_refcount[:16:4].tolist() == [4, 0, 2, 4]
    assert (machine.mm_rss[0], machine.nr_free_pages[0]) == (10, machine.sizes.pages - 12)


@pytest.mark.parametrize(
    ("key", "line", "said"),
    [
        ("v6.8", "split 1 2", "v6.8 has no split 1 2: orders above 0 came with v6.9"),
        (
            "v7.3",
            "split 1 1",
            "cannot split folio 1, of order 4, into folios of order 1: it must be 0, or 2 to 3",
        ),
        (
            "v7.3",
            "split 1 4",
            "cannot split folio 1, of order 4, into folios of order 4: it must be 0, or 2 to 3",
        ),
        (
            "v7.3",
            "split 1 -1",
            "cannot split folio 1, of order 4, into folios of order -1: it must be 0, or 2 to 3",
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused(after, key, line, said):
    """What the kernel does not have, and what no anonymous folio is split to."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4", key)
    with pytest.raises(OperationError, match=re.escape(said)):
        lab.apply(parse(line))
