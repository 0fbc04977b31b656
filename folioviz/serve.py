"""The notebooks behind a server: as dashboards with Voila, or in JupyterLab."""

from __future__ import annotations

import socket
from pathlib import Path

from folioviz.errors import FoliovizError

CULLING = {"cull_idle_timeout": 600, "cull_interval": 60, "cull_connected": False}
"""Seconds: a kernel that nobody has used for ten minutes ends, also one whose page was closed."""


def notebooks() -> Path:
    """Return the folder of the notebooks: inside the installed package, or at the top of the source tree.

    Raises:
        FoliovizError: if it is in neither place.
    """
    package = Path(__file__).parent
    places = [package / "notebooks", package.parent / "notebooks"]
    for place in places:
        if any(place.glob("*.ipynb")):
            return place
    raise FoliovizError(f"no notebooks in {' or '.join(map(str, places))}: install folioviz again")


def check_port(ip: str, port: int) -> None:
    """See that a server can listen there.

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


def voila_arguments(folder: Path, ip: str, port: int, *, browser: bool) -> list[str]:
    """Return Voila's command line: idle kernels are culled, tracebacks hidden, no other port is tried."""
    return [
        str(folder),
        f"--Voila.ip={ip}",
        f"--Voila.port={port}",
        "--Voila.port_retries=0",
        f"--Voila.open_browser={browser}",
        "--VoilaConfiguration.show_tracebacks=False",
        *(f"--MappingKernelManager.{name}={value}" for name, value in CULLING.items()),
    ]


def lab_arguments(folder: Path, ip: str, port: int, *, browser: bool, root: bool) -> list[str]:
    """Return JupyterLab's command line: no other port is tried."""
    return [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.ip={ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.open_browser={browser}",
        f"--ServerApp.allow_root={root}",
    ]


def serve(ip: str, port: int, *, browser: bool) -> None:
    """Serve the notebooks as dashboards until interrupted.

    Raises:
        FoliovizError: if there are no notebooks or the port cannot be used.
    """
    folder = notebooks()
    check_port(ip, port)
    from voila.app import Voila

    Voila.launch_instance(argv=voila_arguments(folder, ip, port, browser=browser))


def lab(ip: str, port: int, *, browser: bool, root: bool) -> None:
    """Open the notebooks in JupyterLab until interrupted.

    Raises:
        FoliovizError: if there are no notebooks or the port cannot be used.
    """
    folder = notebooks()
    check_port(ip, port)
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    LabApp.launch_instance(argv=lab_arguments(folder, ip, port, browser=browser, root=root))
