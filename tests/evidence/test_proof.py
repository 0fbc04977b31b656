"""What every kernel is compared with: the counts are those of the files, and the comparison can be done again."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import islice

import pytest

from folioviz.evidence import conformance, proof
from folioviz.evidence.own import OWN
from folioviz.evidence.recordings import EXCLUSIONS, library, replayed
from folioviz.evidence.recordings.amount import amount
from folioviz.evidence.recordings.comparison import differences
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.observed import MEMORY
from folioviz.kernels import KERNELS
from folioviz.kernels.kernel import READING
from tests.evidence.conformance.reader import keys
from tools.proof import of_vectors

KERNEL, SET = "v6.5-rc3+v4", "v6.5-hand"


@pytest.mark.slow
@pytest.mark.parametrize("evidence", OWN)
def test_the_counts_are_those_of_the_files(evidence):
    """Scenarios, runs, steps and values of each set of vectors, kernel by kernel."""
    listed = [one for one in proof.amounts() if one.evidence == evidence]

    assert {one.kernel: one for one in of_vectors(evidence)} == {one.kernel: one for one in listed}


def test_every_kernel_has_its_place():
    """Each set with each of its kernels, and each recorded kernel with its model, once; the others are readings."""
    wanted = {(conformance.model_of(key), name) for name in OWN for key in keys(name)}
    wanted |= {(release_of(name).model, name) for name in library.kernels()}
    found = [one[:2] for one in proof.amounts()]

    assert sorted(found) == sorted(wanted)
    assert [key for key in KERNELS if key in {kernel for kernel, _ in found}] == list(
        dict.fromkeys(dict(found))
    )
    assert set(proof.readings()) == {
        key for key, kernel in KERNELS.items() if kernel.proof.startswith(READING.split(":")[0])
    }


def test_every_exclusion_is_said_of_its_set():
    """Each of the list's cases is in the reasons of its recorded kernel, with its field; vectors have none."""
    told = {
        (name, scenario, reason.why)
        for name in library.kernels()
        for reason in proof.reasons(name)
        for scenario in reason.scenarios
    }

    assert told == {(case.kernel, case.scenario, one.reason) for one in EXCLUSIONS for case in one.cases}
    assert [name for name in OWN if proof.reasons(name)] == []


def test_a_value_is_what_can_differ():
    """With every counter, sum of smaps and field of a folio changed, there are as many differences as values."""
    done = replayed("7.3.4", "b4_front").steps[2]
    kernel = replace(done.kernel, tables={}, calls={}, removals=None)
    model = replace(
        done.model,
        tables={},
        calls={},
        removals=None,
        counters={name: value + 1 for name, value in done.model.counters.items()},
        memory=dict.fromkeys(done.model.memory, dict.fromkeys(MEMORY, -1)),
        folios={name: dict.fromkeys(fields, "other") for name, fields in done.model.folios.items()},
    )

    assert len(differences(kernel, model)) == amount(kernel, model) > 20
    assert amount(done.kernel, done.model) > amount(kernel, model)


def test_a_set_is_compared_record_by_record():
    """There is an outcome after each record, so that a page can go on in between; nothing differs."""
    found = list(islice(proof.verify(KERNEL, SET), 40))
    steps = [one.steps for one in found]

    assert sorted(set(steps)) == list(range(1, steps[-1] + 1))
    assert [one for one in found if one.differences or one.first] == []
    assert found[-1].runs > 1
    assert found[-1].values > 0


def test_recordings_are_compared_one_by_one():
    """There is an outcome after each scenario that the kernel could run."""
    assert [one.runs for one in islice(proof.verify("v7.3", "7.3.4"), 3)] == [1, 2, 3]


def test_what_differs_is_counted_and_the_first_is_told(tmp_path, monkeypatch):
    """A record that was changed is one difference, with scenario, step and both values; what is left goes on."""
    with gzip.open(OWN[SET]) as lines:
        entry = json.loads(next(line for line in lines if b'"zap_all_o4"' in line[:60]))
    bad = entry | {
        "name": "changed",
        "runs": {"v4/gather": json.loads(json.dumps(entry["runs"]["base/gather"]))},
    }
    bad["runs"]["v4/gather"][2]["R"] = {"1": 77}
    (tmp_path / "set").write_text("\n".join(map(json.dumps, [bad, entry])), encoding="utf-8")
    monkeypatch.setitem(OWN, SET, tmp_path / "set")
    *_, outcome = proof.verify(KERNEL, SET)

    assert (outcome.runs, outcome.differences, outcome.excepted) == (3, 1, 0)
    assert outcome.first.startswith("changed on v4/gather, step 2 (")
    assert "R: the kernel had {'1': 77}, the model has {'1': 16}" in outcome.first
