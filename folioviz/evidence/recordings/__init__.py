"""Recordings of real kernels, and the model run on the same steps.

    kernels(), scenarios("6.12.117")        what there is
    replayed("6.12.117", "b4_front")        both sides, step by step: Replay, Done, Observed
    verdict(replay)                         whether they are equal: Verdict, Finding

A recording holds what a kernel showed after every step of a scenario. Replaying it does the same on the nearest model,
and puts what the machine holds into the recording's terms.
"""

from folioviz.evidence.recordings.comparison import Difference
from folioviz.evidence.recordings.exclusions import EXCLUSIONS, Exclusion
from folioviz.evidence.recordings.format import PageRun
from folioviz.evidence.recordings.library import kernels, recording, replayed, scenarios
from folioviz.evidence.recordings.observed import Observed
from folioviz.evidence.recordings.replay import Done, Replay, replay
from folioviz.evidence.recordings.verdict import Finding, Verdict, findings, verdict

__all__ = [
    "EXCLUSIONS",
    "Difference",
    "Done",
    "Exclusion",
    "Finding",
    "Observed",
    "PageRun",
    "Replay",
    "Verdict",
    "findings",
    "kernels",
    "recording",
    "replay",
    "replayed",
    "scenarios",
    "verdict",
]
