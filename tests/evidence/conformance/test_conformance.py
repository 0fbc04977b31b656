"""The model against the kernel's own functions: every field of every record of every vector."""

from __future__ import annotations

import hashlib
import os
import shlex

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.engine.choice import VARIABLE
from folioviz.evidence.own import OWN
from tests.evidence.conformance.reader import FILES, conforms, hand, keys, outlines, scenario

LONG = {"gather_overflow_small_exact", "gather_overflow_real_o4_end"}
"""Hand-written scenarios that fill the gather's 9,698 places one by one."""
SAMPLE = 12
CHUNKS = 4
PARTS = {
    file: ("short", "long") if file.endswith("hand") else ("sample", *map(str, range(CHUNKS)))
    for file in FILES
}


def part(file, piece):
    """Return the names of the scenarios in one part of a file; the parts are disjoint and make up all of it."""
    names = list(outlines(file))
    if file.endswith("hand"):
        return [name for name in names if (name in LONG) == (piece == "long")]
    return names[:SAMPLE] if piece == "sample" else names[SAMPLE:][int(piece) :: CHUNKS]


CHECKED = {
    ("v6.5-hand", "short", "base/gather"),
    ("v6.5-hand", "short", "v4/no_gather"),
    *(("v6.5-random", "0", key) for key in keys("v6.5-random") if key.endswith("/gather")),
    *(("later-hand", "short", key) for key in keys("later-hand") if key.endswith("/gather")),
    *(("later-random", "0", key) for key in keys("later-random") if key.endswith("/gather")),
}
"""Where every invariant is checked after every step, too."""
ALWAYS = {
    ("v6.5-hand", "short", "base/gather"),
    ("v6.5-hand", "short", "p1/gather"),
    ("later-hand", "short", "g73/gather"),
    *((file, "sample", key) for file in FILES if file.endswith("random") for key in keys(file)),
}
"""What `make check` compares, on what is there at once; `make test` compares everything, the rest as machine code."""
PLACES = [
    pytest.param(*place, marks=() if place in ALWAYS else pytest.mark.slow)
    for file in FILES
    for piece in PARTS[file]
    for place in [(file, piece, key) for key in keys(file)]
]


@pytest.mark.parametrize(("file", "piece", "key"), PLACES)
def test_every_field_of_every_record(file, piece, key, monkeypatch):
    """The model equals the kernel, at every step of every scenario; every invariant holds where it is checked."""
    place = file, piece, key
    if place not in ALWAYS and VARIABLE not in os.environ:
        monkeypatch.setenv(VARIABLE, "compiled")
    names = part(file, piece)
    compared = sum(conforms(scenario(file, name), key, check=place in CHECKED, calls=True) for name in names)

    assert compared == sum(outlines(file)[name].records(key) for name in names) > 0


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["python", "compiled"])
@pytest.mark.parametrize("file", FILES)
def test_a_sample_of_each_set_is_equal_on_each_engine(file, engine, monkeypatch):
    """Plain Python and machine code, asked for by name; `make test-engines` compares everything on both."""
    monkeypatch.setenv(VARIABLE, engine)
    for key in keys(file):
        for name in list(outlines(file))[:2]:
            assert conforms(scenario(file, name), key, calls=True) == outlines(file)[name].records(key)


@pytest.mark.slow
def test_nothing_is_left_out():
    """The parts hold every scenario once, with a run of every kernel and mode, and a record of every operation."""
    for file in FILES:
        found = outlines(file)
        held = [name for piece in PARTS[file] for name in part(file, piece)]

        assert sorted(held) == sorted(found)
        assert all(set(outline.runs) == set(keys(file)) for outline in found.values())
        cut = [
            (file, name, key)
            for name, outline in found.items()
            for key in keys(file)
            if outline.records(key) < len(outline.ops)
        ]
        assert [place for place in cut if "B" not in scenario(*place[:2]).runs[place[2]][-1]] == []


@pytest.mark.parametrize("file", FILES)
def test_no_vector_gets_lost(file):
    """Each file is, to the byte, the one that was compared: SHA256SUMS has its digest."""
    digest = hashlib.sha256(OWN[file].read_bytes()).hexdigest()

    assert f"{digest}  {file}.jsonl.gz" in OWN[file].with_name("SHA256SUMS").read_text().splitlines()


def test_a_record_that_differs_is_told_with_the_command_that_shows_it_alone(monkeypatch):
    """Kernel, scenario, operation, field and both values; the command compares this scenario and no other."""
    vector = hand("v4/no_gather", "zap_all_o4")
    run = [*vector.runs["v4/no_gather"]]
    run[3] = run[3] | {"R": {"1": 77}}
    with pytest.raises(AssertionError) as error:
        conforms(vector._replace(runs={"v4/no_gather": run}), "v4/no_gather")
    *told, command = [line.strip() for line in str(error.value).splitlines()]
    shown = CliRunner().invoke(app, shlex.split(command.removeprefix("to see: folioviz ")))

    assert told == [
        "zap_all_o4 differs from the kernel under v4/no_gather (v6.5-rc3+v4, mmu_gather none)",
        "step: 3, dontneed 1 0 16",
        "field: R",
        "kernel: {'1': 77}",
        "model: {'1': 0}",
    ]
    assert [line.split()[:5] for line in shown.stdout.splitlines()[2:4]] == [
        ["v4/gather", "v6.5-rc3+v4", "equal", "1", "4"],
        ["v4/no_gather", "v6.5-rc3+v4", "equal", "1", "4"],
    ]
