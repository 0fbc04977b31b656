from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.compare.compare import Comparison, compare
from folioviz.compare.state import Difference
from folioviz.errors import KernelError, OperationError
from folioviz.files.scenario import find
from folioviz.kernels import find as find_kernel
from folioviz.kernels import keeps
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.readout.records import records

FOLIO = "mm; mmap 1 0 64; fault 1 0 4; "


def compared(text, *kernels, mmu_gather="batched"):
    """Compare operations in the short form."""
    return compare(parse_line(text), kernels, mmu_gather)


def library(name, *kernels):
    """Compare a scenario of the library under some kernels, or under its own."""
    one = find(name)
    return compare(one.ops, kernels or one.kernels, one.mmu_gather)


def test_queues_of_cgroups_are_told_apart():
    """A folio on a removed cgroup's queue is not on the root's; the next operation makes them alike again."""
    left = "mm; cgroup 1 2; mmap 1 0 64; fault 1 0 4; dontneed 1 0 3; cgroup 1 0; rmcgroup 2"
    apart = compared(left, "v6.12", "v7.3")
    gone = compared(f"{left}; munmap 1 0 64", "v6.12", "v7.3")

    assert [one for one in apart.state if "queue" in one.what] == [
        Difference("split queue", ((), (1,))),
        Difference("split queue of cgroup 2", ((1,), None)),
    ]
    assert [one for one in gone.state if "queue" in one.what] == []


def last(result, cost):
    """Return what the last operation cost under each kernel."""
    return [outcome.costs.get(cost, 0) for outcome in result.operations[-1].outcomes]


def zap(order, count, *kernels):
    """Return (TLB flushes executed, zap_pte_range rounds, split-queue locks) of one munmap, under each kernel."""
    nr = 1 << order
    faults = "; ".join(f"fault 1 {place * nr} {order}" for place in range(count))
    result = compared(f"mm; mmap 1 0 {nr * count}; {faults}; munmap 1 0 {nr * count}", *kernels)
    return list(zip(last(result, "thw"), last(result, "zround"), last(result, "sqlock"), strict=True))


# ------------------------------------------------------------------------------------ what the series' thread found


def test_patch_1_alone_takes_128_locks_where_v4_takes_none():
    """One munmap of 64 order-4 folios: 1/3 queues and unqueues each, v6.5-rc3 and v4 never touch the queue."""
    result = library("sixty-four-folios", "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4.2", "v6.5-rc3+v4")

    assert last(result, "sqlock") == [0, 128, 128, 0]
    assert last(result, "qadd") == last(result, "qdel") == [0, 64, 64, 0]


def test_v4_flushes_65_times_where_v6_5_flushes_once():
    """The same munmap: one forced flush after each batch and one at the end; the explicit full repairs it."""
    result = library("sixty-four-folios", "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.5-rc3+v4full")

    assert last(result, "thw") == [1, 1, 65, 1]
    assert last(result, "tforce") == [0, 0, 64, 0]


@pytest.mark.parametrize(
    ("order", "count", "expected"),
    [
        (0, 64, [(1, 1, 0), (1, 1, 0), (1, 1, 0), (65, 64, 0), (1, 1, 0)]),
        (4, 1, [(1, 1, 0), (1, 1, 2), (1, 1, 0), (2, 1, 0), (2, 1, 0)]),
        (2, 64, [(1, 1, 0), (1, 1, 128), (1, 1, 0), (65, 64, 0), (65, 64, 0)]),
        (4, 64, [(1, 2, 0), (1, 2, 128), (1, 2, 0), (65, 64, 0), (65, 64, 0)]),
        (9, 4, [(1, 4, 8), (1, 4, 8), (1, 4, 0), (5, 4, 0), (5, 4, 0)]),
        (9, 20, [(2, 21, 40), (2, 21, 40), (2, 21, 2), (21, 20, 0), (21, 20, 0)]),
    ],
)
def test_flushes_rounds_and_locks_of_one_munmap(order, count, expected):
    """Flushes, rounds and locks by order and number of folios: v6.5-rc3, 1/3, explicit full, v3, v4."""
    assert expected == zap(
        order, count, "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4full", "v6.5-rc3+v3", "v6.5-rc3+v4"
    )


def test_a_full_gather_of_9698_pages_cuts_the_nineteenth_folio():
    """Twenty 2 MiB folios: full once, 19 batches; with the explicit full, one folio is queued and unqueued."""
    result = library("gather-overflow", "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.5-rc3+v4full")

    assert last(result, "tfull") == [1, 0, 1]
    assert last(result, "gbatch") == [19, 1, 19]
    assert last(result, "qadd") == last(result, "qdel") == [20, 0, 1]
    assert last(result, "sqlock") == [40, 0, 2]


@pytest.mark.slow
def test_640_folios_of_order_4_cost_1280_locks_or_641_flushes():
    """640 order-4 folios, more than the gather holds: 2 flushes and 1280 locks with 1/3, 641 flushes with v4."""
    assert [(2, 21, 1280), (641, 640, 0)] == zap(4, 640, "v6.5-rc3+v4.1", "v6.5-rc3+v4")


def test_v3_on_s390_frees_a_mapped_folio_and_uses_it():
    """Without a gather, v3 frees the folio before its mappings go, then touches it; v4 does not."""
    result = library("s390-and-v3")

    assert result.kernels == ("v6.5-rc3+v3", "v6.5-rc3+v4")
    assert [outcome.bugs for outcome in result.operations[-1].outcomes] == [("free_mapped", "uaf"), ()]
    assert (result.ended(0), result.ended(1)) == (3, None)


def test_v3_on_s390_frees_a_mapped_small_folio_too():
    """The reported splat: a single order-0 page is enough."""
    result = compared("mm; mmap 1 0 64; fault 1 0 0; exit 1", "v3", "v4", mmu_gather="none")

    assert [outcome.bugs for outcome in result.operations[-1].outcomes] == [("free_mapped", "uaf"), ()]


def test_the_naive_repair_overruns_the_gather():
    """When a batch's last page fills the gather, v4fix goes on and writes past the batch; v4 and v4full flush."""
    result = library("naive-repair", "v6.5-rc3+v4", "v6.5-rc3+v4fix", "v6.5-rc3+v4full")

    assert [outcome.bugs for outcome in result.operations[-1].outcomes] == [
        (),
        ("vm_bug:batch->nr > batch->max",),
        (),
    ]


def test_an_order_1_folio_trips_the_assertion():
    """1/3 asserts on a whole order-1 folio, page by page; v4 only on a part of one; v6.5-rc3 never."""
    whole = library("order-1", "v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4")
    part = compared("mm; mmap 1 0 64; fault 1 0 1; dontneed 1 0 1", "base", "p1", "v4")
    bug = ("vm_bug:folio_order(folio) < 2",)

    assert [outcome.bugs for outcome in whole.operations[-1].outcomes] == [(), bug, ()]
    assert [outcome.bugs for outcome in part.operations[-1].outcomes] == [(), bug, bug]


def test_patch_2_pays_for_shared_folios():
    """Zapping a fork-shared order-4 folio touches _nr_pages_mapped 0 times in v6.5-rc3, 16 in 2/3, once in v4."""
    assert last(library("fork-one-side"), "nrpm") == [0, 0, 16, 1]


def test_an_unmapped_but_pinned_folio_stays_queued_without_the_batch():
    """Page by page it waits on the queue and fails to split; v4 never queues it."""
    result = library("pinned-and-unmapped", "v6.5-rc3+v4.1", "v6.5-rc3+v4")

    assert Difference("split queue", ((1,), ())) in result.operations[4].state
    assert Difference("thp_split_page_failed", (1, 0)) in result.state


# ------------------------------------------------------------------------------------------------- the comparison


def test_costs_differ_step_by_step_and_add_up():
    """Of a munmap under 1/3 and v4 exactly the costs that differ are listed, and totals are sums over steps."""
    result = compared(FOLIO + "munmap 1 0 64", "p1", "v4")
    step = result.operations[3]

    assert {cost.what: cost.values for cost in step.costs} == {
        "nrpm": (16, 1),
        "lru": (16, 1),
        "sqlock": (2, 0),
        "qadd": (1, 0),
        "qdel": (1, 0),
        "rget": (0, 1),
        "rput": (16, 17),
        "tflush": (1, 2),
        "thw": (1, 2),
        "tforce": (0, 1),
        "zround": (1, 2),
        "zrestart": (0, 1),
    }
    for place, total in enumerate(result.totals):
        for name in total:
            assert total[name] == sum(one.outcomes[place].costs.get(name, 0) for one in result.operations)


def test_state_differences_name_queue_counters_and_folio_fields():
    """After a partial zap and the shrinker, v6.5-rc3 still has one large folio where 1/3 has small ones."""
    result = compared(FOLIO + "dontneed 1 11 5; shrink 1", "base", "p1")

    assert result.operations[3].state == (
        Difference("split queue", ((), (1,))),
        Difference("thp_deferred_split_page", (0, 1)),
    )
    named = {difference.what: difference.values for difference in result.state}
    assert named["folio 1 order"] == (4, 0)
    assert named["folio 1 _mapcount"] == ((0, 11, -1, 5), (0, 1))
    assert named["folio 6"] == (None, "live")
    assert named["thp_split_page"] == (0, 1)


def test_what_becomes_equal_again_is_no_difference_at_the_end():
    """A folio that is queued under one kernel only, and freed under both, leaves only the event behind."""
    result = compared(FOLIO + "dontneed 1 0 5; munmap 1 0 64", "base", "p1")

    assert result.state == (Difference("thp_deferred_split_page", (0, 1)),)


def test_an_operation_that_one_kernel_cannot_do_is_noted():
    """Folio 6 exists only where the shrinker split folio 1; the other kernel says why not, and both go on."""
    result = compared(FOLIO + "dontneed 1 0 5; shrink 1; get 6; exit 1", "base", "p1")

    refused = [outcome.refused for outcome in result.operations[5].outcomes]
    assert refused == ["there is no folio 6: the ids given so far are 1 to 1", ""]
    assert [outcome.result for outcome in result.operations[6].outcomes] == [0, 0]


def test_an_operation_that_no_kernel_can_do_is_an_error():
    """Its number, its short form and the reason are named."""
    with pytest.raises(
        OperationError, match=r"operation 4 \(fault 1 3 2\): cannot fault order 2 at 0x7f0000003000"
    ):
        compared(FOLIO + "fault 1 3 2", "base", "p1")


def test_all_runs_end_with_the_last_bug():
    """When every kernel has hit a bug, later operations are not done."""
    result = compared(FOLIO + "exit 1; mm", "v3", mmu_gather="none")

    assert len(result.operations) == 4


def test_there_must_be_a_kernel():
    """Nothing to compare, an unknown kernel and an unknown mode are errors."""
    for kernels, mode in (((), "batched"), (("v7",), "batched"), (("v4",), "both")):
        with pytest.raises(KernelError):
            compare([], kernels, mode)


def test_what_is_gone_under_all_kernels_differs_no_more():
    """v6.12 maps zeros where v6.10 keeps pages, so rss and folios differ; once the process ends, nothing does."""
    split = FOLIO + "zero 1 0 8; split 1"
    before, after = (compared(text, "v6.10", "v6.12").state for text in (split, split + "; exit 1"))

    assert {("process 1 rss", (16, 8)), ("folio 8", ("live", None))} < {(d.what, d.values) for d in before}
    assert after == ()
    unmapped = compared(FOLIO + "dontneed 1 0 5; shrink 1; munmap 1 0 64", "base", "p1").state
    assert [d.what for d in unmapped] == ["thp_deferred_split_page", "thp_split_page"]


def test_what_differed_long_ago_differs_at_the_end():
    """Later operations that change nothing of it do not hide it; folio 10 comes after folio 9."""
    result = compared(FOLIO + "dontneed 1 0 5; shrink 1; mm", "base", "p1")
    names = [difference.what for difference in result.state]
    folios = [int(name.split()[1]) for name in names if re.fullmatch(r"folio \d+", name)]

    assert result.operations[-1].state == ()
    assert "thp_split_page" in names
    assert folios == [1, *range(6, 17)]


@pytest.mark.parametrize(
    "pair", [("v7.3", "v7.3+no-page-mapcount"), ("v6.5-rc3+v4", "v7.3"), ("v6.10", "v6.12")]
)
def test_what_one_kernel_does_not_keep_is_not_compared(pair):
    """Fields of folios, costs and counters that only one of two has are no difference between them."""
    result = compared(FOLIO + "fork 1; dontneed 1 0 5; munmap 2 0 8", *pair)
    found = [*result.state, *(one for step in result.operations for one in step.state)]
    counted = [cost.what for step in result.operations for cost in step.costs]

    assert all(one.values != () and None not in one.values for one in found)
    assert all(COSTS[name].is_known(keeps(find_kernel(key))) for name in counted for key in pair)


def test_after_a_bug_costs_are_not_compared():
    """What the other kernel did in that operation has nothing beside it."""
    assert library("s390-and-v3").operations[-1].costs == ()


@pytest.mark.parametrize("name", ["back", "s390-and-v3", "pmd-and-pte"])
def test_a_comparison_survives_json(name):
    """A comparison is typed all through: JSON and back gives the same."""
    result = library(name)

    assert result == msgspec.json.decode(msgspec.json.encode(result), type=Comparison)


def test_the_same_kernel_twice_never_differs():
    """Comparing a kernel with itself finds nothing."""
    one = find("pinned-and-shrinker")
    result = compare(one.ops, ["v4", "v4"])

    assert [one for one in result.operations if one.costs or one.state] == []
    assert result.state == ()


PAGES = st.integers(0, 63)
RANGES = st.tuples(PAGES, st.integers(1, 32))
RANDOM = st.lists(
    st.one_of(
        RANGES.map(lambda r: f"dontneed 1 {r[0]} {r[1]}"),
        RANGES.map(lambda r: f"munmap 1 {r[0]} {r[1]}"),
        st.integers(0, 3).map(lambda k: f"fault 1 {k * 16} 4"),
        PAGES.map(lambda vpn: f"write 1 {vpn}"),
        st.sampled_from(["fork 1", "exit 2", "shrink 2", "get 1", "put 1"]),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(RANDOM)
def test_folded_differences_are_those_of_the_machines(texts):
    """Whatever is done, the queue and counters said to differ at the end are those of the vectors' last records."""
    ops = []
    probe = Lab("v6.5-rc3")
    for op in parse_line("mm; mmap 1 0 64; " + "; ".join(texts)):
        try:
            probe.apply(op)
        except OperationError:
            continue
        ops.append(op)
    result = compare(ops, ["base", "v4"])
    base, v4 = ([r for r in records(Lab(key), ops) if "Q" in r][-1] for key in ("base", "v4"))
    differing = {difference.what for difference in result.state}

    assert ("split queue" in differing) == (base["Q"] != v4["Q"])
    assert ("thp_deferred_split_page" in differing) == (base["S"][2] != v4["S"][2])
    assert ("nr_anon_mapped" in differing) == (base["S"][0] != v4["S"][0])
