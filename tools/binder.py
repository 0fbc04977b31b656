"""A Jupyter server that is installed and started as Binder does it, in this repository: for tests and pictures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil

from tools import dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE, TOKEN = "/user/owner-folioviz-q3x1/", "t0ken-of-this-server"
REQUEST = "v2/gh/owner/folioviz/0123456789abcdef0123456789abcdef01234567"
TELLS = {"BINDER_LAUNCH_HOST": "https://mybinder.org/", "BINDER_PERSISTENT_REQUEST": REQUEST}
"""What Binder tells a server of itself."""


def build(place: Path) -> Path:
    """Run binder/postBuild in an environment that has this one's packages, hatchling too; return its Python.

    Raises:
        RuntimeError: if it fails; the message is what it said.
    """
    venv.create(place, symlinks=True)
    ours = Path(sysconfig.get_paths()["purelib"])
    [site] = place.glob("lib/python3.*/site-packages")
    (site / "ours.pth").write_text(f"{ours}\n", encoding="utf-8")
    shutil.copytree(Path(sys.prefix) / "etc" / "jupyter", place / "etc" / "jupyter")
    shared = Path(sys.prefix) / "share" / "jupyter"
    (place / "share" / "jupyter" / "voila" / "templates").mkdir(parents=True)
    for path in (*shared.iterdir(), *shared.glob("voila/*"), *shared.glob("voila/templates/*")):
        if path.name not in {"voila", "templates", "folioviz"}:
            (place / path.relative_to(sys.prefix)).symlink_to(path)
    done = subprocess.run(
        ["bash", "binder/postBuild"],
        check=False,
        cwd=dashboard.ROOT,
        env=alone(place) | {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stdout)
    return place / "bin" / "python"


def alone(place: Path) -> dict[str, str]:
    """Return an environment in which only what is installed in a place counts, and whose sockets have short paths."""
    env = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    return env | {"PATH": f"{place / 'bin'}{os.pathsep}{env['PATH']}", "HOME": str(place)}


@contextmanager
def served(place: Path, log: Path) -> Iterator[tuple[psutil.Process, str]]:
    """Install into a folder, start JupyterLab as BinderHub's spawner does, yield its process and address, stop.

    Raises:
        RuntimeError: if it does not start; the message is its log.
    """
    python, port = build(place), dashboard.free_port()
    said = {"base_url": BASE, "token": TOKEN, "trust_xheaders": True, "default_url": "/lab"}
    flags = [f"--{app}.{name}={text}" for app in ("NotebookApp", "ServerApp") for name, text in said.items()]
    lab: list[str | Path] = [
        python,
        "-m",
        "jupyterlab",
        "--ip=127.0.0.1",
        f"--port={port}",
        *flags,
        "--no-browser",
        "--allow-root",
    ]
    with log.open("w") as out, TemporaryDirectory() as short:  # of sockets' paths
        env = alone(place) | TELLS | {"JUPYTER_RUNTIME_DIR": short}
        server = subprocess.Popen(lab, cwd=dashboard.ROOT, env=env, stdout=out, stderr=out)
        try:
            dashboard.wait_for(server, port, log)
            yield psutil.Process(server.pid), f"http://127.0.0.1:{port}{BASE}"
        finally:
            server.terminate()
            server.wait(dashboard.PATIENCE)


def started(url: str, path: str) -> str:
    """Return the address to which Binder's page of launches leads a visitor at last: it adds the token."""
    return f"{url}{path}{'&' if '?' in path else '?'}token={TOKEN}"
