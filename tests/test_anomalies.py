"""The README's named anomalies: each link opens what it says, and the model shows it."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.files.scenario import find
from folioviz.lab import Lab
from folioviz.race import document, link
from folioviz.race.library import LIBRARY
from folioviz.readout import state
from folioviz.serving import serve
from folioviz.stories import told
from folioviz.views import Explorer
from tests.pages import ROOT

ROW = re.compile(
    r"^\| \[(?P<words>.+)\]\(\S+urlpath=voila/render/notebooks/explorer\.ipynb(?P<binder>\S+)\)"
    r" \| `(?P<command>folioviz open .+)` \| \[(?P<number>\d+)\]\(notebooks/(?P<story>\S+)\.ipynb\) \|$",
    re.MULTILINE,
)
ROWS = [one.groupdict() for one in ROW.finditer((ROOT / "README.md").read_text(encoding="utf-8"))]
QUERIES = [shlex.split(row["command"])[2] for row in ROWS]
RACES = [query for query in QUERIES if query.startswith("?race=")]
BESIDE = {"?scenario=front", "?scenario=order-1"}
"""The stories of these begin with another part of the folio."""
FIRST, V4, V3 = "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.5-rc3+v3"


def played(name, kernel):
    """Return the lab of a scenario of the library under one of its kernels."""
    found = find(name)
    lab = Lab(kernel, found.mmu_gather)
    for op in found.ops:
        if lab.bug_at():
            break
        lab.apply(op)
    assert kernel in found.kernels
    return lab


def last(name, kernel):
    """Return what a scenario's last operation costs."""
    lab = played(name, kernel)
    return lab.costs(lab.applied[-1].start, lab.applied[-1].end)


def test_every_row_is_read():
    """None is missed, and each opens the same on Binder and here."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert len(ROWS) == text.count("| `folioviz open '?") >= 9
    assert [unquote(row["binder"]) for row in ROWS] == QUERIES
    assert [row["story"].split("-")[0] for row in ROWS] == [f"{int(row['number']):02}" for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=QUERIES)
def test_a_link_opens_in_the_explorer(row, monkeypatch):
    """The command hands the server the scenario or the schedule, and the explorer shows it without a complaint."""
    asked = []
    monkeypatch.setattr(serve, "serve", lambda *_, **more: asked.append(more["query"]))
    words = shlex.split(row["command"])
    done = CliRunner().invoke(app, words[1:])
    frame = Explorer(link=f"?{asked[0]}").session.frame

    assert (done.exit_code, done.output) == (0, "")
    assert {key: text for key, text in frame.messages.items() if text} == {}
    if words[2] in RACES:
        assert frame.race == link.pasted(words[2])
    else:
        assert frame.ops == find(words[2].partition("=")[2]).ops


def test_the_stories_tell_them():
    """The story beside a scenario is one that tells it, where one does."""
    for row, query in zip(ROWS, QUERIES, strict=True):
        known = [one.key for one in told.table().get(query.partition("=")[2], ())]
        if known and query not in BESIDE:
            assert row["story"][3:] in known


@pytest.mark.parametrize("query", RACES)
def test_a_schedule_breaks_a_law_of_its_race(query):
    """Played, it ends in one of the laws that the library says; the words begin with the race's name."""
    found = link.pasted(query)
    name = link.name_of(found)
    history = found.race().play(found.schedule)
    [row] = [row for row in ROWS if shlex.split(row["command"])[2] == query]

    assert any(law in history.violation for law in LIBRARY[name].finds)
    assert row["words"].startswith(f"{name.upper()}: ")
    assert document.find(name).cpus == found.cpus


def test_v3_on_s390_frees_a_folio_that_is_still_mapped():
    """The kernel says so under v3, and says nothing under v4."""
    assert any("mapped" in name for name in played("s390-and-v3", V3).machine.bugs())
    assert not played("s390-and-v3", V4).bug_at()


def test_the_spurious_visit():
    """With 1/3 alone one munmap queues the folio and takes it off again; the series does neither."""
    assert {name: last("whole-folio", FIRST)[name] for name in ("qadd", "qdel", "sqlock")} == {
        "qadd": 1,
        "qdel": 1,
        "sqlock": 2,
    }
    assert last("whole-folio", V4).get("qadd", 0) == 0


def test_one_flush_per_batch():
    """v4 flushes once for each folio, and at the end; v6.5-rc3 at the end."""
    folios = sum(op.word == "fault" for op in find("sixty-four-folios").ops)

    assert last("sixty-four-folios", V4)["thw"] == folios + 1
    assert last("sixty-four-folios", "v6.5-rc3")["thw"] == 1


def test_order_1():
    """The assertion fires under 1/3."""
    assert any("folio_order(folio) < 2" in name for name in played("order-1", FIRST).machine.bugs())


@pytest.mark.parametrize(("kernel", "flagged"), [("v6.10", False), ("v6.12", True), ("v7.3", True)])
def test_a_healthy_folio_is_flagged_by_its_migration(kernel, flagged):
    """After the first migration every page is mapped; v6.12 and v7.3 call the folio partially mapped."""
    found = find("flagged-by-migration")
    lab = Lab(kernel)
    for op in found.ops[:-1]:
        lab.apply(op)
    [folio] = state.folios(lab.machine)

    assert folio.pages_mapped in {None, folio.mapcount.size}
    assert lab.machine.folio_partially_mapped.any() == flagged
    assert bool(folio.queue_place) == flagged


def test_what_waits_stays_until_the_shrinker_runs():
    """Nothing is given back while the folio waits; one run of the shrinker gives back what was dropped."""
    lab = played("front", FIRST)
    [folio] = state.folios(lab.machine)
    dropped = find("front").ops[-1].pages

    assert folio.queue_place
    assert last("front", FIRST).get("pfree", 0) == 0
    done = lab.apply(find("back").ops[-1])
    assert lab.costs(done.start, done.end)["pfree"] == dropped
