"""The servers' settings, the landing page's cards, and query strings."""

from __future__ import annotations

import asyncio
import json
import re
import struct
from types import SimpleNamespace

import jinja2
import pytest
from voila.app import Voila
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from folioviz import extras
from folioviz.errors import LimitError, MissingError
from folioviz.serving import serve
from folioviz.serving.server import PACKAGE, server


def test_a_page_that_is_not_preheated_knows_its_query(monkeypatch):
    """Voila puts the query string into the kernel's environment; in JupyterLab there is none."""
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    monkeypatch.delenv("QUERY_STRING", raising=False)
    before = serve.query()
    monkeypatch.setenv("VOILA_PREHEAT", "False")
    monkeypatch.setenv("QUERY_STRING", "step=3")

    assert [{}, {"step": "3"}] == [before, serve.query()]


def test_a_preheated_page_without_a_server_asks_for_nothing(monkeypatch):
    """If Voila cannot be reached, the page opens as it is."""
    monkeypatch.setenv("VOILA_PREHEAT", "True")
    monkeypatch.setenv("VOILA_APP_PORT", "1")

    assert serve.query() == {}


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
    found = serve.cards(tmp_path)

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
    first, second = serve.cards(tmp_path)

    assert (first["group"], first["text"], first["picture"]) == ("Counters", "In short.", "01-counters")
    assert second["picture"] == ""
    assert not first["leads"]


def landing():
    """Return where the landing page leads to, group by group."""
    loader = jinja2.FileSystemLoader([serve.DATA / "voila" / "templates" / "folioviz", PACKAGE])
    page = jinja2.Environment(loader=loader, autoescape=True).get_template("tree.html")
    whole = page.render(page_config={"cards": serve.cards(serve.notebooks())}, base_url="/")
    return {
        title: re.findall(r'href="/voila/render/([^"?]+)', group)
        for title, group in re.findall(r"<h2>(.*?)</h2>(.*?)</section>", whole, re.DOTALL)
    }


def test_a_group_begins_with_the_notebook_that_leads_it():
    """The others follow in reading order; who misses memory is led to the box by the table, too."""
    groups = landing()
    *cards, table = groups.pop("Where did my memory go?")

    assert cards == ["18-lost-memory.ipynb", "08-who-keeps-it.ipynb", "09-shrinker.ipynb"]
    assert table == cards[0]
    assert groups
    assert all(found == sorted(found) for found in groups.values())


@pytest.mark.parametrize("value", ["-1", "51", "two", "", "1e1", "9" * 20])
def test_an_impossible_pool_is_told(tmp_path, monkeypatch, value):
    """The message names the variable, the value and the bound."""
    monkeypatch.setenv("FOLIOVIZ_POOL", value)
    with pytest.raises(LimitError, match=r"FOLIOVIZ_POOL is .* 0 to 50"):
        serve.voila_settings(tmp_path)


def test_the_explorer_alone_is_kept_ready(tmp_path, monkeypatch):
    """Two kernels by default, as many as asked for otherwise; none for the other notebooks."""
    monkeypatch.delenv("FOLIOVIZ_POOL", raising=False)
    first = serve.voila_settings(tmp_path)["VoilaKernelManager"]["kernel_pools_config"]
    monkeypatch.setenv("FOLIOVIZ_POOL", "5")
    then = serve.voila_settings(tmp_path)["VoilaKernelManager"]["kernel_pools_config"]

    assert first == {"default": {"pool_size": 0}, "explorer.ipynb": {"pool_size": 2}}
    assert then["explorer.ipynb"] == {"pool_size": 5}


def test_what_is_not_installed_is_told(monkeypatch):
    """Each server names its packages and the extra that brings them, before it looks at anything else."""
    monkeypatch.setitem(extras.MODULES, "serve", ("json", "no_such_package"))
    monkeypatch.setitem(extras.MODULES, "lab", ("no_such_lab", "json"))
    with pytest.raises(MissingError, match=r"serve needs no_such_package: pip install 'folioviz\[serve\]'"):
        serve.serve("127.0.0.1", 0, browser=False)
    with pytest.raises(MissingError, match=r"lab needs no_such_lab: pip install 'folioviz\[lab\]'"):
        serve.check("lab", "127.0.0.1", 0)


def test_every_template_is_there():
    """The template stands where Voila looks for it, and links nothing from a public network but its own name spaces."""
    folder = serve.DATA / "voila" / "templates" / "folioviz"
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


MAX_PICTURES = 640_000
"""Bytes of all pictures of the landing page."""


def test_every_notebook_has_a_small_picture_light_and_dark():
    """Pictures of one byte a pixel, of a size, and none of what is not there."""
    wanted = {
        f"{path.stem}-{theme}.png"
        for path in serve.notebooks().glob("[!.]*.ipynb")
        for theme in ("light", "dark")
    }
    files = {path.name: path.read_bytes() for path in serve.PICTURES.iterdir()}
    heads = {
        struct.unpack(">IIBB", data[16:26]) for name, data in files.items() if not name.startswith("explorer")
    }

    assert set(files) == wanted
    assert heads == {(640, 360, 8, 3)}
    assert sum(map(len, files.values())) < MAX_PICTURES


def test_no_message_to_a_page_waits_for_the_one_before(monkeypatch):
    """Sockets send small messages at once (TCP_NODELAY), as the server's own handler for pages opens them."""
    done = []

    async def opens(_self, kernel):
        done.append(kernel)

    monkeypatch.setattr(VoilaKernelWebsocketHandler, "open", opens)
    monkeypatch.setattr(Voila, "init_handlers", lambda _self: [("/kernel", VoilaKernelWebsocketHandler, {})])
    running = server(1, {})()
    running.app, running.server_url, running.voila_configuration = SimpleNamespace(listen=None), "/", None
    (kind,) = [one[1] for one in running.init_handlers() if one[0] == "/kernel"]
    handler = object.__new__(kind)
    handler.set_nodelay = done.append
    asyncio.run(handler.open("this kernel"))

    assert done == [True, "this kernel"]
