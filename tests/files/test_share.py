"""Links: there and back, and whatever a stranger puts into a query string."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.errors import DocumentError
from folioviz.files import share
from folioviz.files.scenario import Scenario, find, library, replace
from folioviz.files.share import fields_of, from_query, query, unpack
from folioviz.ops.ops import parse_line


def packed(value):
    """Return any JSON value as a link's s."""
    return urlsafe_b64encode(zlib.compress(json.dumps(value).encode(), 9)).decode().rstrip("=")


@pytest.mark.parametrize("name", library())
@pytest.mark.parametrize("own", [False, True], ids=["named", "packed"])
def test_every_scenario_of_the_library_survives_a_link(name, own):
    """Operations, kernels, mode, words and playhead come back, by name or packed; the query string is plain ASCII."""
    found = replace(find(name), kernels=("v6.5-rc3", "v6.5-rc3+v3"), mmu_gather="none", at=30, step=None)
    if own:
        found = replace(found, ops=(*found.ops, parse_line("mm")[0]), name="untitled")
    text = query(found)

    assert text.isascii()
    assert ("s=" in text) == own
    assert replace(from_query(fields_of(text)), step=None) == found


def test_a_scenario_that_was_changed_is_no_scenario_of_the_library():
    """With another operation behind its own it keeps its name, but a link must hold the operations."""
    found = replace(find("front"), ops=(*find("front").ops, *parse_line("mm")))

    assert from_query(fields_of(query(found))).ops == found.ops


def test_the_first_step_is_in_the_link():
    """Step 0 is a place like others; none is none."""
    assert from_query(fields_of(query(replace(find("front"), at=0)))).at == 0
    assert "at=" not in query(replace(find("front"), at=None))


def test_a_link_may_say_less():
    """A scenario's name alone opens it as it is; with kernel a and no b, A is alone."""
    alone = from_query({"scenario": "whole-folio", "a": "v4", "at": "7"})

    assert from_query({"scenario": "whole-folio"}) == find("whole-folio")
    assert from_query({"scenario": "whole-folio", "a": "v6.8"}).kernels == ("v6.8",)
    assert (("v6.5-rc3+v4",), "batched", 7) == (alone.kernels, alone.mmu_gather, alone.at)
    assert from_query({"theme": "dark"}) is None


def test_words_of_ones_own_are_in_the_link():
    """A scenario of the library that is called something else keeps its name and its title."""
    found = replace(find("front"), kernels=("v6.8",), title="Row 3 of a table", step=None)
    text = query(found)

    assert text == "scenario=front&a=v6.8&b=none&title=Row+3+of+a+table"
    assert replace(from_query(fields_of(text)), step=None) == found


@pytest.mark.parametrize(
    ("text", "kernels", "at", "faults"),
    [
        ("a=v9.9", ("v6.5-rc3+v4.1", "v6.5-rc3+v4"), None, ["a: no kernel 'v9.9': did you mean v6.9"]),
        ("scenario=frnt&a=v6.8&at=3", ("v6.8",), None, ["no scenario 'frnt': did you mean front?"]),
        ("scenario=front&a=v6.8&b=zz&at=7", ("v6.8", "v6.5-rc3+v4.1"), 7, ["b: no kernel 'zz'"]),
        ("scenario=front&a=zz&b=v6.8&at=x", ("v6.5-rc3", "v6.8"), None, ["a: no", "at is 'x': it must be"]),
        ("scenario=front&b=none&gather=", ("v6.5-rc3",), None, ["gather is '': it must be batched or none"]),
    ],
)
def test_what_is_wrong_is_left_out_and_the_rest_counts(text, kernels, at, faults):
    """Each fault is named; good fields are followed, also where the scenario is none, or is that on the screen."""
    found, told = share.read(fields_of(text), find("first-look"))

    assert (found.name, found.kernels, found.at) == (
        "front" if "front" in text else "first-look",
        kernels,
        at,
    )
    assert [one.startswith(fault) for one, fault in zip(told, faults, strict=True)] == [True] * len(faults)


def test_a_link_that_would_be_too_long_is_refused():
    """The limit is 8,000 characters, and the message says what to do instead."""
    ops = parse_line("; ".join(f"fault 1 {(i * 7919) % 262144} {i % 10}" for i in range(4000)))

    with pytest.raises(DocumentError, match=r"at most 8000 work; save a file instead"):
        query(Scenario(tuple(ops)))


HUGE_LINK = ({"s": packed({"ops": "mm " * 1_000_000})}, "unpacks to more than")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"s": "x" * 8001}, "8001 characters long"),
        ({"s": "nonsense"}, "it is damaged, or no link of folioviz"),
        ({"s": "ü"}, "it is damaged"),
        ({"s": packed("mm")}, "it is damaged"),
        ({"s": packed({"ops": "mm"})[:-4]}, "it is damaged|cut off"),
        ({"s": packed({"ops": "fault 1 0"})}, "has 2 arguments"),
        ({"s": packed({"ops": "mm", "kernels": ["v9"]})}, "no kernel 'v9'"),
        ({"s": packed({"ops": "mm", "at": -1})}, "at is -1"),
        HUGE_LINK,
        ({"scenario": "<script>"}, "no scenario"),
        ({"scenario": "front", "a": "v6.5-rc3", "b": "nope"}, "no kernel 'nope'"),
        ({"scenario": "front", "a": "none", "b": "none"}, "a and b are 'none': one of them must be a kernel"),
        ({"scenario": "front", "gather": "maybe"}, "gather is 'maybe': it must be batched or none"),
        ({"scenario": "front", "title": "a\u202eb"}, "title is 'a.u202eb': it must be one line"),
        ({"scenario": "front", "at": "1e9"}, "at is '1e9'"),
        ({"scenario": "front", "at": "9999999999"}, "at is '9999999999'"),
        ({"scenario": "front", "at": "9" * 5000}, "at is '999"),
    ],
)
def test_a_bad_link_is_refused_in_words(fields, message):
    """What is wrong with a link is said; the message repeats only little of it."""
    with pytest.raises(DocumentError, match=message) as caught:
        from_query(fields)

    assert len(str(caught.value)) < 600


@given(
    st.text(max_size=200)
    | st.binary(max_size=200).map(lambda b: urlsafe_b64encode(zlib.compress(b)).decode())
)
def test_any_text_is_a_link_or_is_refused(text):
    """Nothing but DocumentError comes out of reading a link."""
    try:
        assert isinstance(unpack(text), Scenario)
    except DocumentError:
        assert len(text) <= share.MAX_LINK


@given(st.text() | st.binary() | st.none() | st.integers())
def test_no_query_string_raises(text):
    """Whatever an address asks for, fields of text come out, or none."""
    found = fields_of(text)

    assert all(isinstance(part, str) for pair in found.items() for part in pair)
    assert len(found) <= share.MAX_FIELDS


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a=1&b=%3Cb%3E", {"a": "1", "b": "<b>"}),
        ("?a=1", {"a": "1"}),
        ("a=1&a=2", {"a": "1"}),
        ("a=&b", {"a": "", "b": ""}),
        ("a=%ff", {"a": "\N{REPLACEMENT CHARACTER}"}),
        ("&".join(f"f{n}=1" for n in range(share.MAX_FIELDS + 1)), {}),
        (f"a={'x' * 2 * share.MAX_LINK}", {}),
    ],
)
def test_a_query_string_is_read(text, fields):
    """The first of a field counts; too many fields, or too long a text, is nothing."""
    assert fields == fields_of(text)
