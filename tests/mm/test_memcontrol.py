"""Cgroups: which queue a folio waits on, which one the shrinker scans, what a removed one leaves."""

from __future__ import annotations

import pytest

from folioviz import KERNELS, Lab, OperationError
from folioviz.files import expect, scenario
from folioviz.laws import every_kernel
from folioviz.machine.fields import FIELDS
from folioviz.mm.headers import memcg_split_queue
from folioviz.ops.ops import parse
from folioviz.ops.walk import listed, live_mms, page_at

TWO = (
    "mm; mmap 1 0 2048; faultpmd 1 0; cgroup 1 2; faultpmd 1 512; "
    "fork 1; cgroup 2 5; mmap 2 4096 512; faultpmd 2 4096"
)
HALF = f"{TWO}; exit 1; dontneed 2 0 9; dontneed 2 512 9; dontneed 2 4096 9"


def queues(machine):
    """Return the ids of what waits, by cgroup."""
    found = {n: listed(machine, memcg_split_queue(n)) for n in range(8)}
    return {n: [int(machine.folio_id[head]) for head in heads] for n, heads in found.items() if heads}


@pytest.mark.parametrize("key", KERNELS)
def test_a_folio_waits_on_the_queue_of_who_faulted_it_in(after, key):
    """Wherever its process went since; and who removed its cgroup finds it at the root's from v7.3's model on."""
    lab = after(HALF, key)
    assert queues(lab.machine) == {0: [1], 2: [2], 5: [3]}

    for text in ("cgroup 2 0", "rmcgroup 2"):
        lab.apply(parse(text))
    every_kernel.check(lab.machine)
    reparented = key.startswith("v7.3")
    assert queues(lab.machine) == ({0: [2, 1], 5: [3]} if reparented else {0: [1], 2: [2], 5: [3]})


@pytest.mark.parametrize("key", ["v6.1", "v6.12", "v7.3"])
def test_the_shrinker_goes_from_queue_to_queue(after, key):
    """The root's first, then each cgroup's in the order in which they were made; a removed one's before v7.3 never."""
    lab = after(f"{HALF}; cgroup 2 0; rmcgroup 5", key)
    left = []
    for _ in range(3):
        lab.apply(parse("shrink 9"))
        every_kernel.check(lab.machine)
        left.append(sorted(queues(lab.machine)))

    assert left == ([[2], [], []] if key == "v7.3" else [[2, 5], [5], [5]])


SWAPS = [key for key in KERNELS if Lab(key).machine.total_swap_pages.size]
CHARGED = {
    "by PTE": ("mm; mmap 1 0 64; cgroup 1 3; fault 1 0 0", 0, KERNELS),
    "by PMD": ("mm; mmap 1 0 512; cgroup 1 3; faultpmd 1 0", 0, KERNELS),
    "a copy": ("mm; mmap 1 0 64; fault 1 5 0; fork 1; cgroup 2 3; write 2 5", 5, KERNELS),
    "a copy that fork makes": ("mm; mmap 1 0 64; fault 1 5 0; pin 1 5 1; cgroup 1 3; fork 1", 5, KERNELS),
    "a collapse": ("mm; mmap 1 0 512; fault 1 0 0; cgroup 1 3; collapse 1 0 512", 0, KERNELS),
    "a small collapse": (
        "enabled 4 1; mm; mmap 1 0 512; fault 1 0 0; cgroup 1 3; khugepaged 1",
        0,
        ["v7.3", "v7.3+no-page-mapcount"],
    ),
    "a part": ("mm; mmap 1 0 512; cgroup 1 3; faultpmd 1 0; cgroup 1 0; split 1", 5, KERNELS),
    "what moved": (
        "mm; mmap 1 0 64; cgroup 1 3; fault 1 0 4; cgroup 1 0; migrate 1",
        5,
        ["v6.8", "v6.12", "v7.3"],
    ),
    "what came back": (
        "swapon 64; mm; mmap 1 0 64; cgroup 1 3; fault 1 0 0; cgroup 1 2; pageout 1 0 1; write 1 0",
        0,
        SWAPS,
    ),
    "what swapoff brings": (
        "swapon 64; mm; mmap 1 0 64; cgroup 1 3; fault 1 0 0; cgroup 1 2; pageout 1 0 1; swapoff",
        0,
        SWAPS,
    ),
}
"""How a page comes -> operations, and the page of the last process whose folio is charged to cgroup 3."""


@pytest.mark.parametrize("how", CHARGED)
def test_a_new_folio_is_charged_to_the_cgroup_of_its_process(after, how):
    """A copy of what is there, also in swap, is charged as that was; under every kernel that can do it."""
    text, page, keys = CHARGED[how]
    for key in keys:
        machine = after(text, key).machine
        every_kernel.check(machine)
        head = machine.page_folio[page_at(machine, live_mms(machine)[-1], page)]

        assert machine.folio_memcg[head] == 3, key


@pytest.mark.parametrize("key", ["v6.1", "v6.8", "v6.12", "v7.3"])
def test_what_a_removed_cgroup_has_in_swap_comes_back_to_who_touches_it(after, key):
    """And what it puts there after it was removed is the root's, if it had nothing there before."""
    before = "mm; swapon 64; mmap 1 0 64; cgroup 1 3; fault 1 0 0; fault 1 1 0"
    early = after(
        f"{before}; pageout 1 0 1; cgroup 1 2; rmcgroup 3; pageout 1 1 1; write 1 0; write 1 1", key
    )
    late = after(f"{before}; cgroup 1 2; rmcgroup 3; pageout 1 0 1; write 1 0", key)

    assert [charged(early, page) for page in (0, 1)] == [2, 0 if key == "v7.3" else 2]
    assert charged(late, 0) == 0
    every_kernel.check(early.machine)
    assert not after(f"{before}; pageout 1 0 2; swapoff", key).machine.swap_memcg.any()


def charged(lab, page):
    """Return what the folio at a page of process 1 is charged to."""
    return int(lab.machine.folio_memcg[lab.machine.page_folio[page_at(lab.machine, 0, page)]])


def test_slots_of_several_cgroups_come_back_page_by_page(after):
    """Sixteen slots in a row are one folio again if one cgroup has them all, from v6.12 on."""
    swapped = "enabled 4 1; mm; swapon 64; mmap 1 0 64; {}; pageout 1 0 16; touch 1 0 1"
    alone = after(swapped.format("cgroup 1 1; touch 1 0 16; split 1"), "v6.12").machine
    both = "cgroup 1 1; enabled 4 0; touch 1 0 8; cgroup 1 2; touch 1 8 8; enabled 4 1"
    shared = after(swapped.format(both), "v6.12").machine

    assert [int(one.folio_order[one.page_folio[page_at(one, 0, 0)]]) for one in (alone, shared)] == [4, 0]


@pytest.mark.parametrize("key", ["v6.1", "v6.12", "v7.3"])
def test_what_is_charged_to_a_removed_cgroup_is_queued_where_its_queue_went(after, key):
    """Up to v6.18 that is its own, which no shrinker visits; from v6.19 on the parent's, which one visits."""
    start = "mm; underused 0; " if key != "v6.1" else "mm; "
    lab = after(f"{start}mmap 1 0 512; cgroup 1 4; faultpmd 1 0; cgroup 1 0; rmcgroup 4; dontneed 1 0 9", key)
    assert queues(lab.machine) == ({0: [1]} if key == "v7.3" else {4: [1]})

    lab.apply(parse("shrink 1"))
    assert bool(queues(lab.machine)) == (key != "v7.3")
    every_kernel.check(lab.machine)


def test_the_scenario_of_a_removed_cgroup_ends_as_it_was_recorded():
    """6.12.118 has the folio of 2 MiB, and 7.3.4 has split it; both have 256 pages resident."""
    one = scenario.library()["removed-cgroup"]
    held = {}
    for key in one.kernels:
        lab = Lab(key)
        for op in one.ops:
            lab.apply(op)
        held[key] = [expect.parse(text).holds(lab.machine) for text in one.expect]

    assert held == {"v6.12": [True, False, True], "v7.3": [False, True, True]}


def test_without_cgroups_nothing_is_written_for_them(after):
    """So that histories, costs and traces are what they were."""
    lab = after(
        "mm; swapon 64; mmap 1 0 64; fault 1 0 4; migrate 1; fork 1; dontneed 1 0 4; dontneed 2 0 4; shrink 3; exit 2; "
        "pageout 1 4 9; touch 1 0 9",
        "v7.3",
    )
    named = {"folio_memcg", "mm_memcg", "memcg_made", "memcg_state", "shrink_turn", "swap_memcg"}
    rows = lab.journal[:]
    written = {lab.machine.where(int(address))[0] for address in rows[rows[:, 1] >= 0][:, 1]}

    assert not named & {FIELDS[number].name for number in written}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mm; cgroup 1 8", "cannot move process 1 into cgroup 8: cgroups are 0, the root, and 1 to 7"),
        ("mm; cgroup 1 2; rmcgroup 2", "cannot remove cgroup 2: process 1 is in it"),
        ("mm; rmcgroup 3", "cannot remove cgroup 3: no process was ever moved into it"),
        ("mm; rmcgroup 0", "cannot remove cgroup 0: cgroups that can be removed are 1 to 7"),
        (
            "mm; cgroup 1 2; cgroup 1 0; rmcgroup 2; cgroup 1 2",
            "cannot move process 1 into cgroup 2: it was removed, and a name is given once here",
        ),
    ],
)
def test_what_cannot_be_done(after, text, said):
    """Each refusal names the cgroup and why."""
    *first, last = text.split("; ")
    lab = after("; ".join(first), "v6.12")
    with pytest.raises(OperationError) as error:
        lab.apply(parse(last))
    assert str(error.value) == said
