"""On paper: all panels, as long as they are, and nothing to press."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CUT = """() => [...document.querySelectorAll('.fv-root .fv-panel, .fv-root .fv-panel *')]
    .filter((one) => one.checkVisibility() && !one.closest('svg, select, .bqplot, .fv-chart'))
    .filter((one) => {
        const style = getComputedStyle(one);
        return /auto|scroll|hidden/.test(style.overflowY) && one.scrollHeight > one.clientHeight + 2
            && style.display !== 'inline' && style.position !== 'absolute';
    }).map((one) => one.className || one.tagName)"""
"""What holds more than it shows."""
WIDE = """() => [...document.querySelectorAll('.fv-root .fv-panel')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.className)"""
SEEN = (
    "() => [...document.querySelectorAll('.fv-root .fv-panel')].filter((one) => one.checkVisibility()).length"
)
HAND = "() => document.querySelectorAll('.fv-root :is(.fv-go-next, .fv-do-munmap, .fv-edits)').length"
PRESSED = """() => [...document.querySelectorAll('.fv-root :is(.fv-go-next, .fv-do-munmap, .fv-edits)')]
    .filter((one) => one.checkVisibility()).length"""
LAST = ".fv-panel-trace, figure.fv-table"
"""What comes last: the explorer's trace, the story's table of what is counted order by order."""
PAPER = {"width": 760, "height": 1075}
"""A4 without its margins, in pixels of CSS."""


@pytest.mark.parametrize(
    ("board", "link"), [("explorer", "scenario=sixty-four-folios"), ("from-3n-to-2", "order=4")]
)
def test_paper_holds_every_panel_whole(put_up, board, link):
    """As many panels as on the screen; none is cut, or wider than the paper; on several pages, without buttons."""
    page = put_up(board, link)
    expect(page.locator(LAST).last).to_be_visible()
    on_screen = page.evaluate(SEEN)
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert page.evaluate(SEEN) == on_screen
    assert page.evaluate(CUT) == []
    assert page.evaluate(WIDE) == []
    assert page.evaluate(HAND) > page.evaluate(PRESSED) == 0
    assert page.pdf(format="A4").count(b"/Type /Page\n") > 1
    page.emulate_media(media="screen")
