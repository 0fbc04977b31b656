"""Take pictures of the explorer, light and dark, at three sizes, into screenshots/.

    python -m tools.screenshots [NAME ...]     only pictures whose name begins so

Needs a Chromium (CHROMIUM, or one on the PATH: tools/chromium.py finds or gets one).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools import dashboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

OUT = dashboard.ROOT / "screenshots"
SIZES = {"1440x900": (1440, 900), "1280x720": (1280, 720), "390": (390, 844)}


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
    page.locator("body").press("Home")
    page.wait_for_selector(".fv-lane-head", state="detached")


def helped(page: Page) -> None:
    """Open the help."""
    page.locator("body").press("?")
    page.wait_for_selector(".fv-help", state="visible")


STATES: dict[str, Callable[[Page], None]] = {
    "first": lambda _: None,
    "empty": empty,
    "error": error,
    "help": helped,
    "fork": scenario("After fork, each"),
    "pmd": scenario("Mapped by a PMD"),
    "many": scenario("64 folios"),
    "s390": scenario("s390"),
}


def pictures() -> list[tuple[str, str, str, str]]:
    """Return (name, state, theme, size) of every picture."""
    wanted = [("first", theme, size) for theme in ("light", "dark") for size in SIZES]
    wanted += [(state, "light", "1440x900") for state in STATES if state != "first"]
    wanted += [("many", "dark", "1440x900"), ("fork", "light", "390")]
    return [(f"{state}-{theme}-{size}", state, theme, size) for state, theme, size in wanted]


def take(page: Page, name: str, state: str, size: tuple[int, int]) -> None:
    """Bring a page to a state and take its picture, at the given size and at full height."""
    page.wait_for_selector(".fv-trace button.now")
    page.wait_for_selector(".fv-lane canvas")
    STATES[state](page)
    page.wait_for_timeout(400)  # fonts and the figures' first layout
    page.screenshot(path=OUT / f"{name}.png")
    full = page.evaluate("document.querySelector('.fv-root').getBoundingClientRect().height")
    page.set_viewport_size({"width": size[0], "height": int(full) + 60})
    page.wait_for_timeout(400)
    page.screenshot(path=OUT / f"{name}-full.png")
    print(OUT / f"{name}.png")


def main(names: list[str]) -> None:
    """Take the pictures."""
    OUT.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard.voila(dashboard.ROOT / "notebooks" / "explorer.ipynb", Path(folder) / "log") as url,
        dashboard.chromium() as browser,
    ):
        for name, state, theme, size in pictures():
            if not names or name.startswith(tuple(names)):
                width, height = SIZES[size]
                page = browser.new_page(viewport={"width": width, "height": height})
                dashboard.keep_offline(page)
                page.goto(f"{url}?theme={theme}")
                take(page, name, state, SIZES[size])
                page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
