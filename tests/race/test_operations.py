"""Every operation of the model on a CPU, in a race on each generation of kernels; and what no CPU can do."""

from __future__ import annotations

import pytest

from folioviz import KernelError, OperationError, Race
from folioviz.ops import ops
from folioviz.race import words
from folioviz.race.library import FORKED, ONE, QUEUED

GENERATIONS = ("v6.1", "v6.5-rc3", "v6.5-rc3+v4", "v6.8", "v6.9", "v6.12", "v7.3")
HUGE = "mm; mmap 1 0 512; faultpmd 1 0"
SMALL = "mm; mmap 1 0 64; fault 1 0 0; fault 1 1 0; fork 1"
ZAP = "dontneed 1 0 2"
RACES = {
    "mm": (FORKED, "fork 1"),
    "mmap 1 100 8": (ONE, ZAP),
    "fault 1 3 0": (QUEUED, "dontneed 1 2 2"),
    "faultpmd 1 0": ("mm; mmap 1 0 512", "fault 1 0 0"),
    "fork 1": (FORKED, "dontneed 2 0 4"),
    "write 1 1": (FORKED, "dontneed 2 0 4"),
    "munmap 1 0 2": (FORKED, "write 2 1"),
    "dontneed 1 0 2": (FORKED, "fork 2"),
    "exit 2": (FORKED, "fork 1"),
    "mremap 1 0 4 1000": (QUEUED, "shrink 1"),
    "dontunmap 1 0 4 1000": (QUEUED, "shrink 1"),
    "splitpmd 1 0": (HUGE, "gup 1 3"),
    "get 1": (f"{ONE}; get 1", ZAP),
    "put 1": (f"{ONE}; get 1", "dontneed 1 0 4"),
    "split 1": (QUEUED, ZAP),
    "shrink 4": (QUEUED, ZAP),
    "touch 1 2 3": (QUEUED, ZAP),
    "read 1 0 4": (QUEUED, ZAP),
    "enabled 2 1": (ONE, "enabled 3 1"),
    "underused 0": (ONE, "underused 1"),
    "maxnone 100": (ONE, "maxnone 50"),
    "remap 1": (FORKED, ZAP),
    "migrate 1": (FORKED, ZAP),
    "mprotect 1 0 2 0": (QUEUED, "shrink 1"),
    "protnone 1 0 2": (QUEUED, "shrink 1"),
    "dontfork 1 0 2": (ONE, "fork 1"),
    "dofork 1 0 2": (f"{ONE}; dontfork 1 0 4", "fork 1"),
    "munlock 1 0 2": (f"{ONE}; mlock 1 0 4", ZAP.replace("dontneed", "dontneedlocked")),
    "dontneedlocked 1 0 2": (f"{ONE}; mlock 1 0 4", "fork 1"),
    "free 1 0 2": (QUEUED, ZAP),
    "cold 1 0 2": (QUEUED, "write 1 1"),
}
"""An operation -> a setup, and what another CPU does meanwhile."""


def explored(kernel, setup, cpus):
    """Return a race explored with one preemption; None if the kernel lacks what it needs."""
    for small in (setup, SMALL):
        try:
            return Race(kernel, small, cpus).explore(preemptions=1)
        except (KernelError, OperationError):
            continue
    return None


@pytest.mark.parametrize("text", RACES)
def test_every_operation_runs_on_a_cpu(text):
    """On each generation that has it no schedule with one preemption breaks a law; some generation has it."""
    setup, other = RACES[text]
    found = [explored(kernel, setup, [text, other]) for kernel in GENERATIONS]

    assert any(found)
    assert all(one.complete and one.violations == () for one in found if one)
    assert any(one.states > 1 for one in found if one)


def test_none_is_left_out():
    """What the table of operations has is explored above, or refused with a reason; nothing is both."""
    explored_here = {words.parse(text)[0].word for text in RACES}
    refused = {kind.__name__.lower() for kind in words.REFUSED}

    assert explored_here | refused >= set(ops.WORDS)
    assert not explored_here & refused
    assert {kind.__name__.lower() for kind in words.ON_CPUS} | refused == set(ops.WORDS) | set(words.OWN)


@pytest.mark.parametrize("kind", words.REFUSED)
def test_what_no_cpu_can_do_is_refused_with_its_reason(kind):
    """A race that has it names the operation and says why."""
    text = kind.example.rsplit(";")[-1].strip()
    with pytest.raises(OperationError) as told:
        Race("v7.3", ONE, [text])

    assert str(told.value) == f"no CPU can do {text!r} in a race: {words.REFUSED[kind]}"


@pytest.mark.parametrize("text", ["migrate 1", "remap 1"])
def test_a_huge_page_is_moved_in_the_setup_only(text):
    """While a PMD maps a folio no CPU moves it, in its second operation neither; a setup does, and small pages move."""
    for cpu in (text, f"dontneed 1 600 1; {text}"):
        with pytest.raises(
            OperationError, match="migration entries in PMDs are not modelled beside other CPUs"
        ):
            Race("v7.3", f"{HUGE}; mmap 1 600 1", [cpu])

    assert Race("v7.3", f"{HUGE}; {text}", ["write 1 0"]).explore(preemptions=1).violations == ()
    assert Race("v7.3", SMALL, ["migrate 1", "write 2 0"]).explore(preemptions=1).violations == ()


UNDER_ONE_ANOTHER = {
    "a fault after a munmap": (ONE, ("fault 1 8 0", "munmap 1 0 64")),
    "a write after a munmap": (FORKED, ("write 1 1", "munmap 1 0 64")),
    "a write after an mprotect": (FORKED, ("write 1 1", "mprotect 1 0 64 0")),
    "an mremap after a munmap": (ONE, ("mremap 1 0 4 1000", "munmap 1 0 64")),
    "a fault beside a fault": (ONE, ("fault 1 8 0", "fault 1 8 3")),
    "a write beside a migration": (f"{ONE}; fork 1", ("write 1 1", "migrate 1")),
    "an mprotect beside a migration": (ONE, ("mprotect 1 0 4 0", "migrate 1")),
    "a write beside a zap": (FORKED, ("write 1 1", "dontneed 1 0 4")),
    "two writes to one page": (FORKED, ("write 1 1", "write 1 1")),
    "a page table that goes while a fault comes": (
        "mm; mmap 1 0 512; fault 1 0 0",
        ("dontneed 1 0 512", "fault 1 8 0"),
    ),
    "a read beside a write": (f"{ONE}; mmap 1 600 8", ("read 1 600 2", "write 1 600")),
    "a read beside a zap": (ONE, ("cold 1 0 4; read 1 0 4", "dontneed 1 1 2")),
    "a read beside a migration": (ONE, ("read 1 0 2", "migrate 1")),
    "a write to zeros beside a read and a zap": (
        "mm; mmap 1 0 8; read 1 0 4",
        ("write 1 1; read 1 0 4", "dontneed 1 0 4"),
    ),
    "a write to the huge zero page beside a split": (
        "enabled 9 1; mm; mmap 1 0 512; read 1 0 1",
        ("write 1 1", "splitpmd 1 0"),
    ),
    "a first read of 2 MiB beside a first write": (
        "enabled 9 1; mm; mmap 1 0 512",
        ("read 1 0 1", "write 1 1"),
    ),
    "the huge zero page that goes while a write comes": (
        "enabled 9 1; mm; mmap 1 0 512; read 1 0 1",
        ("dontneed 1 0 512", "write 1 1"),
    ),
    "a huge page that goes while a write comes": (HUGE, ("dontneed 1 0 512", "write 1 3")),
}


@pytest.mark.parametrize("name", UNDER_ONE_ANOTHER)
def test_who_comes_second_looks_again(name):
    """One CPU takes away or maps what another one faults or moves: no schedule with one preemption is wrong."""
    setup, cpus = UNDER_ONE_ANOTHER[name]
    for kernel in ("v6.9", "v7.3"):
        found = Race(kernel, setup, cpus).explore(preemptions=1)
        assert found.complete
        assert found.violations == ()
