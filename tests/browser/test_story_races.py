"""The story of races, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tools import dashboard

pytestmark = pytest.mark.browser

IN_SIGHT = """() => {
    const [row, box] = ['[aria-current=step]', '.fv-does-box'].map((one) => document.querySelector(one));
    const [of, all] = [row, box].map((one) => one.getBoundingClientRect());
    return all.top <= of.top && of.bottom <= all.bottom;
}"""
"""Whether the step that was just done can be seen in its box."""


def test_a_schedule_is_played_and_led_elsewhere(tell):
    """The verdict; keys step; a press on the map leads the staircase there; nothing moves; it fits a phone."""
    page = tell("races", "?race=k1b&schedule=1x22.0x32.1x8")
    expect(page.locator(".fv-race-verdict")).to_contain_text("Complete:")
    expect(page.locator(".fv-race-title")).to_contain_text("candidate, not confirmed on a kernel")
    now, row = page.locator(".fv-race output"), page.locator("[aria-current=step]")
    expect(now).to_have_text("step 67 of 67")
    dashboard.holds(page, IN_SIGHT)

    area = page.locator("[data-race-map]")
    area.press("ArrowUp")
    expect(now).to_have_text("step 66 of 67")
    area.press("Home")
    expect(row).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(row).to_contain_text("takes split_queue_lock[0]")

    before, lanes = page.locator(".fv-race-text").inner_text(), page.locator(".fv-does-box").bounding_box()
    box = area.bounding_box()
    area.click(position={"x": box["width"] * 0.3, "y": 2})
    expect(page.locator(".fv-race-text")).not_to_have_text(before)
    expect(page.locator("[data-slot=racelanehead] h2")).to_contain_text("of CPU 0")
    assert area.bounding_box() == box
    assert page.locator(".fv-does-box").bounding_box() == lanes

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
