"""A file may hold less than was recorded elsewhere: what it lacks is not compared, and is counted."""

from __future__ import annotations

import gzip
import json
from itertools import chain

import pytest

from folioviz.evidence.recordings.library import DATA, SUFFIX
from folioviz.evidence.results import results

ONE = "i4_shrink"


def recorded(kernel, scenario=ONE):
    """Return the lines of one scenario of the package, as a file holds them: without raw fields and calls at first."""
    with gzip.open(DATA / f"{kernel}{SUFFIX}", "rt") as lines:
        return [entry for entry in map(json.loads, lines) if entry["scenario"] == scenario]


def verified(tmp_path, *lines):
    """Return what comes of one scenario of a file."""
    path = tmp_path / "new"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return next(found for found in results(str(path)) if found.scenario == ONE)


def runs(step):
    """Yield the runs of present pages."""
    for process in step["procs"].values():
        yield from (run for run in chain.from_iterable(process.values()) if run[2] == "p")


def areas(step):
    """Yield what smaps says of each region."""
    for process in step.get("smaps", {}).values():
        yield from process.values()


def flags(step):
    """Leave out the flags of pages and folios."""
    for run in runs(step):
        run[7] = ""
    for folio in step.get("folios", {}).values():
        folio.pop("fl", None)


def origins(step):
    """Leave out where pages were before a split."""
    for run in runs(step):
        del run[9:]


def mapcounts(step):
    """Leave out /proc/kpagecount."""
    for run in runs(step):
        run[6] = -1
    for folio in step.get("folios", {}).values():
        del folio["kpc"]


def raw(step):
    """Leave out the fields of struct folio."""
    for folio in step.get("folios", {}).values():
        folio.pop("raw", None)


def all_but_rss(step):
    """Leave out what smaps says, but for Rss."""
    for area in areas(step):
        for name in [*area]:
            if name != "Rss":
                del area[name]


def without(key):
    """Return what leaves out one key of a step."""
    return lambda step: step.pop(key, None)


def calls(step):
    """Leave out the calls."""
    step.pop("n", None)
    step.pop("kp", None)


PARTS = {
    "flags": (flags, {"page_flags", "folio flags"}),
    "origins": (origins, {"came_from"}),
    "mapcounts": (mapcounts, {"page_mapcount", "folio kpagecount"}),
    "struct folio": (raw, {"folio refcount", "folio queued", "folio large_mapcount"}),
    "smaps": (without("smaps"), {"Rss", "Pss", "Anonymous", "vmas"}),
    "smaps but for Rss": (all_but_rss, {"Pss", "Anonymous", "vmas"}),
    "vmstat": (without("vm"), {"thp_split_page", "thp_deferred_split_page"}),
    "sizes": (without("mthp"), {"split", "nr_anon", "split_deferred"}),
    "page tables": (without("procs"), {"page_tables"}),
    "folios": (without("folios"), {"folios"}),
    "calls": (calls, {"calls", "rmap removals"}),
}


@pytest.mark.parametrize("kernel", ["6.12.117", "7.3.4", "7.3.4-no_page_mapcount"])
@pytest.mark.parametrize("part", PARTS)
def test_what_a_file_lacks_is_not_compared(tmp_path, kernel, part):
    """Everything else is equal as before, and the names of what is not compared are told."""
    take, names = PARTS[part]
    about, *steps = recorded(kernel)
    about |= {"trace": 0} if part == "calls" else {}
    for step in steps:
        take(step)
    found = verified(tmp_path, about, *steps)

    assert (found.rows, found.compared) == ((), len(steps))
    assert names - found.lacking <= ({"rmap removals"} if "no_page_mapcount" in kernel else set())
    assert not names & found.fields
    assert found.fields


def test_all_of_it_together_is_equal(tmp_path):
    """Page tables, sizes and one line of smaps are what is left, as somebody has them without a debugger."""
    about, *steps = recorded("7.3.4")
    for step in steps:
        for take in (flags, origins, raw, all_but_rss, without("vm"), calls):
            take(step)
    found = verified(tmp_path, about | {"kcore": 0, "trace": 0}, *steps)

    assert (found.state, found.rows) == ("equal", ())
    assert found.fields >= {"Rss", "page_tables", "split", "nr_anon"}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda step: step["smaps"]["P"]["a"].update(Rss=4), "P a memory Rss"),
        (lambda step: step["mthp"]["64kB"].update(nr_anon=5), "counters 64kB nr_anon"),
        (lambda step: next(runs(step)).__setitem__(1, 1), "state"),
    ],
)
def test_what_it_has_is_compared(tmp_path, change, what):
    """A file of few fields still differs where one of them does."""
    about, *steps = recorded("7.3.4")
    for step in steps:
        for take in (flags, raw, all_but_rss, without("vm"), calls):
            take(step)
    change(steps[1])
    found = verified(tmp_path, about | {"trace": 0}, *steps)

    assert found.state == "differs"
    assert any(row.what.endswith(what) for row in found.rows)


def test_a_field_is_had_by_the_whole_file(tmp_path):
    """Another scenario, or one step that says 0, has the field: then leaving it out says that nothing changed."""
    about, *steps = recorded("7.3.4")
    for step in steps:
        step.pop("mthp")
    other = [line | {"scenario": "other"} for line in recorded("7.3.4")]
    named = {"mthp": {"64kB": {"split": 0}}}
    lacking = [
        verified(tmp_path, *lines)
        for lines in (
            [about, *steps],
            [about, steps[0] | named, *steps[1:]],
            [*other, about, *steps],
        )
    ]

    assert [sorted(row.what for row in found.rows) for found in lacking] == [
        [],
        ["counters 64kB split"],
        [
            "counters 64kB anon_fault_alloc",
            "counters 64kB nr_anon",
            "counters 64kB nr_anon",
            "counters 64kB nr_anon_partially_mapped",
            "counters 64kB nr_anon_partially_mapped",
            "counters 64kB split",
            "counters 64kB split_deferred",
        ],
    ]
