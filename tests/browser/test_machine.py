"""A running machine in a browser: a file is dropped, a cell is selected, nothing moves; the explorer opens it."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser import stage
from tests.views.machine_panels import captures
from tools import dashboard

pytestmark = pytest.mark.browser

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
    for figure in page.locator(".fv-mc-figure").all():
        expect(figure).to_be_in_viewport(ratio=1)
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
    expect(page.locator(".fv-mc-asked [inert]")).to_have_count(0)
    way = page.get_by_role("link", name="Open in the explorer").get_attribute("href")
    page = put_up("explorer", way.partition("?")[2])
    expect(page.locator(".fv-panel-folios .fv-card").first).to_contain_text("96")


SERVED = re.compile(r"folioviz: (http://\S+\?live=[\w-]{32}) \(Ctrl\+C stops it\)\n")


@pytest.fixture
def told(tmp_path):
    """Start `folioviz serve --live` as a person does; return the address that it prints."""
    log, port = tmp_path / "log", dashboard.free_port()
    command = [
        sys.executable,
        "-m",
        "folioviz",
        "serve",
        "--live",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
    ]
    env = os.environ | {"FOLIOVIZ_POOL": "0", "FOLIOVIZ_STORIES": "0"}
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=dashboard.ROOT, env=env, stdout=out, stderr=out)
    try:
        dashboard.wait_for(server, port, log)
        dashboard.until(lambda: "\n" in log.read_text(), "the server says where it is")
        yield SERVED.fullmatch(log.read_text())[1]
    finally:
        server.terminate()
        server.wait(dashboard.PATIENCE)


def test_the_machine_is_for_the_one_who_started_the_server(told, chromium):
    """At the printed address counters tick, and nothing moves; with another token there is no machine."""
    with dashboard.window(chromium, viewport={"width": 1440, "height": 900}) as window:
        mine, visitor = window.new_page(), window.new_page()
        mine.goto(told)
        visitor.goto(told[:-3])
        expect(mine.locator(".fv-mc-live polyline").first).to_be_visible()
        places = mine.evaluate(PLACES)
        first = mine.locator(".fv-mc-live polyline").first.get_attribute("points")
        expect(mine.locator(".fv-mc-live polyline").first).not_to_have_attribute("points", first)

        assert mine.evaluate(PLACES) == places
        expect(mine.get_by_role("button", name="Capture…")).to_be_visible()
        expect(visitor.locator("canvas[data-heat]").first).to_be_visible()
        expect(visitor.locator("[data-ticks], [data-pop=live], .fv-mc-live")).to_have_count(0)
