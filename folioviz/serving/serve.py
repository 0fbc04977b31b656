"""The notebooks behind a server: as dashboards with Voila, or in JupyterLab; and what a visitor's link asks for."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from folioviz.errors import FoliovizError, LimitError
from folioviz.extras import need
from folioviz.files import share
from folioviz.serving import forks, log
from folioviz.serving.headers import frames
from folioviz.serving.landing import FIRST
from folioviz.serving.live import begin, forget
from folioviz.serving.pages import page_config

CULLING = {"cull_idle_timeout": 600, "cull_interval": 60, "cull_connected": False}
"""Seconds. A closed page ends its kernel at once; a kernel whose page got lost ends after ten minutes."""
OUTPUT_SECONDS = 120
"""How long a cell may take to show something: on a busy machine, Voila's default, 4, loses it."""
MAX_MESSAGE_BYTES = 5 * 1024 * 1024
"""Most bytes of a websocket message; the largest that is needed is a paste of 4 MiB (static/own_numbers.js)."""
MAX_BASE = 200
"""Most characters of the path below which everything is served."""
SOCKETS = "ipc" if os.name == "posix" and len(gettempdir()) <= 38 else "tcp"
"""How server and kernels speak: by sockets in a folder that nobody else may open, if their paths are short enough."""
QUERY_SECONDS = 60
"""A server that is busy answers late; one that is not there is noticed at once."""
FILL_SECONDS = 1.0
"""How much later the kernel starts that replaces a taken one: at once, it would slow down the visitor's page; much
later, it would not be ready for the next one."""
DATA = Path(__file__).parent / "jupyter"
"""A folder in the form that Jupyter looks for, with our template and JupyterLab's settings in it."""


def notebooks() -> Path:
    """Return the folder of the notebooks: inside the installed package, or at the top of the source tree.

    Raises:
        FoliovizError: if it is in neither place.
    """
    package = Path(__file__).parents[1]
    places = [package / "notebooks", package.parent / "notebooks"]
    for place in places:
        if any(place.glob("*.ipynb")):
            return place
    raise FoliovizError(f"no notebooks in {' or '.join(map(str, places))}: install folioviz again")


def check_port(ip: str, port: int) -> None:
    """Check that a server can listen there.

    Raises:
        FoliovizError: if the port is in use or not allowed, or the address is not one of this machine.
    """
    try:
        for family, kind, proto, _, address in socket.getaddrinfo(ip, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, proto) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        raise FoliovizError(
            f"cannot listen on port {port} of {ip}: {error.strerror}; try another --port"
        ) from None


def base_of(path: str) -> str:
    """Return the path below which everything is served, with a slash at both ends.

    Raises:
        LimitError: if a browser or Voila would not take it as it is.
    """
    parts = path.strip("/").split("/") if path.strip("/") else []
    if (
        not path.startswith("/")
        or len(path) > MAX_BASE
        or not all(re.fullmatch(r"(?!\.+$)[A-Za-z0-9._~%@-]+", part) for part in parts)
    ):
        bound = f"a path like /user/ann/ of at most {MAX_BASE} letters, digits and . _ ~ % @ -"
        raise LimitError.of("--base-url", path, bound)
    return "".join(f"/{part}" for part in parts) + "/"


def check(server: str, ip: str, port: int) -> None:
    """Check that "serve" or "lab" can start, before anything is asked, copied or loaded.

    Raises:
        FoliovizError: if packages are not installed, or nothing can listen there.
    """
    need(server, f"folioviz {server}")
    check_port(ip, port)


def setting(name: str, default: int, low: int, high: int) -> int:
    """Return a whole number from the environment.

    Raises:
        LimitError: if it is not a whole number within its bounds.
    """
    text = os.environ.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
        raise LimitError.of(name, text, f"a whole number, {low} to {high}")
    return int(text)


# ------------------------------------------------------------------------------------------ what a link asks for


def query() -> dict[str, str]:
    """Return what the address of this page asks for; in JupyterLab, nothing.

    In a preheated kernel this waits until a visitor comes: call it in the last cell, and show everything before.
    """
    if os.environ.get("VOILA_PREHEAT") == "True":
        return share.fields_of(_asked())
    return share.fields_of(os.environ.get("QUERY_STRING", ""))


def _asked() -> object:
    """Wait for Voila to say who came. As voila.utils.wait_for_request(), which takes 80 MB and a second to import."""
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    env = os.environ.get
    path = env("VOILA_WS_BASE_URL", env("VOILA_SERVER_URL", "/"))
    at = f"{env('VOILA_APP_IP', '127.0.0.1')}:{env('VOILA_APP_PORT', '8866')}{path}"
    url = f"{env('VOILA_WS_PROTOCOL', 'ws')}://{at}voila/query/{env('VOILA_KERNEL_ID', '')}"
    try:
        with connect(url, open_timeout=QUERY_SECONDS, proxy=None) as channel:
            found = json.loads(channel.recv())
    except (OSError, ValueError, WebSocketException):
        return ""
    return found.get("QUERY_STRING") if isinstance(found, dict) else ""


# ------------------------------------------------------------------------------------------ the servers


EXPLORER = f"voila/render/{FIRST}"
"""The explorer's page, below the server's address."""


def stories_in(folder: Path) -> list[str]:
    """Return the notebooks' names but the explorer's, in reading order."""
    return [path.name for path in sorted(folder.glob("*.ipynb")) if path.name != FIRST]


def voila_arguments(folder: Path, ip: str, port: int, base: str, *, browser: bool) -> list[str]:
    """Return Voila's command line: idle kernels are culled, tracebacks hidden, no other port is tried."""
    return [
        str(folder),
        f"--Voila.ip={ip}",
        f"--Voila.port={port}",
        "--Voila.port_retries=0",
        f"--Voila.base_url={base}",
        f"--Voila.open_browser={browser}",
        "--VoilaConfiguration.show_tracebacks=False",
        "--VoilaConfiguration.template=folioviz",
        "--VoilaConfiguration.allow_template_override=NO",
        "--VoilaConfiguration.classic_tree=True",
        "--VoilaConfiguration.preheat_kernel=True",
        f"--VoilaExecutor.iopub_timeout={OUTPUT_SECONDS}",
        *(f"--MappingKernelManager.{name}={value}" for name, value in CULLING.items()),
    ]


def voila_settings(folder: Path) -> dict[str, Any]:
    """Return what no command line can hold. At first, kernels are kept ready for the explorer alone.

    Raises:
        LimitError: if the environment asks for an impossible pool.
    """
    pool = setting("FOLIOVIZ_POOL", 2, 0, 50)
    return {
        "Voila": {
            "log_level": log.level(),
            "tornado_settings": {"websocket_max_message_size": MAX_MESSAGE_BYTES},
        },
        "VoilaConfiguration": {"page_config_hook": partial(page_config, folder=folder)},
        "KernelManager": {"transport": SOCKETS},
        "VoilaKernelManager": {
            "fill_delay": FILL_SECONDS,
            "kernel_pools_config": {"default": {"pool_size": 0}, FIRST: {"pool_size": pool}},
        },
    }


def _also(path: str) -> None:
    """Let Jupyter look into our folder, too, before all others of a path in the environment."""
    os.environ[path] = os.pathsep.join([str(DATA), *filter(None, [os.environ.get(path)])])


def _without_grammars() -> None:
    """Let Jupyter start in a third of the time: jsonschema imports 38 grammars of IRIs, and does without if they fail.

    Nothing that a server reads has an IRI whose form a schema asks for.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def serve(
    ip: str,
    port: int,
    *,
    browser: bool,
    folder: Path | None = None,
    query: str = "",
    base: str = "/",
    live: bool = False,
) -> None:
    """Serve the notebooks (those of ``folder``, if given) as dashboards below ``base`` until interrupted.

    With a ``query``, the browser opens the explorer at what this link asks for; with ``live``, the page that shows this
    machine to whoever has started the server; else the landing page.

    Raises:
        FoliovizError: if there are no notebooks, the port cannot be used, or a package or setting is wrong; with
            ``live``, also if others than this machine could reach the server.
    """
    base = base_of(base)
    forget()
    page = begin(ip) if live else f"{EXPLORER}?{query}" if query else ""
    check("serve", ip, port)
    folder = folder or notebooks()
    settings, visitors = voila_settings(folder), setting("FOLIOVIZ_VISITORS", 40, 1, 1000)
    later = dict.fromkeys(stories_in(folder), setting("FOLIOVIZ_STORIES", 1, 0, 10))
    framers = frames()
    _without_grammars()
    from traitlets.config import Config

    from folioviz.serving.server import server

    _also("JUPYTER_PATH")
    if forks.possible():
        forks.use(forks.Mould(folder / FIRST))
    server(visitors, later, page, framers).launch_instance(
        argv=voila_arguments(folder, ip, port, base, browser=browser), config=Config(settings)
    )


INDEX = "README.md"
"""What JupyterLab shows first: every notebook by its question, and how one is run."""


def lab_arguments(folder: Path, ip: str, port: int, *, browser: bool, root: bool) -> list[str]:
    """Return JupyterLab's command line: the index is opened, no other port is tried."""
    return [
        f"--LabApp.default_url=/lab/tree/{INDEX}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.ip={ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.open_browser={browser}",
        f"--ServerApp.allow_root={root}",
    ]


def lab(ip: str, port: int, *, browser: bool, root: bool, folder: Path) -> None:
    """Open a folder of notebooks in JupyterLab until interrupted; :func:`check` comes first."""
    _without_grammars()
    from jupyterlab.labapp import LabApp

    _also("JUPYTER_CONFIG_PATH")
    LabApp.launch_instance(argv=lab_arguments(folder, ip, port, browser=browser, root=root))
