"""What a paste says."""

from __future__ import annotations

import pytest

from folioviz import Lab, diagnosis
from folioviz.diagnosis.lines import MAX_BYTES
from folioviz.errors import DocumentError

MEMORY_STAT = """anon 41943040
file 20971520
shmem 4194304
anon_thp 33554432
inactive_anon 104857600
active_anon 4194304
inactive_file 12582912
active_file 4194304
unevictable 0
swapcached 0
"""
"""100 MiB + 4 MiB on the lists, 40 MiB mapped, 4 MiB shared: 60 MiB are left; all 16 MiB of files are on theirs."""


def test_what_is_left_of_the_lists_is_held_and_mapped_by_nobody():
    """The lists less what is mapped and what is shared memory."""
    said = diagnosis.explain(MEMORY_STAT)

    assert said.recognised == (("memory.stat", 1),)
    assert said.held == (61440, 61440)
    assert "61,440 KiB (60.0 MiB)" in said.sentences[1]


def test_the_scenario_runs_and_has_the_same_share():
    """40 of 100 MiB are mapped: 205 of 512 pages."""
    offer = diagnosis.explain(MEMORY_STAT).offer
    lab = Lab("v6.12")
    for op in offer.scenario.ops:
        lab.apply(op)

    assert offer.ops == "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 205 307; shrink 1"
    assert offer.query.startswith("?s=")


def test_what_is_no_file_is_told():
    """The error names the program, and what to paste."""
    with pytest.raises(DocumentError, match="what free prints: paste /proc/vmstat"):
        diagnosis.explain("total used free\n1 2 3\n")


def test_the_limit_is_told():
    """4 MiB."""
    with pytest.raises(DocumentError, match="4 MiB"):
        diagnosis.explain("x" * (MAX_BYTES + 1))
