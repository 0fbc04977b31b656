"""Races that are known, and some that are none: each with what the search must find.

Titles and dates are those of the changes upstream that the registry cites. A race that was found here and in no report
is called a candidate.
"""

from __future__ import annotations

from typing import Final, NamedTuple

CANDIDATE: Final = "A candidate: not confirmed on a kernel."
ONE: Final = "mm; mmap 1 0 64; fault 1 0 2"
TWO: Final = f"{ONE}; fault 1 4 2"
FORKED: Final = f"{ONE}; fork 1"
QUEUED: Final = f"{ONE}; dontneed 1 3 1"
HUGE: Final = "mm; mmap 1 0 512; faultpmd 1 0"
BOTH_QUEUED: Final = f"{TWO}; dontneed 1 3 1; dontneed 1 7 1"


class Known(NamedTuple):
    """One race.

    Attributes:
        name: how it is called on the command line.
        kernel, setup, cpus, mmu_gather, laws, without: what :class:`folioviz.race.race.Race` takes.
        about: what it shows, in one sentence or two.
        finds: words of the laws that are broken, each of another one; none if all schedules are right.
        preemptions: the fewest preemptions with which any is.
        candidate: whether no report of it is known.
    """

    name: str
    kernel: str
    setup: str
    cpus: tuple[str, ...]
    about: str
    finds: tuple[str, ...] = ()
    preemptions: int = 0
    mmu_gather: str = "batched"
    laws: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    candidate: bool = False


QUEUEING: Final = {
    "v4.1": "v6.5-rc3+v4.1",
    "v4": "v6.5-rc3+v4",
    "v6.8": "v6.8",
    "v6.9": "v6.9",
    "v6.10": "v6.10",
    "v6.12": "v6.12",
    "v7.3": "v7.3",
}
"""The kernels that queue a small folio of which pages are unmapped."""
HALVES: Final = {
    "same-half": (("dontneed 1 0 2", "dontneed 2 0 2"), "Parent and child unmap the same half"),
    "other-half": (("dontneed 1 0 2", "dontneed 2 2 2"), "Parent and child unmap different halves"),
    "half-whole": (("dontneed 1 0 2", "dontneed 2 0 4"), "One unmaps a half, the other the whole folio"),
}
EYES: Final = {
    "base": ("v6.5-rc3", False),
    "v4.1": ("v6.5-rc3+v4.1", False),
    "v3": ("v6.5-rc3+v3", True),
    "v4": ("v6.5-rc3+v4", True),
    "v6.9": ("v6.9", False),
    "v6.12": ("v6.12", False),
}
"""Whether an observer of another CPU can see fewer references than mappings, without an mmu_gather."""

RACES: Final = (
    Known(
        "v3-s390",
        "v6.5-rc3+v3",
        ONE,
        ("dontneed 1 0 4",),
        "v3 of the series without an mmu_gather, as on s390: a batch loses its references first. One CPU is enough.",
        ("free_mapped",),
        mmu_gather="none",
    ),
    Known(
        "v4-s390",
        "v6.5-rc3+v4",
        FORKED,
        ("dontneed 1 0 4", "dontneed 2 0 4"),
        "v4 of the series without an mmu_gather: a batch holds the folio, so that nothing is freed early.",
        mmu_gather="none",
    ),
    *(
        Known(
            f"references-{name}",
            kernel,
            FORKED,
            ("dontneed 2 0 4", "observe 1"),
            "Without an mmu_gather a zap drops references at once: an observer "
            + ("sees fewer of them than mappings." if seen else "never sees fewer of them than mappings."),
            ("an observer sees",) if seen else (),
            int(seen),
            mmu_gather="none",
        )
        for name, (kernel, seen) in EYES.items()
    ),
    Known(
        "k1",
        "v6.12-rc",
        f"{TWO}; queue 1; dontneed 1 7 1",
        ("dontneed 1 4 4", "shrink 4"),
        "The shrinker unlinks a folio that it drops without split_queue_lock, while the folio before it is freed.",
        ("split_queue_len", "list_prev of list_next", "freed while on a list", "list corruption"),
        2,
    ),
    Known(
        "k1-fixed",
        "v6.12",
        f"{TWO}; queue 1; dontneed 1 7 1",
        ("dontneed 1 4 4", "shrink 4"),
        "As released, the folio that stays before a dropped one is held until the next that stays.",
    ),
    Known(
        "k1b",
        "v6.12",
        f"{ONE}; queue 1",
        ("dontneed 1 0 1", "shrink 4"),
        "A zap flags a folio while the shrinker drops it because it was not flagged.",
        ("flagged folio", "list_prev of list_next"),
        1,
        candidate=True,
    ),
    Known(
        "k1b-fixed",
        "v6.12+scan-v6.19",
        f"{ONE}; queue 1",
        ("dontneed 1 0 1", "shrink 4"),
        "v6.19's scan takes a folio off the queue first, so that the zap queues it again.",
    ),
    Known(
        "k2",
        "v6.9+memcg",
        BOTH_QUEUED,
        ("shrink 8", "migrate 2"),
        "A migration takes its folio off the queue while the shrinker has it on a list of its own.",
        ("a reference is dropped that is not there", "refcount of folio"),
        2,
    ),
    Known(
        "k2-fixed",
        "v6.9+unqueue-frozen",
        BOTH_QUEUED,
        ("shrink 8", "migrate 2"),
        "The migration freezes the folio first, which fails while the shrinker holds it.",
    ),
    Known(
        "k3",
        "v6.12",
        f"{ONE}; queue 1; unmap 1",
        ("move 1", "dontneed 1 0 1"),
        "A migration maps the new folio and queues it then, as not partially mapped; a zap comes in between.",
        ("folio_test_partially_mapped",),
        1,
    ),
    Known(
        "k3-fixed",
        "v6.12+requeue-first",
        f"{ONE}; queue 1; unmap 1",
        ("move 1", "dontneed 1 0 1"),
        "The new folio is queued before it is mapped.",
    ),
    *(
        Known(f"{name}-{short}", kernel, FORKED, cpus, f"{text}: it is queued once, and never missed.")
        for name, (cpus, text) in HALVES.items()
        for short, kernel in QUEUEING.items()
    ),
    *(
        Known(
            f"{name}-{short}",
            kernel,
            setup,
            cpus,
            text,
        )
        for short, kernel in (("v4", "v6.5-rc3+v4"), ("v6.12", "v6.12"))
        for name, setup, cpus, text in (
            (
                "fork-zap",
                FORKED,
                ("fork 1", "dontneed 2 0 4"),
                "A fork shares a folio that another process unmaps.",
            ),
            (
                "gup-zap",
                ONE,
                ("gup 1 0", "dontneed 1 0 4"),
                "GUP-fast pins a page that is being unmapped, or does not.",
            ),
            (
                "gup-shrink",
                QUEUED,
                ("gup 1 0", "shrink 4"),
                "GUP-fast pins a page of a folio that is being split.",
            ),
            ("zap-shrink", QUEUED, ("dontneed 1 0 1", "shrink 4"), "A zap meets the shrinker at one folio."),
            (
                "exit-shrink",
                f"{QUEUED}; fork 1",
                ("exit 2", "shrink 4"),
                "A process ends while the shrinker works.",
            ),
            ("shrinkers", BOTH_QUEUED, ("shrink 4", "shrink 4"), "Two shrinkers at one queue."),
        )
    ),
    *(
        Known(f"{name}-{short}", kernel, setup, cpus, text)
        for short, kernel in (("base", "v6.5-rc3"), ("v6.12", "v6.12"), ("v7.3", "v7.3"))
        for name, setup, cpus, text in (
            (
                "pmd-zap-split",
                f"{HUGE}; fork 1",
                ("dontneed 1 0 512", "splitpmd 2 0"),
                "One process zaps a PMD while another splits its own: neither loses a reference or a mapping.",
            ),
            (
                "pmd-zap-fork",
                f"{HUGE}; fork 1",
                ("fork 1", "dontneed 2 0 512"),
                "A fork shares a huge page that another process zaps.",
            ),
            (
                "pmd-zap-gup",
                HUGE,
                ("dontneed 1 0 512", "gup 1 3"),
                "GUP-fast pins a page under a PMD that is being zapped, or does not.",
            ),
        )
    ),
    Known(
        "three-zaps",
        "v6.9",
        f"{FORKED}; fork 1",
        ("dontneed 1 0 2", "dontneed 2 2 2", "dontneed 3 0 4"),
        "Three processes unmap one folio on three CPUs: it is queued once, and never missed.",
    ),
    Known(
        "three-shrink",
        "v6.12",
        f"{ONE}; queue 1",
        ("dontneed 1 0 1", "shrink 4", "gup 1 3"),
        "The candidate k1b with a third CPU that pins a page meanwhile.",
        ("flagged folio", "list_prev of list_next"),
        1,
        candidate=True,
    ),
    Known(
        "owners",
        "v7.3",
        FORKED,
        ("dontneed 1 0 2", "dontneed 2 2 2"),
        "v7.3 counts the mappings of a folio's owners under a lock of the folio.",
    ),
    Known(
        "owners-unlocked",
        "v7.3",
        FORKED,
        ("dontneed 1 0 2", "dontneed 2 2 2"),
        "The same without that lock, as no kernel is: counts are lost.",
        ("_large_mapcount",),
        1,
        without=("folio_lock_large_mapcount",),
    ),
)
LIBRARY: Final = {race.name: race for race in RACES}
"""Race by name."""
