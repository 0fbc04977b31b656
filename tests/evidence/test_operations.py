"""docs/model.md's table: how often vectors and recordings do each operation, by kernel."""

from __future__ import annotations

from folioviz.evidence.recordings.grammar import MACHINE_USAGE, USAGE
from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.ops.ops import WORDS
from tools import operations

NO_OPERATION = {"huge", "compact", "cgroup", "mkcgroup", "uncgroup"}
"""Recorded words for which the model does nothing, or which only say how a region is written."""


def test_the_page_has_the_table_of_today():
    """``python -m tools.operations`` writes it."""
    page = operations.PAGE.read_text(encoding="utf-8")

    assert operations.written(page) == page


def test_a_cell_has_both_counts_or_says_why_not():
    """Vectors of one hand-written set are counted again; what a kernel lacks has a dash, what neither has a 0."""
    again = sum(line.count(b'"fork ') for _, line in operations.lines_of(operations.OWN["v6.5-hand"]))
    forks = operations.in_vectors("v6.5-hand")["fork"]

    assert forks == again > 0
    assert operations.cell("v6.5-rc3", "touch") == "–"
    assert operations.cell("v7.3", "protnone") == "0"
    assert operations.cell("v6.12", "collapse") == "0 + 3"
    assert operations.cell("v6.1", "fork") == f"0 + {operations.recordings()['v6.1']['fork']}"


def test_each_recorded_word_is_an_operation():
    """By its own name or another; what is none is listed."""
    words = {operations.MEANS.get(word, word) for word in (*USAGE, *MACHINE_USAGE)} - {"sysfs"}
    settings = {"maxnone", "underused"}

    assert words - {*WORDS} <= NO_OPERATION | {"read", "rmcgroup", "cgroup"}
    assert {*operations.MEANS.values()} <= {*WORDS}
    assert settings <= {*operations.MEANS.values()}
    assert operations.word("P dontneed a 0 5") == "dontneed"
    assert operations.word("sysfs khugepaged/max_ptes_none 0") == "maxnone"
    assert operations.word("split P a 0 16 2") == "split"


def test_its_kernels_stand_for_all():
    """Each column's kernel has the operations of all in its age: of the series, and of v6.8 to v6.10."""
    has = {
        key: {word for word, kind in WORDS.items() if kind.call in Lab(key).linked.sources} for key in KERNELS
    }
    ages = {KERNELS[key].era: key for key in ("v6.5-rc3", "v6.8")}

    for key, row in KERNELS.items():
        if row.era in ages:
            assert has[key] == has[ages[row.era]], key
