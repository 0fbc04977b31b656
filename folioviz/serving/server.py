"""Voila with its known faults mended (docs/serving.md): which kernels wait, when they end, how many come in."""

from __future__ import annotations

import asyncio
import os
import webbrowser
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import typer

from folioviz.serving.headers import headers, sending
from folioviz.serving.log import quieten
from folioviz.serving.pages import farewell, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PACKAGE = Path(__file__).parents[1]
MAX_BODY_BYTES = 64 * 1024
"""A visitor posts nothing but a farewell."""
AT_ONCE = 2 * (os.cpu_count() or 1)
"""Pages that are made at the same time. Of more that come at once the first are done while the others wait; else all
would be done at the end."""
FIRST_HEAT, NEXT_HEAT = 8.0, 2.5
"""Seconds from the first visit until a further notebook gets its kernels, and then from one to the next."""


def heat(manager: Any, pools: Mapping[str, int]) -> None:
    """Let kernels wait for further notebooks, one notebook after another, so that no visitor's page becomes slow."""

    def one(name: str, size: int) -> None:
        """Fill the pool of one notebook; until now it was empty, so that the first visitors did not wait for it."""
        manager.kernel_pools_config = {**manager.kernel_pools_config, name: {"pool_size": size}}
        manager.fill_if_needed(delay=0, notebook_name=name)

    loop = asyncio.get_running_loop()
    for place, (name, size) in enumerate(item for item in pools.items() if item[1]):
        loop.call_later(FIRST_HEAT + place * NEXT_HEAT, one, name, size)


def nowhere() -> Any:
    """Return what answers at an address that nothing else serves."""
    from tornado.web import HTTPError
    from voila.tornado.treehandler import TornadoVoilaTreeHandler

    class Nowhere(TornadoVoilaTreeHandler):
        """A page that says so, with a way back."""

        async def get(self, path: str = "") -> None:
            """Send it."""
            raise HTTPError(404, "nothing is at /%s", path)

    return Nowhere


def kernels() -> Any:
    """Return what manages the kernels."""
    from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

    class Kernels(AsyncMappingKernelManager):
        """The kernels of visitors, and those that wait for one."""

        def start_kernel(self, *args: Any, **kwargs: Any) -> Any:
            """Start one; one that is to wait must not know the address that the visitor before it asked for."""
            env = kwargs.get("env", {})
            if env.get("VOILA_PREHEAT") == "True":
                kwargs["env"] = {name: env[name] for name in env if name != "VOILA_REQUEST_URL"}
            return super().start_kernel(*args, **kwargs)

        async def cull_kernel_if_idle(self, kernel_id: str) -> None:
            """End an idle kernel; for one that has just left the pool, the time begins now."""
            kernel: Any = self._kernels[kernel_id]
            if getattr(kernel, "fv_taken", False):
                await super().cull_kernel_if_idle(kernel_id)
            else:
                kernel.fv_taken, kernel.last_activity = True, datetime.now(UTC)

    return Kernels


def prompt() -> Any:
    """Return what a page talks to its kernel through."""
    from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

    class Prompt(VoilaKernelWebsocketHandler):
        """A way on which no small message waits until the one before it is acknowledged.

        A kernel answers a click with three messages; without this the second one came up to 40 ms late.
        """

        async def open(self, *args: Any, **kwargs: Any) -> None:
            """Begin."""
            self.set_nodelay(True)
            await super().open(*args, **kwargs)

    return Prompt


def server(visitors: int, later: Mapping[str, int], page: str = "", framers: str = "") -> Any:
    """Return Voila for at most ``visitors`` visitors at once.

    ``later`` says how many kernels are to wait for each further notebook once somebody has come; ``page`` is what a
    browser is to open, "" for the landing page; ``framers`` may show pages in a frame (:mod:`.headers`).
    """
    from tornado.web import RedirectHandler
    from voila.app import Voila
    from voila.tornado.handler import TornadoVoilaHandler
    from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

    cold = dict(later)
    turns = asyncio.Semaphore(AT_ONCE)

    class Visit(TornadoVoilaHandler):
        """A visitor's page."""

        async def get(self, path: str | None = None) -> None:
            """Send it, or say that there is no room."""
            farewell(self)
            manager = self.kernel_manager
            async with turns:
                waiting = sum(map(len, getattr(manager, "_pools", {}).values()))
                if len(manager.list_kernel_ids()) - waiting >= visitors:
                    self.set_status(503)
                    self.set_header("Retry-After", "60")
                    self.write(self.render_template("busy.html", visitors=visitors))
                    return
                await super().get(path)
            if cold:
                heat(manager, cold)
                cold.clear()

    ours: dict[Any, Any] = {TornadoVoilaHandler: Visit, VoilaKernelWebsocketHandler: prompt()}

    class Server(Voila):
        """Voila with our handlers and limits."""

        def init_settings(self) -> Any:
            """Take our kernel manager and templates, which include the colours and say the version."""
            self.template_paths: list[str] = [*self.template_paths, str(PACKAGE)]
            self.voila_configuration.multi_kernel_manager_class = kernels()
            quieten()
            settings = super().init_settings()
            templates = settings["voila_jinja2_env"]
            templates.globals["folioviz"] = told()
            # Jupyter's own pages of errors want an icon that this server does not have.
            return settings | {"jinja2_env": templates}

        def launch_browser(self) -> None:
            """Open the page in a browser, which may take its time."""
            Thread(target=webbrowser.open, args=(f"{self.connection_url}{page}",), daemon=True).start()

        def _listen(self, listen: Callable[..., Any], *args: Any) -> Any:
            """Listen, and say where."""
            found = listen(*args, max_body_size=MAX_BODY_BYTES)
            typer.echo(f"folioviz: {self.display_url.rstrip('/')}/{page} (Ctrl+C stops it)")
            return found

        def init_handlers(self) -> list[Any]:
            """Take our page handlers, let a page's "." be the gallery, and refuse large uploads."""
            self.app.listen = partial(self._listen, self.app.listen)
            self.app.add_transform(sending(headers(framers)))
            home = (
                f"{self.server_url.rstrip('/')}/voila/render/?",
                RedirectHandler,
                {"url": self.base_url, "permanent": False},
            )
            last = (r"/(.*)", nowhere(), {"voila_configuration": self.voila_configuration})
            found = [home, *super().init_handlers(), last]
            return [(one[0], ours.get(one[1], one[1]), *one[2:]) for one in found]

    return Server
