"""Binder: what its badges open, on a Jupyter server that is installed and started as Binder does it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs

import psutil
import pytest
from playwright.sync_api import expect

from folioviz.files.share import fields_of
from folioviz.serving import serve
from tests.browser.conftest import LAPTOP, watched
from tools import dashboard
from tools.dashboard import ROOT

pytestmark = pytest.mark.browser

BASE, TOKEN = "/user/owner-folioviz-q3x1/", "t0ken-of-this-server"
REQUEST = "v2/gh/owner/folioviz/0123456789abcdef0123456789abcdef01234567"
TELLS = {"BINDER_LAUNCH_HOST": "https://mybinder.org/", "BINDER_PERSISTENT_REQUEST": REQUEST}
"""What Binder tells a server of itself."""
NOTEBOOKS = [*serve.notebooks().glob("[!.]*.ipynb")]
THEIRS = re.compile("config is deprecated|has moved from NotebookApp|websocket_ping_timeout| 404 GET ")
"""What is said of Binder's own arguments, of Jupyter's defaults, and of an address that is none."""


def build(place):
    """Run binder/postBuild in an environment that has this one's packages, hatchling too; return its Python."""
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
    assert done.returncode == 0, done.stdout
    return place / "bin" / "python"


def alone(place):
    """Return an environment in which only what is installed in a place counts, and whose sockets have short paths."""
    env = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    return env | {"PATH": f"{place / 'bin'}{os.pathsep}{env['PATH']}", "HOME": str(place)}


@pytest.fixture
def binder(tmp_path):
    """Start JupyterLab in the repository as BinderHub's spawner does; yield its process, address and log.

    What it says must ask for nothing but what Binder's own arguments do.
    """
    python, log, port = build(tmp_path / "env"), tmp_path / "log", dashboard.free_port()
    said = {"base_url": BASE, "token": TOKEN, "trust_xheaders": True, "default_url": "/lab"}
    flags = [f"--{app}.{name}={text}" for app in ("NotebookApp", "ServerApp") for name, text in said.items()]
    lab = [
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
        env = alone(tmp_path / "env") | TELLS | {"JUPYTER_RUNTIME_DIR": short}
        server = subprocess.Popen(lab, cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            dashboard.wait_for(server, port, log)
            yield psutil.Process(server.pid), f"http://127.0.0.1:{port}{BASE}"
            said = re.findall(r"^(?:\[[WEC] .*|.*WARNING.*|Traceback.*)", log.read_text(), re.MULTILINE)
            assert [line for line in said if not THEIRS.search(line)] == []
        finally:
            server.terminate()
            server.wait(dashboard.PATIENCE)


def badges():
    """Return what README's links to Binder open, as its page of launches takes that from their query strings."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"https://mybinder\.org/v2/gh/[^?\s]+\?([^)\s]+)", text)
    return [parse_qs(query)["urlpath"][0] for query in found]


def started(url, path):
    """Return the address to which Binder's page of launches leads a visitor at last: it adds the token."""
    return f"{url}{path}{'&' if '?' in path else '?'}token={TOKEN}"


def test_what_the_badges_open(chromium, binder):
    """The gallery and its cards, a story, the explorer at a link's moment, links for others: nothing from elsewhere."""
    server, url = binder
    explorer, gallery, lab, anomaly, *_ = badges()
    outside = []
    with dashboard.window(chromium, viewport=LAPTOP) as window:
        window.route(
            lambda at: not at.startswith(url),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = window.new_page()
        errors = watched(page)

        page.goto(started(url, f"{gallery}?theme=dark"))
        expect(page).to_have_title("folioviz")
        expect(page.locator("html")).to_have_class("dark")
        assert page.url == f"{url}{gallery}?theme=dark"  # none can copy the token
        cards = page.locator("a.card").evaluate_all("cards => cards.map(card => card.href)")
        assert {f"{url}{explorer}", *cards} == {
            f"{url}voila/render/{path.relative_to(ROOT)}" for path in NOTEBOOKS
        }
        dashboard.holds(page, "() => document.querySelector('.shot img:not([src*=light])').naturalWidth > 0")

        page.get_by_role("link", name="What do the counters count?").click()
        expect(page.locator(".fv-story .fv-guess")).to_be_visible()
        assert page.locator("body").get_attribute("data-jp-theme-light") == "false"
        page.get_by_role("link", name="Gallery").click()
        expect(page).to_have_url(f"{url}{gallery}?theme=dark")

        assert page.request.get(f"{url}{lab}").ok
        wrong = page.request.get(f"{url}{explorer}x.ipynb")
        assert (wrong.status, f'href="{BASE}{gallery}"' in wrong.text()) == (404, True)

        window.clear_cookies(name="_xsrf")  # a link may lead past the pages that set it
        others = {*server.children()}
        page.goto(started(url, anomaly))
        page.wait_for_selector(".fv-trace button.now")
        [kernel] = {*server.children()} - others
        playhead = page.locator(".fv-playhead input")
        before = int(playhead.input_value())
        page.get_by_role("button", name="step ▶").click()
        expect(playhead).to_have_value(str(before + 1))
        page.get_by_role("button", name="Share", exact=True).click()
        expect(page.locator("[data-launched]")).to_be_visible()
        link = page.locator('[data-out="link"]').input_value()

        window.unroute_all()  # a page's last words would be lost on the way
        page.goto("about:blank")
        kernel.wait(dashboard.PATIENCE)
    assert outside == errors == []
    launcher, _, query = link.partition("?")
    place, _, asks = parse_qs(query)["urlpath"][0].partition("?")
    assert (launcher, place) == (f"https://mybinder.org/{REQUEST}", explorer)
    wanted = fields_of(anomaly.partition("?")[2]) | {"at": str(before + 1)}
    assert wanted.items() <= fields_of(asks).items()
