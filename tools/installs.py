"""Install the wheel into fresh environments, one extra in each, and use the part that the extra is for.

    python -m tools.installs
    python -m tools.installs --python 3.12 --extra serve

Newest versions are taken with every Python 3.11 to 3.14 that is on this machine, and the lowest that pyproject.toml
allows with Python 3.11; a line says which Pythons were not found. At last the sdist is unpacked, and its tests
are collected. The status is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MINORS = range(11, 15)
"""Of Python 3."""
OLDEST = f"3.{MINORS[0]}"
"""The lowest versions are tried with it alone: for later Pythons some of them were never made."""
PATIENCE = 300
"""Seconds until something that should answer has failed."""
LOWEST = re.compile(r"([\w.-]+)>=([\d.]+),<[\d.]+(?:;.*)?")
CORE = ""
"""No extra at all."""
CLUSTER = """
from distributed import LocalCluster
import folioviz
if __name__ == "__main__":
    with LocalCluster(n_workers=1, dashboard_address=None) as cluster, cluster.get_client() as client:
        assert len(folioviz.sweep("front", client=client, progress=False)) > 0
"""
VIEWS = "from folioviz.views import Explorer, Story; Explorer(); Story('costs')"
USES: dict[str, list[list[str]]] = {
    CORE: [
        ["folioviz", "report", "front", "--short"],
        ["folioviz", "run", "fork-one-side", "--kernel", "v7.3", "--proc", "smaps"],
        ["folioviz", "sweep", "front", "--jobs", "1"],
        ["folioviz", "contention", "--cpus", "1,2"],
        ["folioviz", "race", "k1"],
        ["folioviz", "race", "--help"],
    ],
    "cluster": [["python", "cluster.py"]],
    "drgn": [["folioviz", "capture", "1", "-o", "capture.json.gz", "--vmcore", os.devnull]],
    "fast": [["folioviz", "report", "front", "--short"], ["folioviz", "verify", "7.3.4"]],
    "lab": [["folioviz", "lab", "--into", "mine", "--allow-root"]],
    "parquet": [["folioviz", "sweep", "front", "-o", "table.parquet"]],
    "serve": [["folioviz", "serve"]],
    "views": [["python", "-c", VIEWS]],
}
"""Extra -> the commands that must work. A server must answer, too (:data:`ANSWERS`)."""
ANSWERS = {"lab": ("/api", b'"version"'), "serve": ("/voila/render/explorer.ipynb", b"widget-view+json")}
"""Server -> what it is asked, and what the answer has in it: of serve, the explorer as its kernel made it."""
STATUS: dict[tuple[str, ...], int] = {("folioviz", "race", "k1"): 1, tuple(USES["drgn"][0]): 2}
"""A law is broken, and that is said; what is no dump of a kernel is refused by drgn."""


def pythons() -> dict[str, Path]:
    """Return version -> the Python of that version that can make environments, as far as there is one."""
    folders = [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for version in (f"3.{minor}" for minor in MINORS):
        places = [*folders, *(path / "bin" for path in sorted(versions.glob(f"{version}.*")))]
        code = "import ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"
        for place in places:
            with suppress(OSError):
                done = subprocess.run(
                    [place / f"python{version}", "-c", code], check=False, capture_output=True, text=True
                )
                if done.stdout.strip() == version:
                    found[version] = place / f"python{version}"
                    break
    return found


def lowest() -> str:
    """Return, as pip's constraints, the lowest version of everything that folioviz asks for itself."""
    asked = [
        *PROJECT["dependencies"],
        *(line for one in PROJECT["optional-dependencies"].values() for line in one),
    ]
    found = [hit for line in asked if (hit := LOWEST.fullmatch(line))]
    return "".join(f"{hit[1]}=={hit[2]}\n" for hit in found)


def clean() -> dict[str, str]:
    """Return this environment without what would let another folioviz in, or another engine."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FOLIOVIZ_", "PYTHON"))}


def run(command: list[str], folder: Path, env: dict[str, str], status: int = 0) -> str:
    """Run a command in a folder and return what it prints.

    Raises:
        RuntimeError: if its status is another one.
    """
    done = subprocess.run(
        command, check=False, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != status:
        raise RuntimeError(
            f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}".strip()
        )
    return done.stdout + done.stderr


def ask(port: int, path: str) -> bytes:
    """Return what a server on this machine answers; nothing if there is none, or its answer is no page."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with suppress(OSError, HTTPException):
        line.request("GET", path)
        answer = line.getresponse()
        return answer.read() if answer.status == 200 else b""
    return b""


def size(folder: Path) -> int:
    """Return the megabytes of a folder."""
    return int(run(["du", "--summarize", "--block-size=1MB", "."], folder, clean()).split()[0])


def serve(command: list[str], folder: Path, env: dict[str, str]) -> None:
    """Start a server, ask it for a page, and end it.

    Raises:
        RuntimeError: if it ends, or does not answer.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    path, wanted = ANSWERS[command[1]]
    words = [*command, "--ip", "127.0.0.1", "--port", str(port), "--no-browser"]
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            until = time.monotonic() + PATIENCE
            while wanted not in ask(port, path):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{' '.join(words)}: no {path}\n{log.read_text()}")
                time.sleep(0.5)
        finally:
            server.terminate()
            server.wait(PATIENCE)


def installed(python: Path, wheel: Path, extra: str, constraints: str) -> str:
    """Install an extra and use it; return how many packages and megabytes that are.

    Raises:
        RuntimeError: if anything fails.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "constraints.txt").write_text(constraints, encoding="utf-8")
        (folder / "cluster.py").write_text(CLUSTER, encoding="utf-8")
        venv, env = folder / "venv", clean()
        env |= {
            "HOME": name,
            "PATH": f"{venv / 'bin'}{os.pathsep}{env['PATH']}",
            "FOLIOVIZ_CACHE": f"{name}/code",
        }
        if extra == "fast":
            env["FOLIOVIZ_ENGINE"] = "compiled"
        pip = [str(venv / "bin" / "python"), "-m", "pip"]
        run([str(python), "-m", "venv", str(venv)], folder, env)
        empty = size(venv)
        wanted = f"{wheel}[{extra}]" if extra else str(wheel)
        home = {**env, "HOME": os.environ.get("HOME", name)}  # where pip's settings and cache are
        run([*pip, "install", "--quiet", "--constraint", "constraints.txt", wanted], folder, home)
        run([*pip, "check"], folder, env)
        packages = json.loads(
            run([*pip, "list", "--format", "json", "--disable-pip-version-check"], folder, env)
        )
        for command in [["folioviz", "--version"], *USES[extra]]:
            words = [str(venv / "bin" / command[0]), *command[1:]]
            if command[0] == "folioviz" and command[1] in ANSWERS:
                serve(words, folder, env)
            else:
                run(words, folder, env, STATUS.get(tuple(command), 0))
        if extra == CORE:
            for part in ("serve", "lab"):
                said = run([str(venv / "bin" / "folioviz"), part], folder, env, 2)
                if f"pip install 'folioviz[{part}]'" not in said or said.count("\n") != 1:
                    raise RuntimeError(f"folioviz {part} without its packages says: {said}")
        return f"{len(packages):>4} packages, {size(venv) - empty:>4} MB more than an empty environment"


def collected(sdist: Path) -> str:
    """Unpack the sdist and collect its tests with this Python; return how many there are.

    Raises:
        RuntimeError: if they cannot be collected.
    """
    with TemporaryDirectory() as name:
        shutil.unpack_archive(sdist, name)  # our own file, just built
        [top] = Path(name).iterdir()
        words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
        return run(words, top, clean()).strip().splitlines()[-1]


def report(what: str, do: Callable[[], str]) -> bool:
    """Do something and print how it went; return whether it went well."""
    try:
        said, well = do(), True
    except RuntimeError as error:
        said, well = f"FAILED: {error}", False
    print(f"{what:<28} {said}", flush=True)
    return well


def main(words: list[str]) -> int:
    """Install what was asked for, or everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--python", action="append", help="3.11 to 3.14; all that are found")
    parser.add_argument(
        "--extra", action="append", choices=[*filter(None, USES)], help="all, and none of them"
    )
    asked = parser.parse_args(words)
    found = pythons()
    wanted = asked.python or [f"3.{minor}" for minor in MINORS]
    there = {version: found[version] for version in wanted if version in found}
    if absent := [version for version in wanted if version not in found]:
        print(f"not found, not tested: Python {', '.join(absent)}", flush=True)
    with TemporaryDirectory() as name:
        for kind in ("wheel", "sdist"):
            build = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", name]
            run(build, ROOT, clean())
        [wheel], [sdist] = Path(name).glob("*.whl"), Path(name).glob("*.tar.gz")
        rounds = [(version, "newest", "") for version in there]
        if OLDEST in there:
            rounds.append((OLDEST, "lowest", lowest()))
        well = [
            report(
                f"{version} {bounds} {extra or 'core'}",
                partial(installed, there[version], wheel, extra, constraints),
            )
            for version, bounds, constraints in rounds
            for extra in asked.extra or USES
        ]
        if not asked.extra:
            well.append(report("sdist", partial(collected, sdist)))
    return 0 if well and all(well) else 1


if __name__ == "__main__":
    if not shutil.which("du"):
        sys.exit("installs: du is not found")
    sys.exit(main(sys.argv[1:]))
