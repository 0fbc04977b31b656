"""Binder: what its badges open, on a Jupyter server that is installed and started as Binder does it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from folioviz.files.share import fields_of
from folioviz.serving import serve
from tests.browser.conftest import LAPTOP, watched
from tools import binder, dashboard
from tools.dashboard import ROOT

pytestmark = pytest.mark.browser

NOTEBOOKS = [*serve.notebooks().glob("[!.]*.ipynb")]
THEIRS = re.compile("config is deprecated|has moved from NotebookApp|websocket_ping_timeout| 404 GET ")
"""What is said of Binder's own arguments, of Jupyter's defaults, and of an address that is none."""


@pytest.fixture
def server(tmp_path):
    """Start JupyterLab in the repository as BinderHub's spawner does; yield its process and address.

    What it says must ask for nothing but what Binder's own arguments do.
    """
    log = tmp_path / "log"
    with binder.served(tmp_path / "env", log) as (process, url):
        yield process, url
        said = re.findall(r"^(?:\[[WEC] .*|.*WARNING.*|Traceback.*)", log.read_text(), re.MULTILINE)
        assert [line for line in said if not THEIRS.search(line)] == []


def badges():
    """Return what README's links to Binder open, as its page of launches takes that from their query strings."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"https://mybinder\.org/v2/gh/[^?\s]+\?([^)\s]+)", text)
    return [parse_qs(query)["urlpath"][0] for query in found]


def test_what_the_badges_open(chromium, server):
    """The gallery and its cards, a story, the explorer at a link's moment, links for others: nothing from elsewhere."""
    process, url = server
    explorer, gallery, lab, anomaly, *_ = badges()
    outside = []
    with dashboard.window(chromium, viewport=LAPTOP) as window:
        window.route(
            lambda at: not at.startswith(url),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = window.new_page()
        errors = watched(page)

        page.goto(binder.started(url, f"{gallery}?theme=dark"))
        expect(page).to_have_title("folioviz")
        expect(page.locator("html")).to_have_class("dark")
        assert page.url == f"{url}{gallery}?theme=dark"  # none can copy the token
        cards = page.locator("a.card").evaluate_all("cards => cards.map(card => card.href)")
        assert {f"{url}{explorer}", *cards} == {
            f"{url}voila/render/{path.relative_to(ROOT)}" for path in NOTEBOOKS
        }
        dashboard.holds(page, "() => document.querySelector('.shot img:not([src*=light])').naturalWidth > 0")

        page.get_by_role("link", name="What do the counters count?").click()
        expect(page.locator(".fv-story .fv-guess")).to_be_visible()
        assert page.locator("body").get_attribute("data-jp-theme-light") == "false"
        page.get_by_role("link", name="Gallery").click()
        expect(page).to_have_url(f"{url}{gallery}?theme=dark")

        assert page.request.get(f"{url}{lab}").ok
        wrong = page.request.get(f"{url}{explorer}x.ipynb")
        assert (wrong.status, f'href="{binder.BASE}{gallery}"' in wrong.text()) == (404, True)

        window.clear_cookies(name="_xsrf")  # a link may lead past the pages that set it
        others = {*process.children()}
        page.goto(binder.started(url, anomaly))
        page.wait_for_selector(".fv-trace button.now")
        [kernel] = {*process.children()} - others
        playhead = page.locator(".fv-playhead input")
        before = int(playhead.input_value())
        page.get_by_role("button", name="step ▶").click()
        expect(playhead).to_have_value(str(before + 1))
        page.get_by_role("button", name="Share", exact=True).click()
        expect(page.locator("[data-launched]")).to_be_visible()
        link = page.locator('[data-out="link"]').input_value()

        window.unroute_all()  # a page's last words would be lost on the way
        page.goto("about:blank")
        kernel.wait(dashboard.PATIENCE)
    assert outside == errors == []
    launcher, _, query = link.partition("?")
    place, _, asks = parse_qs(query)["urlpath"][0].partition("?")
    assert (launcher, place) == (f"https://mybinder.org/{binder.REQUEST}", explorer)
    wanted = fields_of(anomaly.partition("?")[2]) | {"at": str(before + 1)}
    assert wanted.items() <= fields_of(asks).items()
