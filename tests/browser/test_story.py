"""What every story has: a guess, a case that is played, a dock that stays, and tables that fit a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz import stories
from folioviz.views.session.session import Session
from tests.browser.conftest import played
from tests.browser.test_stable import CLICK, CLICKS

pytestmark = pytest.mark.browser

ENDS = """() => [...document.querySelectorAll('.fv-grid > .widget-vbox')]
    .map((column) => column.lastElementChild.getBoundingClientRect().bottom)"""
"""Where the columns end."""
LEFT = "one => one.getBoundingClientRect().x"
MOST = 400
"""So many pixels may one column be longer than the other."""


def test_the_dock_is_where_the_explorer_has_it(put_up):
    """Clicks on one point are steps, at the explorer's place; the case was played before; the columns end together."""
    size = {"width": 1440, "height": 900}
    story = stories.find("spurious-visit")
    begin = Session(story.make(story.case)).history.axis.begins[-2]
    page = put_up("explorer")
    page.set_viewport_size(size)
    wanted = page.locator(".fv-go-next").bounding_box()
    page = put_up("spurious-visit")
    page.set_viewport_size(size)
    expect(page.locator(".fv-rest")).to_contain_text("16 pages, all mapped")
    page.get_by_role("button", name="2", exact=True).click()
    played(page, "spurious-visit")
    expect(page.locator(".fv-panel-queue")).to_contain_text("spurious")
    page.locator(".fv-go-backop").click()
    expect(page.locator(".fv-playhead input")).to_have_value(str(begin))
    box = page.locator(".fv-go-next").bounding_box()
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    left, right = page.evaluate(ENDS)

    assert (round(box["y"]), box["height"]) == (round(wanted["y"]), wanted["height"])
    assert page.evaluate(CLICK, point | {"clicks": CLICKS}) == [begin + n for n in range(1, CLICKS + 1)]
    after = page.locator(".fv-go-next").bounding_box()
    assert {name: round(value) for name, value in after.items()} == {name: round(box[name]) for name in box}
    assert abs(left - right) < MOST


def test_a_table_says_that_it_scrolls(tell):
    """At 390 px the first column stays, the edge is shaded, and a folded table opens with its one line."""
    page = tell("from-3n-to-2", "?order=4")
    page.set_viewport_size({"width": 390, "height": 844})
    first, second = page.locator("details.fv-table").nth(0), page.locator("details.fv-table").nth(1)
    grid = first.locator("div:has(> table)")
    name = grid.locator("tbody th").first
    expect(name).to_be_visible()
    before = name.evaluate(LEFT)
    grid.evaluate("one => one.scrollTo(200, 0)")

    assert name.evaluate(LEFT) == before
    assert "gradient" in grid.evaluate("one => getComputedStyle(one).backgroundImage")
    expect(second.locator("div:has(> table)")).to_be_hidden()
    second.locator("summary").click()
    expect(second.locator("div:has(> table)")).to_be_visible()
