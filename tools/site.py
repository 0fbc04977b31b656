"""Build the static site: folioviz in a browser alone, with JupyterLite and Pyodide.

    python -m tools.site                            # make site: into build/site
    python -m tools.site --distribution FOLDER      # with the compiled packages of Pyodide's own distribution
    python -m tools.site --lock                     # write lite/lock.txt anew from lite/names.txt

Wheels come from PyPI and Pyodide from npm, each with its hash (lite/lock.txt, lite/package-lock.json). The compiled
packages of :data:`COMPILED` are on neither: they are in Pyodide's distribution, whose hashes npm's package has. Without
FOLDER (that archive, unpacked) the site is whole but for them, says so, and its pages say so, too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from folioviz.serving import landing
from folioviz.serving.pages import told
from tools.narrow import COMPILED, LITE, PLATFORM, PYTHON, ROOT
from tools.npm import npm

OUT = ROOT / "build" / "site"
LOCK = LITE / "lock.txt"
RUNTIME = ("pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.js", "pyodide.mjs", "python_stdlib.zip")
VIEWS = ("anywidget", "bqplot", "ipywidgets", "markupsafe")
"""What pages need of folioviz's extra; a test compares."""
PYODIDE = "static/pyodide"
"""Where it lies in the site."""
LOADED = ("comm", "folioviz", "ipykernel", "ipython", "jedi", "micropip", "piplite", "pyodide-kernel")
"""What a kernel loads before it runs a cell, with all that these depend on."""
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = "share/jupyter/labextensions/"
PAGES = r"(explorer/|\d\d-[^/]+/)?index\.html|files/.+|static/start\..+"
CONFIG = '<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script>'
"""JupyterLite's pages ask each page above them for settings."""


def say(message: str) -> None:
    """Write a line."""
    print(f"site: {message}", flush=True)


def canonical(name: str) -> str:
    """Return a package's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


# ------------------------------------------------------------------------------------------ what is fetched


def pip(folder: Path, *words: str) -> None:
    """Get wheels for Pyodide, or for any Python.

    Raises:
        CalledProcessError: if one cannot be had, or its hash is another.
    """
    asked = ["--only-binary", ":all:", "--no-deps", "--python-version", PYTHON, "--implementation", "cp"]
    asked += ["--abi", "cp314", "--abi", "none", "--platform", PLATFORM, "--platform", "any"]
    command = [sys.executable, "-m", "pip", "download", "-qq", "--dest", str(folder), *asked, *words]
    subprocess.run(command, check=True)


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lock() -> None:
    """Write the lock file: the newest that lite/names.txt allows, and their hashes."""
    with TemporaryDirectory() as name:
        pip(Path(name), "-r", str(LITE / "names.txt"))
        lines = []
        for path in sorted(Path(name).glob("*.whl"), key=lambda path: path.name.lower()):
            package, version = path.name.split("-")[:2]
            lines.append(f"{canonical(package)}=={version} --hash=sha256:{digest(path)}\n")
    LOCK.write_text("".join(lines), encoding="utf-8")


def fetch(work: Path) -> tuple[Path, Path]:
    """Get all wheels, folioviz's among them, and Pyodide; return their folders."""
    wheels = work / "wheels"
    pip(wheels, "--require-hashes", "-r", str(LOCK))
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
    subprocess.run(build, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for path in (LITE / "package.json", LITE / "package-lock.json", ROOT / ".npmrc"):
        shutil.copy(path, work)
    command, env = npm(os.environ)
    subprocess.run([*command, "ci", "--silent"], check=True, cwd=work, env=env)
    return wheels, work / "node_modules" / "pyodide"


# ------------------------------------------------------------------------------------------ JupyterLite


def federated(folder: Path) -> dict[str, Any]:
    """Return how JupyterLite is told of an extension that lies in a folder."""
    about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return {"name": about["name"], **about["jupyterlab"]["_build"], "liteExtension": about["name"] == KERNEL}


def inside(folder: Path, name: str) -> Path:
    """Return a path inside of a folder.

    Raises:
        SystemExit: if the name leads out of it.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SystemExit(f"{name} leads out of {folder}")
    return path


def lay_out(wheels: Path, out: Path) -> list[dict[str, Any]]:
    """Unpack JupyterLite's pages and the extensions that wheels bring; return how it is told of these."""
    with (
        zipfile.ZipFile(next(wheels.glob("jupyterlite_core-*.whl"))) as core,
        core.open(next(name for name in core.namelist() if name.endswith(".tgz"))) as packed,
        tarfile.open(fileobj=packed) as app,
    ):
        for member in app.getmembers():  # extract() has a filter from 3.11.4 on
            place, file = member.name.removeprefix("package/"), app.extractfile(member)
            if file is not None and not place.endswith(".map"):
                path = inside(out, place)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed_wheel:
            for name in packed_wheel.namelist():
                place = name.partition(EXTENSIONS)[2]
                if place and not name.endswith((".map", "/")):
                    path = out / "extensions" / place
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(packed_wheel.read(name))
    found = (out / "extensions").rglob("package.json")
    return [federated(path.parent) for path in sorted(found) if (path.parent / "static").is_dir()]


def configure(out: Path, extensions: list[dict[str, Any]]) -> None:
    """Tell JupyterLite of its extensions, its kernel, and that nothing comes from elsewhere."""
    path = out / "jupyter-lite.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["jupyter-config-data"] |= {
        "appName": "folioviz",
        "contentsAllJsonFile": "all.json",
        "exposeAppInBrowser": True,
        "federated_extensions": extensions,
        "litePluginSettings": {
            f"{KERNEL}:kernel": {
                "pyodideUrl": f"./{PYODIDE}/pyodide.mjs",
                "disablePyPIFallback": True,
                "pipliteUrls": [],
                "loadPyodideOptions": {
                    "lockFileURL": f"../../../../{PYODIDE}/pyodide-lock.json",
                    "packages": list(LOADED),
                },
            }
        },
    }
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    schemas = [
        {"id": f"{about['name']}:{schema.stem}", "raw": "{}", "settings": {}, "version": about["version"]}
        | {"schema": json.loads(schema.read_text(encoding="utf-8"))}
        for one in sorted((out / "extensions").rglob("package.json.orig"))
        for about in [json.loads(one.read_text(encoding="utf-8"))]
        for schema in sorted(one.parent.glob("*.json"))
    ]
    (out / "build" / "schemas" / "all_federated.json").write_text(json.dumps(schemas), encoding="utf-8")


# ------------------------------------------------------------------------------------------ Python


def required(wheel: Path) -> list[str]:
    """Return what a wheel requires without extras."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        lines = packed.read(name).decode().splitlines()
    return [
        canonical(found[1]) for line in lines if (found := re.match(r"Requires-Dist: ([\w.-]+)[^;]*$", line))
    ]


def entry(wheel: Path, depends: list[str]) -> dict[str, Any]:
    """Return a wheel's entry in Pyodide's lock file."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": canonical(name),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": digest(wheel),
        "package_type": "package",
        "imports": [],
        "depends": depends,
    }


def python(wheels: Path, pyodide: Path, distribution: Path | None, out: Path) -> list[str]:
    """Lay out Pyodide and its packages, with a lock file of our own; return the compiled ones that are not there.

    Raises:
        ValueError: if a file of the distribution has another hash than npm's package says.
    """
    target = out / PYODIDE
    target.mkdir(parents=True)
    for name in RUNTIME:
        shutil.copy(pyodide / name, target)
    theirs = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    kernel = (out / "extensions" / KERNEL / "static" / "pypi").glob("*.whl")
    ours = [path for path in [*wheels.glob("*.whl"), *kernel] if "jupyterlite_" not in path.name]
    ours = [path for path in ours if "widgetsnbextension-3" not in path.name]
    known = {canonical(path.name.split("-")[0]): path for path in ours} | dict.fromkeys(COMPILED, Path())
    packages, absent = {}, []
    for name, path in sorted(known.items()):
        if name in COMPILED:
            packages[name] = theirs["packages"][name] | {"depends": [*theirs["packages"][name]["depends"]]}
            path = (distribution or Path("nowhere")) / packages[name]["file_name"]
            if not path.is_file():
                absent.append(name)
                continue
            if digest(path) != packages[name]["sha256"]:
                raise ValueError(f"{path} is not the file that Pyodide names: its hash is another")
        else:
            needed = [*required(path), *(VIEWS if name == "folioviz" else ())]
            packages[name] = entry(path, [one for one in needed if one in known])
        shutil.copy(path, target)
    text = json.dumps({"info": theirs["info"], "packages": packages}, indent=1)
    (target / "pyodide-lock.json").write_text(text, encoding="utf-8")
    return absent


# ------------------------------------------------------------------------------------------ pages


def contents(out: Path) -> list[str]:
    """Copy the notebooks, and list them as JupyterLite's server of files would; return their names."""
    listed: list[dict[str, Any]] = []
    (out / "files").mkdir()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        shutil.copy(path, out / "files")
        about = {"created": None, "last_modified": None, "content": None, "format": None, "mimetype": None}
        listed.append(about | {"name": path.name, "path": path.name, "type": "notebook", "writable": True})
        listed[-1]["size"] = path.stat().st_size
    folder = out / "api" / "contents"
    folder.mkdir(parents=True)
    whole: dict[str, Any] = {
        "name": "",
        "path": "",
        "type": "directory",
        "format": "json",
        "mimetype": None,
        "writable": True,
    }
    whole |= {"created": None, "last_modified": None, "size": None, "content": listed}
    (folder / "all.json").write_text(json.dumps(whole), encoding="utf-8")
    return [row["name"] for row in listed]


def pages(out: Path, notebooks: list[str]) -> None:
    """Write the landing page, and a page for each notebook whose query string is a share link's."""
    loader = FileSystemLoader([landing.TEMPLATE, ROOT / "folioviz"])
    made = Environment(loader=loader, autoescape=select_autoescape(["html", "j2"]))
    found = {"folioviz": told() | {"cards": landing.cards(ROOT / "notebooks")}}
    text = made.get_template("tree.html").render(base_url="./", page_config=found)
    text = re.sub(r"voila/render/([\w-]+)\.ipynb", r"\1/", text).replace("voila/static/", "static/")
    text = text.replace("</head>", f"{CONFIG}</head>")
    (out / "index.html").write_text(text, encoding="utf-8")
    shutil.copytree(landing.PICTURES, out / "static" / "gallery")
    for name in ("start.css", "start.js"):
        shutil.copy(LITE / name, out / "static")
    start = (LITE / "start.html").read_text(encoding="utf-8")
    for name in notebooks:
        folder = out / name.removesuffix(".ipynb")
        folder.mkdir()
        title = landing.card(ROOT / "notebooks" / name)["title"]
        page = start.replace("NOTEBOOK", name).replace(
            "TITLE", title.replace("&", "&amp;").replace("<", "&lt;")
        )
        (folder / "index.html").write_text(page, encoding="utf-8")


def offline(out: Path) -> None:
    """Put our own service worker before JupyterLite's, with the list of all files of this build."""
    (out / "service-worker.js").rename(out / "jupyterlite-service-worker.js")
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    build = hashlib.sha256("".join(name + digest(out / name) for name in names).encode()).hexdigest()[:16]
    worker = (LITE / "service-worker.js").read_text(encoding="utf-8")
    pages = [f"./{name.removesuffix('index.html')}" for name in names if re.fullmatch(PAGES, name)]
    worker = worker.replace("BUILD", build).replace('["PAGES"]', json.dumps(pages))
    (out / "service-worker.js").write_text(worker, encoding="utf-8")


def build(out: Path, distribution: Path | None) -> list[str]:
    """Build the site in a folder that is made anew; return the compiled packages that it lacks."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with TemporaryDirectory(prefix="folioviz-site-") as name:
        wheels, pyodide = fetch(Path(name))
        configure(out, lay_out(wheels, out))
        absent = python(wheels, pyodide, distribution, out)
    pages(out, contents(out))
    offline(out)
    return absent


def faults(out: Path) -> list[str]:
    """Return what is wrong with a site: what is named and not there, and what would come from elsewhere."""
    packages = json.loads((out / PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    settings = json.loads((out / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    wanted = {f"extensions/{one['name']}/{one['load']}" for one in settings["federated_extensions"]}
    wanted |= {f"{PYODIDE}/{name}" for name in RUNTIME}
    wanted |= {f"{PYODIDE}/{one['file_name']}" for name, one in packages.items() if name not in COMPILED}
    found = [f"{name} is not there" for name in sorted(wanted) if not (out / name).is_file()]
    ours = [
        *out.glob("*/index.html"),
        *out.glob("static/start.*"),
        out / "index.html",
        out / "jupyter-lite.json",
    ]
    for path in ours:
        text = path.read_text(encoding="utf-8")
        found += [
            f"{path.name} asks {host}"
            for host in re.findall(r'(?:src|href|Url)"?[=:] ?"(https?://[^"]+)', text)
        ]
        for link in re.findall(r'(?:src|href)="(\.[^"?#]*)', text):
            place = path.parent / link
            if not (place / "index.html" if link.endswith("/") else place).is_file():
                found.append(f"{path.name}: {link} is not there")
    return found


def main() -> int:
    """Build the site, or write its lock file."""
    parser = argparse.ArgumentParser(description="Build the static site.")
    parser.add_argument("--lock", action="store_true", help="write lite/lock.txt anew, and nothing else")
    parser.add_argument("--distribution", type=Path, help="Pyodide's distribution, unpacked")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    if asked.lock:
        lock()
        return 0
    absent = build(asked.out, asked.distribution)
    total = sum(path.stat().st_size for path in asked.out.rglob("*") if path.is_file())
    say(f"{asked.out}: {total / 1e6:.0f} MB")
    for line in (wrong := faults(asked.out)):
        say(line)
    if absent:
        say(f"without {', '.join(absent)}: they are in Pyodide's distribution alone (--distribution FOLDER)")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
