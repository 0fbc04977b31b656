"""One name for each thing: no page, report, mail or table calls a cost or a kernel by a second one."""

from __future__ import annotations

import html
import re

import pytest
from typer.testing import CliRunner

from folioviz import stories
from folioviz.cli import app
from folioviz.compare.mail import mail
from folioviz.compare.report import report
from folioviz.files import scenario
from folioviz.kernels import KERNELS
from folioviz.machine.costs import COSTS
from folioviz.views import Explorer, Story
from folioviz.views.panels import all_kernels
from folioviz.views.session.session import Session
from tests.boards import on_page
from tests.pages import ROOT

KEYS = [key for key, kernel in KERNELS.items() if key != kernel.label and "+" in key]
"""Keys that are no names: they stand in options, links and files."""
SECOND = re.compile(
    r"(?<!split_queue_)\blocks? (?:is |are |was |were )?(?:\w+ )?taken|take\w* (?:the|its|no) lock"
    r"|(?<!touches the )queue(?:[’']s)? locks?"
    r"|lock traffic|split_queue_locks|acquisitions|put on the split queue|taken off it"
    r"|_nr_pages_mapped atomics|zap_pte_range\(\) rounds|TLB flushs|rounds / locks"
)
"""Names that the table of costs does not have; what touches the queue lock is said by a recording, whose words stay."""
SCENARIOS = ("first-look", "front", "s390-and-v3", "naive-repair", "queued-at-birth", "underused")


def words(page):
    """Return what a person reads of a page, and what it says when it is pointed at."""
    tips = re.findall(r'(?:title|aria-label)="([^"]*)"', page)
    options = re.sub(r"<(style|script|code|pre)\b.*?</\1>", " ", page.replace("<wbr>", ""), flags=re.DOTALL)
    return html.unescape(" ".join([re.sub(r"<[^>]*>", " ", options), *tips]))


def second(text):
    """Return the second names in a text, with what stands around them."""
    keys = [f"…{text[max(text.index(key) - 40, 0) :][:90]}…" for key in KEYS if key in text]
    return keys + [f"…{text[max(found.start() - 40, 0) :][:90]}…" for found in SECOND.finditer(text)]


def whole(board):
    """Return all that a board has put on the page."""
    pieces = "".join(map(str, on_page(board).values()))
    return pieces + "".join(str(getattr(place, "value", "")) for place in board.children)


@pytest.mark.parametrize("key", stories.KEYS)
def test_a_story_calls_costs_and_kernels_by_their_names(key):
    """Its question, answer, panels, tables and words."""
    board = Story(key)
    asked = whole(board)
    board.events.heard({"click": "guess:skip"})

    assert second(words(asked)) == second(words(whole(board))) == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_explorer_calls_costs_and_kernels_by_their_names(name):
    """Every panel, and the table of all kernels."""
    board = Explorer(Session(name))
    every = str(all_kernels.table(board.session.frame))

    assert second(words(whole(board) + every)) == []
    for cost in re.findall(r'<tr data-cost="(\w+)"><th scope="row">(.*?)</th>', whole(board)):
        assert words(cost[1]).split("what is")[0].strip() == COSTS[cost[0]].words


@pytest.mark.parametrize("name", SCENARIOS)
def test_plain_text_calls_costs_and_kernels_by_their_names(name):
    """A report, a mail, and the table of ``folioviz run``; the command that opens it again has the keys."""
    found = scenario.library()[name]
    texts = [report(found), mail(found)]
    texts = [re.sub(r"folioviz open '.*?'", "", text, flags=re.DOTALL) for text in texts]
    table = CliRunner().invoke(app, ["run", name]).stdout

    assert [second(text) for text in (*texts, table)] == [[], [], []]
    assert all(f" {KERNELS[key].label} " in table for key in found.kernels)


def test_the_readme_calls_costs_by_their_names():
    """The table of what the model shows."""
    assert SECOND.findall((ROOT / "README.md").read_text(encoding="utf-8")) == []


def test_one_and_several_are_one_name():
    """What a sentence counts has the same words for one and for more, and each its own place."""
    told = [row for row in COSTS.values() if row.weight]

    assert sorted(row.weight for row in told) == list(range(1, len(told) + 1))
    for row in COSTS.values():
        assert bool(row.one) == bool(row.weight)
    for row in told:
        one, several = row.one.split(), row.words.split()

        assert [word for word in several if word not in one] in (
            [f"{word}{ending}"] for word in one for ending in ("s", "es") if word not in several
        )
