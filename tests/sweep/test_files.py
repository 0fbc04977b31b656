from __future__ import annotations

import csv
import json

import pytest

import folioviz
from folioviz.errors import DocumentError, FoliovizError
from folioviz.sweep import files, pool
from folioviz.sweep.files import FORMS

WORDS = {"kernels": ["v6.5-rc3+v4.1", "v6.1", "v7.3"], "orders": [1, 4], "shares": [50, 100]}


@pytest.fixture(scope="module")
def whole():
    """Return a sweep with rows of all kinds: done, refused, and a bug."""
    done = folioviz.sweep(**WORDS)
    assert {row["status"] for row in done.rows} == {"done", "refused", "bug"}
    return done


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_read_again(form, whole, tmp_path):
    """The same columns and rows, numbers as numbers, nothing as nothing."""
    path = tmp_path / f"sweep.{form}"
    getattr(whole, f"to_{form}")(path)
    again = folioviz.Sweep.read(path)

    assert again.columns == whole.columns
    assert again.rows == whole.rows


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_a_run_is_what_the_table_writes(form, whole, tmp_path):
    """Row by row or at once."""
    one, two = tmp_path / f"one.{form}", tmp_path / f"two.{form}"
    folioviz.sweep(**WORDS, file=one)
    getattr(whole, f"to_{form}")(two)

    assert one.read_bytes() == two.read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [one.name, two.name]


def test_others_can_read_them(whole, tmp_path):
    """CSV and JSON as text, Parquet with types."""
    lines = whole.to_csv().splitlines()
    rows = json.loads(whole.to_json())
    whole.to_parquet(tmp_path / "x.parquet")
    arrow, parquet = files.arrow()
    types = parquet.read_schema(tmp_path / "x.parquet")

    assert len(lines) == len(rows) + 1 == len(whole) + 1
    assert next(csv.DictReader(lines))["kernel"] == rows[0]["kernel"] == "v6.5-rc3+v4.1"
    assert rows == whole.rows
    assert (types.field("sqlock").type, types.field("verdict").type) == (arrow.int64(), arrow.string())
    assert json.loads(folioviz.Sweep(whole.columns, []).to_json()) == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_sweep_goes_on_from_wherever_a_file_ends(form, whole, tmp_path, monkeypatch):
    """Cut at any byte, only what is missing is run, and the file becomes the same; of a whole one nothing runs."""
    path = tmp_path / f"sweep.{form}"
    getattr(whole, f"to_{form}")(path)
    data, run, ran = path.read_bytes(), pool.run, []
    rows = {(row["kernel"], row["order"], row["share"]): row for row in whole.rows}

    def counted(cell):
        ran.append(cell)
        return rows[cell.kernel, *(value for _, value in cell.parameters[:2])]

    monkeypatch.setattr(pool, "run", counted)
    for end in (0, 1, 3, 40, len(data) // 3, len(data) // 2, len(data) - 4, len(data) - 1, len(data)):
        path.write_bytes(data[:end])
        ran.clear()
        again = folioviz.sweep(**WORDS, file=path)
        whole_rows = max(0, data[:end].count(b"\n") - 1)
        assert path.read_bytes() == data, end
        assert again.rows == whole.rows
        assert len(whole) - len(ran) in {whole_rows, min(whole_rows + 1, len(whole))}

    assert ran == []
    assert run is not counted


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupted_file_is_whole_and_goes_on(form, whole, tmp_path, monkeypatch):
    """What is there when an interrupt comes can be read by anybody."""
    path, run = tmp_path / f"sweep.{form}", pool.run

    def interrupted(cell):
        if dict(cell.parameters)["order"] == 4 and cell.kernel == "v7.3":
            raise KeyboardInterrupt
        return run(cell)

    with monkeypatch.context() as patched:
        patched.setattr(pool, "run", interrupted)
        part = folioviz.sweep(**WORDS, file=path)

    assert 0 < len(part) < part.total
    assert folioviz.Sweep.read(path).rows == part.rows
    assert folioviz.sweep(**WORDS, file=path).rows == whole.rows


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"shares": [50, 75]}, "in row 2 share is 100, and here 75"),
        ({"kernels": ["v7.3"]}, "in row 1 kernel is 'v6.5-rc3[+]v4.1', and here 'v7.3'"),
        ({"orders": 1, "kernels": ["v6.5-rc3+v4.1"]}, "holds 12 rows, and this sweep has 2 cells"),
        ({"scenarios": "mm; mmap 1 0 64; exit {n}", "parameters": {"n": 1}}, "other parameters .n, order"),
        (
            {"scenarios": "mm; mmap 1 0 512; fault 1 0 {order}; dontneed 1 {processes - 1} {share_pages}"},
            "scenario is 'share-unmapped', and here 'untitled'",
        ),
    ],
)
def test_a_file_of_another_sweep_is_refused(other, why, whole, tmp_path):
    """In words, and it stays as it is."""
    path = tmp_path / "sweep.csv"
    whole.to_csv(path)
    before = path.read_bytes()
    words = {"scenarios": other["scenarios"]} if "n" in other.get("parameters", {}) else WORDS
    if "dontneed" in other.get("scenarios", ""):
        other = {**other, "processes": 1}
    with pytest.raises(DocumentError, match=why):
        folioviz.sweep(**{**words, **other}, file=path)

    assert path.read_bytes() == before


def test_other_operations_with_the_same_parameters_are_refused(tmp_path):
    """A file holds what was done."""
    path = tmp_path / "sweep.json"
    folioviz.sweep("mm; mmap 1 0 64; fault 1 0 {order}", "v7.3", orders=[2, 3], file=path)
    with pytest.raises(DocumentError, match="operations is 'mm; mmap 1 0 64; fault 1 0 2', and here"):
        folioviz.sweep("mm; mmap 1 0 32; fault 1 0 {order}", "v7.3", orders=[2, 3], file=path)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_damaged_file_is_refused(form, whole, tmp_path):
    """Whichever line is damaged, and whatever else a file may be; it stays as it is."""
    path = tmp_path / f"sweep.{form}"
    text = getattr(whole, f"to_{form}")()
    lines = text.splitlines(keepends=True)
    damaged = [
        "".join([*lines[:2], "damaged\n", *lines[2:]]),
        "".join([*lines[:2], "\xff", *lines[3:]]),
        text.replace("done", '"', 1),
        "hello",
        "hello\n",
        "[\n1",
        "[1]\n",
        '{"a": 1}\n',
        "a,b\n1,2\n",
        "\0\0\0\n",
        "[" * 5000 + "\n",
    ]
    for one in damaged:
        path.write_bytes(one.encode("latin-1"))
        with pytest.raises(DocumentError, match=r"sweep\."):
            folioviz.sweep(**WORDS, file=path)
        assert path.read_bytes() == one.encode("latin-1")


def test_values_of_a_file_have_their_types(whole, tmp_path):
    """A word where a number stands is refused with its line."""
    path = tmp_path / "sweep.csv"
    path.write_text(whole.to_csv().replace(",4,50,", ",four,50,", 1))
    with pytest.raises(DocumentError, match="line 4: order is 'four': it must be a whole number"):
        folioviz.Sweep.read(path)


def test_what_is_no_file_is_refused(tmp_path):
    """A folder, a folder that is not there, Parquet that is none."""
    (tmp_path / "x.parquet").write_text("hello")
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(DocumentError, match="no Parquet file"):
        folioviz.Sweep.read(tmp_path / "x.parquet")
    with pytest.raises(DocumentError, match="not a regular file"):
        folioviz.sweep("front", file=tmp_path / "x.csv")
    with pytest.raises(OSError, match="No such file"):
        folioviz.sweep("front", file=tmp_path / "nowhere" / "x.csv")


def test_parquet_needs_its_package(monkeypatch, tmp_path):
    """Who does not have it is told what to install, before anything runs."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(FoliovizError, match=r"folioviz\[parquet\]"):
        folioviz.sweep("front", file=tmp_path / "x.parquet")
