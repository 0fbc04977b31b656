"""The page of proof: its table, what a row says, and verifying in the page's own process."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest

from folioviz.errors import DocumentError
from folioviz.evidence import proof
from folioviz.evidence.proof import Outcome
from folioviz.kernels import KERNELS
from folioviz.stories.parts.pieces import label
from folioviz.views import Story
from folioviz.views.story_panels.proof import Proof
from tests.boards import on_page

AMOUNTS = proof.amounts()
RECORDED = next(place for place, one in enumerate(AMOUNTS) if one.evidence == "6.18.15")


@pytest.fixture
def board():
    """Return the story, before its question is answered."""
    return Story("truth")


def panel(board):
    """Return its page of proof."""
    return next(one for one in board.panels if isinstance(one, Proof))


def text(board):
    """Return the text of the panel."""
    return " ".join(on_page(board)["proof"].striptags().split())


def few(monkeypatch, *outcomes):
    """Let a comparison come to these outcomes, and return where it is asked for."""
    asked = []

    def verify(kernel, evidence):
        asked.append((kernel, evidence))
        yield from outcomes

    monkeypatch.setattr(proof, "verify", verify)
    return asked


async def ended(shown):
    """Wait until nothing is compared any more."""
    await asyncio.gather(*filter(None, [shown.work.task]))


def test_every_kernel_is_there_with_all_that_it_is_compared_with(board):
    """A row for each set with its counts, and one for each reading; and what no kernel of the model has."""
    html = on_page(board)["proof"]

    assert html.count("do:proofrow") == len(AMOUNTS)
    for one in AMOUNTS:
        assert f"<td>{one.values:,}</td>" in html
    assert [key for key in KERNELS if f">{label(key)}<" not in html] == []
    assert all(name in html for name in proof.NOT_MODELLED)
    assert f"{sum(one.values for one in AMOUNTS):,} values" in text(board)


def test_a_row_says_what_is_excepted_and_why(board):
    """On demand: the scenarios, what is not equal, the reason; and how the kernel is proven."""
    panel(board).actions[f"proofrow{RECORDED}"]()
    found = proof.reasons("6.18.15")

    assert found
    for reason in found:
        assert f"{', '.join(reason.scenarios)}: {reason.what}. {reason.why}" in text(board)
    assert KERNELS["v7.3"].proof in text(board)
    one = AMOUNTS[RECORDED]
    assert (
        f"{one.scenarios} scenarios, {one.compared} of {one.steps} steps compared, in {one.values:,}"
        in text(board)
    )


def test_a_set_is_verified_here(board, monkeypatch):
    """Its outcome stands in its row; what differs is counted, and the first is told."""
    shown = panel(board)

    async def walk():
        few(monkeypatch, Outcome(1, 10, 99))
        shown.actions["proof0"]()
        assert "under way" in text(board)
        await ended(shown)
        assert "= equal" in text(board)
        assert "Here, now: 10 steps compared in 99 values: 0 differences." in text(board)

        few(monkeypatch, Outcome(1, 10, 99, 2, 1, "step 3: 1, not 2"))
        shown.actions["proof1"]()
        await ended(shown)
        assert "≠ 2 differences" in text(board)
        assert "2 differences, and 1 that are listed" in text(board)
        assert "The first: step 3: 1, not 2." in text(board)
        assert f"verified here: 2 of {len(AMOUNTS)} sets" in text(board)

    asyncio.run(walk())


def test_all_are_verified_one_after_the_other_and_can_be_stopped(board, monkeypatch):
    """Each set is asked for once; Cancel keeps what is done, and says nothing of what was under way."""
    shown = panel(board)

    async def walk():
        asked = few(monkeypatch, Outcome(1, 10, 99), Outcome(2, 20, 99))
        shown.actions["proofall"]()
        shown.actions["proof3"]()
        for _ in range(5):  # more turns than the first set has outcomes
            await asyncio.sleep(0)
        shown.actions["proofstop"]()
        assert len(shown.found) == len(asked) - 1 > 0
        assert (shown.asked, shown.work.task) == ([], None)
        assert "under way" not in text(board)

        asked.clear()
        shown.actions["proofall"]()
        await ended(shown)
        assert asked == [one[:2] for one in AMOUNTS]
        assert len(shown.found) == len(AMOUNTS)

    asyncio.run(walk())


def test_a_set_that_cannot_be_read_is_told(board, monkeypatch):
    """Its row and the words below say so, and the next set is compared all the same."""
    shown = panel(board)

    def verify(kernel, evidence):
        if (kernel, evidence) == AMOUNTS[0][:2]:
            raise DocumentError("the file cannot be unpacked")
        yield Outcome(1, 1, 1)

    monkeypatch.setattr(proof, "verify", verify)

    async def walk():
        shown.actions["proof0"]()
        shown.actions["proof1"]()
        await ended(shown)
        assert "could not be read" in text(board)
        assert list(shown.found) == [1]
        shown.actions["proofrow0"]()
        assert "the file cannot be unpacked" in text(board)

    asyncio.run(walk())


def test_the_comparison_is_the_real_one(board):
    """A real set begins to be compared, and others have their turn after each record."""
    shown = panel(board)

    async def walk():
        shown.actions["proof2"]()
        seen = set()
        for _ in range(200):
            await asyncio.sleep(0)
            seen |= {one.steps for one in islice(shown.found.values(), 1)}
        shown.actions["proofstop"]()
        assert {one.differences for one in shown.found.values()} <= {0}
        return seen

    assert len(asyncio.run(walk())) > 20
