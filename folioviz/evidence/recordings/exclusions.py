"""What is not equal and is known not to be: the list of exceptions, each with its reason.

The tests fail when something differs that is not listed here, and when something listed here no longer differs. So the
list can only become shorter.
"""

from __future__ import annotations

from typing import Final, NamedTuple

OPERATION: Final = "operation"
"""The field of a step that the model cannot do: from there on its scenario is not compared."""


class Exclusion(NamedTuple):
    """A field that is not equal in some steps.

    Attributes:
        releases: the first release that it holds for, and the first that it does not: ((6, 15), (7, 2)).
        words: what such a step does.
        field: the field of the differences, or OPERATION.
        steps: (recorded kernel, scenario, step) of every such difference in the package's own recordings.
        reason: why the two cannot be equal.
    """

    releases: tuple[tuple[int, int], tuple[int, int]]
    words: tuple[str, ...]
    field: str
    steps: tuple[tuple[str, str, int], ...]
    reason: str

    def covers(self, place: Place, field: str) -> bool:
        """Tell whether a difference is one of those that are meant; among the package's own, it must be listed."""
        first, last = self.releases
        like = field == self.field and place.word in self.words and first <= place.release < last
        return like and ((place.kernel, place.scenario, place.step) in self.steps or not place.ours)


class Place(NamedTuple):
    """Where something differs.

    Attributes:
        kernel: the recorded kernel, "6.12.117".
        release: (6, 12).
        scenario: the scenario's name.
        step: the step's index.
        word: what the step does.
        ours: whether the recording is one of the package's own.
    """

    kernel: str
    release: tuple[int, int]
    scenario: str
    step: int
    word: str
    ours: bool = False


NO_END: Final = (1000, 0)
TWICE: Final = (
    "v6.18's debugfs file tries to split the folio once more when it comes to the next page, and fails. The model of"
    " v7.3 stands for this kernel, and that tries once."
)
EXCLUSIONS: Final = (
    Exclusion(
        ((6, 9), NO_END),
        ("split", "dontneed", "munmap", "exit"),
        OPERATION,
        tuple(
            (kernel, "j9_split_o4", step)
            for kernel in ("6.12.117", "6.18.15", "7.3.4")
            for step in (2, 3, 4, 5)
        ),
        "The folio is split into folios of order 4, and the model splits to order 0 only. (So does v6.1, whatever it is"
        " asked for.)",
    ),
    Exclusion(
        ((6, 15), (7, 2)),
        ("dropcaches", "reclaim"),
        "split_queue_lock",
        (
            ("6.18.15", "d9_partial_nounderused", 4),
            ("6.18.15", "i4_shrink", 3),
            ("6.18.15", "i9_full_shrink", 2),
            ("6.18.15", "i9_memcg_reclaim", 4),
            ("6.18.15", "i9_shrink", 3),
        ),
        "Until v7.1 the shrinker takes split_queue_lock a second time, to put back what it kept. The model of v7.3"
        " stands for this kernel, and that does not.",
    ),
    *(
        Exclusion(((6, 15), (7, 0)), ("split",), field, (("6.18.15", "j9_split_shared", 3),), TWICE)
        for field in ("thp_split_page_failed", "2048kB split_failed", "split_folio", "split_queue_lock")
    ),
)
"""Every exception, and there are no others."""


def excluded(place: Place, field: str) -> Exclusion | None:
    """Return the exclusion that covers a difference, or None."""
    return next((entry for entry in EXCLUSIONS if entry.covers(place, field)), None)
