"""Links that earlier versions made open what they showed there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from folioviz.readout.records import run_lengths
from folioviz.views import Explorer, Story

LINKS = [
    json.loads(line.rstrip(","))
    for file in sorted(Path(__file__).parent.glob("*/links.json"))
    for line in file.read_text(encoding="utf-8").splitlines()[1:-1]
]


UNKEPT = "thp_underused_split_page"
"""Earlier versions showed it, as 0, under kernels that do not have it."""


def folio_as(folio, known):
    """Return what a folio has now of the fields that are known of it."""
    lists = {"mapcount", "anon_exclusive"}
    found = {name: getattr(folio, name) for name in known if name not in lists | {"owners"}}
    found |= {name: run_lengths(getattr(folio, name)) for name in lists}
    return found | ({"owners": [list(one) for one in folio.owners]} if folio.owners is not None else {})


def side_as(side, known):
    """Return one kernel's half of the screen in the words of ``links.json``."""
    return {
        "kernel": side.kernel.key,
        "step": side.step,
        "steps": side.steps,
        "bugs": list(side.bugs),
        "refused": bool(side.refused),
        "folios": [folio_as(*pair) for pair in zip(side.folios, known["folios"], strict=True)],
        "counters": {name: 0 for name in known["counters"] if name == UNKEPT} | dict(side.counters),
        "rss": {str(process.id): process.rss for process in side.processes},
        "so_far": {name: n for name, n in side.so_far.items() if n},
        "cost": {name: n for name, n in side.cost.items() if n},
    }


CORRECTED = {"own operations, two of today's kernels, words, inside an operation"}
"""Its mprotect() has an mmu_gather of its own now, and its writes set bits of PTEs: the steps are others."""


@pytest.mark.parametrize("known", LINKS, ids=lambda known: known["what"])
def test_a_link_opens_what_it_showed(known):
    """Operations, mode, playhead, and per kernel the machine's state and costs there are those written down then.

    Rows of the journal are no part of it: a version may write down more. Steps are what a link counts.

    Where a scenario opens that a link names without a step is the scenario's own affair.
    """
    page = Explorer if known["page"] == "explorer" else lambda link: Story(known["page"], link=link)
    session = page(link=known["link"]).session
    if "at=" not in known["link"]:
        session.seek(known["position"])
    frame = session.frame
    ops = [op.short() for op in frame.ops]

    assert frame.messages == {}
    assert len(ops) == known["operations"]
    assert "; ".join(ops).startswith(known["ops"])
    assert frame.mmu_gather == known["mmu_gather"]
    assert frame.position == known["position"]
    if known["what"] in CORRECTED:
        return
    assert frame.index == known["index"]
    assert [side_as(*pair) for pair in zip(frame.sides, known["sides"], strict=True)] == [
        {name: value for name, value in side.items() if name != "row"} for side in known["sides"]
    ]


def test_there_are_links_of_every_kind():
    """Ten links and more: by name and packed, one kernel and two, no gather, a bug, a refusal, the longest."""
    named = [known for known in LINKS if "scenario=" in known["link"]]
    packed = [known for known in LINKS if "s=e" in known["link"]]
    sides = [side for known in LINKS for side in known["sides"]]

    assert min(len(named), len(packed), len(LINKS) - len(named) - len(packed)) >= 1
    assert {len(known["sides"]) for known in LINKS} == {1, 2}
    assert {known["mmu_gather"] for known in LINKS} == {"batched", "none"}
    assert any(side["bugs"] for side in sides)
    assert any(side["refused"] for side in sides)
    assert max(len(known["link"]) for known in LINKS) > 7_000
