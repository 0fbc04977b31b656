"""What stays under the hand: controls keep their places, and the work outlives a reload."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from folioviz.files import scenario
from folioviz.views.session.session import Session
from tests.browser.stage import answered
from tools import dashboard

pytestmark = pytest.mark.browser

CLICKS = 20
SHARES = 4
"""So many tests do the library together."""
SIZES = [(1440, 900), (1280, 720), (390, 844)]
PLACES = """() => [...document.querySelectorAll('.fv-dock .fv-btn, .fv-controls .fv-do')]
    .map((node) => node.getBoundingClientRect()).map((box) => [box.x, box.y, box.width])"""
"""Where the buttons of the dock and of the operations are."""
WRITTEN = "at => new URLSearchParams(location.search).get('at') === at"
"""Whether the address has this step."""
SCROLLED = "to => scrollY >= Math.min(to, document.documentElement.scrollHeight - innerHeight - 1)"
"""Whether the page is scrolled so far, or to its end."""
CLICK = """async ({ x, y, clicks }) => {
    const input = document.querySelector('.fv-playhead input'), seen = [];
    while (clicks--) {
        const before = input.value;
        document.elementFromPoint(x, y).click();
        for (let tries = 0; input.value === before && tries < 40_000; tries++)
            await new Promise(done => setTimeout(done));
        seen.push(Number(input.value));
    }
    return seen;
}"""
"""Click what is at a point, wait for what it does, and again; the positions after each."""


def longest(name):
    """Return the position from which a scenario's operation with most steps goes on, and how many steps it has."""
    begins = Session(name).history.axis.begins
    lengths = [after - before for before, after in pairwise(begins)]
    return begins[lengths.index(max(lengths))], max(lengths)


def position(page):
    """Return where the playhead is."""
    return int(page.locator(".fv-playhead input").input_value())


@pytest.mark.parametrize("share", range(SHARES))
def test_clicks_on_one_point_are_steps(page, the_stage, share):
    """In every scenario: the mouse rests where *step* is, each click there is one step, and no button has moved."""
    page.set_viewport_size({"width": 1440, "height": 900})
    head = page.locator(".fv-playhead input")
    for name, told in list(scenario.library().items())[share::SHARES]:
        begin, steps = longest(name)
        clicks = min(CLICKS, steps)
        the_stage.follow(f"scenario={name}&at={begin}")
        expect(page.locator(".fv-about")).to_contain_text(told.title)
        expect(head).to_have_value(str(begin))
        box = page.locator(".fv-go-next").bounding_box()
        places = page.evaluate(PLACES)
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

        assert (name, page.evaluate(CLICK, point | {"clicks": clicks})) == (
            name,
            list(range(begin + 1, begin + clicks + 1)),
        )
        assert (name, page.evaluate(PLACES)) == (name, places)


def test_two_clicks_on_munmap_are_two_munmaps(page):
    """The first does not put another button under the mouse, although the scenario's words go."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.locator("body").press("End")
    field = page.get_by_label("from", exact=True)
    field.fill("0x7f0000010000")
    field.press("Enter")
    answered(page)
    box = page.locator(".fv-do-munmap").bounding_box()
    chips = page.locator(".fv-chip")
    before = chips.count()
    for more in (1, 2):
        page.mouse.click(box["x"] + 5, box["y"] + 5)
        expect(chips).to_have_count(before + more)

    assert [chips.nth(before + more).inner_text().split()[1] for more in (0, 1)] == ["munmap", "munmap"]


def test_an_operation_is_changed_and_deleted_in_place(page):
    """The editor says what a text is; later operations are done again; the strip stays where it is; Delete is a key."""
    page.set_viewport_size({"width": 1280, "height": 720})
    chips, dock = page.locator(".fv-chip"), page.locator(".fv-dock").bounding_box()
    page.locator(".fv-edits").click()
    field = page.locator("[data-edit]")
    expect(field).to_have_value("munmap 1 0 16")
    field.fill("munmap 1")
    expect(page.locator("[data-slot=edited]")).to_contain_text("it must be munmap MM VPN PAGES")
    field.fill("munmap 1 0 8")
    expect(page.locator("[data-slot=edited]")).to_contain_text("munmap pages 0–7")
    page.locator("[data-edits=change]").click()
    expect(chips.last).to_contain_text("munmap pages 0–7")
    chips.nth(4).focus()
    page.keyboard.press("Delete")
    expect(chips).to_have_count(5)
    expect(page.get_by_text("Deleted operation 5")).to_be_visible()
    page.get_by_role("button", name="Bring back").click()
    expect(chips).to_have_count(6)

    assert page.locator(".fv-dock").bounding_box() == dock


def test_the_wheel_over_the_dock_scrubs(page):
    """A notch over the buttons is a step back, one over the slider a step on; the page does not scroll."""
    page.set_viewport_size({"width": 1280, "height": 720})
    begin, slider = position(page), page.locator(".fv-playhead input")
    for place, turn, after in ((".fv-go-next", -120, begin - 1), (".fv-playhead", 120, begin)):
        page.locator(place).hover()
        page.mouse.wheel(0, turn)
        expect(slider).to_have_value(str(after))

    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_moves_the_playhead_is_always_on_the_screen(page, width, height):
    """At the bottom of the window wherever one scrolls to, the slider in it; A and B stand beside the strips."""
    page.set_viewport_size({"width": width, "height": height})
    answered(page)
    page.mouse.move(width / 2, height / 2)
    bottoms = []
    for scroll in (0, 10_000):
        page.mouse.wheel(0, scroll)
        dashboard.holds(page, SCROLLED, arg=scroll)
        box = page.locator(".fv-dock").bounding_box()
        bottoms.append(round(box["y"] + box["height"]))

        for inside in (".fv-go-next", ".fv-playhead"):
            part = page.locator(inside).bounding_box()
            assert box["y"] < part["y"]
            assert part["y"] + part["height"] <= height

    assert bottoms == [height, height]
    lane = page.locator(".fv-lane").bounding_box()
    names = [page.locator(f".fv-strips .fv-{side}").bounding_box() for side in "AB"]
    assert [round(name["y"] - lane["y"]) for name in names] == [0, 26]
    assert all(name["x"] + name["width"] <= lane["x"] for name in names)


def test_the_button_under_the_pointer_can_be_read(page):
    """The one that stands out keeps the colour that its text is made for."""
    button = page.locator(".fv-do-munmap")
    look = "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    page.mouse.move(1, 1)
    rest = button.evaluate(look)
    button.hover()

    assert button.evaluate(look) == rest


def test_on_a_projector_everything_is_seen_at_once(page):
    """Lanes, operations, queue, sentence, cards and timeline at 1280 x 720, without scrolling the page."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.evaluate("new Promise(requestAnimationFrame)")
    dock = page.locator(".fv-dock").bounding_box()["y"]
    for part in (
        ".fv-lane",
        ".fv-do-munmap",
        ".fv-panel-queue",
        ".fv-summary",
        ".fv-card",
        ".fv-panel-timeline",
    ):
        box = page.locator(part).first.bounding_box()

        assert 0 <= box["y"] < dock, part
    chart = page.locator(".fv-panel-timeline").bounding_box()

    assert chart["y"] + chart["height"] <= dock


def test_the_work_is_kept(opened):
    """Reload, the gallery and back: an operation of one's own, the step and the way to the story are still there."""
    page = opened("explorer.ipynb?scenario=first-look&from=batch-end%3Forder%3D3")
    chips = page.locator(".fv-chip")
    expect(chips).to_have_count(6)
    page.locator("body").press("End")
    answered(page)
    page.locator(".fv-do-mm").click()
    expect(chips).to_have_count(7)
    at = str(position(page))
    dashboard.holds(
        page,
        "at => { const q = new URLSearchParams(location.search); return q.has('s') && q.get('at') === at }",
        arg=at,
    )
    asked = parse_qs(urlsplit(page.url).query)

    assert (set(asked), asked["from"]) == ({"s", "at", "from"}, ["batch-end?order=3"])

    def is_kept():
        expect(chips).to_have_count(7)
        expect(page.locator(".fv-playhead input")).to_have_value(at)
        expect(page.locator(".fv-back")).to_have_attribute("href", "04-batch-end.ipynb?order=3")

    page.reload()
    is_kept()
    page.get_by_role("link", name="folioviz", exact=True).click()
    expect(page.locator(".hero")).to_be_visible()
    page.go_back()
    is_kept()


def test_a_copied_tab_has_what_no_address_holds(opened):
    """What is too long for an address is in the tab's storage, which a copy of the tab has; closing does not ask then.

    Where nothing holds the work, closing asks.
    """
    page = opened("explorer.ipynb")
    chips = page.locator(".fv-chip")
    expect(chips).to_have_count(6)
    about = "".join(chr(0x4E00 + place * 7919 % 20_000) for place in range(4000))
    text = scenario.dumps(
        scenario.from_builtins({"ops": "mm; mmap 1 0 8; fault 1 0 2", "about": about})
    ).encode()
    file = {"name": "long.yaml", "mimeType": "text/yaml", "buffer": text}
    page.locator("[data-open]").set_input_files(file)
    dashboard.holds(page, "() => new URLSearchParams(location.search).has('kept')")
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    copy = page.context.new_page()
    copy.add_init_script(f"Object.assign(sessionStorage, {kept})")
    copy.goto(page.url)
    expect(copy.locator(".fv-chip")).to_have_count(3)

    asked = []
    for view, forget in (
        (copy, ""),
        (page, "Storage.prototype.setItem = () => { throw new Error('full') };"),
    ):
        view.evaluate(f"() => {{ {forget} }}")
        view.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        before = position(view)
        view.locator(".fv-go-back").click()
        expect(view.locator(".fv-playhead input")).to_have_value(str(before - 1))
        dashboard.holds(view, WRITTEN, arg=str(before - 1) if forget == "" else str(before))
        with view.expect_event("close"):
            view.close(run_before_unload=True)

    assert asked == ["beforeunload"]


def test_on_a_phone_sentences_take_three_lines(page):
    """A tap, or Enter on their button, shows all of them over what is below until the next one; nothing moves."""
    page.set_viewport_size({"width": 390, "height": 844})
    op, below = page.locator(".fv-summary p").first, page.locator(".fv-do-munmap")
    button = page.get_by_role("button", name="the whole sentences")
    before, height = below.bounding_box(), op.bounding_box()["height"]
    assert page.locator(".fv-summary").bounding_box()["height"] <= 3 * 22
    assert op.evaluate("p => p.scrollHeight > p.clientHeight")
    op.hover()
    assert op.bounding_box()["height"] == height
    place = button.bounding_box()

    for whole, toggle in ((True, op.click), (False, op.click), (True, lambda: button.press("Enter"))):
        toggle()
        expect(button).to_have_attribute("aria-expanded", str(whole).lower())
        assert (op.bounding_box()["height"] > height) == whole
        assert op.evaluate("p => p.scrollHeight > p.clientHeight") != whole
        assert (below.bounding_box(), button.bounding_box()) == (before, place)
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(button).to_be_hidden()
