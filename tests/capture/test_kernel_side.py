"""Fields of struct folio in a capture: read, written, refused, told in words, and compared with the model."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from typer.testing import CliRunner

from folioviz.capture import kernel_side, read, write
from folioviz.capture.report import report
from folioviz.capture.state import state
from folioviz.cli import app
from folioviz.errors import DocumentError
from folioviz.rebuild import rebuild
from tests.capture.test_document import packed

PMD = 0x800000
HALF = {
    "capture": 1,
    "about": {
        "release": "6.12.117",
        "privileged": True,
        "pmds": True,
        "no_page_mapcount": False,
        "memory": "dump",
    },
    "processes": [{}],
    "regions": [
        {"process": 1, "first": 0, "pages": 512, "rights": "rw-p", "advice": "huge"},
        {"process": 1, "first": 1024, "pages": 512, "rights": "rw-p", "advice": "huge", "huge": [[0, 512]]},
        {"process": 1, "first": 2048, "pages": 1, "rights": "rw-p"},
    ],
    "procs": {
        "1": {
            "1": [[0, 256, "p", 1, 0, 0, 1, "Ham", 1]],
            "2": [[0, 512, "p", 2, 0, 0, 1, "Ham", 1]],
            "3": [[0, 1, "p", -1, 1, 0, 1, "am", 1]],
        }
    },
    "orders": [[1, 9], [1, 0], [1, 9]],
    "raw": {
        "ref": [[1, 256], [1, 1]],
        "entire": [[1, 0], [1, 1]],
        "nrpm": [[1, 256], [1, PMD]],
        "large": [[1, 256], [1, 1]],
        "pm": [[1, 1], [1, 0]],
        "dq": [[2, 1]],
        "node": [[2, 0]],
    },
}
"""A folio of 2 MiB half of which was given back, a small page, and a folio that a PMD maps; as v6.12 has them."""


def with_raw(**columns):
    """Return the document with other columns."""
    return HALF | {"raw": HALF["raw"] | columns}


def test_what_is_read_is_written_again():
    """Columns come back as they were; a document without any has none."""
    capture = read(packed(HALF))
    data = write(capture)

    assert json.loads(gzip.decompress(data))["raw"] == HALF["raw"]
    assert write(read(data)) == data
    assert kernel_side.seen(capture, 2) == {
        "ref": 1,
        "entire": 1,
        "nrpm": PMD,
        "large": 1,
        "pm": 0,
        "dq": 1,
        "node": 0,
    }
    assert kernel_side.seen(capture, 1) == {}
    assert b'"raw"' not in gzip.decompress(write(read(packed(HALF | {"raw": {}}))))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ref": [[3, 1]]}, "raw.ref has 3 values: it must have 2, one for each large folio"),
        ({"pm": [[2, 2]]}, "raw.pm has the value 2: it must be 0 or 1"),
        ({"dq": [[2, -1]]}, "raw.dq has the value -1: it must be 0 or 1"),
        ({"nrpm": [[2, 2**32]]}, "raw.nrpm[0][1] is 4294967296: Expected `int` <= 4294967295"),
        ({"nrpm": [[0, 1], [2, 1]]}, "raw.nrpm[0][0] is 0: Expected `int` >= 1"),
        ({"flags_1": [[2, 1]]}, "'flags_1'"),
    ],
)
def test_what_does_not_fit_is_refused(columns, message):
    """The column, its value and the bound are named."""
    with pytest.raises(DocumentError, match=re.escape(message)):
        read(packed(with_raw(**columns)))


def test_without_folios_there_are_no_fields():
    """Who saw no folios has seen nothing of them."""
    with pytest.raises(DocumentError, match=re.escape("raw.ref has 2 values: it must have 0")):
        read(packed({**HALF, "about": {"release": "6.12.117"}, "orders": [], "procs": {}}))


def test_what_was_seen_is_compared_with_the_model():
    """Queue, flag and counters are equal to those of the rebuilt operations; another value is a difference."""
    for number in (1, 2):
        assert rebuild(state(read(packed(HALF)), number), "v6.12").differences == ()
    for column, wrong, field in (
        ("nrpm", [[1, 255], [1, PMD]], "nr_pages_mapped"),
        ("pm", [[2, 0]], "partially_mapped"),
        ("dq", [[2, 0]], "queued"),
        ("ref", [[1, 257], [1, 1]], "refcount"),
        ("large", [[1, 257], [1, 1]], "large_mapcount"),
        ("entire", [[2, 1]], "entire_mapcount"),
    ):
        (found,) = rebuild(state(read(packed(with_raw(**{column: wrong}))), 1), "v6.12").differences
        assert (found.field, found.kernel) == (field, wrong[0][1])


def test_a_report_says_what_the_kernel_says():
    """Sums in sentences; with folios, a line for each."""
    capture = read(packed(with_raw(ref=[[1, 258], [1, 1]])))
    text = report(capture, each=True)
    said = " ".join(text.split())

    assert "Read in the memory of a kernel that was dumped" in said
    assert "Of 2 large folios: 2 on a deferred split queue, 1 with PG_partially_mapped." in said
    assert "1 large folio with more references than mappings" in said
    assert "a migration leaves such" not in said
    lines = text.split("the kernel's own\n")[1].splitlines()
    assert re.fullmatch(r" +0 +9 +1 +0 +256/512  queued node 0, PG_partially_mapped, (.*)", lines[0])[1] == (
        "_nr_pages_mapped 256, _entire_mapcount 0, _large_mapcount 256, _refcount 258"
    )
    assert "_nr_pages_mapped 0 + ENTIRELY_MAPPED" in lines[1]


def test_a_flag_that_no_page_explains_is_told():
    """PG_partially_mapped on a folio that is mapped as a whole."""
    said = " ".join(report(read(packed(with_raw(pm=[[1, 0], [1, 1]])))).split())

    assert "1 folio with PG_partially_mapped and every page mapped: a migration leaves such." in said


def test_look_lists_folios(tmp_path):
    """`folioviz look --folios`, also of a capture by /proc, which has no fields."""
    for raw, said in ((HALF["raw"], "the kernel's own"), ({}, "")):
        (tmp_path / "x.json").write_bytes(packed(HALF | {"raw": raw}))
        done = CliRunner().invoke(app, ["look", str(tmp_path / "x.json"), "--folios"])
        heading = [line for line in done.output.splitlines() if line.split()[:2] == ["folio", "order"]]

        assert [line.split(maxsplit=5)[5:] for line in heading] == [[said] if said else []]
    assert "folio order" not in CliRunner().invoke(app, ["look", str(tmp_path / "x.json")]).output
