"""The table of names: what every field of the files means."""

from __future__ import annotations

import re

import pytest

from folioviz import kernels
from folioviz.proc.names import BY_NAME, NAMES, PATHS, has, known, of_file
from folioviz.readout.counters import counters


def test_every_name_stands_once_and_says_one_sentence():
    """A name and its file are a key; a meaning is one sentence; what came late says when."""
    assert len(BY_NAME) == len(NAMES)
    for row in NAMES:
        assert row.file in PATHS
        assert re.fullmatch(r"[A-Z1].*[^.]\.", row.meaning), row
        assert ". " not in row.meaning, row
        assert re.fullmatch(r"(v\d\.\d+)?", row.first), row


SWAP = ("swpout", "swpout_fallback", "swpin")


@pytest.mark.parametrize(
    ("key", "lacking"),
    [
        (
            "v6.1",
            {
                "anon_fault_alloc",
                "swpout",
                "swpout_fallback",
                "swpin",
                "split",
                "nr_anon",
                "thp_underused_split_page",
            },
        ),
        (
            "v6.8",
            {
                "anon_fault_alloc",
                "swpout",
                "swpout_fallback",
                "swpin",
                "split",
                "nr_anon",
                "thp_underused_split_page",
            },
        ),
        ("v6.10", {"swpin", "nr_anon", "nr_anon_partially_mapped", "thp_underused_split_page"}),
        ("v6.12", {"swpin"}),
        ("v7.3", set()),
    ],
)
def test_a_kernel_has_what_its_release_has(key, lacking, after):
    """A field that came later is not known of an earlier kernel."""
    machine = after("mm", key).machine
    found = {row.field for file in PATHS for row in known(machine, file)}

    assert not lacking & found
    assert {"Rss", "nr_anon_pages", "anon_thp", "Referenced"} <= found
    assert {row.field for row in of_file("stats") if row.told == "alone"} - found <= lacking | {
        "split_failed",
        "split_deferred",
        "nr_anon_partially_mapped",
    }


def test_what_was_not_kept_is_not_known(after):
    """The kernels of the series keep no accessed marks, so they say nothing of Referenced."""
    assert "Referenced" not in {row.field for row in known(after("mm").machine, "smaps")}


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_a_page_shows_no_counter_that_the_kernel_has_not(key, after):
    """What explorer and comparison call by a name of a file is a name of that kernel's file."""
    machine = after("mm", key).machine
    lacking = {row.field for row in NAMES if row.file == "vmstat" and not has(machine, row)}

    assert not lacking & counters(machine).keys()
