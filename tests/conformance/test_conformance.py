"""The model against the kernel's own functions: every field of every record of every vector."""

from __future__ import annotations

import pytest

from tests.conformance.reader import KERNELS, KEYS, conforms, scenarios

LONG = {"gather_overflow_small_exact", "gather_overflow_real_o4_end"}
"""Hand-written scenarios that fill the gather's 9,698 places one by one."""
SAMPLE = 12
CHUNKS = 4
RECORDS = {
    "hand": dict.fromkeys(KEYS, 1678) | {"v3/no_gather": 1657},
    "random": {
        "base/gather": 12645,
        "base/no_gather": 12645,
        "p1/gather": 11924,
        "p1/no_gather": 11924,
        "p12/gather": 11924,
        "p12/no_gather": 11924,
        "v3/gather": 12338,
        "v3/no_gather": 4837,
        "v4/gather": 12338,
        "v4/no_gather": 12338,
    },
}
"""How many records each run has: counted once, so that vectors that get lost are missed."""


def part(name):
    """Return the scenarios of one part; the parts are disjoint and make up all vectors."""
    kind, _, piece = name.partition(" ")
    found = list(scenarios(kind).values())
    if kind == "hand":
        return [scenario for scenario in found if (scenario.name in LONG) == (piece == "long")]
    return found[:SAMPLE] if piece == "sample" else found[SAMPLE:][int(piece) :: CHUNKS]


QUICK = ("hand short", "random sample")
SLOW = ("hand long", *(f"random {i}" for i in range(CHUNKS)))
CHECKED = {
    ("hand short", "base/gather"),
    ("hand short", "v4/no_gather"),
    *(("random 0", f"{kernel}/gather") for kernel in KERNELS),
}
"""Where every invariant is checked after every step, too."""
ALWAYS = {
    ("hand short", "base/gather"),
    ("hand short", "p1/gather"),
    *(("random sample", key) for key in KEYS),
}
"""What `make check` compares; `make test` compares everything."""
PAIRS = [
    pytest.param(name, key, marks=() if (name, key) in ALWAYS else pytest.mark.slow)
    for name in (*QUICK, *SLOW)
    for key in KEYS
]


@pytest.mark.parametrize(("name", "key"), PAIRS)
def test_every_field_of_every_record(name, key):
    """The model equals the kernel, at every step of every scenario; every invariant holds where it is checked."""
    compared = sum(conforms(scenario, key, check=(name, key) in CHECKED) for scenario in part(name))

    assert compared == sum(len(scenario.runs[key]) for scenario in part(name)) > 0


def test_nothing_is_left_out():
    """The parts hold every scenario once and the number of records is the one that was counted: 131,596."""
    held = [scenario for name in (*QUICK, *SLOW) for scenario in part(name)]
    names = [scenario.name for scenario in held]
    everything = [*scenarios("hand"), *scenarios("random")]
    counted = {
        kind: {key: sum(len(scenario.runs[key]) for scenario in scenarios(kind).values()) for key in KEYS}
        for kind in RECORDS
    }

    assert sorted(names) == sorted(everything)
    assert len(set(names)) == 514
    assert counted == RECORDS
    assert sum(sum(by_key.values()) for by_key in counted.values()) == 131_596
