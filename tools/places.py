"""Take pictures of the explorer at one link in each place where it runs, and put them side by side.

    python -m tools.places [PLACE ...]      into screenshots/places.png, or docs/images/places.png if all were asked for

Places are voila, lab, binder (a Jupyter server as Binder installs and starts it), hub (a JupyterHub with the files of
docs/serving.md) and site (the static site). The site has no numpy where Pyodide's distribution cannot be had: then its
page says so, and that is its picture. Needs Chromium, Node.js, and a registry for the hub and the site.
"""

from __future__ import annotations

import base64
import functools
import http.server
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from markupsafe import Markup

from tools import binder, dashboard, hub, jupyterlab, palette_png, site
from tools.screenshots import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser, Page

SIZE = {"width": 1280, "height": 720}
LINK = "scenario=first-look&at=60&theme=light"
PAGE = f"explorer.ipynb?{LINK}"
COLOURS = 128
SHEET = Markup("""<style>
body {{ margin: 0; padding: 24px; background: #fff; color: #222; font: 26px/1.4 sans-serif; width: 1960px }}
main {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: 24px }}
figure {{ margin: 0 }} img {{ width: 100%; border: 1px solid #bbb }}
</style><main>{}</main>""")
FIGURE = Markup('<figure><figcaption>{}</figcaption><img src="data:image/png;base64,{}"></figure>')


def shown(page: Page, frame: str | None = None) -> None:
    """Wait until an explorer, in a frame or in none, shows its step, and nothing moves any more."""
    place = page.frame_locator(frame) if frame else page
    place.locator(".fv-trace button.now").first.wait_for()
    place.locator(".fv-lane canvas").first.wait_for()
    settle(page)


@contextmanager
def voila(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Serve the notebooks with Voila, as `folioviz serve` does."""
    with dashboard.served(dashboard.ROOT / "notebooks", folder / "log", FOLIOVIZ_POOL="0") as url:

        def go(page: Page) -> None:
            page.goto(f"{url}voila/render/{PAGE}")
            shown(page)

        yield go


@contextmanager
def lab(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Serve a notebook in JupyterLab, as `folioviz lab` does."""
    (folder / "notebooks").mkdir()
    cell = f'from folioviz.views import Explorer\nExplorer(link="{LINK}")'
    dashboard.write_notebook(folder / "notebooks" / "explorer.ipynb", cell)
    with jupyterlab.served(folder / "notebooks", folder / "log") as url:

        def go(page: Page) -> None:
            page.goto(f"{url}lab/tree/explorer.ipynb?reset")
            jupyterlab.run(page)
            page.locator(".fv-root").scroll_into_view_if_needed()
            settle(page)

        yield go


@contextmanager
def at_binder(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Start what a badge opens."""
    with binder.served(folder / "env", folder / "log") as (_, url):

        def go(page: Page) -> None:
            page.goto(binder.started(url, f"voila/render/notebooks/{PAGE}"))
            shown(page)

        yield go


@contextmanager
def at_hub(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Start a JupyterHub, in which a user opens a link."""
    with hub.hub(folder, hub.install(folder)) as url:

        def go(page: Page) -> None:
            hub.log_in(page, url, hub.USERS[0])
            page.goto(f"{url}user/{hub.USERS[0]}/voila/render/{PAGE}")
            shown(page)

        yield go


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A web server for files that says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def at_site(folder: Path) -> Iterator[Callable[[Page], None]]:
    """Build the static site, and hand it out."""
    absent = site.build(folder / "site", None)
    handler = functools.partial(Quiet, directory=str(folder / "site"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def go(page: Page) -> None:
            page.goto(f"http://127.0.0.1:{server.server_port}/explorer/?{LINK}")
            if absent:
                page.get_by_text("This page could not start.").wait_for()
            else:
                shown(page, "iframe")

        try:
            yield go
        finally:
            server.shutdown()


PLACES: dict[str, tuple[str, Callable[[Path], AbstractContextManager[Callable[[Page], None]]]]] = {
    "voila": ("folioviz serve", voila),
    "lab": ("folioviz lab", lab),
    "binder": ("as Binder starts it", at_binder),
    "hub": ("JupyterHub", at_hub),
    "site": ("the static site", at_site),
}
"""Name -> caption, and what starts it and yields what opens its explorer."""


def picture(browser: Browser, place: str) -> bytes:
    """Start a place, and return the picture of its explorer."""
    with (
        TemporaryDirectory(prefix="folioviz-place-") as name,
        PLACES[place][1](Path(name)) as go,
        dashboard.window(browser, viewport=SIZE, color_scheme="light") as window,
    ):
        page = window.new_page()
        go(page)
        return page.screenshot()


def main(names: list[str]) -> None:
    """Take the pictures, each alone and all in one."""
    wanted = names or [*PLACES]
    out = dashboard.ROOT / "screenshots"
    out.mkdir(exist_ok=True)
    figures = []
    with dashboard.chromium() as browser:
        for place in wanted:
            png = picture(browser, place)
            (out / f"place-{place}.png").write_bytes(png)
            print(out / f"place-{place}.png", flush=True)
            figures.append(FIGURE.format(PLACES[place][0], base64.b64encode(png).decode()))
        with browser.new_page(viewport={"width": 2008, "height": 100}) as page:
            page.set_content(SHEET.format(Markup().join(figures)))
            small = palette_png.encoded(palette_png.pixels(page, page.screenshot(full_page=True)), COLOURS)
    path = out / "places.png" if names else dashboard.ROOT / "docs" / "images" / "places.png"
    path.write_bytes(small)
    print(path, len(small))


if __name__ == "__main__":
    main(sys.argv[1:])
