"""A running machine in a browser: a file is dropped, a cell is selected, nothing moves; the explorer opens it."""

from __future__ import annotations

import base64

from playwright.sync_api import expect

from tests.browser import stage
from tests.views.machine_panels import captures

DROP = """([node, text]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "svc.json.gz"));
    node.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""
PLACES = """() => [...document.querySelectorAll('.fv-machine :is(.fv-panel, .fv-topbar .fv-btn)')].map((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return [left, top, width, height].map(Math.round).join(' ');
})"""
PAINTED = """(node) => {
    const { data } = node.getContext('2d').getImageData(0, 0, node.width, node.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


def drop(page, data):
    """Drop a file onto the page."""
    page.evaluate(DROP, [page.locator(".fv-machine").element_handle(), base64.b64encode(data).decode()])


def test_a_file_is_dropped_and_read_with_the_keyboard(put_up):
    """The example stands until a capture comes; keys go through its cells, Enter selects; a bad file is told of."""
    page = put_up("machine")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator(".fv-mc-what")).to_contain_text("an example capture")
    places = page.evaluate(PLACES)
    drop(page, captures.data())
    expect(page.locator(".fv-mc-what")).to_contain_text("svc.json.gz")
    expect(page.locator(".fv-mc-words h2")).to_contain_text("Region 2, block 1")
    map_ = page.locator('[data-region="2"] canvas')
    map_.focus()
    page.keyboard.press("Home")
    expect(page.locator(".fv-tip")).to_contain_text("Region 2, block 0")
    page.keyboard.press("Enter")
    expect(page.locator(".fv-mc-words h2")).to_contain_text("Region 2, block 0")
    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-region="1"] canvas')).to_be_focused()
    stage.answered(page)

    assert map_.evaluate(PAINTED) > 2
    drop(page, b"no capture")
    expect(page.locator(".fv-mc-said [role=alert]")).to_contain_text("svc.json.gz")
    assert page.evaluate(PLACES) == places
    page.keyboard.press("Escape")
    expect(page.locator(".fv-mc-said [role=alert]")).to_have_count(0)

    map_.click(position={"x": 20, "y": 7})
    expect(page.locator(".fv-mc-words h2")).to_contain_text("Region 2, block 1")
    way = page.get_by_role("link", name="Open in the explorer").get_attribute("href")
    page = put_up("explorer", way.partition("?")[2])
    expect(page.locator(".fv-panel-folios .fv-card").first).to_contain_text("96")
