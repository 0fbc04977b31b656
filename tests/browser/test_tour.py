"""The tour, as a newcomer walks it, and the explorer's offer of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from folioviz.stories import tour
from tools import dashboard

pytestmark = pytest.mark.browser


def test_one_walk(put_up):
    """Keys and buttons tell the five sentences in turn; no control moves; the last stop leads on."""
    page = put_up("tour")
    page.set_viewport_size({"width": 1280, "height": 720})
    dots, places = page.locator(".fv-dots"), set()
    for number, stop in enumerate(tour.stops()):
        expect(page.locator(".fv-sentence")).to_have_text(f"{number + 1}. {stop.text}")
        expect(page.locator(".fv-dot[aria-current]")).to_have_attribute("title", stop.name)
        places.add((dots.bounding_box()["x"], dots.bounding_box()["y"]))
        if number % 2:
            page.keyboard.press("ArrowRight")
        elif number < 4:
            page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("link", name="First story")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".fv-queue li")).to_contain_text("8/16 mapped")
    dashboard.holds(page, "() => new URLSearchParams(location.search).get('stop') === '4'")

    assert len(places) == 1


def test_the_explorer_offers_it_once(opened):
    """Above the transport, covering none of it; declined, it is gone."""
    page = opened("explorer.ipynb")
    offer = page.locator(".fv-offer")
    expect(offer.get_by_role("link")).to_have_attribute("href", "00-tour.ipynb")
    box, dock = offer.bounding_box(), page.locator(".fv-dock").bounding_box()

    assert box["y"] + box["height"] <= dock["y"]
    offer.get_by_role("button").click()
    expect(offer).to_have_count(0)
