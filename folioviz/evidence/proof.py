"""How each kernel is known to be right: what it was compared with, how much that is, and the comparison itself, again.

``proof.csv`` holds how much there is, so that a page can say it at once; ``python -m tools.proof`` writes it, and tests
keep it equal to the files.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.evidence import conformance
from folioviz.evidence.own import OWN
from folioviz.evidence.recordings import EXCLUSIONS, library
from folioviz.evidence.recordings.exclusions import OPERATION
from folioviz.evidence.recordings.reading import lines_of
from folioviz.evidence.results import Result, of_recording, of_run
from folioviz.kernels import KERNELS

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = Path(__file__).with_name("proof.csv")
NOT_MODELLED: Final = (
    "more than one node",
    "limits and counters of memcgs",
    "concurrency outside of races",
    "LRU lists",
    "reclaim and khugepaged of their own accord",
    "who asks for a migration",
    "readahead from swap",
    "swap on slow devices",
    "zswap",
    "files and shared memory",
    "KSM",
    "userfaultfd but for UFFDIO_MOVE",
    "NUMA hinting",
    "hardware poison",
    "PG_mlocked",
    "LRU batches",
    "page tables above PMD",
    "VMA merging by mmap and mremap",
    "pages other than 4 KiB",
)
"""What no kernel of the model has; docs/kernel/boundary.md says more of each."""


class Amount(NamedTuple):
    """How much of one set of vectors or recordings a kernel is compared with.

    Attributes:
        kernel: the model's key.
        evidence: the name of the set: a recorded kernel, or a set of vectors.
        scenarios: how many there are; those that the recorded kernel could not run are left out.
        runs: how often they ran: vectors in both modes of the gather, recordings once.
        steps: how many steps these have.
        compared: of them, how many are compared.
        values: how many values these steps are compared in.
    """

    kernel: str
    evidence: str
    scenarios: int
    runs: int
    steps: int
    compared: int
    values: int

    @property
    def recorded(self) -> bool:
        """Tell whether a running kernel showed it."""
        return self.evidence in library.kernels()


class Reason(NamedTuple):
    """Why some values are not equal, or steps not compared, and that is accepted."""

    scenarios: tuple[str, ...]
    what: str
    why: str


class Outcome(NamedTuple):
    """What has come of a comparison so far.

    Attributes:
        runs: how many runs are done.
        steps: how many steps were compared, those of the run under way, too.
        values: how many values the runs that are done were compared in.
        differences: how many values differ that nothing excludes; of a run of vectors, the first one only.
        excepted: how many differ, and the list of exclusions has them.
        first: the first difference, in words.
    """

    runs: int = 0
    steps: int = 0
    values: int = 0
    differences: int = 0
    excepted: int = 0
    first: str = ""

    def after(self, result: Result) -> Outcome:
        """Return the outcome with one more run; ``steps`` must not have those of it yet."""
        bad = [row for row in result.rows if not row.reason]
        first = self.first
        if bad and not first:
            row = bad[0]
            where = f"{result.scenario} on {result.kernel}, step {row.step} ({row.op})"
            first = f"{where}, {row.what}: the kernel had {row.kernel}, the model has {row.model}"
        return Outcome(
            self.runs + 1,
            self.steps + result.compared,
            self.values + result.values,
            self.differences + len(bad),
            self.excepted + len(result.rows) - len(bad),
            first,
        )


@cache
def amounts() -> tuple[Amount, ...]:
    """Return how much there is, kernel by kernel, oldest first, as ``proof.csv`` has it."""
    with FILE.open(encoding="utf-8") as text:
        return tuple(
            Amount(kernel, evidence, *map(int, numbers))
            for kernel, evidence, *numbers in list(csv.reader(text))[1:]
        )


def readings() -> tuple[str, ...]:
    """Return the keys of the kernels that rest on neither vectors nor recordings."""
    known = {one.kernel for one in amounts()}
    return tuple(key for key in KERNELS if key not in known)


def reasons(evidence: str) -> tuple[Reason, ...]:
    """Return the exclusions that concern a set; no vector is excluded."""
    found = []
    for one in EXCLUSIONS:
        names = tuple(dict.fromkeys(case.scenario for case in one.cases if case.kernel == evidence))
        what = "everything from there on" if one.field == OPERATION else one.field
        found += [Reason(names, what, one.reason)] if names else []
    return tuple(found)


def verify(kernel: str, evidence: str) -> Iterator[Outcome]:
    """Compare a kernel with a set; yield what has come of it after each record, or each recorded scenario.

    Args:
        kernel: the model's key.
        evidence: the name of a recorded kernel or of a set of vectors.
    """
    if evidence in library.kernels():
        yield from _recordings(kernel, evidence)
        return
    outcome = Outcome()
    for scenario in conformance.scenarios(lines_of(OWN[evidence])):
        for key in scenario.runs:
            if conformance.model_of(key) != kernel:
                continue
            for step, result in enumerate(of_run(scenario, key, kernel), start=1):
                if result:
                    outcome = outcome.after(result)
                    yield outcome
                else:
                    yield outcome._replace(steps=outcome.steps + step)


def _recordings(kernel: str, evidence: str) -> Iterator[Outcome]:
    """Compare a kernel with all that was recorded on a running one."""
    outcome = Outcome()
    for name in library.scenarios(evidence):
        recording = library.recording(evidence, name)
        if recording.steps:
            outcome = outcome.after(of_recording(recording, kernel, ours=True))
            yield outcome
