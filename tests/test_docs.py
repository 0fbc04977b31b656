"""The documents' examples are followed literally, and work."""

from __future__ import annotations

import re
from pathlib import Path

from folioviz.files import scenario
from folioviz.views.panels.glossary import TERMS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_example_of_a_scenario_is_one():
    """The YAML of docs/scenarios.md."""
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")

    assert scenario.loads(text.split("```yaml\n")[1].split("```")[0]).ops


def test_every_counter_has_two_sentences_and_a_place():
    """Each counter's name opens two sentences and its place in the kernel."""
    for term in TERMS.values():
        assert len(re.findall(r"[.](?: |$)", term.text)) == 2, term
        assert re.search(r"(mm|include)/\S+\.[ch]$", term.source), term


def test_a_word_is_explained_in_one_place():
    """docs/glossary.md has none of the counters and costs, which the tables of the machine explain."""
    words = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert {term.title for term in TERMS.values()}.isdisjoint(words)
    assert "folio" in words
