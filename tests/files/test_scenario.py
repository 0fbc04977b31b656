from __future__ import annotations

import io
import json
import os
import re
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz import KERNELS
from folioviz.compare.compare import compare
from folioviz.errors import DocumentError
from folioviz.files import documents, scenario
from folioviz.files.documents import MAX_BYTES
from folioviz.files.scenario import ALLOWED, Scenario, dumps, find, library, load, loads, save
from folioviz.ops.ops import WORDS, Fault, Mm

INTS = st.integers(-(2**31), 2**31 - 1)
OPERATIONS = st.one_of(
    [st.builds(kind, **dict.fromkeys(kind.__struct_fields__, INTS)) for kind in WORDS.values()]
)
VISIBLE = st.text().filter(lambda text: re.match(rf"^[^{scenario._UNSEEN}]*\Z", text))


@st.composite
def scenarios(draw):
    """Draw any scenario that a document may hold."""
    ops = tuple(draw(st.lists(OPERATIONS, max_size=8)))
    return Scenario(
        ops,
        name=draw(st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)),
        title=draw(VISIBLE).replace("\n", " ")[: scenario.MAX_TITLE],
        about=draw(VISIBLE)[: scenario.MAX_ABOUT],
        kernels=tuple(draw(st.lists(st.sampled_from(list(KERNELS)), min_size=1, unique=True))),
        mmu_gather=draw(st.sampled_from(["batched", "none"])),
        step=draw(st.none() | st.integers(0, len(ops))),
    )


def complaint(text):
    """Return what is said about a document that is refused."""
    with pytest.raises(DocumentError) as caught:
        loads(text)
    return str(caught.value)


# ------------------------------------------------------------------------------------------ reading and writing


@given(scenarios(), st.sampled_from(["yaml", "json"]))
def test_load_reverses_save(one, form):
    """Any scenario, written as YAML or JSON and read again, is the same."""
    assert one == loads(dumps(one, form))


def test_files_are_json_by_their_name(tmp_path):
    """A file whose name ends in .json is written as JSON, any other as YAML; both are read."""
    one = find("front")
    save(one, tmp_path / "a.json")
    save(one, tmp_path / "a.yaml")

    assert json.loads((tmp_path / "a.json").read_text())["ops"][2] == {
        "op": "fault",
        "mm": 1,
        "vpn": 0,
        "order": 4,
    }
    assert "- fault 1 0 4\n" in (tmp_path / "a.yaml").read_text()
    assert [one, one] == [load(tmp_path / "a.json"), load(tmp_path / "a.yaml")]


@pytest.mark.parametrize(
    "text",
    [
        "mm; fault 1 0 4",
        " mm;fault 1 0 4; # a comment\n\n",
        "# first\nmm; fault 1 0 4",
        "ops: mm; fault 1 0 4",
        "ops: [mm, fault 1 0 4]",
        "ops:\n  - op: mm\n  - {op: fault, mm: 1, vpn: 0, order: 4}\n",
        '{"ops": ["mm", {"op": "fault", "mm": 1, "vpn": 0, "order": 4}]}',
        b"\xef\xbb\xbfmm; fault 1 0 4\r\n",
    ],
)
def test_operations_may_be_short_or_mappings(text):
    """The same operations as one line, as short forms in YAML, as mappings, and in JSON; defaults fill the rest."""
    expected = Scenario((Mm(), Fault(1, 0, 4)))

    assert expected == loads(text)
    assert (expected.kernels, expected.mmu_gather) == (("v6.5-rc3+v4.1", "v6.5-rc3+v4"), "batched")


def test_aliases_of_kernels_become_keys():
    """The names that the vectors use are replaced, so that a scenario equals what is saved of it."""
    assert loads(
        "{ops: [], kernels: [base, v4]}".replace("{", "").replace("}", "").replace(", k", "\nk")
    ).kernels == (
        "v6.5-rc3",
        "v6.5-rc3+v4",
    )


# ---------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "ops: [mm, {op: fault, mm: 1, vpn: true, order: 4}]",
            "ops[1].vpn is True: it must be a whole number",
        ),
        ("ops: [{op: fork, mm: 1.0}]", "ops[0].mm is '1.0': it must be a whole number"),
        (
            "ops: [{op: fork, mm: 2147483648}]",
            "ops[0].mm is 2147483648: it must be a whole number of at most 32 bits",
        ),
        ("ops: [{op: fork, mm: 010}]", "ops[0].mm is '010'"),
        ("ops: [{op: fork, mm: " + "9" * 5000 + "}]", "ops[0].mm is 999"),
        ('{"ops": [{"op": "fork", "mm": ' + "9" * 5000 + "}]}", "ops[0].mm is 999"),
        ('{"ops": [{"op": "fork", "mm": NaN}]}', "ops[0].mm is nan"),
        ('{"ops": [{"op": "fork", "mm": 1e999}]}', "ops[0].mm is inf"),
        ("ops: [mm, fault 1 0]", "ops[1]: 'fault 1 0' has 2 arguments: it must be fault MM VPN ORDER"),
        ("ops: [{op: fork}]", "ops[0] lacks field 'mm': its fields are op, mm"),
        ("ops: [{op: fork, mm: 1, x: 2}]", "ops[0] has an unknown field 'x': its fields are op, mm"),
        ("ops: [{op: zap}]", f"ops[0].op is 'zap': it must be {ALLOWED['ops[].op']}"),
        ("ops: [3]", "ops[0] is 3: it must be an operation"),
        ("ops: 3", "ops is 3: it must be a list of at most 5000 operations"),
        (
            "ops: [" + "mm," * 5001 + "]",
            "ops is a list of 5001: it must be a list of at most 5000 operations",
        ),
        ("mm;" * 5001, "ops is a list of 5001"),
        ("ops: []\ncolour: red", "the document has an unknown field 'colour': its fields are ops, name"),
        ('{"x` - at `$.ops[9].y": 1, "ops": []}', "the document has an unknown field"),
        ("title: x", "the document lacks field 'ops'"),
        ("- 1", "the document is a list of 1: it must be a mapping of ops, name"),
        ("ops: []\nname: A b", "name is 'A b': it must be at most 60 of a-z"),
        ('ops: []\ntitle: "\\e[31mred"', "title is '\\x1b[31mred': it must be one line"),
        ('ops: []\nabout: "\\u202egro"', "about is '\\u202egro': it must be text"),
        ("ops: []\nmmu_gather: both", "mmu_gather is 'both': it must be batched or none"),
        ("ops: []\nkernels: []", "kernels is a list of 0: it must be a list of 1 to 16 kernels"),
        ("ops: []\nkernels: [v7]", "kernels[0]: no kernel 'v7': did you mean v7.3 or v7.3+no-page-mapcount?"),
        ("ops: []\nkernels: [v4, v6.5-rc3+v4]", "kernels[1] is 'v6.5-rc3+v4': it must not be there twice"),
        ("ops: [mm]\nstep: 2", "step is 2: it must be 0 to 1"),
        ("ops: [mm]\nstep: -1", "step is -1: it must be a whole number from 0 to 5000"),
        ("ops: []\nops: []", "line 2: the key 'ops' is there twice"),
        ("ops: [{op: fork, mm: 1, mm: 2}]", "line 1: the key 'mm' is there twice"),
        ('{"ops": [], "ops": []}', "the key 'ops' is there twice"),
        ("ops: &a []", "line 1: anchors and aliases (& and *) are not allowed"),
        ("ops: *a", "line 1: anchors and aliases (& and *) are not allowed"),
        (
            "ops: !!python/object/apply:os.system [ls]",
            "line 1: tags ('tag:yaml.org,2002:python/object/apply:os.",
        ),
        ("ops: []\n---\nops: []", "more than one document is there"),
        ("? [a]\n: b", "line 1: a key must be text"),
        ("ops: [", ": not YAML: "),
        ('{"ops": [}', "line 1, column 10: not JSON"),
        ('{"ops": [], "name": "\\ud800"}', "name is '\\ud800'"),
        ('{"ops": [], "\\ud800": 1}', "lone surrogate"),
        ("", "the document is empty"),
        (b"\xff", "the document is not UTF-8: invalid start byte at 0"),
        ("\ud800", "the document is not UTF-8: surrogates not allowed at 0"),
        ("mm; mmap 1 0 64\nmm", "line 2: the short form of a scenario is one line, and this is a second one"),
        ("mm; frob 1", "operation 2: unknown operation 'frob 1'"),
    ],
)
def test_bad_documents_are_told_what_is_wrong(text, expected):
    """Each kind of mistake is named with its place, its value and what is allowed."""
    assert expected in complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "{a: " * 60_000,
        '{"a":' * 50_000,
        '{"a":' + "[" * 200_000,
        "- " * 100_000,
        "? " * 100_000,
    ],
)
def test_deep_nesting_is_refused_where_it_begins(text):
    """Documents nested thousands deep are refused in the first line, without exhausting the stack."""
    assert re.search("nest|line 1, column 2|line 1: a key must be text", complaint(text))


def test_a_document_may_not_be_longer_than_256_kib():
    """A text of 256 KiB is read, one byte more is not."""
    text = "# " + "x" * (MAX_BYTES - 11) + "\nops: []\n"

    assert len(text) == MAX_BYTES
    assert loads(text).ops == ()
    assert f"longer than {MAX_BYTES} bytes" in complaint(text + " ")


def outcome(text):
    """Return the scenario that a text is, or what is wrong with it."""
    try:
        return loads(text)
    except DocumentError as error:
        return str(error)


@given(
    st.binary(max_size=200)
    | st.text(alphabet="{}[]:,&*!|>-?'\"#%@ \n\tops0123456789abkernel;\\u", max_size=200)
    | st.lists(
        st.sampled_from([*WORDS, "ops:", "-", "\n", "  ", "1", "{", "}", "[", "]", ":", '"', ";"])
    ).map(" ".join)
)
def test_no_bytes_raise_anything_but_document_error(text):
    """Whatever somebody sends, it is a scenario or a DocumentError of one line."""
    found = outcome(text)

    assert isinstance(found, Scenario) or (found and "\n" not in found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.text() | st.sampled_from([*Scenario.__struct_fields__, "op", "mm"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_raises_anything_but_document_error(value):
    """Any JSON value, with the fields' own names in it, is a scenario or a DocumentError."""
    assert outcome(json.dumps({"ops": [value], "step": value} if value else value))


def test_only_regular_files_are_opened(tmp_path):
    """A device, a folder, a named pipe, no file, and a name that cannot be one are refused without waiting."""
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path, tmp_path / "pipe", tmp_path / "none", "x" * 5000, "a\0b"):
        with pytest.raises(DocumentError, match="cannot read"):
            load(path)


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    """Of a file of 100 MB no more than 256 KiB and a byte are read, and the message names the file."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    ends = []

    class Watched(io.FileIO):
        def close(self):
            ends.extend([] if self.closed else [self.tell()])
            super().close()

    monkeypatch.setattr(scenario, "open_document", Watched)
    with pytest.raises(DocumentError, match=r"huge\.yaml.*longer than 262144 bytes"):
        load(path)

    assert ends == [MAX_BYTES + 1]


# -------------------------------------------------------------------------------------- the documentation


DOCS = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()


def test_documented_limits_are_the_limits():
    """Every limit that the documentation states is the constant of the module."""
    limits = [
        scenario.MAX_OPERATIONS,
        scenario.MAX_NAME,
        scenario.MAX_TITLE,
        scenario.MAX_ABOUT,
        scenario.MAX_EXPECTED,
    ]

    assert [f"{limit:,}" for limit in limits] == re.findall(r"^\| `.*at most ([\d,]+)", DOCS, re.MULTILINE)
    assert f"1 to {scenario.MAX_KERNELS} keys" in DOCS
    assert f"at most {MAX_BYTES:,} bytes" in DOCS
    assert f"deeper than {documents.MAX_DEPTH}" in DOCS


def test_documented_fields_are_all_there_are():
    """The table names every field of a scenario; the example can be read (tests/ops has the operations)."""
    fields = DOCS.partition("## Operations")[0]
    example = loads(DOCS.split("```yaml\n")[1].split("```")[0])

    assert sorted(Scenario.__struct_fields__) == sorted(
        re.findall(r"^\| `(\w+)` \|.*\|.*\|$", fields, re.MULTILINE)
    )
    assert (example.name, example.step, len(example.ops)) == ("front-half", 4, 4)


# --------------------------------------------------------------------------------------------------- the library


def test_library_has_at_least_fourteen_scenarios_with_words():
    """Every scenario of the library has a title and says what to notice, and its file bears its name."""
    files = [file.name for file in (resources.files("folioviz") / "scenarios").iterdir() if file.is_file()]

    assert len(library()) >= 14
    assert sorted(files) == [f"{place:02}-{name}.yaml" for place, name in enumerate(library())]
    assert [
        one.name for one in library().values() if not (one.title and len(one.about) > 80 and one.step)
    ] == []


@pytest.mark.parametrize("name", library())
def test_library_survives_saving(name):
    """Every scenario of the library is the same after saving and loading."""
    one = find(name)

    assert [one, one] == [loads(dumps(one)), loads(dumps(one, "json"))]


@pytest.mark.parametrize("name", library())
def test_library_shows_a_difference_or_a_reason_for_none(name):
    """In every scenario of the library each operation can be done, and the kernels differ in cost, state or bugs."""
    one = find(name)
    result = compare(one.ops, one.kernels, one.mmu_gather)

    assert [
        outcome.refused for step in result.operations for outcome in step.outcomes if outcome.refused
    ] == []
    assert any(one.costs or one.state or any(o.bugs for o in one.outcomes) for one in result.operations)


def test_an_unknown_name_gets_the_ones_that_come_close():
    """A misspelt name is answered with the likeliest ones, a beginning with what begins so, a wild one with neither."""
    with pytest.raises(DocumentError, match=r"no scenario 'hole-folio': did you mean whole-folio\?"):
        find("hole-folio")
    with pytest.raises(
        DocumentError, match=r"did you mean fork-one-side or fork-both-sides or fork-same-half\?"
    ):
        find("fork")
    with pytest.raises(DocumentError, match=r"no scenario 'zzz': folioviz scenarios lists them all"):
        find("zzz")
