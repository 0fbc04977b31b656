"""Print the path of a Chromium that starts, getting one if there is none.

Tried in this order: the one named by CHROMIUM, one on the PATH, Playwright's own (downloaded when it can be), and,
as root where apt-get is, Debian's package. The path goes to standard output, all else to standard error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 180
DOWNLOAD_SECONDS = 300
CONNECT_MILLISECONDS = 10_000
PACKAGE_SECONDS = 900
NO_BROWSER = """no usable Chromium. Do one of these, then run this again:
  install Chromium or Chrome so that one of these is on the PATH: {names}
  set CHROMIUM to the path of one
  run `python -m playwright install --with-deps chromium`"""


def say(message: str) -> None:
    """Write a line to standard error."""
    print(f"chromium: {message}", file=sys.stderr, flush=True)


def run(command: list[str], seconds: int, **env: str) -> bool:
    """Run a command with its output on standard error and no input; tell whether it succeeded in time."""
    say(" ".join(command))
    try:
        done = subprocess.run(
            command,
            check=False,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return False
    return done.returncode == 0


def starts(path: str) -> bool:
    """Tell whether the browser at a path starts (a distribution's stub or one with missing libraries does not)."""
    try:
        done = subprocess.run(
            [path, "--version"],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=START_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return False
    say(f"{path}: {(done.stderr if done.returncode else done.stdout).strip()}")
    return done.returncode == 0


def found(env: Mapping[str, str]) -> str | None:
    """Return the path of a browser on the PATH that starts."""
    for name in NAMES:
        path = shutil.which(name, path=env.get("PATH"))
        if path and starts(path):
            return path
    return None


def playwrights_own() -> str | None:
    """Return the path of Playwright's own Chromium, after downloading it if need be."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            DOWNLOAD_SECONDS,
            PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT=str(CONNECT_MILLISECONDS),
        )
    return path if Path(path).exists() and starts(path) else None


def debians(env: Mapping[str, str]) -> str | None:
    """Install Debian's package and return its path; only root can."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run([*apt, "update"], PACKAGE_SECONDS, **quiet)
    run([*apt, "install", "-y", "--no-install-recommends", "chromium"], PACKAGE_SECONDS, **quiet)
    return found(env)


def chromium(env: Mapping[str, str]) -> str | None:
    """Return the path of a browser that starts, or None; a CHROMIUM that does not start is not replaced."""
    if named := env.get("CHROMIUM"):
        path = shutil.which(named, path=env.get("PATH"))
        if path and starts(path):
            return path
        say(f"CHROMIUM is {named!r}, which does not start")
        return None
    return found(env) or playwrights_own() or debians(env)


def main() -> int:
    """Print the path; exit status 1 and advice if there is no browser."""
    path = chromium(os.environ)
    if path is None:
        say(NO_BROWSER.format(names=", ".join(NAMES)))
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
