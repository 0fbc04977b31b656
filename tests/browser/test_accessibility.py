"""Whoever cannot see well, use a mouse or tell colours apart: axe-core, keys, touch, and the theme of the system."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from folioviz import parse_line, stories
from folioviz.files import share
from folioviz.files.scenario import Scenario
from folioviz.views.panels.help import legend
from tests.browser.conftest import LAPTOP, played, watched
from tests.browser.stage import answered
from tools import dashboard, screenshots

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
"""None is left out."""
TOLD = {"resultTypes": ["violations"], "selectors": False}
"""What is well is not told of: of a large page that is megabytes."""
CONTRAST = {"runOnly": ["color-contrast"]}
"""All that a theme can change: the markup under both is the same."""
FITS = "[...document.querySelectorAll('.fv-look')].every(look => look.scrollWidth <= look.clientWidth)"
"""Whether nothing that the legend draws lies over what is said of it."""
STATES = ("first", "help", "error", "many", "question")
PHONE = {"width": 390, "height": 844}
STOPS = 240
"""Presses of Tab within which the page is walked through."""

WATCH = """() => {
    window.stops = [], window.told = [], window.away = false;
    document.addEventListener('focusout', window.leaving ??= ({ relatedTarget: to }) => {
        window.away ||= window.stops.length > 0 && !to?.closest('.fv-root');
    });
    document.addEventListener('focusin', window.watching ??= ({ target: e }) => {
        if (window.away || !e.closest('.fv-root')) return;
        const s = getComputedStyle(e), last = window.stops.at(-1);
        window.stops.push(e);
        window.told.push({
            name: e.className + ' ' + (e.title || e.textContent).slice(0, 40),
            seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
            onward: !last || Boolean(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
        });
    });
}"""
"""Note every element that gets the focus until it leaves the dashboard: is that seen, and further on in the page?"""
STRIDE = 10
"""After so many presses of Tab it is asked whether the dashboard is left."""
MISSED = """() => [...document.querySelectorAll('.fv-root :is(a[href], button, select, input, summary, [tabindex])')]
    .filter(e => e.tabIndex === 0 && !e.disabled && e.checkVisibility())
    .filter(e => !e.closest('dialog, [popover]') && !window.stops.includes(e))
    .map(e => e.outerHTML.slice(0, 80))"""
CUT = """() => {
    const scrolls = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    return [...document.querySelectorAll('#rendered_cells *')]
        .filter(e => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 1)
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .filter(e => !e.closest('svg, .fv-tip') && !scrolls(e.parentElement))
        .map(e => e.outerHTML.slice(0, 100));
}"""
"""What reaches beyond the window, and is in no box that scrolls."""
BEGINS = """() => {
    const texts = document.createTreeWalker(document.querySelector('.fv-root'), NodeFilter.SHOW_TEXT), found = [];
    for (let text; (text = texts.nextNode()); ) {
        const before = text.previousSibling;
        if (before?.nodeName !== 'BUTTON' || !/^[,.:;!?)’”]/.test(text.data) || !before.checkVisibility()) continue;
        const mark = document.createRange();
        mark.setStart(text, 0);
        mark.setEnd(text, 1);
        if (mark.getBoundingClientRect().top > before.getBoundingClientRect().bottom - 4)
            found.push(before.textContent + text.data.slice(0, 10));
    }
    return found;
}"""
"""Lines that begin with what belongs to the word before."""


def wrong(view, rules=RULES):
    """Return what axe finds, in words."""
    axe = Axe("") if view.evaluate("'axe' in window") else Axe()
    faults = axe.run(view, options=rules | TOLD).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in faults for node in fault["nodes"]]


def both(view):
    """Return what axe finds, and what it finds of contrast under the other theme."""
    found = wrong(view)
    view.emulate_media(color_scheme="dark")
    expect(view.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    found += wrong(view, CONTRAST)
    view.emulate_media(color_scheme="light")
    expect(view.locator("body")).to_have_attribute("data-jp-theme-light", "true")
    return found


def test_axe_finds_nothing(page):
    """In any state, under either theme: names, roles, contrast of 4.5 to 1, headings, landmarks."""
    page.set_viewport_size(LAPTOP)
    for state in STATES:
        screenshots.STATES[state](page)
        assert (state, both(page)) == (state, [])
        page.keyboard.press("Escape")


def test_axe_finds_nothing_where_it_is_narrow(page):
    """The columns stack; nothing is cut."""
    page.set_viewport_size(PHONE)

    assert both(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_axe_finds_nothing_on_a_running_machine(put_up):
    """Under either theme; and on a phone nothing is wider than it."""
    view = put_up("machine")
    view.set_viewport_size(LAPTOP)

    assert both(view) == []
    view.set_viewport_size(PHONE)
    assert view.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_axe_finds_nothing_under_later_kernels(put_up):
    """Owners, flags, a folio queued at birth, operations found, the node's counters shown."""
    ops = "mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512; zero 1 2 3; fork 1; dontneed 1 0 8; dontneed 2 0 8"
    kernels = ("v6.12", "v7.3+no-page-mapcount")
    view = put_up("explorer", share.query(Scenario(tuple(parse_line(ops)), kernels=kernels)))
    view.locator(".fv-do-more").click()
    expect(view.locator(".fv-do-size3")).to_be_visible()
    view.locator(".fv-node summary").click()
    view.locator(".fv-knote summary").first.click()
    view.locator("[data-find]").fill("split")
    expect(view.locator(".fv-found [data-asked='into']")).to_be_visible()

    assert both(view) == []


def test_axe_finds_nothing_on_the_landing_page(chromium, url):
    """Cards and pictures, light and dark."""
    with dashboard.window(chromium) as window:
        view = window.new_page()
        view.goto(url)
        for scheme in ("light", "dark"):
            view.emulate_media(color_scheme=scheme)
            assert (scheme, wrong(view)) == (scheme, [])


def walk(view):
    """Press Tab until the dashboard is left; return where the focus was unseen or went back, and what was left out."""
    view.evaluate(WATCH)
    for _ in range(STOPS // STRIDE):
        for _ in range(STRIDE):
            view.keyboard.press("Tab")
        if view.evaluate("window.away"):
            break
    stops = view.evaluate("window.told")
    return [stop["name"] for stop in stops if not (stop["seen"] and stop["onward"])], view.evaluate(MISSED)


def test_tab_walks_through_the_whole_page(page):
    """In the page's order; the focus is always seen, and nothing that can be used is left out."""
    page.set_viewport_size(LAPTOP)
    page.locator(".fv-summary").click()

    assert walk(page) == ([], [])


@pytest.fixture(scope="module")
def reader(chromium):
    """Open a page that goes from story to story; afterwards, its console must hold no error."""
    with dashboard.window(chromium, viewport=LAPTOP, color_scheme="light") as window:
        view = window.new_page()
        errors = watched(view)
        yield view
    assert errors == []


WHOLE = ("counters", "truth")
"""Stories that are opened as visitors open them, words of the notebook and all; the others are put up on the stage."""


@pytest.mark.parametrize("key", stories.KEYS)
def test_a_story_is_for_everybody(key, request, url):
    """Axe finds nothing before the guess, after it, and at 390 px, where nothing is cut; Tab reaches everything."""
    if key in WHOLE:
        told = request.getfixturevalue("reader")
        told.goto(f"{url}voila/render/{list(stories.KEYS).index(key) + 1:02}-{key}.ipynb")
        told.wait_for_selector(".fv-guess", state="visible")
    else:
        told = request.getfixturevalue("put_up")(key)
    told.emulate_media(color_scheme="light", reduced_motion="reduce")
    told.set_viewport_size(LAPTOP)
    before = wrong(told)
    told.locator(".fv-option").first.click()
    told.wait_for_selector(".fv-because")
    expect(told.locator(".fv-answer")).to_be_visible()
    played(told, key)
    expect(told.locator(".fv-working")).to_have_count(0)  # what is being counted anew is faint
    after = both(told)
    told.evaluate("scrollTo(0, 0)")
    told.locator("h1").first.click()
    walked = walk(told)
    told.set_viewport_size(PHONE)
    told.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    narrow = wrong(told)

    assert (before, after, narrow) == ([], [], [])
    assert walked == ([], [])
    assert told.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert told.evaluate(CUT) == []
    assert told.evaluate(BEGINS) == []


def test_the_help_is_a_dialog(page):
    """Closed in four ways; the focus is inside, then where it was; keys do nothing else; no badge covers its words."""
    view = page
    dialog = view.get_by_role("dialog", name="Help")
    button = view.locator(".fv-help-button")
    before = view.locator(".fv-chip").count()
    for close in (
        lambda: view.keyboard.press("Escape"),
        lambda: view.keyboard.press("?"),
        lambda: dialog.get_by_role("button", name="Close").click(),
        lambda: view.mouse.click(5, 5),
    ):
        button.click()
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        assert view.evaluate(FITS)
        view.keyboard.press("m")
        answered(view)
        for _ in range(3):
            view.keyboard.press("Tab")
            assert view.evaluate("document.activeElement.closest('dialog') !== null")
        close()
        expect(dialog).to_be_hidden()
        expect(button).to_be_focused()
    view.locator(".fv-lane").first.focus()
    view.keyboard.press("?")
    expect(dialog).to_be_visible()
    drawn = dialog.locator("canvas").evaluate_all(
        "all => all.map(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean))"
    )
    view.keyboard.press("Escape")
    expect(view.locator(".fv-lane").first).to_be_focused()

    assert len(drawn) == legend().count("<canvas")
    assert all(drawn)
    assert view.locator(".fv-chip").count() == before


def test_a_chosen_folio_keeps_the_focus(page):
    """Its card, or its line, is replaced by another one: the focus is on that."""
    view = page
    for side, folio in (("first", 2), ("last", 3)):
        name = view.locator(f".fv-columns .fv-name[data-fv='folio:{folio}']")
        getattr(name, side).focus()
        view.keyboard.press("Enter")
        expect(getattr(view.locator(f".fv-focus .fv-name[data-fv='folio:{folio}']"), side)).to_be_focused()
    screenshots.STATES["many"](view)
    view.locator(".fv-line[data-fv='folio:3']").first.focus()
    view.keyboard.press("Enter")
    expect(view.locator(".fv-line.fv-focus[data-fv='folio:3']").first).to_be_focused()


def test_a_finger_selects(opened):
    """A tap selects a page, a drag over a lane a range; the page does not scroll with it."""
    view = explorer(opened, viewport=PHONE, has_touch=True)
    view.locator(".fv-offer button").click()
    lane = view.locator(".fv-lane").first
    lane.evaluate("one => one.scrollIntoView({ block: 'center' })")
    box = lane.bounding_box()
    at = [box["x"] + box["width"] * (page + 0.5) / 64 for page in (4, 11)]
    view.touchscreen.tap(at[0], box["y"] + 10)
    expect(view.locator(".fv-picked")).to_contain_text("1 page")
    hand = view.context.new_cdp_session(view)
    for kind, x in (
        ("touchStart", at[0]),
        ("touchMove", at[0] + 9),
        ("touchMove", at[1]),
        ("touchEnd", None),
    ):
        points = [] if x is None else [{"x": x, "y": box["y"] + 10}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(view.locator(".fv-picked")).to_contain_text("8 pages")


@pytest.mark.parametrize(
    ("scheme", "query", "dark"),
    [("dark", "", True), ("dark", "?theme=light", False), ("light", "?theme=dark", True)],
)
def test_the_theme_is_the_systems_unless_asked_for(opened, chromium, url, scheme, query, dark):
    """On the explorer from its first words on, and on the landing page; a change of the system's mind is followed."""
    view = explorer(opened, query, color_scheme=scheme)
    assert is_dark(view) == dark
    with dashboard.window(chromium, color_scheme=scheme) as window:
        landing = window.new_page()
        landing.goto(url + query)
        page = landing.evaluate("getComputedStyle(document.body).backgroundColor")
        if query:
            follows_the_links(view, landing, query)

    assert page == background(view)
    if not query:
        view.emulate_media(color_scheme="light")
        expect(view.locator("body")).to_have_attribute("data-jp-theme-light", "true")
        assert not is_dark(view)


def follows_the_links(view, landing, query):
    """Look whether a theme that was asked for is asked for on the next page, too, wherever one goes."""
    name = view.locator(".fv-brand a.fv-served")
    name.focus()
    card = landing.locator("a.card", has_text="split queue")
    card.dispatch_event("pointerdown")
    known = landing.locator("footer a").last
    known.hover()
    known.dispatch_event("pointerdown")

    for link in (name, card, known):
        assert link.evaluate("one => one.search") == query
    with landing.expect_navigation():
        landing.locator("footer a").first.click()
    assert landing.evaluate("location.search") == query


def explorer(opened, query="", **kind):
    """Open the explorer in a window of its own."""
    view = opened(f"explorer.ipynb{query}", **kind)
    view.wait_for_selector(".fv-trace button.now")
    view.wait_for_selector(".fv-lane canvas")
    return view


def background(view):
    """Return the colour behind a dashboard."""
    return view.locator(".fv-root").evaluate("e => getComputedStyle(e).backgroundColor")


def is_dark(view):
    """Tell whether a page is dark: what JupyterLab's own styles and ours say must agree."""
    base = view.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-layout-color0')").strip()
    told = view.locator("body").get_attribute("data-jp-theme-light")

    assert background(view) == ("rgb(244, 246, 248)" if told == "true" else "rgb(18, 22, 27)")
    assert (base == "white") is (told == "true")
    return told == "false"


def test_forced_colours_and_less_motion(page):
    """The page works, and what is selected is still marked."""
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.keyboard.press("ArrowRight")
    answered(page)
    now = page.locator(".fv-trace button.now").first

    assert now.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
    assert page.locator(".fv-chip[aria-current]").evaluate("e => getComputedStyle(e).outlineStyle") != "none"
