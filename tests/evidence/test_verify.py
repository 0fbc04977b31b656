"""``folioviz verify``: files of recordings and vectors, also ones that nobody has seen."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.errors import FoliovizError
from folioviz.evidence.own import OWN
from folioviz.evidence.recordings.library import DATA, SUFFIX
from folioviz.evidence.results import results
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from folioviz.readout.records import records

OPS = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; munmap 1 0 64; dontneed 1 0 0"


def verify(*words):
    """Run the command; it must not fail in a way that nobody meant."""
    done = CliRunner().invoke(app, ["verify", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def table(text):
    """Return the words of each printed line."""
    return [line.split() for line in text.splitlines()]


def recorded(kernel, scenario):
    """Return the lines of one scenario of the package, as a file holds them."""
    with gzip.open(DATA / f"{kernel}{SUFFIX}", "rt") as lines:
        return [entry for entry in map(json.loads, lines) if entry["scenario"] == scenario]


def write(path, lines):
    """Write lines of JSON, packed."""
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    return path


def vectors(**changes):
    """Return a line of vectors that two kernels made."""
    ops = parse_line(OPS)
    made = {f"{key}/gather": records(Lab(key), ops) for key in ("v6.5-rc3", "v6.5-rc3+v4")}
    made["v4/no_gather"] = records(Lab("v4", "none"), ops)
    made["base/gather"] = "v6.5-rc3/gather"
    return {"name": "front", "ops": [op.short() for op in ops], "runs": made} | changes


@pytest.mark.slow
def test_a_kernel_of_the_package_can_be_named():
    """Its recordings are equal, and the sum says so."""
    status, text, errors = verify("6.1.192")

    assert (0, "") == (status, errors)
    assert ["6.1.192", "v6.1", "equal", "37", "232", "of", "232", "0"] in table(text)


def test_a_recording_that_is_equal(tmp_path):
    """A file in the form of the recordings is verified against the nearest kernel; status 0."""
    status, text, _ = verify(write(tmp_path / "new.jsonl.gz", recorded("7.3.4", "b4_mid")))

    assert status == 0
    assert ["7.3.4", "v7.3", "equal", "1", "6", "of", "6", "0"] in table(text)


def test_the_sizes_need_not_be_told(tmp_path):
    """A file that does not say which sizes were enabled is read by the folios that it shows."""
    about, *steps = recorded("7.3.4", "l_mixed")
    new = about | {"scenario": "new"}
    del new["thp"]
    status, text, _ = verify(write(tmp_path / "new", [new, *(step | {"scenario": "new"} for step in steps)]))

    assert status == 0
    assert "equal" in text


def test_a_recording_that_differs(tmp_path):
    """Every difference is listed with its step and both values; status 1."""
    about, *steps = recorded("7.3.4", "b4_mid")
    steps[2]["folios"]["0"]["raw"]["ref"] = 77
    steps[2]["n"]["deferred_split"] = 9
    status, text, errors = verify(write(tmp_path / "new.jsonl.gz", [about, *steps]))

    assert (1, "") == (status, errors)
    assert ["2", "P", "dontneed", "a", "6", "10", "folio", "0", "refcount", "77", "12"] in table(text)
    assert ["2", "P", "dontneed", "a", "6", "10", "calls", "deferred_split", "9", "1"] in table(text)
    assert ["7.3.4", "v7.3", "differs", "1", "6", "of", "6", "2"] in table(text)


def test_one_scenario_can_be_asked_for():
    """With --scenario, the others are left out: of recordings and of vectors; a name that is not there is told."""
    assert ["7.3.4", "v7.3", "equal", "1", "6", "of", "6", "0"] in table(
        verify("7.3.4", "--scenario", "b4_mid")[1]
    )

    vector = OWN["v6.5-hand"]
    asked = verify(vector, "--kernel", "v4", "--scenario", "glimit0_pmd")
    assert ["v4/gather", "v6.5-rc3+v4", "equal", "1", "14", "of", "14", "0"] in table(asked[1])
    assert asked[0] == 0

    status, _, errors = verify("7.3.4", "--scenario", "nothing")
    assert (status, "there is no scenario 'nothing' to compare" in errors) == (2, True)


@pytest.mark.slow
def test_another_model_differs():
    """With --kernel, recordings are compared with a kernel that they are not of."""
    status, text, _ = verify("6.1.192", "--kernel", "v6.12")

    assert status == 1
    assert "differs" in text


def test_what_the_model_cannot_do_is_said(tmp_path):
    """A step without an operation ends the comparison of its scenario, and is no difference."""
    about, *steps = recorded("7.3.4", "b4_mid")
    steps[3]["op"] = "P hwpoison a 0 512"
    status, text, _ = verify(write(tmp_path / "new.jsonl.gz", [about, *steps]))

    assert status == 0
    assert "b4_mid on 7.3.4 (model v7.3): equal, 3 of 6 steps compared" in text
    assert ["7.3.4", "v7.3", "equal,", "in", "part", "1", "3", "of", "6", "0"] in table(text)
    assert "not compared: from step 3 on: hwpoison is no operation of the model" in text


@pytest.mark.parametrize(
    "op",
    [
        "P map b 64 small",
        "P touch a",
        "P mergeable a 6 16",
        "P softoffline a 6 7",
        "P pin a 6 16",
        "P huge a 3 9",
    ],
)
def test_what_the_model_lacks_ends_its_scenario_alone(tmp_path, op):
    """An unknown word, an unknown form, and what needs more than the model has: the next scenario is compared."""
    about, *steps = recorded("7.3.4", "b4_mid")
    first = [line | {"scenario": "first"} for line in (about, *steps)]
    first[4]["op"] = op
    status, text, errors = verify(write(tmp_path / "new", [*first, about, *steps]))

    assert (0, "") == (status, errors)
    assert "first on 7.3.4 (model v7.3): equal, 3 of 6 steps compared" in text
    assert "not compared: from step 3 on: " in text
    assert ["7.3.4", "v7.3", "equal", "1", "6", "of", "6", "0"] in table(text)


def test_exclusions_hold_for_kernels_like_the_recorded_ones(tmp_path):
    """What is excepted for v6.18 is excepted for another release of that age, but not for v7.3."""
    about, *steps = recorded("6.18.15", "i4_shrink")
    like = about | {"release": "6.16.12+deb13-amd64", "version": ""}
    other = about | {"release": "7.3.9+deb13-amd64", "version": ""}

    assert verify(write(tmp_path / "like", [like, *steps]))[0] == 0
    assert verify(write(tmp_path / "other", [other, *steps]))[0] == 1


@pytest.mark.parametrize("name", ["runs", "ops", "name", "expect"])
@pytest.mark.parametrize("value", [7, [7], {"v4/gather": []}])
def test_a_recording_may_say_more_of_its_run(tmp_path, name, value):
    """What a first line has besides its release does not make vectors of it, whatever it is called."""
    about, *steps = recorded("7.3.4", "b4_mid")
    status, text, errors = verify(write(tmp_path / "new", [about | {name: value}, *steps]))

    assert (0, "") == (status, errors)
    assert ["7.3.4", "v7.3", "equal", "1", "6", "of", "6", "0"] in table(text)


@pytest.mark.parametrize(
    "bad",
    [
        [{"a": 1}],
        [{"scenario": "x", "release": "5.10.1"}, {"scenario": "x", "i": 0, "op": "P map a 16"}],
        [{"name": "x", "ops": ["fly 1"], "runs": {}}],
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(tmp_path, bad):
    """Each file has its own verdict, before and after it; status 2, and one message for each that failed."""
    about, *steps = recorded("7.3.4", "b4_mid")
    good = write(tmp_path / "good", [about, *steps])
    broken = write(tmp_path / "broken", bad)
    late = write(tmp_path / "late", [about, *steps, {"scenario": "b4_mid", "i": 99, "op": "P exit"}])
    missing = tmp_path / "missing"
    status, text, errors = verify(good, broken, missing, late, good)

    assert status == 2
    assert [["7.3.4", "v7.3", "equal", "1", "6", "of", "6", "0"]] * 2 == [
        row for row in table(text) if "equal" in row
    ]
    assert [
        str(path) in line for path, line in zip((broken, missing, late), errors.splitlines(), strict=True)
    ] == [True] * 3


def test_a_difference_and_a_bad_file_are_both_told(tmp_path):
    """What could be compared is listed, and the status says that a file failed."""
    about, *steps = recorded("7.3.4", "b4_mid")
    steps[2]["folios"]["0"]["raw"]["ref"] = 77
    status, text, errors = verify(write(tmp_path / "bad", [5]), write(tmp_path / "new", [about, *steps]))

    assert (2, 1) == (status, len(errors.splitlines()))
    assert ["2", "P", "dontneed", "a", "6", "10", "folio", "0", "refcount", "77", "12"] in table(text)


def test_vectors_that_are_equal(tmp_path):
    """A file in the form of the vectors is verified run by run; status 0."""
    status, text, _ = verify(write(tmp_path / "new.jsonl.gz", [vectors()]))

    assert status == 0
    assert ["v4/no_gather", "v6.5-rc3+v4", "equal", "1", "6", "of", "6", "0"] in table(text)


def test_vectors_of_one_kernel(tmp_path):
    """With --kernel, only that kernel's runs are."""
    _, text, _ = verify(write(tmp_path / "new", [vectors()]), "--kernel", "v4")

    assert "v4/no_gather" in text
    assert "base/gather" not in text


def test_vectors_that_differ(tmp_path):
    """The first record that differs is shown, with its field; status 1."""
    line = vectors()
    line["runs"]["v6.5-rc3+v4/gather"][3]["F"][0]["rc"] = 99
    status, text, errors = verify(write(tmp_path / "new.jsonl.gz", [line]))

    assert (1, "") == (status, errors)
    assert "front on v6.5-rc3+v4/gather (model v6.5-rc3+v4): differs" in text
    assert "dontneed 1 0 5  F of folio 1" in text
    assert "99" in text


ABOUT = {"scenario": "x", "release": "7.3.4"}
STEP = {"scenario": "x", "i": 0, "op": "P map a 16"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "line 1 is neither of a recording"),
        ([5], "line 1 is neither of a recording"),
        ([{"a": 1}], "line 1 is neither of a recording"),
        ([STEP], "line 1: step 0 of 'x' comes before"),
        ([ABOUT, STEP | {"op": "P MAP a"}], "scenario x, step 0: op is 'P MAP a': it must be [PROCESS] WORD"),
        ([ABOUT, STEP | {"rc": "no"}], "line 2: rc is 'no'"),
        ([ABOUT | {"release": "5.10.1"}, STEP], "no model comes near kernel '5.10.1'"),
        ([vectors(ops=["mm", "fly 1"], runs={"v4/gather": []})], "ops[1]: unknown operation 'fly 1'"),
        ([vectors(ops=5)], "line 1"),
        ([vectors(runs={"v99/gather": []})], "line 1: runs has the key 'v99/gather'"),
        ([vectors(runs={"v4/none": []})], "line 1: runs has the key 'v4/none'"),
        ([vectors(runs={"v4/gather": "base/gather"})], "line 1: runs.v4/gather is 'base/gather'"),
        ([vectors(runs={"v4/gather": [0]})], "line 1: runs.v4/gather has a record 0"),
        ([vectors(runs={"v4/gather": [{"r": 1}] * 9})], "has 9 records: there are 6 operations"),
        ([vectors(runs={"v4/gather": [{"r": 1, "Y": 1}]})], "line 1"),
    ],
)
def test_a_bad_file_is_one_message(tmp_path, lines, message):
    """Status 2, and where, what and why in one line."""
    status, _, errors = verify(write(tmp_path / "new.jsonl.gz", lines))

    assert status == 2
    assert message in errors
    assert len(errors.splitlines()) == 1


def test_a_file_that_is_not_there():
    """Status 2, with its name."""
    status, _, errors = verify("no-such-file.jsonl.gz")

    assert status == 2
    assert "cannot read 'no-such-file.jsonl.gz': there is no such file" in errors


WORDS = st.sampled_from(
    [
        "P",
        "C",
        "touch",
        "map",
        "munmap",
        "dontneed",
        "mprotect",
        "fork",
        "exit",
        "mremap",
        "split",
        "dropcaches",
        "free",
        "cold",
        "mlock",
        "munlock",
        "guard",
        "huge",
        "pin",
        "unpin",
        "thp",
        "4+9",
        "nohuge",
        "sysfs",
        "shrink_underused",
        "max_ptes_none",
        "reclaim",
        "a",
        "b",
        "0",
        "1",
        "2",
        "3",
        "8",
        "16",
        "512",
        "513",
        "r",
        "rw",
        "+3",
        "D",
        "G",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["6.1.1", "6.5.1", "6.12.1", "7.3.1"]),
    st.lists(st.lists(WORDS, min_size=1, max_size=7), max_size=8),
)
def test_any_steps_end_in_a_result_or_a_message(tmp_path_factory, release, steps):
    """Whatever a recording says was done, verifying it ends well."""
    path = tmp_path_factory.mktemp("any") / "file"
    lines = [{"scenario": "x", "release": release}]
    lines += [{"scenario": "x", "i": i, "op": " ".join(words)} for i, words in enumerate(steps)]
    try:
        found = list(results(str(write(path, lines))))
    except FoliovizError:
        return

    assert len(found) == 1


GOOD = [
    "P map a 16", "P map b 600 +3", "P touch a 0 16", "P touch b 0 600", "P touch b 0 600 7", "P fork C", "C fork D",
    "C dontneed b 0 100", "P dontneed b 5 400 3", "C exit", "P munmap b 100 300", "P mremap a 0 8 c 3", "P mlock b 5 9",
    "P munlock b 0 600", "split P b 0 600", "dropcaches 2", "P free b 9 99", "P cold b 0 512", "P mprotect b 0 4 r",
    "P mprotect b 0 600 rw", "sysfs max_ptes_none 9", "sysfs shrink_underused 0", "P guard a 0 4", "P huge b 0 600",
    "P map d 64 nohuge", "P touch d 0 9", "P gup b 1 3", "P ungup",
    "P migrate a 0 16 1", "P migrateall b 0 600 0", "rmcgroup", "swapon", "reclaim 4096", "P dontneed_locked b 0 9",
    "P pin b 3 5", "P unpin", "thp 0", "thp 4+9", "D touch b 0 600",
    "D exit", "P exit",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["6.1.1", "6.5.1", "6.9.1", "6.12.1", "7.3.1"]),
    st.lists(st.sampled_from(GOOD), max_size=12),
)
def test_any_sensible_steps_end_in_a_result(tmp_path_factory, release, steps):
    """Steps that can be read are done as far as the model can, in any order."""
    path = tmp_path_factory.mktemp("sensible") / "file"
    lines = [{"scenario": "x", "release": release, "thp": "2+4+9"}]
    lines += [{"scenario": "x", "i": i, "op": op} for i, op in enumerate(steps)]

    assert len(list(results(str(write(path, lines))))) == 1


def test_what_a_file_lacks_is_told_by_where_it_is_from(tmp_path):
    """A file that /proc alone has given: no struct folio and no calls, and of the rest what is missing, by name."""
    about, *steps = recorded("7.3.4", "b4_front")
    for step in steps:
        for key in ("n", "kp", "vm", "calls"):
            step.pop(key, None)
        for folio in step["folios"].values():
            folio.pop("raw", None)
    code, out, _ = verify(write(tmp_path / "few.gz", [about | {"trace": 0, "kcore": 0}, *steps]))
    told = dict(line.strip().split(" (from ") for line in out.splitlines() if "(from" in line)

    assert code == 0
    assert [*told] == ["page tables", "struct folio", "counters", "memory", "calls"]
    assert told["page tables"] == "pagemap, kpageflags and kpagecount), 1 of 7: came_from"
    assert told["struct folio"].startswith("/proc/kcore), 11 of 11: anon_exclusive, entire_mapcount, ")
    assert {"thp_split_page,", "nr_anon,"} & {*told["counters"].split()} == {"thp_split_page,"}
