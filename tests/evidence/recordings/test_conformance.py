"""The model against real kernels: everything that was recorded, at every step."""

from __future__ import annotations

import re
import runpy
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from folioviz.evidence.proof import amounts
from folioviz.evidence.recordings import EXCLUSIONS, Finding, kernels, recording, replayed, scenarios, verdict
from folioviz.evidence.recordings.amount import amount
from folioviz.evidence.recordings.exclusions import OPERATION
from folioviz.evidence.recordings.replay import replay
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL, IN_PART, SKIPPED, WITH_EXCEPTIONS, findings

PAGE = (Path(__file__).parents[3] / "docs" / "recordings.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| ([\w.-]+) \| `(\S+)` \| (\d+)(?: \((\d+) need .*\))? \| (\d+) \| (\d+) \|$", re.MULTILINE
)


class Listed(NamedTuple):
    """A row of the page's table: written down when the kernel was recorded, so that what gets lost is missed."""

    model: str
    scenarios: int
    skipped: int
    steps: int
    compared: int


LISTED = {name: Listed(model, *(int(n or 0) for n in numbers)) for name, model, *numbers in ROW.findall(PAGE)}
"""Recorded kernel -> what docs/recordings.md says of it."""


class Seen(NamedTuple):
    """What came of one step; a replay itself, with its machine, would be too much to keep."""

    scenario: str
    number: int
    not_modelled: str
    findings: tuple[Finding, ...]
    model: str
    values: int


@cache
def seen(kernel):
    """Return what came of every step of a kernel's recordings."""
    found = []
    for scenario in scenarios(kernel):
        replay = replayed(kernel, scenario)
        for done in replay.steps:
            model = replay.lab.kernel.key
            values = 0 if done.not_modelled else amount(done.kernel, done.model)
            found.append(
                Seen(scenario, done.number, done.not_modelled, findings(replay, done), model, values)
            )
    return found


def differing(kernel):
    """Return (kernel, scenario, step, field) of everything that is not equal or not compared."""
    return {
        (kernel, step.scenario, step.number, field)
        for step in seen(kernel)
        for field in (
            [OPERATION] if step.not_modelled else [finding.difference.field for finding in step.findings]
        )
    }


@pytest.mark.parametrize("kernel", sorted(LISTED))
def test_the_page_of_proof_counts_what_is_compared(kernel):
    """Scenarios, steps and values of folioviz/evidence/proof.csv are those of the replays."""
    steps = seen(kernel)
    compared = [step for step in steps if not step.not_modelled]
    scenarios = len({step.scenario for step in steps})
    values = sum(step.values for step in compared)
    [listed] = [one for one in amounts() if one.evidence == kernel]

    assert listed == (steps[0].model, kernel, scenarios, scenarios, len(steps), len(compared), values)


@pytest.mark.parametrize("kernel", sorted(LISTED))
def test_the_model_shows_what_the_kernel_showed(kernel):
    """What differs is listed among the exclusions; everything else is equal."""
    unexplained = [
        (step.scenario, finding.step, finding.op, finding.difference)
        for step in seen(kernel)
        for finding in step.findings
        if finding.exclusion is None
    ]

    assert unexplained == []


@pytest.mark.parametrize("kernel", sorted(LISTED))
def test_the_exclusions_are_needed(kernel):
    """What is listed does differ: an exclusion that is no longer needed must go."""
    own = {step.scenario for step in seen(kernel)}
    listed = {
        (*step, entry.field)
        for entry in EXCLUSIONS
        for step in entry.steps
        if step[0] == kernel and step[1] in own
    }

    assert listed == differing(kernel)


def test_every_exclusion_has_a_reason_and_a_place():
    """An exclusion without a step of the package's own would hide what nobody has seen."""
    assert all(entry.steps and entry.reason.endswith((".", ".)")) for entry in EXCLUSIONS)
    assert {step[0] for entry in EXCLUSIONS for step in entry.steps} <= set(LISTED)


@pytest.mark.parametrize("kernel", sorted(LISTED))
def test_nothing_is_left_out(kernel):
    """Every recorded step is there, and is compared with the kernel that is nearest, as the page says."""
    compared = sum(not step.not_modelled for step in seen(kernel))

    assert LISTED[kernel].steps == len(seen(kernel))
    assert LISTED[kernel].compared == compared
    assert {LISTED[kernel].model} == {step.model for step in seen(kernel)}


def test_every_kernel_has_the_same_scenarios():
    """The page lists every recorded kernel; all have the same scenarios, but for those that one could not run."""
    names = {kernel: list(scenarios(kernel)) for kernel in kernels()}
    skipped = {kernel: sum(bool(recording(kernel, name).skip) for name in names[kernel]) for kernel in names}

    assert list(LISTED) == list(names)
    assert len({tuple(found) for found in names.values()}) == 1
    assert {kernel: row.skipped for kernel, row in LISTED.items()} == skipped
    assert {kernel: row.scenarios + row.skipped for kernel, row in LISTED.items()} == {
        kernel: len(found) for kernel, found in names.items()
    }


@pytest.mark.parametrize(
    ("kernel", "scenario", "state"),
    [
        ("6.1.192", "b4_front", SKIPPED),
        ("6.12.117", "b4_front", EQUAL),
        ("6.18.15", "i9_shrink", WITH_EXCEPTIONS),
    ],
)
def test_a_verdict_is_one_word(kernel, scenario, state):
    """A scenario is equal, is so but for what is listed, or was not recorded."""
    found = verdict(replayed(kernel, scenario))

    assert state == found.state
    assert state != DIFFERS
    assert (state in {EQUAL, WITH_EXCEPTIONS}) == (0 < found.compared == found.steps)
    assert found.unexplained == ()


def test_from_what_has_no_operation_on_nothing_is_compared():
    """Such a scenario is equal in part: up to that step."""
    whole = recording("6.12.117", "b4_front")
    steps = [
        step if step.i < 3 else msgspec.structs.replace(step, op="P softoffline a 3 4")
        for step in whole.steps
    ]
    found = verdict(replay(whole._replace(steps=steps)))

    assert (found.state, found.compared, found.steps) == (IN_PART, 3, len(steps))
    assert found.unexplained == ()


def test_a_replay_can_be_followed():
    """Its lab holds the operations of its steps, and each step says which rows are its own."""
    replay = replayed("7.3.4", "d9_front")
    ops = [op for done in replay.steps for op in done.ops]
    rows = [done.rows for done in replay.steps]

    assert ops == [one.op for one in replay.lab.applied]
    assert rows[0][0] == 0
    assert [end for _, end in rows[:-1]] == [start for start, _ in rows[1:]]
    assert rows[-1][1] == len(replay.lab.journal)
    assert replay.steps[2].kernel.runs("P a") == replay.steps[2].model.runs("P a")
    assert [256] == [run.pages for run in replay.steps[2].model.runs("P a")]


def test_the_example_of_the_documentation(tmp_path):
    """The Python of docs/recordings.md: what its comments say is so."""
    (tmp_path / "example.py").write_text(PAGE.split("```python\n")[1].split("```")[0], encoding="utf-8")
    scope = runpy.run_path(str(tmp_path / "example.py"))
    step = scope["step"]

    assert scope["verdict"](scope["replay"]).state == EQUAL
    assert (12, 12) == (step.kernel.folios[0]["refcount"], step.model.folios[0]["refcount"])
    assert step.kernel.runs("P a") == step.model.runs("P a") != []
