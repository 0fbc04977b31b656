"""Text that would be HTML stays text, on every page, wherever it comes from."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import quote

import ipywidgets as w
import pytest

from folioviz import kernels, stories
from folioviz.files import scenario
from folioviz.views import Explorer, Story
from tests.boards import widgets

ROOT = Path(__file__).parents[2]
HOSTILE = "a\"'><img src=x onerror=alert(1)></select></b>&lt;i&gt;{0}%s"
HARMLESS = "".join("x" if letter in "<>&\"'" else letter for letter in HOSTILE)
"""As long, with the same words; it means nothing anywhere."""
WORDS = ("label", "title", "date", "source", "proof", "line")
"""What a kernel is called and told of."""


class Elements(HTMLParser):
    """What HTML holds: its elements with the names of their attributes, and its text, attributes' values included."""

    def __init__(self):
        super().__init__()
        self.found, self.text = [], []

    def handle_starttag(self, tag, attrs):
        """Take an element."""
        self.found.append((tag, *(name for name, _ in attrs)))
        self.text += [value for _, value in attrs if value]

    def handle_data(self, data):
        """Take text."""
        self.text.append(data)


def read(board):
    """Return the elements and the texts of everything that a board shows, piece by piece."""
    pieces = {(name, key): html for name, parts in board.screen._now.items() for key, html in parts.items()}
    own = [
        one.value for one in widgets(board) if isinstance(one, w.HTML) and "fv-style" not in one._dom_classes
    ]
    found, text = {}, []
    for name, html in [*pieces.items(), *enumerate(own)]:
        elements = Elements()
        elements.feed(html)
        elements.close()
        found[name] = elements.found
        text += elements.text
    return found, text


def patch(folder, text):
    """Return a kernel function whose source holds a text."""
    file = folder / "own.py"
    file.write_text(f"def deferred_split_folio(m, folio):\n    pass  # {text}\n", encoding="utf-8")
    spec = spec_from_file_location("own", file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.deferred_split_folio


def shown(make, text, monkeypatch):
    """Return what a board shows, everywhere where a text can come from outside; each kernel is called by it, too."""
    for key, kernel in list(kernels.KERNELS.items()):
        monkeypatch.setitem(kernels.KERNELS, key, dataclasses.replace(kernel, **dict.fromkeys(WORDS, text)))
    board, pages = make(text), []
    made = scenario.replace(scenario.library()["first-look"], title=text, about=text)
    board.session.load(made)
    pages.append(read(board))
    board.events.heard({"open": f"title: {text}"})
    pages.append(read(board))
    board.follow_link(f"?s={quote(text)}")
    pages.append(read(board))
    board.session.open(text)
    pages.append(read(board))
    board.session.choose(0, text)
    pages.append(read(board))
    board.close()
    monkeypatch.undo()
    return pages


OF_REGISTRY = {"races": "&race=k1b"}
"""What a link asks for besides, so that a story names a kernel of the registry: only those have hostile words."""


@pytest.mark.parametrize("key", ["explorer", *stories.KEYS])
def test_hostile_text_is_text(key, tmp_path, monkeypatch):
    """Pages have the same elements and attributes whether a text is hostile or not, and show it as it is."""

    def make(text):
        if key == "explorer":
            board = Explorer(link=f"?scenario=front&title={quote(text)}&from={quote(text)}&a={quote(text)}")
            board.controls.start.value = board.controls.asks["target"].value = text
            return board
        board = Story(
            key,
            *([patch(tmp_path, text)] if key == "own-patch" else []),
            link=f"?a={quote(text)}{OF_REGISTRY.get(key, '')}",
        )
        board.events.heard({"click": "guess:0"})
        return board

    harmless, hostile = (shown(make, text, monkeypatch) for text in (HARMLESS, HOSTILE))

    assert len(harmless) == len(hostile)
    for (elements, _), (others, texts) in zip(harmless, hostile, strict=True):
        assert elements == others
        assert any(HOSTILE in text for text in texts)


def test_a_template_that_is_no_literal_is_refused():
    """Neither html() nor Markup takes an f-string or a variable: the linter says so."""
    code = (
        "from markupsafe import Markup\n\nfrom folioviz.views.page.markup import html\n\n\n"
        'def bad(text: str) -> list[Markup]:\n    """Forget to escape."""\n'
        '    return [html(f"<b>{text}</b>"), html(text), Markup(text), html("<b>{}</b>", text)]\n'
    )
    asked = [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--select", "S704"]
    name = "folioviz/views/panels/example.py"
    done = subprocess.run(
        [*asked, "--stdin-filename", name, "-"],
        check=False,
        input=code,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.stdout.count("S704") == 3, done.stdout


def test_widgets_of_html_are_made_by_the_screen_alone():
    """Elsewhere, a string could become HTML without being Markup."""
    makers = {
        path.name
        for path in (ROOT / "folioviz" / "views").rglob("*.py")
        if re.search(r"HTML\(|alike\(\s*(w\.)?HTML", path.read_text(encoding="utf-8"))
    }

    assert makers == {"screen.py"}
