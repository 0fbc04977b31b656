"""What one sees before a page is there."""

from __future__ import annotations

import re
from itertools import dropwhile

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LAPTOP
from tests.browser.stage import answered
from tools import dashboard

pytestmark = pytest.mark.browser

FRAMES = """() => {
    window.frames_ = [];
    const look = () => {
        const board = document.querySelector('[data-fv-query]') !== null;
        const bones = document.getElementById('fv-skeleton') !== null;
        if (document.body) window.frames_.push([getComputedStyle(document.body).backgroundColor, board || bones]);
        if (!board) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Notes at every frame the page's colour, and whether a board, or its outline, is there."""
READY = "window.jupyterapp?.widgetManager?.kernel?.connectionStatus === 'connected'"
PAGE = {"dark": "rgb(18, 22, 27)", "light": "rgb(244, 246, 248)"}


@pytest.mark.parametrize(("scheme", "path"), [("dark", "explorer.ipynb"), ("light", "10-order-1.ipynb")])
def test_the_outline_stands_there_until_the_page_does(chromium, url, scheme, path):
    """First in the body, and once it is there never an empty page; always the page's colour; the address stays."""
    with dashboard.window(chromium, viewport=LAPTOP, color_scheme=scheme) as window:
        page = window.new_page()
        page.add_init_script(f"({FRAMES})()")
        sent = page.goto(f"{url}voila/render/{path}").text()
        page.wait_for_selector("[data-fv-query]", state="attached")
        frames = page.evaluate("window.frames_")
        expect(page.locator("#fv-skeleton")).to_have_count(0)
        dashboard.holds(page, READY)
        answered(page)
        address = page.url
        page.goto("about:blank")

    assert address == f"{url}voila/render/{path}"
    assert len(frames) > 2
    assert {colour for colour, _ in frames} == {PAGE[scheme]}
    assert re.search(r'<body[^>]*>\s*<div id="fv-skeleton"', sent)
    assert all(filled for _, filled in dropwhile(lambda frame: not frame[1], frames))
    assert frames[-1][1]


@pytest.mark.parametrize("path", ["explorer.ipynb", "10-order-1.ipynb"])
def test_a_page_asks_for_all_its_widgets_at_once(chromium, url, path):
    """One message asks a kernel for all states, not one for each widget: a forked one answers it, too."""
    sent = []

    def opened(line):
        line.on(
            "framesent", lambda text: sent.append(text if isinstance(text, str) else text.decode("latin-1"))
        )

    with dashboard.window(chromium, viewport=LAPTOP) as window:
        page = window.new_page()
        page.on("websocket", opened)
        page.goto(f"{url}voila/render/{path}")
        page.wait_for_selector("[data-fv-query]", state="attached")
        answered(page)
        page.goto("about:blank")

    assert sum("request_states" in text for text in sent) == 1
    assert not any('"request_state"' in text for text in sent)
