"""Start a JupyterHub with the two files of docs/serving.md, and let two users open the explorer in a browser.

``python -m tools.hub`` (make test-hub) needs Chromium and Node.js. The wheel, the hub and its proxy are installed into
a folder that is removed afterwards. Each user logs in, opens the explorer from the landing page, undoes an operation,
and finds the path in the link that Share makes; the other's page is refused. At last no process is left.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil
from playwright.sync_api import expect

from tools import dashboard, npm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PAGE = dashboard.ROOT / "docs" / "serving.md"
BLOCK = re.compile(r"^```(?:python|sh)\n((?:#!.*\n)?# ([\w.-]+)\n.*?)^```$", re.DOTALL | re.MULTILINE)
CONFIG, SCRIPT = "jupyterhub_config.py", "folioviz-singleuser"
PACKAGES = ("jupyterhub>=5,<7", "jupyter-server-proxy>=4.5,<5")
PROXY = "configurable-http-proxy@^5"
OURS = """
load_subconfig({config!r})
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.hub_port = {inner}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.Authenticator.allow_all = True
"""
"""What a hub's owner decides: here any name may log in, and servers run as whoever runs the hub."""
USERS = ("ann", "bob")


def files() -> dict[str, str]:
    """Return the files of the page, each as its name and text: code blocks whose first comment is a name."""
    return {name: text for text, name in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> None:
    """Run a program to its end.

    Raises:
        RuntimeError: if it fails; the message is what it said.
    """
    done = subprocess.run(words, check=False, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


def install(folder: Path) -> dict[str, str]:
    """Install hub, proxy and folioviz into a folder, write the two files; return the environment to run them in."""
    run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        folder,
        cwd=dashboard.ROOT,
    )
    [wheel] = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    bin_ = folder / "venv" / "bin"
    run(bin_ / "python", "-m", "pip", "install", "-qq", f"{wheel}[serve]", *PACKAGES, cwd=folder)
    command, env = npm.npm(os.environ)
    run(*command, "install", "--prefix", folder, "--loglevel=error", PROXY, cwd=folder, env=env)
    for name, text in files().items():
        path = folder / name if name == CONFIG else bin_ / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    found = os.pathsep.join([str(bin_), str(folder / "node_modules" / ".bin"), env["PATH"]])
    outside = {name: value for name, value in env.items() if not name.startswith(("FOLIOVIZ_", "PYTHON"))}
    return outside | {"PATH": found, "HOME": str(folder)}


@contextmanager
def hub(folder: Path, env: dict[str, str]) -> Iterator[str]:
    """Start the hub, yield its address, stop it with all that it has started.

    Raises:
        RuntimeError: if it does not start, or a process outlives it.
    """
    port, inner, api = (dashboard.free_port() for _ in range(3))
    config, log = folder / "hub_config.py", folder / "log"
    homes = str(folder / "homes" / "{username}")
    words = OURS.format(config=CONFIG, homes=homes, port=port, inner=inner, api=api)
    config.write_text(words, encoding="utf-8")
    with log.open("w") as out:
        command = [str(folder / "venv" / "bin" / "jupyterhub"), "-f", str(config)]
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    seen: list[psutil.Process] = []
    try:
        dashboard.wait_for(server, port, log)  # the proxy, before it knows where the hub is
        dashboard.until(lambda: "is now running at" in log.read_text(), "the hub")
        yield f"http://127.0.0.1:{port}/"
        seen = psutil.Process(server.pid).children(recursive=True)
    except Exception as error:
        raise RuntimeError(f"{error}\n{log.read_text()[-6000:]}") from error
    finally:
        server.terminate()
        server.wait(dashboard.PATIENCE)
    _, left = psutil.wait_procs(seen, dashboard.PATIENCE)
    if left:
        raise RuntimeError(f"still there: {left}")
    print(f"no process of {len(seen)} is left", flush=True)


def log_in(page: Page, url: str, name: str) -> None:
    """Log a user in, and wait for the landing page of the user's server."""
    page.goto(url)
    page.locator("#username_input").fill(name)
    page.locator("#password_input").fill("any")
    page.locator("#login_submit").click()
    page.get_by_role("link", name="Open the explorer").wait_for()


def look(browser: Browser, url: str, name: str) -> None:
    """Log in, open the explorer, use it."""
    other = next(one for one in USERS if one != name)
    pictures = dashboard.ROOT / "screenshots"
    pictures.mkdir(exist_ok=True)
    with dashboard.window(browser, viewport={"width": 1280, "height": 720}) as window:
        page = window.new_page()
        log_in(page, url, name)
        page.get_by_role("link", name="Open the explorer").click()
        now = page.locator(".fv-chip[aria-current]")
        now.wait_for()
        before = now.inner_text()
        page.get_by_role("button", name="Undo").click()
        expect(now).not_to_have_text(before)
        page.screenshot(path=pictures / f"hub-{name}.png")
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_role("textbox", name="Link")).to_have_value(
            re.compile(rf"^{re.escape(url)}user/{name}/voila/render/explorer\.ipynb\?")
        )
        answer = page.goto(f"{url}user/{other}/voila/render/explorer.ipynb")
        if not answer or answer.status < 400:
            raise RuntimeError(f"{name} may see what is {other}'s")
    print(f"{name}: logged in, undone, shared, and kept out of {other}'s", flush=True)


def main() -> int:
    """Install, start and look; return 1 if anything fails."""
    with TemporaryDirectory(prefix="folioviz-hub-") as name, dashboard.chromium() as browser:
        try:
            env = install(Path(name))
            with hub(Path(name), env) as url:
                for user in USERS:
                    look(browser, url, user)
        except (AssertionError, RuntimeError) as error:
            print(f"hub: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
