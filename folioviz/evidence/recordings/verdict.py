"""What came of comparing the model with something that a kernel did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.evidence.recordings.exclusions import Exclusion, Place, excluded
from folioviz.evidence.recordings.grammar import read

if TYPE_CHECKING:
    from folioviz.evidence.recordings.comparison import Difference
    from folioviz.evidence.recordings.replay import Done, Replay

EQUAL = "equal"
"""Everything that was recorded is equal, at every step."""
WITH_EXCEPTIONS = "equal, with exceptions"
"""What differs is listed among the exclusions."""
IN_PART = "equal, in part"
"""A step cannot be done on the model; what comes before it is equal, but for what is listed."""
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
        steps: how many there are.
        findings: the differences, in order; those that are excluded, too.
        note: why steps were not compared, or why there are none; '' if all were.
    """

    state: str
    compared: int
    steps: int
    findings: tuple[Finding, ...]
    note: str = ""

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """Return the differences that no exclusion covers."""
        return tuple(finding for finding in self.findings if finding.exclusion is None)


def place_of(replay: Replay, done: Done) -> Place:
    """Return where a step's differences are."""
    release, scenario = replay.release, replay.about.scenario
    return Place(release.name, release.number, scenario, done.number, read(done.text).word, replay.ours)


def findings(replay: Replay, done: Done) -> tuple[Finding, ...]:
    """Return a step's differences, with what excludes them."""
    place = place_of(replay, done)
    return tuple(
        Finding(done.number, done.text, found, excluded(place, found.field, found.kernel, found.model))
        for found in done.differences
    )


def verdict(replay: Replay) -> Verdict:
    """Return what came of a replay."""
    if replay.skip:
        return Verdict(SKIPPED, 0, 0, (), replay.skip)
    found = tuple(finding for done in replay.steps for finding in findings(replay, done))
    left = [done for done in replay.steps if done.not_modelled]
    steps = len(replay.steps)
    note = f"from step {left[0].number} on: {left[0].not_modelled}" if left else ""
    if any(finding.exclusion is None for finding in found):
        state = DIFFERS
    else:
        state = IN_PART if left else WITH_EXCEPTIONS if found else EQUAL
    return Verdict(state, steps - len(left), steps, found, note)
