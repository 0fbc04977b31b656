"""A server of all notebooks, a Chromium that looks at it, and pages: fresh ones, and one that is used again."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from folioviz import stories
from folioviz.views.session.session import Session
from tests.browser import stage
from tools import dashboard

HARMLESS = re.compile(r"websocket_ping_timeout|Setting websocket_ping_timeout")
LAPTOP, TALL = {"width": 1440, "height": 900}, {"width": 1440, "height": 1400}

expect.set_options(timeout=dashboard.PATIENCE * 1000)


def watched(view):
    """Return a list that the errors of a page's console will be in."""
    errors = []
    view.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    view.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def complaints(log):
    """Return the lines of a server's log that say that something went wrong."""
    lines = log.read_text().splitlines()
    return [
        line
        for line in lines
        if re.search("ERROR|Traceback|CRITICAL|Exception", line) and not HARMLESS.search(line)
    ]


@pytest.fixture(scope="session")
def chromium():
    """Start the browser; without one, the test fails."""
    with dashboard.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    """Serve all notebooks, and the stage, as `folioviz serve` does; afterwards, the log must hold the address alone."""
    where = tmp_path_factory.mktemp("served")
    folder, log = where / "notebooks", where / "log"
    shutil.copytree(dashboard.ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    stage.notebook(folder / stage.NAME)
    with dashboard.served(folder, log, FOLIOVIZ_POOL="0", FOLIOVIZ_STORIES="0") as at:
        yield at
    assert log.read_text() == f"folioviz: {at} (Ctrl+C stops it)\n"


@pytest.fixture(scope="session")
def the_stage(chromium, url):
    """Open the page on which boards are put up."""
    with dashboard.window(chromium, viewport=TALL) as window:
        view = window.new_page()
        errors = watched(view)
        view.goto(f"{url}voila/render/{stage.NAME}")
        yield stage.Stage(view, errors)


@pytest.fixture
def put_up(the_stage):
    """Return what puts a board up: the explorer or a story, and a link; nothing may go wrong with it."""
    yield the_stage.put_up

    assert the_stage.clear() == []


@pytest.fixture
def page(put_up):
    """Put up the explorer."""
    return put_up("explorer")


@pytest.fixture
def tell(put_up):
    """Return what puts a story up, with what a link's question mark is followed by; answers are played at once."""

    def still(name, link=""):
        page = put_up(name, link)
        page.emulate_media(reduced_motion="reduce")
        return page

    return still


@pytest.fixture
def opened(chromium, url):
    """Return what opens a notebook in a window of its own, with a kernel of its own; no console may hold an error."""
    errors = []
    with ExitStack() as windows:

        def go(path, **kind):
            view = windows.enter_context(
                dashboard.window(chromium, **({"viewport": LAPTOP} | kind))
            ).new_page()
            errors.append(watched(view))
            view.goto(f"{url}voila/render/{path}")
            return view

        yield go
    assert [error for found in errors for error in found] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Take a picture of the stage when a test on it failed."""
    report = yield
    if report.when == "call" and report.failed and "the_stage" in getattr(item, "funcargs", {}):
        folder = dashboard.ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        item.funcargs["the_stage"].view.screenshot(path=folder / f"failed-{item.name[:60]}.png")
    return report


def played(page, key):
    """Wait until what a story's question is about has happened once, where it has a playhead to show it."""
    story = stories.find(key)
    if {"transport", "timeline"} & {*story.left, *story.right}:
        history = Session(story.make(story.case)).history
        rest = history.axis.begins[max(0, len(history.ops) - story.question.asked)]
        moment = history.position if history.position > rest else history.axis.last
        expect(page.locator(".fv-playhead input")).to_have_value(str(moment))
        expect(page.locator(".fv-go-play")).to_have_attribute("aria-pressed", "false")
