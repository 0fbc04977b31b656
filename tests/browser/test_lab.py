"""JupyterLab, as `folioviz lab` starts it: the index, narrow panels, keys, and the cell that Share copies."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from folioviz.files import scenario
from folioviz.serving import serve
from folioviz.views.panels.events import KEYS
from folioviz.views.panels.help import PAGE_KEYS
from tests.browser.conftest import LAPTOP
from tools import dashboard, jupyterlab

pytestmark = pytest.mark.browser

LINK = "scenario=order-1&a=v6.5-rc3%2Bv4.1&b=none&at=30"
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .map(cell => `${cell.model.type} ${cell.model.sharedModel.getSource()}`)"""
PLACES = {
    "text": ".fv-summary",
    "button": ".fv-dock .fv-switch .fv-btn",
    "lane": ".fv-lane canvas",
    "card": ".fv-card",
    "timeline": ".fv-plot",
}
"""What is clicked -> where."""
NODE_FAILED = "Fail to get yarn configuration"
"""What JupyterLab logs, with a screenful of code, if package.json makes its own scripts modules."""
OPENERS = {*PAGE_KEYS, "/"}
"""What may open something that takes the keys after it, as the search's field does."""
LAB_KEYS = "ddxab00"
"""What deletes, cuts, inserts above and below, and restarts in a notebook."""
NARROW = (468, 332)
WORDS_END = """() => {
    const words = document.createRange();
    words.selectNodeContents(document.querySelector('.fv-panel-lanes h2').firstChild);
    return words.getBoundingClientRect().right;
}"""
"""Where the words of the lanes' heading end."""

DIMMED = """node => {
    const { opacity, pointerEvents } = getComputedStyle(node);
    return [opacity, pointerEvents, getComputedStyle(node, '::before').content];
}"""
"""How dim a page is, whether it takes presses, and whether a broken chain stands before it."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Serve the index, the explorer, and one that a link opens, in JupyterLab; yield its address."""
    where = tmp_path_factory.mktemp("lab")
    folder, log = where / "notebooks", where / "log"
    folder.mkdir()
    for name in (serve.INDEX, serve.FIRST):
        (folder / name).write_bytes((serve.notebooks() / name).read_bytes())
    dashboard.write_notebook(
        folder / "one.ipynb", f'from folioviz.views import Explorer\nExplorer(link="{LINK}")'
    )
    with jupyterlab.served(folder, log) as url:
        yield url
    assert NODE_FAILED not in log.read_text()


@pytest.fixture(scope="module")
def view(chromium, lab):
    """Open the index, the explorer from there, and run it."""
    with dashboard.window(chromium, viewport=LAPTOP) as window:
        page = window.new_page()
        page.goto(f"{lab}lab/tree/{serve.INDEX}?reset")  # whatever another test has left open
        expect(page.locator(".jp-RenderedMarkdown")).to_contain_text("Run All Cells")
        page.locator(".jp-RenderedMarkdown td a").first.click()
        jupyterlab.run(page)
        yield page


def test_keys_act_on_the_explorer_and_never_on_the_notebook(view):
    """After a click anywhere, each key of the help, and what changes a notebook: its cells are still there."""
    cells = view.evaluate(CELLS)
    for place in PLACES.values():
        view.locator(place).first.click(position={"x": 5, "y": 5})
        for key in (*KEYS, *PAGE_KEYS, *LAB_KEYS):
            view.keyboard.press("Space" if key == " " else key)
            if key in OPENERS:
                view.keyboard.press("Escape")

        assert view.evaluate(CELLS) == cells, place
        assert view.evaluate("document.activeElement.closest('.fv-root') !== null"), place
    view.keyboard.press("End")  # where what still plays has to stop
    dashboard.holds(view, "(({ value, max }) => value === max)(document.querySelector('.fv-playhead input'))")
    expect(view.locator(".fv-go-play")).to_have_attribute("aria-pressed", "false")
    view.keyboard.press("Home")
    expect(view.locator(".fv-playhead input")).to_have_value("0")
    view.keyboard.press("ArrowRight")
    expect(view.locator(".fv-playhead input")).to_have_value("1")


def test_narrow_panels_show_everything(view):
    """Nothing is cut at the side, the heading is beside the zoom, sixteen pages are a row, and the chart is a chart."""
    for width in NARROW:
        dashboard.holds(
            view,
            """width => {
                const frame = document.querySelector('.fv-root').parentElement;
                frame.style.width = frame.style.minWidth = frame.style.maxWidth = `${width}px`;
                return document.querySelector('.fv-root').clientWidth === width;
            }""",
            arg=width,
        )

        dashboard.holds(
            view, "width => document.querySelector('.fv-root').scrollWidth <= width", arg=width
        )  # the chart follows a moment later
        assert view.locator(".fv-timeline").bounding_box()["height"] > 100
        assert view.evaluate(WORDS_END) < view.locator(".fv-zoom [data-slot]").bounding_box()["x"]


def test_a_cell_opens_it_in_jupyterlab(chromium, lab):
    """The link in a cell opens the moment; Share gives such a cell; what has lost its kernel is dimmed."""
    allowed = ["clipboard-read", "clipboard-write"]
    with dashboard.window(chromium, viewport=LAPTOP, permissions=allowed) as window:
        page = window.new_page()
        page.goto(f"{lab}lab/tree/one.ipynb?reset")
        jupyterlab.run(page)
        expect(page.get_by_label("B", exact=True)).to_have_value("none")
        page.get_by_role("button", name="Share", exact=True).click()
        expect(page.locator(".fv-copied")).to_have_text("The cell is copied.")
        cell = page.evaluate("navigator.clipboard.readText()")

        assert cell == f'Explorer(link="{LINK}")'
        assert scenario.find("order-1").title in page.locator(".fv-about").inner_text()
        expect(page.locator('[data-out="link"]')).to_be_hidden()
        assert page.locator(".fv-root").evaluate("node => node.scrollWidth <= node.clientWidth")
        page.keyboard.press("Escape")
        page.locator(".fv-ways .fv-btn").click()
        menu = page.locator('[data-pop="ways"]')
        expect(menu).to_contain_text("story 3 (03-three-patches.ipynb)", ignore_case=True)
        expect(menu).to_contain_text(serve.INDEX)
        assert page.locator(".fv-ways a:visible").count() == 0

        shown = page.locator(".fv-root")
        assert shown.evaluate(DIMMED) == ["1", "auto", "none"]
        page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        expect(shown).to_have_class(re.compile(r"\bjupyter-widgets-disconnected\b"))
        opacity, presses, mark = shown.evaluate(DIMMED)
        assert float(opacity) < 1
        assert (presses, mark) == ("none", "none")


def test_a_page_of_the_static_site_runs_the_notebook_with_its_query(chromium, lab):
    """It finds the kernel, hands the link over, and shows what cells show; JupyterLab stands for JupyterLite."""
    lite = dashboard.ROOT / "lite"
    page_of = (
        (lite / "start.html").read_text().replace("NOTEBOOK", "explorer.ipynb").replace("TITLE", "folioviz")
    )
    with dashboard.window(chromium, viewport=LAPTOP) as window:
        page = window.new_page()
        page.route("**/explorer/*", lambda route: route.fulfill(body=page_of, content_type="text/html"))
        page.route(
            "**/static/start.*", lambda route: route.fulfill(path=lite / route.request.url.split("/")[-1])
        )
        page.route(
            "**/notebooks/index.html?*",
            lambda route: route.fulfill(
                status=302, headers={"location": f"{lab}lab/tree/explorer.ipynb?reset"}
            ),
        )
        page.goto(f"{lab}explorer/?{LINK}")
        frame = page.frame_locator("iframe.ready")
        expect(frame.locator(".fv-summary")).to_contain_text("vm_bug:folio_order")
        expect(frame.locator(".fv-playhead input")).to_have_value("30")
        expect(frame.locator(".jp-CodeCell .jp-Cell-inputWrapper").first).to_be_hidden()
        frame.get_by_role("button", name="Share").first.click()
        expect(frame.locator("[data-row=link] input")).to_have_value(f"{lab}explorer/?{LINK}")
        frame.locator(".fv-summary").first.click()
        page.keyboard.press("Home")
        page.wait_for_url("**/explorer/?*at=0*")
        page.evaluate(
            """() => {
            const { document } = frames[0], link = document.createElement('a');
            link.href = 'explorer.ipynb?scenario=front';
            document.body.append(link);
            link.click();
        }"""
        )
        page.wait_for_url("**/explorer/?scenario=front")
