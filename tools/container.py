"""Follow the Dockerfile without Docker: its steps in fresh roots, then its command as Docker runs it read-only.

``python -m tools.container`` (make test-container) needs root, and the programs of :data:`NEEDED`. debootstrap makes
the base image. What the steps have made is started as the Dockerfile's user, on a file system that cannot be written
but for its home, in a network of its own: it must become healthy and show the explorer. The sizes are printed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dockerfile_parse import DockerfileParser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
NEEDED = ("chroot", "debootstrap", "du", "ip", "mount", "unshare")
BASE = re.compile(r"debian:([a-z]+)-slim(?: AS (\w+))?")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LENT = ("/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
"""How this machine reaches packages: a step may read it, and the image does not have it."""
BASES = "bases"
PATIENCE = 300
"""Seconds until a container that is not healthy never will be."""
EXPLORER = """
from http.client import HTTPConnection
to = HTTPConnection("127.0.0.1", 8866, timeout=300)
to.request("GET", "/voila/render/explorer.ipynb")
print(b"widget-view+json" in to.getresponse().read())
"""


@dataclass
class Stage:
    """A root that is being made, and what the next step runs with."""

    root: str
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "0"
    folder: str = "/"
    health: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def do(*words: object) -> None:
    """Run a program of this machine.

    Raises:
        RuntimeError: if it fails.
    """
    done = subprocess.run([str(word) for word in words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def within(stage: Stage, words: list[str], user: str) -> list[str]:
    """Return the command that runs another one in a root, with the stage's environment and nothing of ours."""
    env = [f"{name}={value}" for name, value in stage.env.items()]
    return [
        *("chroot", f"--userspec={user}:{user}", stage.root),
        *("/usr/bin/env", "-i", f"--chdir={stage.folder}", *env, *words),
    ]


@contextmanager
def lent(root: Path) -> Iterator[None]:
    """Let a step read how this machine reaches packages."""
    given = [root / path[1:] for path in LENT if Path(path).is_file() and not (root / path[1:]).exists()]
    for path in given:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(f"/{path.relative_to(root)}", path)
    try:
        yield
    finally:
        for path in given:
            path.unlink()


def shell(stage: Stage, line: str) -> None:
    """Run a step's line in a stage's root."""
    ours = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    inner = Stage(stage.root, ours | stage.env, stage.user, stage.folder)
    mounts = f"mount -t proc proc {stage.root}/proc && mount --rbind /dev {stage.root}/dev"
    command = shlex.join(within(inner, ["/bin/sh", "-c", line], stage.user))
    with lent(Path(stage.root)):
        do("unshare", "--mount", "--pid", "--fork", "sh", "-c", f"{mounts} && exec {command}")


def copy(stage: Stage, words: list[str], stages: dict[str, Stage]) -> None:
    """Copy from another stage, or what .dockerignore lets in of the source tree."""
    if words[0].startswith("--from="):
        do("cp", "-a", stages[words[0].removeprefix("--from=")].root + words[1], stage.root + words[2])
        return
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    target = Path(stage.root + words[1])
    target.mkdir(parents=True)
    left = shutil.ignore_patterns(*(line.removeprefix("**/") for line in lines if line.startswith("**/")))
    for name in (line[1:] for line in lines if line.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=left)
        else:
            shutil.copy(ROOT / name, target / name)


def begin(folder: Path, release: str, name: str) -> Stage:
    """Return a new stage on a release of Debian."""
    base = folder / BASES / release
    if not base.exists():
        base.parent.mkdir(exist_ok=True)
        do("debootstrap", "--variant=minbase", release, base)
    stage = Stage(str(folder / name))
    do("cp", "-a", base, stage.root)
    return stage


def setting(stage: Stage, kind: str, value: str) -> None:
    """Note what a step says of later steps, or of the container.

    Raises:
        RuntimeError: if the step is none that is known here.
    """
    if kind in {"ARG", "ENV"}:
        for word in shlex.split(value):
            name, _, text = word.partition("=")
            stage.env[name] = Template(text).safe_substitute(stage.env)
    elif kind == "USER":
        stage.user = value
    elif kind == "WORKDIR":
        stage.folder = value
    elif kind == "HEALTHCHECK":
        stage.health = json.loads(value.partition("CMD ")[2])
    elif kind == "CMD":
        stage.command = json.loads(value)
    elif kind not in {"COMMENT", "EXPOSE"}:
        raise RuntimeError(f"{kind} {value} is no step that is known here")


def build(folder: Path) -> Stage:
    """Follow the Dockerfile in a folder, and return its last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage("")
    for step in DockerfileParser(str(ROOT / "Dockerfile")).structure:
        kind, value = step["instruction"], step["value"]
        if kind != "COMMENT":
            print(f"{kind} {value[:100]}", flush=True)
        if kind == "FROM" and (asked := BASE.fullmatch(value)):
            name = asked[2] or f"stage-{len(stages)}"
            stage = stages[name] = begin(folder, asked[1], name)
        elif kind == "RUN":
            shell(stage, value)
        elif kind == "COPY":
            copy(stage, value.split(), stages)
        else:
            setting(stage, kind, value)
    return stage


def start(stage: Stage) -> None:
    """Start a stage's command, in name spaces of our own, and look at it.

    Raises:
        RuntimeError: if it does not become healthy, shows no explorer, or could write where it must not.
    """
    root = stage.root
    do("ip", "link", "set", "lo", "up")
    do("mount", "--bind", root, root)
    do("mount", "-t", "proc", "proc", f"{root}/proc")
    do("mount", "--rbind", "/dev", f"{root}/dev")
    do("mount", "-t", "tmpfs", "tmpfs", root + stage.env["HOME"])
    do("mount", "-o", "remount,bind,ro", root)

    def ask(*words: str, user: str = stage.user) -> tuple[int, str]:
        """Run a command in the container and return its status and what it says."""
        done = subprocess.run(within(stage, [*words], user), check=False, capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    if not ask("touch", "/usr/written", user="0")[0]:
        raise RuntimeError("the file system can be written")
    if ask("id", "-u") != (0, stage.user) or stage.user == "0":
        raise RuntimeError(f"it runs as {ask('id', '-u')[1]}")
    begun = time.monotonic()
    server = subprocess.Popen(within(stage, stage.command, stage.user))
    while ask(*stage.health)[0]:
        if server.poll() is not None or time.monotonic() - begun > PATIENCE:
            raise RuntimeError("it does not become healthy")
        time.sleep(0.5)
    print(f"healthy after {time.monotonic() - begun:.0f} s, as user {stage.user}, read-only", flush=True)
    if ask("python", "-c", EXPLORER) != (0, "True"):
        raise RuntimeError("it shows no explorer")
    print(f"shows the explorer; {ask('folioviz', '--version')[1]}", flush=True)
    server.terminate()
    server.wait(PATIENCE)
    if not ask(*stage.health)[0]:
        raise RuntimeError("it is healthy after its end")
    print("all is well", flush=True)


def size(path: Path) -> int:
    """Return the megabytes of a folder."""
    done = subprocess.run(["du", "-s", "--block-size=1MB", path], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[0])


def main() -> int:
    """Build, start and look; return 1 if anything fails."""
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent or os.geteuid() != 0:
        print(f"container: needs root, and {', '.join(absent or NEEDED)}", file=sys.stderr)
        return 1
    with TemporaryDirectory(prefix="folioviz-container-") as name:
        try:
            stage = build(Path(name))
            whole, base = size(Path(stage.root)), size(Path(name) / BASES)
            print(
                f"image {whole} MB: {base} MB of Debian as debootstrap makes it, and {whole - base} MB",
                flush=True,
            )
            spaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
            inner = [*spaces, sys.executable, "-m", "tools.container", json.dumps(asdict(stage))]
            return subprocess.run(inner, check=False, cwd=ROOT).returncode
        except RuntimeError as error:
            print(f"container: {error}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        start(Stage(**json.loads(sys.argv[1])))
    else:
        sys.exit(main())
