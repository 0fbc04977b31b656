"""Take pictures of the explorer in its states, of the stories and of the landing page, into screenshots/.

    python -m tools.screenshots [NAME ...]     only pictures whose name begins so: s390, landing, first-dark
    python -m tools.screenshots readme         those of the README, into docs/images/
    python -m tools.screenshots gallery [NAME ...]     those of the landing page, into the package

Needs a Chromium (CHROMIUM, or one on the PATH: tools/chromium.py finds or gets one).
"""

from __future__ import annotations

import sys
import tempfile
from itertools import groupby, product
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from folioviz import stories
from folioviz.serving import landing, serve
from tools import dashboard, palette_png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, FloatRect, Page

OUT = dashboard.ROOT / "screenshots"
SIZES = {"1440x900": (1440, 900), "1280x720": (1280, 720), "390": (390, 844)}
ANSWERED = """async () => {
    await window.jupyterapp?.widgetManager?.kernel?.requestKernelInfo();
    let changed = performance.now();
    const watch = new MutationObserver(() => { changed = performance.now(); });
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    while (performance.now() - changed < 350) await new Promise(requestAnimationFrame);
    watch.disconnect();
}"""
"""The kernel answers in turn: what the page has sent before is done, and shown; then charts move to their places."""


def settle(page: Page) -> None:
    """Wait until the kernel has answered all that the page asked, and nothing moves any more."""
    page.evaluate(ANSWERED)


def scenario(label: str) -> Callable[[Page], None]:
    """Return what opens a scenario of the menu, by how its title begins."""

    def go(page: Page) -> None:
        menu = page.get_by_label("scenario", exact=True)
        labels = [text.replace("\xa0", " ") for text in menu.locator("option").all_text_contents()]
        menu.select_option(index=next(place for place, text in enumerate(labels) if text.startswith(label)))
        dashboard.holds(
            page, "text => document.querySelector('.fv-about')?.textContent.includes(text)", arg=label
        )

    return go


def error(page: Page) -> None:
    """Type an address that is none."""
    field = page.get_by_label("from", exact=True)
    field.fill("0x7f0000000123")
    field.press("Enter")
    page.wait_for_selector(".fv-error")


def empty(page: Page) -> None:
    """Go to where nothing has been done."""
    page.evaluate("document.activeElement.blur()")
    page.locator("body").press("Home")
    page.wait_for_selector(".fv-lane-head", state="detached")


def asked(page: Page) -> None:
    """Act in the past, and leave the question open."""
    empty(page)
    page.locator(".fv-do-mm").click()
    page.wait_for_selector(".fv-ask")


def helped(page: Page) -> None:
    """Open the help."""
    page.locator("body").press("?")
    page.wait_for_selector(".fv-help", state="visible")


STATES: dict[str, Callable[[Page], None]] = {
    "first": lambda _: None,
    "help": helped,
    "error": error,
    "one": scenario("The front of a folio"),
    "fork": scenario("After fork, both sides"),
    "pmd": scenario("Mapped by a PMD"),
    "many": scenario("64 folios"),
    "freed": scenario("s390"),
    "question": asked,
    "empty": empty,
}
"""Name -> how to get there from the state before; each begins where the one before has left the page."""

SMALL = ("first", "help", "fork", "many", "question")
"""States that are taken at every size; the others at the first only."""


def pictures() -> list[tuple[str, str, str]]:
    """Return (theme, state, size) of every picture."""
    return [
        (theme, state, size)
        for theme in ("light", "dark")
        for state in STATES
        for size in SIZES
        if state in SMALL or size == next(iter(SIZES))
    ]


STORIES: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", "1440x900"), ("dark", "390"))
"""How the stories and the landing page are taken."""

README = ("explorer", "explorer-dark", "s390", "gallery")


THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CARD = (640, 360)
"""Width and height of what a card of the landing page shows, half as large."""
FIGURES = {
    "races": "[data-slot=racemap]",
    "costs": ".fv-panel-sweep",
    "own-patch": ".fv-panel-trial",
    "tour": ".fv-says",
}
"""Story -> its figure, where that is not the first panel."""


def figure(page: Page) -> FloatRect:
    """Return where a story's figure is; a question that was not answered is skipped."""
    skip = page.locator("[data-fv='guess:skip']")
    if skip.count():
        skip.click()
        settle(page)
        page.wait_for_selector(".fv-root progress", state="detached")
        settle(page)
    key = page.url.partition("/render/")[2].partition(".")[0][3:]
    box = page.locator(FIGURES.get(key, ".fv-grid .fv-panel")).first.bounding_box()
    if box is None:
        raise RuntimeError(f"{page.url} shows no figure")
    return {"x": box["x"], "y": box["y"], "width": CARD[0], "height": CARD[1]}


def take(page: Page, name: str, size: tuple[int, int], root: str = ".fv-root") -> None:
    """Take a page's picture at the given size; of the smallest, and of what does not fit, at full height, too."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    settle(page)
    page.screenshot(path=OUT / f"{name}.png")
    full = page.evaluate("root => document.querySelector(root).getBoundingClientRect().height", root)
    if full > size[1] and not page.locator("dialog[open]").count():
        page.set_viewport_size({"width": size[0], "height": int(full) + 8})
        settle(page)
        page.screenshot(path=OUT / f"{name}-full.png")
    print(OUT / f"{name}.png")


def tell(page: Page, url: str, key: str, option: int = 0) -> None:
    """Open a story and answer its question."""
    number = list(stories.KEYS).index(key) + 1
    page.goto(f"{url}voila/render/{number:02}-{key}.ipynb")
    page.wait_for_selector(".fv-story", state="attached")
    page.wait_for_selector(".fv-guess, .fv-answer", state="visible")
    if page.locator(".fv-option").count():
        page.locator(".fv-option").nth(option).click()
        page.wait_for_selector(".fv-because")
    settle(page)


def show(page: Page, url: str, theme: str) -> None:
    """Open the explorer, and decline the tour."""
    page.goto(f"{url}voila/render/explorer.ipynb?theme={theme}")
    page.wait_for_selector(".fv-trace button.now")
    page.wait_for_selector(".fv-lane canvas")
    page.locator(".fv-offer button").click()


def walk(browser: Browser, url: str, theme: str, wanted: Iterator[tuple[str, str, str]]) -> None:
    """Go through the states of one page, and take the pictures that are wanted of each."""
    width, height = next(iter(SIZES.values()))
    page = browser.new_page(viewport={"width": width, "height": height})
    show(page, url, theme)
    for state, sizes in groupby(wanted, key=lambda picture: picture[1]):
        page.set_viewport_size({"width": width, "height": height})
        STATES[state](page)
        settle(page)
        for _, _, size in sizes:
            take(page, f"{state}-{theme}-{size}", SIZES[size])
        page.keyboard.press("Escape")
    page.close()


def tour(browser: Browser, url: str, names: list[str]) -> None:
    """Take the pictures that are wanted of the stories and of the landing page, which follow the system's theme."""
    with browser.new_page() as page:
        for key in (*stories.KEYS, "landing"):
            wanted = [
                one for one in STORIES if not names or f"{key}-{'-'.join(one)}".startswith(tuple(names))
            ]
            if not wanted:
                continue
            page.set_viewport_size({"width": 1440, "height": 900})
            page.emulate_media(color_scheme="light")
            if key == "landing":
                page.goto(url)
            else:
                tell(page, url, key)
            for theme, size in wanted:
                page.emulate_media(color_scheme=theme)
                take(page, f"{key}-{theme}-{size}", SIZES[size], "main, [role=main]")


def readme(browser: Browser, url: str) -> None:
    """Take the pictures of the README: the explorer's first look, a story rightly answered, the landing page."""
    folder = dashboard.ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name in README:
        with browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light") as page:
            if name == "gallery":
                page.goto(f"{url}?theme=light")
            elif name in stories.KEYS:
                page.set_viewport_size({"width": 1200, "height": 800})
                story = stories.find(name)
                tell(page, url, name, story.question.answer()[0] if story.question else 0)
            else:
                show(page, url, "dark" if name.endswith("dark") else "light")
            settle(page)
            small = palette_png.encoded(palette_png.pixels(page, page.screenshot()), 128)
            (folder / f"{name}.png").write_bytes(small)
            print(folder / f"{name}.png")


def gallery(browser: Browser, url: str, names: list[str]) -> None:
    """Take the pictures of the landing page: of each dashboard, its figure; of the explorer, all."""
    landing.PICTURES.mkdir(parents=True, exist_ok=True)
    found = sorted(serve.notebooks().glob("[!.]*.ipynb"))
    wanted = [path for path in found if not names or path.stem.lstrip("0123456789-").startswith(tuple(names))]
    for notebook, theme in product(wanted, THEMES):
        with browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme) as page:
            if notebook.name == landing.FIRST:
                show(page, url, theme)
                settle(page)
                png = page.screenshot()
            else:
                page.set_viewport_size({"width": 1000, "height": 1200})
                page.goto(f"{url}voila/render/{notebook.name}")
                page.wait_for_selector(".fv-root", state="attached")
                settle(page)
                png = page.screenshot(clip=figure(page), full_page=True)
            small = palette_png.encoded(palette_png.pixels(page, png))
            path = landing.PICTURES / f"{notebook.stem}-{theme}.png"
            path.write_bytes(small)
            print(path, len(small))


def main(names: list[str]) -> None:
    """Take the pictures."""
    OUT.mkdir(exist_ok=True)
    wanted = [
        one for one in pictures() if not names or f"{one[1]}-{one[0]}-{one[2]}".startswith(tuple(names))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard.served(dashboard.ROOT / "notebooks", Path(folder) / "log", FOLIOVIZ_POOL="0") as url,
        dashboard.chromium() as browser,
    ):
        if names == ["readme"]:
            readme(browser, url)
            return
        if names[:1] == ["gallery"]:
            gallery(browser, url, names[1:])
            return
        for theme, found in groupby(wanted, key=lambda picture: picture[0]):
            walk(browser, url, theme, found)
        tour(browser, url, names)


if __name__ == "__main__":
    main(sys.argv[1:])
