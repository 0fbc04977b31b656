"""The repository speaks of folioviz alone: whoever has it has all that it names."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from tests.recipes.following import NOT_COPIED

ROOT = Path(__file__).parents[2]
SOMEBODYS = re.compile(r"(?<![\w.})\]/-])(~|/(?:home|Users|root|work|tmp|opt|srv|mnt|media|data|farm))/[\w.]")
"""A path of one machine. What every machine has (/dev, /proc, /sys, /usr) is none."""
INDEX = re.compile(
    r"(?i)\b(index[-]url|extra[-]index|find[-]links|trusted[-]host|(?:pip|uv)[_]index\w*|registry[=])"
)
"""How a package index is named to pip, uv or npm; the brackets keep this line from being one."""
DEEDS = ("try:", "do:", "act:", "folio:")
"""How what is no link begins in a story's words: what the reader may have done by a click."""
CACHES = {"__pycache__", ".mypy_cache"}
BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
"""A block of a page, in which a link is none."""
HOST = re.compile(r"\b(?:https?|wss?|git|ssh)://(?:[^\s/@]*@)?([\w.-]+\.[a-z]{2,})\b")
HOSTS = {
    "github.com": "the project",
    "mybinder.org": "the project on Binder",
    "www.w3.org": "the namespace of SVG",
    "example.org": "an address that nobody has",
    "kernel.org": "Linux, and its lists",
    "drgn.readthedocs.io": "the debugger that reads a kernel's own memory",
    "opencollective.com": "whom to thank for biome, as package-lock.json has it",
}
"""Hosts that may be named, each with its subdomains."""


@cache
def texts():
    """Return path -> text of every file of the repository that is text."""
    found = {}
    for folder, folders, files in os.walk(ROOT):
        left_out = NOT_COPIED(folder, folders + files) | CACHES
        folders[:] = [name for name in folders if name not in left_out]
        for name in set(files) - left_out:
            path = Path(folder, name)
            try:
                found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return found


def lines(pattern):
    """Return (file, line) of every line in which a pattern is found, and what of it."""
    return [
        (path, number, hit[0])
        for path, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        for hit in pattern.finditer(line)
    ]


def test_no_path_of_anybodys_machine():
    """No file names a home, a mount or a working folder of the machine that it was written on."""
    assert len(texts()) > 300
    assert lines(SOMEBODYS) == []


def test_no_package_index():
    """Packages come from where the reader's own tools get them."""
    assert lines(INDEX) == []


def test_every_host_has_its_reason():
    """Addresses are those of the project, the kernel, and names that no document can do without."""
    hosts = {hit.rpartition("://")[2].rpartition("@")[2] for _, _, hit in lines(HOST)}

    assert "mybinder.org" in hosts
    assert [host for host in hosts if not any(f".{host}".endswith(f".{known}") for known in HOSTS)] == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (SOMEBODYS, "see /{}/ann/linux".format("home")),
        (SOMEBODYS, "cd {}/folioviz".format("~")),
        (SOMEBODYS, "PATH=/{}/bin".format("opt")),
        (INDEX, "pip install --{}-url X".format("index")),
        (INDEX, "PIP_{}_URL=X".format("INDEX")),
        (HOST, "https://user:word@files.{}.org/simple".format("somewhere")),
    ],
)
def test_the_rules_notice(pattern, text):
    """Each of these would pass unseen if a rule looked away."""
    assert pattern.search(text)


def leads(path, to):
    """Tell whether a link of a page leads to something; a story's words stand on a page beside the other stories."""
    here = ROOT / "notebooks" if "stories/words" in path else (ROOT / path).parent
    return here.joinpath(to.partition("?")[0]).exists()


def test_the_links_of_every_page_lead_somewhere():
    """A link from a Markdown page leads to a file or a folder of the repository, or to one of the hosts.

    What a story's words have the reader do is tested with the stories.
    """
    wrong = [
        (path, to)
        for path, text in texts().items()
        if path.endswith(".md")
        for to in re.findall(r"\]\(([^)\s#]+)", BLOCK.sub("", text))
        if "://" not in to and not to.startswith(DEEDS) and not leads(path, to)
    ]

    assert wrong == []
