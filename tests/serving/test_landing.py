"""The landing page's cards, and the templates of every page."""

from __future__ import annotations

import json
import re
import struct

import jinja2

from folioviz.serving import landing, serve
from folioviz.serving.server import PACKAGE


def write(path, *cells, **own):
    """Write a notebook of markdown cells, and what its metadata tells of it."""
    found = {"cells": [{"cell_type": "markdown", "source": [cell]} for cell in cells]}
    path.write_text(json.dumps(found | ({"metadata": {"folioviz": own}} if own else {})), encoding="utf-8")


def test_cards_show_what_notebooks_ask(tmp_path):
    """The explorer first, then by name: the first heading, and the first sentence after it, as plain text."""
    write(
        tmp_path / "b.ipynb", "# What is `x`?\n\nThe *first*\nsentence, [here](there). Another.\n\nNot this."
    )
    write(tmp_path / "explorer.ipynb", "# Explorer")
    write(tmp_path / "long-name.ipynb", "no heading")
    (tmp_path / "broken.ipynb").write_text("[", encoding="utf-8")
    found = landing.cards(tmp_path)

    assert [one["file"] for one in found] == [
        "explorer.ipynb",
        "b.ipynb",
        "broken.ipynb",
        "long-name.ipynb",
    ]
    assert [one["title"] for one in found] == ["Explorer", "What is x?", "broken", "long name"]
    assert [one["text"] for one in found] == ["", "The first sentence, here.", "", ""]
    assert [one["group"] for one in found] == [""] * len(found)


def test_a_notebook_says_its_group_and_summary(tmp_path):
    """What the metadata says goes before the first sentence; a picture is shown of who has one."""
    write(tmp_path / "01-counters.ipynb", "# Title\n\nWords.", group="Counters", summary="In short.")
    write(tmp_path / "a.ipynb", "# Title")
    first, second = landing.cards(tmp_path)

    assert (first["group"], first["text"], first["picture"]) == ("Counters", "In short.", "01-counters")
    assert second["picture"] == ""
    assert not first["leads"]


def led():
    """Return where the landing page leads to, group by group."""
    loader = jinja2.FileSystemLoader([landing.TEMPLATE, PACKAGE])
    page = jinja2.Environment(loader=loader, autoescape=True).get_template("tree.html")
    whole = page.render(page_config={"folioviz": {"cards": landing.cards(serve.notebooks())}}, base_url="/")
    return {
        title: re.findall(r'href="/voila/render/([^"?]+)', group)
        for title, group in re.findall(r"<h2>(.*?)</h2>(.*?)</section>", whole, re.DOTALL)
    }


def test_a_group_begins_with_the_notebook_that_leads_it():
    """The others follow in reading order; who misses memory is led to the box by the table, too."""
    groups = led()
    *cards, table = groups.pop("Where did my memory go?")

    assert cards == [
        "18-lost-memory.ipynb",
        "08-who-keeps-it.ipynb",
        "09-shrinker.ipynb",
        "23-three-programs.ipynb",
        "running-machine.ipynb",
    ]
    assert table == cards[0]
    assert groups
    assert all(found == sorted(found) for found in groups.values())


def test_every_template_is_there():
    """The template stands where Voila looks for it, and links nothing from a public network but its own name spaces."""
    folder = landing.TEMPLATE
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}

    assert {
        "conf.json",
        "index.html.j2",
        "tree.html",
        "page.html",
        "page.css",
        "busy.html",
        "404.html",
    } < set(texts)
    assert [name for name, text in texts.items() if "https:" in text or "//cdn" in text] == []


MAX_PICTURES = 720_000
"""Bytes of all pictures of the landing page."""


def test_every_notebook_has_a_small_picture_light_and_dark():
    """Pictures of one byte a pixel, of a size, and none of what is not there."""
    wanted = {
        f"{path.stem}-{theme}.png"
        for path in serve.notebooks().glob("[!.]*.ipynb")
        for theme in ("light", "dark")
    }
    files = {path.name: path.read_bytes() for path in landing.PICTURES.iterdir()}
    heads = {
        struct.unpack(">IIBB", data[16:26]) for name, data in files.items() if not name.startswith("explorer")
    }

    assert set(files) == wanted
    assert heads == {(640, 360, 8, 3)}
    assert sum(map(len, files.values())) < MAX_PICTURES
