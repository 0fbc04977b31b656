"""What Voila's pages are told by their server."""

from __future__ import annotations

from importlib.metadata import version
from types import SimpleNamespace

import jinja2
import pytest

from folioviz.serving import landing, pages
from folioviz.serving.server import PACKAGE

COMMIT = "v2/gh/owner/folioviz/0123abc"
PATH = "voila/render/notebooks/explorer.ipynb"


def starts(monkeypatch, **parts):
    """Let Binder say how this version is started."""
    for name in ("LAUNCH_HOST", "PERSISTENT_REQUEST"):
        monkeypatch.delenv(f"BINDER_{name}", raising=False)
    for name, text in parts.items():
        monkeypatch.setenv(f"BINDER_{name}", text)
    return pages.launch(PATH)


def test_a_page_on_binder_knows_how_binder_starts_it_again(monkeypatch):
    """The address names the commit, and what the page shows can be appended; on other servers there is none."""
    found = starts(monkeypatch, LAUNCH_HOST="https://mybinder.org/", PERSISTENT_REQUEST=COMMIT)

    assert found == f"https://mybinder.org/{COMMIT}?urlpath={PATH}"
    assert starts(monkeypatch) == ""


@pytest.mark.parametrize(
    ("host", "request_path"),
    [
        ("https://mybinder.org/", ""),
        ("", COMMIT),
        ("javascript:alert(1)//", COMMIT),
        ("https://mybinder.org/?x=", COMMIT),
        ("https://mybinder.org/", "v2/gh/owner/folioviz/main?urlpath=lab"),
        ("https://mybinder.org/", "elsewhere"),
    ],
)
def test_what_is_no_address_of_binder_is_not_used(monkeypatch, host, request_path):
    """Then the link is this server's own."""
    assert starts(monkeypatch, LAUNCH_HOST=host, PERSISTENT_REQUEST=request_path) == ""


def test_pages_are_told_what_they_ask_for(tmp_path, monkeypatch):
    """The landing page its cards, a notebook's how it is started again; no page loads MathJax from elsewhere."""
    (tmp_path / "a.ipynb").write_text("{}")
    found = {"fullMathjaxUrl": "elsewhere", "baseUrl": "/"}
    pages.page_config(found, notebook_path="", folder=tmp_path, base_url="/", settings={})
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org")
    monkeypatch.setenv("BINDER_PERSISTENT_REQUEST", COMMIT)
    of_one = pages.page_config(
        {}, notebook_path="notebooks/explorer.ipynb", folder=tmp_path, below="notebooks"
    )

    assert (found["fullMathjaxUrl"], found["mathjaxConfig"], found["baseUrl"]) == (None, None, "/")
    assert found["folioviz"] == {
        "below": "",
        "version": version("folioviz"),
        "cards": landing.cards(tmp_path),
    }
    assert of_one["folioviz"]["below"] == "notebooks"
    assert of_one["folioviz"]["launch"] == f"https://mybinder.org/{COMMIT}?urlpath={PATH}"


@pytest.mark.parametrize(
    ("told", "gallery", "render"),
    [
        ({}, "/x/", "/x/voila/render/"),
        ({"folioviz": pages.told()}, "/x/", "/x/voila/render/"),
        ({"folioviz": pages.told("n b")}, "/x/voila/tree/n%20b", "/x/voila/render/n%20b/"),
        (
            {"page_config": {"folioviz": pages.told("n"), "baseUrl": "/y/"}},
            "/y/voila/tree/n",
            "/y/voila/render/n/",
        ),
    ],
)
def test_pages_know_the_way_back(told, gallery, render):
    """Also where Voila says that there is no page, and on a server that tells nothing."""
    loader = jinja2.FileSystemLoader([landing.TEMPLATE, PACKAGE])
    page = (
        jinja2.Environment(loader=loader, autoescape=True)
        .get_template("404.html")
        .render(base_url="/x/", **told)
    )

    assert f'href="{gallery}">To the gallery' in page
    assert f'href="{render}explorer.ipynb">Open' in page


def test_a_farewell_needs_a_cookie():
    """Voila's handler makes it as soon as it is asked for."""
    asked = []

    class Handler(SimpleNamespace):
        @property
        def xsrf_token(self):
            asked.append("cookie")
            return b"token"

    pages.farewell(Handler(), notebook=None, cwd="")

    assert asked == ["cookie"]
