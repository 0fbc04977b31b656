"""A recording's lines: what is read, and what is said of a line that is not one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.errors import DocumentError
from folioviz.evidence.recordings.format import About, Skipped, Step, decoded, page_run

STEP = {
    "scenario": "x",
    "i": 0,
    "op": "P map a 16",
    "procs": {"P": {"a": [[0, 16, "p", 0, 0, 0, 1, "Ham", 1]]}},
}
FOLIO = {"order": 4, "kpc": [[16, 1]]}


def line(**changes):
    """Return a step as a line, with changes."""
    return json.dumps(STEP | changes).encode()


def test_the_kinds_of_lines():
    """A line says what is known of the run, or that there is none, or what one step left behind."""
    about = decoded(b'{"scenario": "x", "release": "6.12.117", "kcore": true, "more": 1}')

    assert isinstance(about, About)
    assert about.kcore
    assert decoded(b'{"s": "x", "skip": "no such size"}') == Skipped("x", "no such size")
    assert isinstance(decoded(line()), Step)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "the line is []: it must be a JSON object"),
        (line(i=-1), "i is -1: Expected `int` >= 0"),
        (line(i="no"), "i is 'no': Expected `int`, got `str`"),
        (line(op=""), "op"),
        (line(procs={"Q": {}}), "procs has process 'Q'"),
        (line(procs={"PC": {}}), "procs has process 'PC'"),
        (line(folios={"x": FOLIO}), "folios has the id 'x'"),
        (line(folios={"0": FOLIO | {"order": 20}}), "folios.0.order is 20: Expected `int` <= 9"),
        (line(folios={"0": FOLIO | {"order": -1}}), "folios.0.order is -1"),
        (line(folios={"0": FOLIO | {"kpc": [[15, 1]]}}), "folios.0.kpc holds 15 pages"),
        (
            line(folios={"0": FOLIO | {"kpc": [[17, 1], [-1, 1]]}}),
            "folios.0.kpc holds 16 pages in runs of at least -1",
        ),
        (line(folios={"0": FOLIO | {"raw": {"mc": [[3, 0]]}}}), "folios.0.raw.mc holds 3 pages"),
        (b'{"scenario": "x", "release": "linux"}', "release is 'linux'"),
        (b'{"scenario": "x", "release": "6.1", "thp": "ten"}', "thp is 'ten'"),
    ],
)
def test_a_bad_line_is_explained(data, message):
    """The message names the field, its value and what may stand there."""
    with pytest.raises(DocumentError) as error:
        decoded(data)

    assert message in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ([0, 0, "p"], "where has pages [0, 0]"),
        ([-1, 1, "p"], "where has pages [-1, 1]"),
        ([0, 99999, "z"], "where has pages [0, 99999]"),
        ([0, 1.5, "z"], "where has pages [0, 1.5]"),
        ([0, 1, "q"], "where has state 'q'"),
        ([0, 1, "pz"], "where has state 'pz'"),
        ([0, 1, "p"], "where has 3 values"),
        ([0, 1, "p", -1, 0, 0, 1, "", 0], "where has folio -1"),
        ([0, 1, "p", 0, 2, 0, 1, "", 0], "where has own folios 2"),
        ([0, 1, "p", 0, 0, 512, 1, "", 0], "where has offset 512"),
        ([0, 1, "p", 0, 0, 0, 10**30, "", 0], "where has mapcount 1000000000"),
        ([0, 1, "p", 0, 0, 0, 1, 5, 0], "where has flags 5"),
        ([0, 1, "p", 0, 0, 0, 1, "", 2], "where has exclusive 2"),
        ([0, 1, "p", 0, 0, 0, 1, "", 0, [1]], "where came from [1]"),
    ],
)
def test_a_bad_run_is_explained(run, message):
    """A run of pages has bounds, and they are named."""
    with pytest.raises(DocumentError) as error:
        page_run(run, "where")

    assert message in str(error.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*STEP, "folios", "kp", "n", "raw", "release", "skip"]), VALUES)
def test_any_value_is_read_or_refused(field, value):
    """Whatever stands in a field, the answer is a line or a DocumentError."""
    try:
        found = decoded(json.dumps(STEP | {field: value}).encode("utf-8", "surrogatepass"))
    except DocumentError:
        return

    assert isinstance(found, About | Skipped | Step)
