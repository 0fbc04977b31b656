"""What came of comparing the model with something that a kernel did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.evidence.recordings.exclusions import OPERATION, Exclusion, Place, excluded
from folioviz.evidence.recordings.grammar import parse

if TYPE_CHECKING:
    from folioviz.evidence.recordings.comparison import Difference
    from folioviz.evidence.recordings.replay import Done, Replay

EQUAL = "equal"
"""Everything that was recorded is equal, at every step."""
WITH_EXCEPTIONS = "equal, with exceptions"
"""What differs is listed among the exclusions."""
IN_PART = "equal as far as it goes"
"""A step cannot be done on the model; what comes before it is equal."""
DIFFERS = "differs"
SKIPPED = "not recorded"
"""The kernel could not run the scenario."""


class Finding(NamedTuple):
    """One difference: at which step, and why it is accepted, if it is.

    Attributes:
        step: the step's index.
        op: what the step did.
        difference: what differs.
        exclusion: the entry of the list that covers it, or None.
    """

    step: int
    op: str
    difference: Difference
    exclusion: Exclusion | None


class Verdict(NamedTuple):
    """The sum of a scenario's steps.

    Attributes:
        state: EQUAL, WITH_EXCEPTIONS, IN_PART, DIFFERS or SKIPPED.
        compared: how many steps were compared.
        findings: the differences, in order; those that are excluded, too.
        note: why steps were not compared, or why there are none; '' if all were.
    """

    state: str
    compared: int
    findings: tuple[Finding, ...]
    note: str = ""

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """Return the differences that no exclusion covers."""
        return tuple(finding for finding in self.findings if finding.exclusion is None)


def place_of(replay: Replay, done: Done) -> Place:
    """Return where a step's differences are."""
    release, scenario = replay.release, replay.about.scenario
    return Place(release.name, release.number, scenario, done.number, parse(done.text).word, replay.ours)


def findings(replay: Replay, done: Done) -> tuple[Finding, ...]:
    """Return a step's differences, with what excludes them."""
    place = place_of(replay, done)
    return tuple(
        Finding(done.number, done.text, found, excluded(place, found.field)) for found in done.differences
    )


def verdict(replay: Replay) -> Verdict:
    """Return what came of a replay."""
    if replay.skip:
        return Verdict(SKIPPED, 0, (), replay.skip)
    found = tuple(finding for done in replay.steps for finding in findings(replay, done))
    left = [done for done in replay.steps if done.not_modelled]
    compared = len(replay.steps) - len(left)
    note = f"from step {left[0].number} on: {left[0].not_modelled}" if left else ""
    if any(finding.exclusion is None for finding in found):
        return Verdict(DIFFERS, compared, found, note)
    if not all(excluded(place_of(replay, done), OPERATION) for done in left):
        return Verdict(IN_PART, compared, found, note)
    return Verdict(WITH_EXCEPTIONS if found or left else EQUAL, compared, found, note)
