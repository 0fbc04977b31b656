"""What is not equal and is known not to be: the list of exceptions, each with its reason.

The tests fail when something differs that is not listed here, and when something listed here no longer differs. So the
list can only become shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from folioviz.evidence.recordings.observed import Value

OPERATION: Final = "operation"
"""The field of a step that the model cannot do: from there on its scenario is not compared."""


class Case(NamedTuple):
    """One difference of the package's own recordings: the recorded kernel, scenario and step, and both values."""

    kernel: str
    scenario: str
    step: int
    recorded: Value = None
    modelled: Value = None


class Exclusion(NamedTuple):
    """A field that is not equal in some steps.

    Attributes:
        releases: the first release that it holds for, and the first that it does not: ((6, 15), (6, 19)).
        words: what such a step does.
        field: the field of the differences, or OPERATION.
        cases: every such difference in the package's own recordings, or in those of the tests; elsewhere, only the
            same two values are meant.
        reason: why the two cannot be equal.
    """

    releases: tuple[tuple[int, int], tuple[int, int]]
    words: tuple[str, ...]
    field: str
    cases: tuple[Case, ...]
    reason: str

    @property
    def steps(self) -> tuple[tuple[str, str, int], ...]:
        """Return (recorded kernel, scenario, step) of each case."""
        return tuple(case[:3] for case in self.cases)

    def covers(self, place: Place, field: str, recorded: Value = None, modelled: Value = None) -> bool:
        """Tell whether a difference is one of those that are meant, by its values; the package's own must be listed."""
        first, last = self.releases
        like = field == self.field and place.word in self.words and first <= place.release < last
        return like and any(
            (recorded, modelled) == case[3:]
            and (not place.ours or (place.kernel, place.scenario, place.step) == case[:3])
            for case in self.cases
        )


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


TWICE: Final = (
    "v6.18's debugfs file tries to split the folio once more when it comes to the next page, and fails; v6.19 tries"
    " once. The model of v7.3 stands for v6.18, and that tries once."
)
EXCLUSIONS: Final = (
    Exclusion(
        ((6, 15), (6, 19)),
        ("dropcaches", "reclaim"),
        "split_queue_lock",
        (
            Case("6.18.15", "d9_partial_nounderused", 4, 3, 2),
            Case("6.18.15", "i4_shrink", 3, 3, 2),
            Case("6.18.15", "i9_full_shrink", 2, 2, 1),
            Case("6.18.15", "i9_memcg_reclaim", 4, 3, 2),
            Case("6.18.15", "i9_shrink", 3, 3, 2),
            Case("6.18.15", "k9_khugepaged_one", 4, 2, 1),
        ),
        "Up to v6.18 the shrinker takes split_queue_lock a second time, to put back what it kept; v6.19 takes it once."
        " The model of v7.3 stands for v6.18, and that takes it once.",
    ),
    *(
        Exclusion(
            ((6, 15), (6, 19)), ("split",), field, (Case("6.18.15", "j9_split_shared", 3, *values),), TWICE
        )
        for field, values in (
            ("thp_split_page_failed", (1, 0)),
            ("2048kB split_failed", (1, 0)),
            ("split_folio", (2, 1)),
            ("split_queue_lock", (2, 1)),
        )
    ),
    *(
        Exclusion(
            ((6, 15), (7, 0)),
            ("read",),
            field,
            (
                Case("6.18.15", "s0_pageout", 4, *values),
                Case("6.18.15", "s4_pageout", 4, *(4 * kb for kb in values)),
            ),
            "v6.18 brings a page for which one swap entry waits past the swap cache, and it is clean until it is"
            " written to; v7.3 brings it through the cache, which it leaves dirty. The model of v7.3 stands for v6.18.",
        )
        for field, values in (("Private_Clean", (16, 0)), ("Private_Dirty", (0, 16)))
    ),
)
"""Every exception, and there are no others."""


def excluded(place: Place, field: str, recorded: Value = None, modelled: Value = None) -> Exclusion | None:
    """Return the exclusion that covers a difference of two values, or None."""
    return next((entry for entry in EXCLUSIONS if entry.covers(place, field, recorded, modelled)), None)
