import pytest

from folioviz import KERNELS, Lab, Sizes, parse_line
from folioviz.compare.random_ops import SIZES, wander
from folioviz.machine.memory import LIST_MM
from folioviz.ops.walk import queue
from folioviz.readout.counters import counters
from folioviz.readout.describe import decoded
from folioviz.readout.state import folios, gather_pages, processes


def after(text, kernel="v6.5-rc3+v4.1", mmu_gather="batched"):
    """Return a small lab after some operations."""
    lab = Lab(kernel, mmu_gather, sizes=Sizes(pages=1536, tables=8, vmas=16))
    for op in parse_line(text):
        lab.apply(op)
    return lab


def test_a_folio_in_words():
    """A forked, partly dropped, pinned and queued folio is read field by field."""
    lab = after("mm; mmap 1 0 64; fault 1 0 2; fork 1; dontneed 1 0 2; dontneed 2 0 1; get 1")
    (folio,) = folios(lab.machine)

    assert (1, 2, 6, -1, 3) == (
        folio.id,
        folio.order,
        folio.refcount,
        folio.entire_mapcount,
        folio.nr_pages_mapped,
    )
    assert ([-1, 0, 1, 1], 5, 0, 3, 1, 1, 0) == (
        folio.mapcount.tolist(),
        folio.ptes,
        folio.pmds,
        folio.pages_mapped,
        folio.pins,
        folio.queue_place,
        folio.other_refs,
    )
    assert folio.partially_mapped


@pytest.mark.parametrize("kernel", KERNELS)
def test_at_rest_the_counters_agree_with_the_pages(kernel):
    """What an operation leaves, whatever it was; between two rows they may not."""
    lab = Lab(kernel, sizes=SIZES)
    for op in wander(7, 40, kernel):
        lab.apply(op)
        assert [folio.counted for folio in folios(lab.machine)] == [
            folio.pages_mapped for folio in folios(lab.machine)
        ]


def partial(lab):
    """Return whether the first folio is partially mapped at each row of the last operation at which it lives."""
    step, found = lab.applied[-1], []
    for row in range(step.start, step.end + 1):
        lab.seek(row)
        found += [folio.partially_mapped for folio in folios(lab.machine)[:1]]
    return found


@pytest.mark.parametrize("kernel", ["v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.12", "v7.3", "v7.3+no-page-mapcount"])
def test_a_fault_maps_no_folio_in_part(kernel):
    """Its mapcounts come up page by page, and none of it is mapped yet: _nr_pages_mapped is 0 until all of it is."""
    assert not any(partial(after("mm; mmap 1 0 16; fault 1 0 4", kernel)))


@pytest.mark.parametrize(
    ("kernel", "whole"),
    [("v6.5-rc3+v4.1", True), ("v6.5-rc3+v4", False), ("v6.12", False), ("v7.3+no-page-mapcount", False)],
)
def test_a_batch_unmaps_a_folio_at_once(kernel, whole):
    """One that is unmapped page by page is mapped in part on the way; of a batch, the counter goes to 0 at once."""
    found = partial(after("mm; mmap 1 0 16; fault 1 0 4; munmap 1 0 16", kernel))
    left = partial(after("mm; mmap 1 0 16; fault 1 0 4; munmap 1 0 8", kernel))

    assert any(found) == whole
    assert left[-1]
    assert left.index(True) > 0


def test_references_in_the_gather_are_counted():
    """In the middle of a munmap, references whose mappings are gone wait in the gather."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64")
    step = lab.applied[-1]
    for row in range(step.start, step.end):
        lab.seek(row)
        waiting = gather_pages(lab.machine).size
        for folio in folios(lab.machine):
            if folio.gather_refs == 9:
                assert (7, 9, 7) == (folio.ptes, waiting, folio.pages_mapped)
                return
    pytest.fail("no row at which nine pages wait")


def test_queue_in_order():
    """The queue is read first to last, and a folio's place on it starts at 1."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; dontneed 1 17 1; dontneed 1 0 1")

    assert [2, 1] == [int(lab.machine.folio_id[head]) for head in queue(lab.machine)]
    assert [2, 1] == [folio.queue_place for folio in folios(lab.machine)]


def test_processes_vmas_and_maps():
    """VMAs keep their page offsets through mremap; a huge page is one row; COW pages are not writable."""
    lab = after(
        "mm; mmap 1 0 4; fault 1 0 2; fork 1; mremap 1 2 2 100; mmap 2 512 512; faultpmd 2 512", "v6.5-rc3"
    )
    parent, child = processes(lab.machine)

    assert [(0, 2, 0), (100, 102, 2)] == [vma[:3] for vma in parent.vmas]
    assert [[0, 0, 0, 0, 0], [1, 1, 0, 0, 0], [100, 2, 0, 0, 0], [101, 3, 0, 0, 0]] == parent.maps.tolist()
    assert [512, 512, 1, 1, 0] == child.maps[-1].tolist()
    assert (4, 516) == (parent.rss, child.rss)


def test_counters_have_their_names():
    """The node's counters are named as in /proc/vmstat."""
    lab = after("mm; mmap 1 0 1024; faultpmd 1 512; splitpmd 1 512; dontneed 1 600 1; shrink 1")

    expected = {
        "nr_anon_mapped": 511,
        "nr_anon_thps": 0,
        "thp_deferred_split_page": 1,
        "thp_split_page": 1,
        "thp_split_page_failed": 0,
        "thp_split_pmd": 1,
    }
    assert expected == counters(lab.machine)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (0, "0 pages by PTE"),
        (1, "1 page by PTE"),
        (0x800000 + 12, "0x800000 + 12: entirely mapped, and 12 pages by PTE"),
    ],
)
def test_nr_pages_mapped_is_decoded(raw, words):
    """The entirely-mapped bit and the page count are told apart."""
    assert words == decoded(raw)


def test_state_can_be_read_at_every_row():
    """Between any two writes the lists walk to their ends and the state reads without error."""
    lab = after(
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; fork 1; write 2 3; mremap 1 4 4 100; dontneed 1 0 2; "
        "dontneed 2 0 2; dontneed 1 17 1; dontneed 2 16 2; get 1; shrink 2; put 1; shrink 2; exit 1; munmap 2 0 64"
    )
    for row in range(len(lab.journal) + 1):
        lab.seek(row)
        after_node = lab.machine.list_next
        for head in range(LIST_MM):
            node, steps = int(after_node[head]), 0
            while node != head and steps <= 200:
                node, steps = int(after_node[node]), steps + 1
            assert steps <= 200, f"row {row}: the list of node {head} does not end"
        assert len(folios(lab.machine)) <= 64
        assert len(processes(lab.machine)) <= 2
