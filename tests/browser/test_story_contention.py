"""The story of contention, as a reader uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_slider_by_keys_changes_the_sentence_and_moves_nothing(tell):
    """The curves come by themselves; some keys raise the price of a flush, and keep the focus; nothing has moved."""
    page = tell("contention", "near=57")
    said = page.locator(".fv-curves-said")
    expect(said).to_contain_text("On 16 CPUs: v4 1/3 does")
    slider = page.get_by_label("one TLB flush")
    before = slider.bounding_box(), page.locator(".fv-turns").bounding_box()
    first = said.inner_text()
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".fv-slide", has_text="one TLB flush").locator("output")).to_have_text("3 µs")
    expect(page.locator(".fv-assumed")).to_contain_text("a TLB flush 3 us")
    expect(said).not_to_have_text(first)
    expect(slider).to_be_focused()

    assert (slider.bounding_box(), page.locator(".fv-turns").bounding_box()) == before
    expect(slider).to_have_attribute("aria-valuetext", "3 µs")
