"""Take pictures of the explorer in its states, light and dark, at three sizes, into screenshots/.

    python -m tools.screenshots [NAME ...]     only pictures whose name begins so

Needs a Chromium (CHROMIUM, or one on the PATH: tools/chromium.py finds or gets one).
"""

from __future__ import annotations

import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tools import dashboard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

OUT = dashboard.ROOT / "screenshots"
SIZES = {"1440x900": (1440, 900), "1280x720": (1280, 720), "390": (390, 844)}
SETTLE = 350
"""Milliseconds for the figure's layout after a change of size."""


def scenario(label: str) -> Callable[[Page], None]:
    """Return what opens a scenario of the menu, by how its title begins."""

    def go(page: Page) -> None:
        menu = page.get_by_label("scenario", exact=True)
        labels = [text.replace("\xa0", " ") for text in menu.locator("option").all_text_contents()]
        menu.select_option(index=next(place for place, text in enumerate(labels) if text.startswith(label)))
        page.wait_for_function(
            "text => document.querySelector('.fv-about')?.textContent.includes(text)", arg=label
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
    "s390": scenario("s390"),
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


def take(page: Page, name: str, size: tuple[int, int]) -> None:
    """Take a page's picture at the given size; of the smallest, and of what does not fit, at full height, too."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_timeout(SETTLE)
    page.screenshot(path=OUT / f"{name}.png")
    full = page.evaluate("document.querySelector('.fv-root').getBoundingClientRect().height")
    if full > size[1] and not page.locator("dialog[open]").count():
        page.set_viewport_size({"width": size[0], "height": int(full) + 8})
        page.wait_for_timeout(SETTLE)
        page.screenshot(path=OUT / f"{name}-full.png")
    print(OUT / f"{name}.png")


def walk(browser: Browser, url: str, theme: str, wanted: Iterator[tuple[str, str, str]]) -> None:
    """Go through the states of one page, and take the pictures that are wanted of each."""
    width, height = next(iter(SIZES.values()))
    page = browser.new_page(viewport={"width": width, "height": height})
    dashboard.keep_offline(page)
    page.goto(f"{url}?theme={theme}")
    page.wait_for_selector(".fv-trace button.now")
    page.wait_for_selector(".fv-lane canvas")
    for state, sizes in groupby(wanted, key=lambda picture: picture[1]):
        page.set_viewport_size({"width": width, "height": height})
        STATES[state](page)
        for _, _, size in sizes:
            take(page, f"{state}-{theme}-{size}", SIZES[size])
        page.keyboard.press("Escape")
    page.close()


def main(names: list[str]) -> None:
    """Take the pictures."""
    OUT.mkdir(exist_ok=True)
    wanted = [
        one for one in pictures() if not names or f"{one[1]}-{one[0]}-{one[2]}".startswith(tuple(names))
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard.voila(dashboard.ROOT / "notebooks" / "explorer.ipynb", Path(folder) / "log") as url,
        dashboard.chromium() as browser,
    ):
        for theme, found in groupby(wanted, key=lambda picture: picture[0]):
            walk(browser, url, theme, found)


if __name__ == "__main__":
    main(sys.argv[1:])
