"""The story of memory that is charged and not mapped, and the box for one's own numbers, as a reader uses them."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from folioviz import diagnosis
from folioviz.views.story_panels.own_numbers import examples
from tests.browser.test_machine import DROP, PAINTED
from tests.views.machine_panels import captures

pytestmark = pytest.mark.browser

PASTE = """(area, size) => {
    const data = new DataTransfer();
    data.setData('text/plain', 'x'.repeat(size));
    return area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}"""
"""Paste so many letters; return whether the browser would put them into the box."""
HUGE = 100 << 20


def test_numbers_are_pasted_and_explained(tell):
    """No guess is needed: an example, an error below the box, 100 MiB that never leave the browser; nothing is lost."""
    page = tell("lost-memory")
    box = page.get_by_label("paste here")
    said = page.locator("[data-slot=own_said]")
    expect(said).to_contain_text("cat /proc/PID/smaps")
    name, text = next(iter(examples().items()))
    page.get_by_role("button", name=name).click()
    expect(box).to_have_value(text)
    for sentence in diagnosis.explain(text).sentences:
        expect(said).to_contain_text(sentence)
    expect(said.get_by_role("link", name="Open the smallest scenario")).to_be_visible()

    box.fill("mumble")
    expect(said.locator(".fv-own-bad")).to_contain_text("'mumble'")
    assert box.evaluate(PASTE, HUGE) is False
    expect(page.get_by_role("alert").filter(has_text="100.0 MiB")).to_be_visible()
    expect(box).to_have_value("mumble")

    page.locator("[data-fv='guess:1']").click()
    expect(page.locator(".fv-because")).to_contain_text("Right.")
    expect(box).to_have_value("mumble")


def test_before_and_after_the_shrinker(tell):
    """Of 512 pages that are held 507 can go; with somebody's reference no run gives any back; it fits a phone."""
    page = tell("lost-memory", "?case=linker")
    expect(page.locator("[data-memory=held]")).to_have_text("512")
    expect(page.locator("[data-memory=free]")).to_have_text("507")
    page.get_by_label("given back").select_option("half of it")
    page.get_by_label("also held by").select_option("a reference")
    expect(page.locator("[data-memory=stuck]")).to_have_text("256")
    row = page.locator(".fv-table").first.locator("tbody tr").last.locator("td")
    expect(row.last).to_have_text("256")
    page.get_by_label("B", exact=True).select_option("v7.3 no page mapcount")
    page.set_viewport_size({"width": 390, "height": 844})
    files = page.locator(".fv-files")
    expect(files.locator("thead th")).to_have_count(2)
    heights = files.locator("tbody th").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert files.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    assert max(heights) < 50


def test_a_capture_is_dropped_beside_the_numbers(tell):
    """No guess is needed: an example, a cell of it, then a file that is dropped; it fits a phone."""
    page = tell("lost-memory")
    place = page.locator(".fv-captured")
    expect(place).to_contain_text("an example capture")
    place.get_by_role("button", name="allocator.py").click()
    expect(place).to_contain_text("an example capture of allocator.py")
    cells = place.locator("canvas[data-heat]")
    cells.click(position={"x": 35, "y": 7})
    expect(place.locator(".fv-mc-words h2")).to_contain_text("Region 1, block 2")
    assert cells.evaluate(PAINTED) > 2
    place.get_by_role("button", name="What would munmap").click()
    expect(place).to_contain_text("the shrinker would free 1,920 KiB")
    expect(place.get_by_role("link", name="A running machine")).to_have_attribute(
        "href", "running-machine.ipynb?example=allocator&at=1.2&sort=waste&kernel=v7.3"
    )

    data = base64.b64encode(captures.data()).decode()
    page.evaluate(DROP, [page.locator("[data-captures]").element_handle(), data])
    expect(place).to_contain_text("svc.json.gz")
    expect(place.locator("canvas[data-heat]")).to_have_count(3)
    page.set_viewport_size({"width": 390, "height": 844})
    assert place.evaluate("one => one.scrollWidth - one.clientWidth") == 0
    expect(place.get_by_role("link", name="A running machine")).to_have_attribute(
        "href", re.compile(r"\?file=svc\.json\.gz&")
    )
    assert page.evaluate("sessionStorage.getItem('folioviz capture')").startswith("svc.json.gz\n")
