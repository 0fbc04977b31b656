"""A Voila on a free port, and a Chromium that looks at it."""

from __future__ import annotations

import re

import pytest

from folioviz import stories
from tools import dashboard

HARMLESS = re.compile(r"websocket_ping_timeout|Setting websocket_ping_timeout")


@pytest.fixture(scope="session")
def voila(tmp_path_factory):
    """Serve the explorer; afterwards, its log must hold no error."""
    log = tmp_path_factory.mktemp("voila") / "log"
    notebook = dashboard.ROOT / "notebooks" / "explorer.ipynb"
    with dashboard.voila(notebook, log, "--show_tracebacks=True") as url:
        yield url
    bad = [
        line for line in log.read_text().splitlines() if re.search("ERROR|Traceback|CRITICAL|Exception", line)
    ]
    assert [] == [line for line in bad if not HARMLESS.search(line)]


@pytest.fixture(scope="session")
def chromium():
    """Start the browser; without one, the test fails."""
    with dashboard.chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium, voila):
    """Open the explorer; afterwards, the browser's console must hold no error and the page no traceback."""
    errors = []
    view = chromium.new_page(viewport={"width": 1440, "height": 1400})
    view.set_default_timeout(30_000)
    dashboard.keep_offline(view)
    view.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    view.on("pageerror", lambda error: errors.append(str(error)))
    view.goto(voila)
    view.wait_for_selector(".fv-trace button.now")
    view.wait_for_selector(".fv-lane canvas")
    yield view
    tracebacks = view.locator(".jp-RenderedText[data-mime-type$=stderr]").count()
    view.close()
    assert errors == []
    assert tracebacks == 0


@pytest.fixture(scope="session")
def gallery(tmp_path_factory):
    """Serve all notebooks; afterwards, the log must hold no error."""
    log = tmp_path_factory.mktemp("gallery") / "log"
    with dashboard.voila(dashboard.ROOT / "notebooks", log, "--show_tracebacks=True") as url:
        yield f"{url}voila/render/"
    bad = [line for line in log.read_text().splitlines() if re.search("ERROR|Traceback|CRITICAL", line)]
    assert [] == [line for line in bad if not HARMLESS.search(line)]


@pytest.fixture
def tell(chromium, gallery):
    """Return what opens a story (and a query string) in a page; afterwards, no page's console may hold an error."""
    errors, pages = [], []

    def opened(key, query=""):
        view = chromium.new_page(viewport={"width": 1440, "height": 1400})
        pages.append(view)
        view.set_default_timeout(30_000)
        dashboard.keep_offline(view)
        view.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        view.on("pageerror", lambda error: errors.append(str(error)))
        number = list(stories.KEYS).index(key) + 1
        view.goto(f"{gallery}{number:02}-{key}.ipynb{query}")
        view.wait_for_selector(".fv-guess, .fv-answer", state="visible")
        return view

    yield opened
    for view in pages:
        assert view.locator(".jp-RenderedText[data-mime-type$=stderr]").count() == 0
        view.close()
    assert errors == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Take a picture of the page of a test that failed."""
    report = yield
    if report.when == "call" and report.failed and "page" in getattr(item, "funcargs", {}):
        folder = dashboard.ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        item.funcargs["page"].screenshot(path=folder / f"failed-{item.name[:60]}.png")
    return report
