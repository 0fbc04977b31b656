"""A page of docs/recipes/ followed to the letter, in a copy of the repository.

A page tells what to do in paragraphs, also in lists, each with a block right below it; nothing else on the page is
done, and a block that no paragraph explains is an error, so that no part of a page can go untried.

==========================================  =====================================================================
the paragraph above the block says          the block is
==========================================  =====================================================================
Write `path`                                a new file
In `path`, or Change `path`                 ```diff: lines that begin with " " or "-" stand there once, beside each
                                            other; those with "-" go, those with "+" come; "@@" parts two places
At the end of `path`                        lines to append
Run, or any other words above ```console    commands after "$ "; the lines below each are in what it prints, in order
                                            (blanks at the end of a line do not count)
any words above ```text                     nothing to do: what a reader sees
==========================================  =====================================================================
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".venv", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".ipynb_checkpoints"),
    *("build", "dist", "results", "screenshots", "node_modules"),
)
KINDS = {"Write": "write", "In": "change", "Change": "change", "At": "append"}


class Step(NamedTuple):
    """One thing that a page asks for.

    Attributes:
        kind: write, change, append, run or read.
        path: the file, from the top of the repository; "" for run and read.
        body: the block.
    """

    kind: str
    path: str
    body: str


def steps(page):
    """Return what a page asks for, in order."""
    return [_step(said, kind, body) for said, kind, body in _blocks(page)]


def _blocks(page):
    """Return (the paragraph above, the fence's word, the text) of every block."""
    found, said = [], ""
    for token in MarkdownIt("commonmark").parse(page):
        if token.type in {"fence", "code_block"}:
            found.append((said, token.info, token.content))
            said = ""
        elif token.type == "inline":
            said = token.content
    return found


def _step(said, kind, body):
    """Return the step that a paragraph and its block are."""
    if kind in {"text", "console"}:
        return Step("read" if kind == "text" else "run", "", body)
    asked = re.match(r"(Write|In|Change|At the end of) `([^`]+)`", said)
    assert asked, f"nothing above says what to do with this block: {said!r}\n{body}"
    what = KINDS[asked[1].split()[0]]
    assert (what == "change") == (kind == "diff"), f"a change is a diff, and nothing else is: {said!r}"
    return Step(what, asked[2], body)


class Copy:
    """A copy of the repository in which pages are followed.

    Attributes:
        root: where it is.
        touched: the files that were written so far, from the top of the repository, in order.
    """

    def __init__(self, root):
        """Copy what there is, but for what tools leave behind; with compiled modules, so that none is compiled anew."""
        self.root = root
        self.touched = []
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)

    def follow(self, page):
        """Do all that a page says: one of docs/recipes/ by its name, or a text."""
        text = page if "\n" in page else (self.root / "docs" / "recipes" / page).read_text(encoding="utf-8")
        asked = steps(text)
        assert asked, f"{page} asks for nothing"
        for step in asked:
            self.do(step)

    def do(self, step):
        """Do one step of a page."""
        if step.kind == "run":
            self.told(step.body)
        elif step.kind != "read":
            self.write(step)

    def write(self, step):
        """Write a file as a step says."""
        path = self.root / step.path
        if step.kind == "write":
            assert not path.exists(), f"{step.path} is there already"
            text = step.body
        elif step.kind == "append":
            text = path.read_text(encoding="utf-8") + step.body
        else:
            text = changed(path.read_text(encoding="utf-8"), step.body, step.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if step.path not in self.touched:
            self.touched.append(step.path)

    def told(self, body):
        """Run the commands of a block, and require that they print what stands below them."""
        for asked in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, *wanted = asked.rstrip().splitlines()
            printed = iter([line.rstrip() for line in self.run(*shlex.split(command)).splitlines()])
            for line in wanted:
                assert line in printed, f"{command} does not print {line!r}, or not in this order"

    def run(self, *command, fails=False):
        """Run a command at the top of the copy and return what it prints; ``fails`` says that it may fail."""
        search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            command,
            check=False,
            cwd=self.root,
            env={**os.environ, "PATH": search, "PYTHONPATH": str(self.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert fails or done.returncode == 0, done.stdout
        return done.stdout

    def mypy(self, *paths):
        """Check types in the copy, on top of what `make lint` has found out."""
        if (ROOT / ".mypy_cache").is_dir():
            shutil.copytree(ROOT / ".mypy_cache", self.root / ".mypy_cache")
        self.run("mypy", *paths)

    def python(self, code):
        """Run Python code at the top of the copy and return what it prints."""
        return self.run("python", "-c", code)

    def failures(self, *tests):
        """Return the names of the copy's tests that fail, sorted."""
        printed = self.run("python", "-m", "pytest", "-q", "-rfE", "--tb=short", *tests, fails=True)
        assert re.search(r"^\d+ (passed|failed)|, \d+ passed", printed, re.MULTILINE), printed
        return sorted(re.findall(r"^(?:FAILED|ERROR) (\S+)", printed, re.MULTILINE))


def changed(text, diff, name="the text"):
    """Return a text in which each place of a diff, which must be there once, is as the diff says."""
    lines = text.splitlines()
    for place in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        marked = [line or " " for line in place.splitlines()]
        odd = [line for line in marked if line[0] not in " +-"]
        assert not odd, f"not a line of a diff: {odd[0]!r}"
        old, new = ([line[1:] for line in marked if line[0] in f" {sign}"] for sign in "-+")
        found = [at for at in range(len(lines)) if old and lines[at : at + len(old)] == old]
        assert len(found) == 1, f"{name} has this {len(found)} times, not once:\n" + "\n".join(old)
        lines[found[0] : found[0] + len(old)] = new
    return "\n".join(lines) + "\n"
