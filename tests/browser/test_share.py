"""Share and export, as a person uses them: links in Voila, preheated and not, files both ways."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from folioviz import KERNELS
from folioviz.compare.mail import mail
from folioviz.files import scenario
from tests.browser.conftest import complaints, watched
from tests.browser.stage import answered
from tools import dashboard

pytestmark = pytest.mark.browser

READ = "text => new DOMParser().parseFromString(text, 'image/svg+xml').documentElement.textContent"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def desk(chromium, tmp_path):
    """Open the explorer in Voila as it comes, in a page that may use the clipboard; neither may have an error."""
    log = tmp_path / "log"
    with (
        dashboard.voila(
            dashboard.ROOT / "notebooks" / "explorer.ipynb", log, "--show_tracebacks=True"
        ) as url,
        dashboard.window(chromium, permissions=["clipboard-read", "clipboard-write"]) as window,
    ):
        view = window.new_page()
        errors = watched(view)
        dashboard.keep_offline(view)
        view.goto(url)
        ready(view)
        yield view
        assert view.locator(".jp-RenderedText[data-mime-type$=stderr]").count() == 0
    assert errors == []
    assert complaints(log) == []


def ready(page):
    """Wait until a page shows the explorer."""
    page.wait_for_selector(".fv-trace button.now")
    page.wait_for_selector(".fv-lane canvas")


def moment(page):
    """Return what a link must bring back: kernels, mode, operations, playhead."""
    words = page.locator(".fv-playhead input")
    menus = [page.get_by_label(name, exact=True).input_value() for name in ("A", "B", "mmu_gather")]
    return [*menus, page.locator(".fv-chip").all_inner_texts(), words.get_attribute("aria-valuetext")]


def act(page):
    """Do something of one's own, and go to a step in the middle of it."""
    page.locator("body").press("End")
    answered(page)
    page.locator(".fv-do-fork").click()
    expect(page.locator(".fv-chip").last).to_contain_text("fork 1")
    for _ in range(5):
        before = page.locator(".fv-playhead input").get_attribute("aria-valuetext")
        page.locator("body").press("ArrowLeft")
        dashboard.holds(
            page, "w => document.querySelector('.fv-playhead input').ariaValueText !== w", arg=before
        )


def shared(page):
    """Press Share and return the link, which is then in the clipboard, too."""
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator(".fv-copied")).to_have_text("The link is copied.")
    link = page.locator('[data-out="link"]').input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.keyboard.press("Escape")
    expect(page.locator('[data-pop="share"]')).to_be_hidden()
    return link


def process_of(kernel):
    """Return the process of a kernel, one below this one, by its sockets' names; others may end meanwhile."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any(kernel in str(one.laddr) for one in process.net_connections("unix")):
                found.append(process)
    assert len(found) == 1
    return found[0]


def save(page, button):
    """Press a button of the export menu and return what is saved."""
    menu = page.locator('[data-pop="export"]')
    if not menu.is_visible():
        page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as waiting:
        menu.get_by_role("button", name=button, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_link_reopens_the_moment(desk):
    """One click copies it; a new page shows the same kernels, operations and step."""
    act(desk)
    before = moment(desk)
    link = shared(desk)
    with desk.context.expect_page() as waiting:
        desk.evaluate("link => void window.open(link)", link)
    ready(waiting.value)
    expect(waiting.value.locator(".fv-chip").last).to_contain_text("fork 1")

    assert moment(waiting.value) == before


def test_a_link_reopens_in_a_preheated_kernel_and_after_its_death(chromium, tmp_path):
    """The kernel that waited opens what the visitor's address asks for; a new one what the page last showed."""
    (tmp_path / "notebooks").mkdir()
    source = dashboard.ROOT / "notebooks" / "explorer.ipynb"
    (tmp_path / "notebooks" / "explorer.ipynb").write_bytes(source.read_bytes())
    with (
        dashboard.served(tmp_path / "notebooks", tmp_path / "log", FOLIOVIZ_POOL="1") as url,
        dashboard.window(chromium) as window,
    ):
        page = window.new_page()
        page.goto(f"{url}voila/render/explorer.ipynb?scenario=order-1&a=v6.5-rc3%2Bv4.1&b=none&at=30")
        ready(page)
        expect(page.get_by_label("B", exact=True)).to_have_value("none")
        before = moment(page)
        page.locator("body").press("ArrowLeft")
        dashboard.holds(
            page, "w => document.querySelector('.fv-playhead input').ariaValueText !== w", arg=before[-1]
        )
        now = moment(page)
        dashboard.holds(
            page, "() => window.jupyterapp?.widgetManager?.kernel?.connectionStatus === 'connected'"
        )
        kernel = page.evaluate("window.jupyterapp.widgetManager.kernel.id")
        os.kill(process_of(kernel).pid, signal.SIGKILL)
        page.get_by_role("button", name="Reload").click()
        dashboard.holds(page, "id => window.jupyterapp?.widgetManager?.kernel?.id !== id", arg=kernel)
        ready(page)
        dashboard.holds(
            page, "w => document.querySelector('.fv-playhead input').ariaValueText === w", arg=now[-1]
        )

        assert now != before
        assert moment(page) == now
        page.goto("about:blank")


def test_a_name_and_a_highlight_are_given_by_keys_and_shown_until_they_are_taken_away(put_up):
    """No control moves; both cards of the folio are outlined, in sight; a click with Shift chooses, Esc takes away."""
    page = put_up("explorer", "scenario=first-look&a=v6.5-rc3&b=v6.5-rc3%2Bv4&at=150")
    boxes = "[...document.querySelectorAll('button, select, input')].filter(one => one.checkVisibility()"
    boxes += (
        " && !one.closest('.fv-called, .fv-card, .fv-pop')).map(one => one.getBoundingClientRect().toJSON())"
    )
    before = page.evaluate(boxes)
    page.locator("body").press("s")
    page.keyboard.type("Look at folio 2")
    page.keyboard.press("Tab")
    for folio in ("folio.1", "folio.2"):
        page.keyboard.press("ArrowDown")
        expect(page.locator("[data-mark]")).to_have_value(folio)
        expect(page.locator("[data-mark]")).to_be_focused()
        answered(page)
    expect(page.locator(".fv-called")).to_contain_text("Look at folio 2outlined: folio 2")
    expect(page.locator('[data-out="open"]')).to_have_value(
        re.compile("&name=Look\\+at\\+folio\\+2&mark=folio.2'$")
    )
    page.keyboard.press("Escape")
    expect(page.locator('[data-pop="share"]')).to_be_hidden()
    for card in page.locator('[data-folio="2"]').all():
        expect(card).to_have_css("outline-style", "solid")
        expect(card).to_be_in_viewport()
    assert page.locator('[data-folio="2"]').count() == 2
    assert page.evaluate(boxes) == before
    page.locator('[data-folio="2"] [data-counter="refcount"]').first.click(modifiers=["Shift"])
    expect(page.locator(".fv-called")).to_contain_text("outlined: refcount of folio 2")
    page.locator("body").press("Escape")
    expect(page.locator(".fv-called [role=note]")).to_have_count(0)
    assert (
        page.locator('[data-folio="2"]').first.evaluate("one => getComputedStyle(one).outlineStyle") == "none"
    )


def test_a_bad_link_is_told_in_words(put_up):
    """The explorer opens as ever and says what is wrong with the link."""
    page = put_up("explorer", "scenario=order-1&a=v9.9")

    expect(page.locator(".fv-error")).to_contain_text(
        "Not all of this link can be shown: a: no kernel 'v9.9'"
    )


def test_a_saved_scenario_opens_again(page, tmp_path):
    """A file brings back what a link does; a file that is none is told, and changes nothing."""
    act(page)
    before = moment(page)
    name, content = save(page, "Scenario")
    (tmp_path / name).write_bytes(content)
    (tmp_path / "bad.yaml").write_text("ops: [fault 1 0]")
    (tmp_path / "long.yaml").write_text("x" * 2_000_000)
    page.keyboard.press("Escape")
    page.locator("body").press("Home")
    page.locator("[data-open]").set_input_files(tmp_path / "bad.yaml")
    expect(page.get_by_role("alert")).to_contain_text("ops[0]")
    page.locator("[data-open]").set_input_files(tmp_path / "long.yaml")
    expect(page.get_by_role("alert")).to_contain_text("longer than 262144 bytes")
    page.locator("[data-open]").set_input_files(tmp_path / name)
    dashboard.holds(
        page, "w => document.querySelector('.fv-playhead input').ariaValueText === w", arg=before[-1]
    )

    assert moment(page) == before
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_is_pasted_is_looked_at_and_opened(page):
    """An error is told beside the text and changes nothing; operations, and our own lines for a mail, are opened."""
    before = moment(page)
    page.locator("body").press("o")
    area, said = page.locator("[data-paste]"), page.locator("[data-slot=pasted]")
    area.fill("mm; mmap 1 0")
    expect(said).to_contain_text("operation 2: 'mmap 1 0' has 2 arguments")
    page.locator("[data-opens]").click()
    answered(page)
    assert moment(page) == before
    area.fill("mm; mmap 1 0 64; fault 1 0 4")
    expect(said).to_contain_text("3 operations under v4 1/3 and v4")
    page.locator("[data-opens]").click()
    expect(page.locator(".fv-chip")).to_have_count(3)

    page.locator("body").press("s")
    expect(page.locator("[data-near]")).to_be_visible()
    page.get_by_role("button", name="Copy for a mail").click()
    expect(page.locator('[data-out="mail"]')).to_have_value(re.compile("folioviz open"))
    lines = page.locator('[data-out="mail"]').input_value()
    assert lines == mail(scenario.from_builtins("mm; mmap 1 0 64; fault 1 0 4"))
    page.keyboard.press("Escape")
    page.locator(".fv-do-fork").click()
    expect(page.locator(".fv-chip")).to_have_count(4)
    page.locator("body").press("o")
    area.fill(lines)
    expect(said).to_contain_text("3 operations")
    page.locator("[data-opens]").click()
    expect(page.locator(".fv-chip")).to_have_count(3)


def test_every_kernel_has_a_row_that_shows_it(page):
    """One button runs the operations under all kernels; a name makes it B; on a phone each has its sentence, too."""
    page.get_by_role("button", name="All kernels").click()
    rows = page.locator(".fv-every-rows tbody tr")
    expect(rows).to_have_count(len(KERNELS))
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator(".fv-every-rows").evaluate("node => node.scrollWidth <= node.clientWidth")
    expect(rows.first.locator(".fv-left")).to_be_visible()
    page.set_viewport_size(size)
    rows.nth(list(KERNELS).index("v6.12")).get_by_role("button").click()
    page.keyboard.press("Escape")
    expect(page.locator('[data-pick="B"]')).to_have_value("v6.12")


def test_texts_are_saved(page):
    """The trace, the report and the folios, each under its name."""
    trace, report, folios = (save(page, name) for name in ("Trace, CSV", "Report, 72 columns", "Folios"))

    assert (trace[0], report[0], folios[0]) == ("trace.csv", "report.txt", "folios.txt")
    assert b"deferred_split_folio" in trace[1]
    assert max(map(len, report[1].decode().splitlines())) <= 72
    assert b"head:folio1 order:4 entire_mapcount:0 nr_pages_mapped:15" in folios[1]


def starts_on_a_click(context, path, saved):
    """Open a saved page, without a network until somebody presses its button: then it asks for the live one."""
    path.write_bytes(saved)
    blog, asked = context.new_page(), []
    blog.on("request", lambda request: asked.append(request.url))
    blog.goto(path.as_uri())
    expect(blog.locator("svg").first).to_be_visible()
    live = blog.get_by_role("link").get_attribute("href")
    assert asked == [path.as_uri()]
    with blog.expect_request(live):
        blog.get_by_role("button").click()
    blog.close()


def test_every_panel_becomes_a_picture(page, tmp_path):
    """SVG that is well formed, small, and holds the panel's words and shapes; PNG, at twice the size; HTML."""
    page.locator("body").press("e")
    expect(page.locator("[data-picture] option[value=contention_curves]")).to_have_attribute("hidden", "")
    for panel in page.locator("[data-picture] option:not([hidden])").evaluate_all(
        "all => all.map((one) => one.value)"
    ):
        page.locator("[data-picture]").select_option(panel)
        name, picture = save(page, "SVG")
        words = page.evaluate(READ, picture.decode())
        assert name == f"folioviz-{panel}.svg"
        assert "mmu_gather batched" in words
        assert "error on line" not in words
        assert b"foreignObject" not in picture  # other readers of SVG than browsers leave it blank
        assert b"<text" in picture
        assert len(picture) < 500_000
        if panel in ("lanes", "folios"):  # what canvases show is drawn anew, not pasted
            assert b"<image" not in picture
            assert picture.count(b"<rect") > 16
    name, saved = save(page, "HTML")
    assert name == f"folioviz-{panel}.html"
    starts_on_a_click(page.context, tmp_path / name, saved)
    name, picture = save(page, "PNG")
    assert (name, picture[:8]) == (f"folioviz-{panel}.png", PNG)
    assert int.from_bytes(picture[16:20], "big") > 700
