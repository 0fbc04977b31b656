"""The Dockerfile: what a linter says, whom it runs as, how it tells its health; `make test-container` follows it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from dockerfile_parse import DockerfileParser

from folioviz.cli.serving import serve
from tools import container

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).parent / "hadolint"
STEPS = [
    (step["instruction"], step["value"]) for step in DockerfileParser(str(ROOT / "Dockerfile")).structure
]
PORT = inspect.signature(serve).parameters["port"].default


def last(kind):
    """Return the value of the last step of a kind."""
    return [value for name, value in STEPS if name == kind][-1]


@pytest.mark.parametrize(
    ("old", "new", "rule"), [("", "", ""), ("debian:trixie-slim", "debian:latest", "DL3007")]
)
def test_a_linter_finds_nothing(tmp_path, old, new, rule):
    """Hadolint has nothing to say; of a file with a fault it has."""
    path = tmp_path / "Dockerfile"
    path.write_text((ROOT / "Dockerfile").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = subprocess.run([LINTER, path], check=False, capture_output=True, text=True)

    assert bool(done.returncode) == bool(rule), done.stdout
    assert rule in done.stdout


def test_it_serves_as_nobody_special():
    """No root, the port that serve takes by default, and the address that a container is reached at."""
    assert last("USER") not in {"0", "root"}
    assert last("EXPOSE") == str(PORT)
    assert last("CMD") == '["folioviz", "serve", "--ip", "0.0.0.0", "--no-browser"]'


def test_what_docker_gets_is_what_the_wheel_is_made_of():
    """Everything else is left out; each name is a file or a folder."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    names = {line[1:] for line in lines if line.startswith("!")}

    assert lines[0] == "*"
    assert names == {"LICENSE", "README.md", "folioviz", "notebooks", "pyproject.toml"}
    assert all((ROOT / name).exists() for name in names)


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_health_is_an_answer(status, healthy):
    """The landing page says so; a server that is too busy, or gone, is not healthy."""

    def get(page):
        page.send_response(status)
        page.end_headers()

    page = type("Page", (BaseHTTPRequestHandler,), {"do_GET": get, "log_message": lambda *_: None})
    stage = container.Stage("")
    container.setting(stage, "HEALTHCHECK", last("HEALTHCHECK"))
    with HTTPServer(("127.0.0.1", 0), page) as server:
        command = [word.replace(str(PORT), str(server.server_port)) for word in stage.health]
        if status is None:
            server.server_close()
        else:
            Thread(target=server.handle_request, daemon=True).start()
        done = subprocess.run([sys.executable, *command[1:]], check=False, stderr=subprocess.DEVNULL)

    assert str(PORT) in stage.health[2]
    assert (done.returncode == 0) == healthy


def test_steps_are_followed_as_docker_follows_them():
    """A variable is what an earlier step made it; what is not known is refused, not passed over."""
    stage = container.Stage("")
    container.setting(stage, "ENV", 'HOME=/home PATH=/usr/local/bin:$PATH TWO="a b"')
    container.setting(stage, "USER", "1000")

    assert stage.env == {"HOME": "/home", "PATH": f"/usr/local/bin:{container.PATH}", "TWO": "a b"}
    assert container.within(stage, ["id"], "1000")[:2] == ["chroot", "--userspec=1000:1000"]
    with pytest.raises(RuntimeError, match="VOLUME"):
        container.setting(stage, "VOLUME", "/data")
