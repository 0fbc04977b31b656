"""The index that JupyterLab opens first."""

from __future__ import annotations

import re

from folioviz.serving import landing, serve


def test_the_index_lists_every_notebook():
    """Each with its question, and the sentence that its card has; and how one is run."""
    text = (serve.notebooks() / serve.INDEX).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d*) \| \[(.+)\]\((.+)\) \| (.+) \|$", text, re.MULTILINE)
    cards = [card for card in landing.cards(serve.notebooks()) if not card["file"].startswith(".")]
    numbers = [re.sub(r"^0?(\d*)\D.*", r"\1", card["file"]) for card in cards]

    assert [row[1:] for row in rows] == [(card["title"], card["file"], card["text"]) for card in cards]
    assert [row[0] for row in rows] == numbers
    assert "Run All Cells" in text
