"""Find the conformance vectors, and compare a lab with them, step by step."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import msgspec

from folioviz.evidence.conformance import MODES, Mismatch, decoded, run
from folioviz.laws import every_kernel
from folioviz.machine.memory import Sizes

HERE = Path(__file__).parent
KERNELS = {
    "v6.5": ("base", "p1", "p12", "v3", "v4"),
    "later": ("g68", "g69", "g610", "g612", "g73", "g73n"),
}
"""The first word of a file's name -> the kernels that it has runs of."""
FILES = tuple(f"{era}-{kind}" for era in KERNELS for kind in ("hand", "random"))
SMALL = Sizes(pages=16384, tables=256, vmas=256)
"""Room enough for every vector; invariants take their time from the machine's size."""


class Outline(msgspec.Struct):
    """A scenario's name and how long its runs are; nothing else of it is read."""

    name: str
    runs: dict[str, str | list[msgspec.Raw]] = {}

    def records(self, key):
        """Return how many records a run has."""
        found = self.runs[key]
        return self.records(found) if isinstance(found, str) else len(found)


def keys(file):
    """Return the runs of a file's scenarios: kernel and mode."""
    return [f"{kernel}/{mode}" for kernel in KERNELS[file.split("-")[0]] for mode in MODES]


@cache
def outlines(file):
    """Return the outlines of a file's scenarios, by name, in its order; ``file`` is one of FILES."""
    return {name: msgspec.json.decode(line, type=Outline) for name, line in _lines(file).items()}


@cache
def _lines(file):
    """Return the lines of a file by their scenarios' names."""
    name = msgspec.defstruct("Name", [("name", str)])
    with gzip.open(HERE / f"{file}.jsonl.gz") as lines:
        return {msgspec.json.decode(line, type=name).name: line for line in lines}


@cache
def scenario(file, name):
    """Return one scenario of a file; only those that are asked for are read."""
    return decoded(_lines(file)[name])


def hand(key, name):
    """Return a scenario written by hand, from the file that has runs of a key's kernel."""
    era = next(era for era, kernels in KERNELS.items() if key.split("/")[0] in kernels)
    return scenario(f"{era}-hand", name)


def conforms(wanted, key, patches=(), *, check=False):
    """Run a scenario under one kernel and mode; return how many records agreed.

    Args:
        wanted: a scenario.
        key: such as "v4/no_gather".
        patches: kernel functions to replace.
        check: whether to check every invariant after every step.

    Raises:
        AssertionError: naming scenario, run, step, operation and field, what was got and what was wanted.
    """
    count = 0
    for found in run(wanted, key, patches, SMALL if check else None):
        assert not isinstance(found, Mismatch), told(wanted, key, found)
        if check and not found.machine.bug[0]:
            every_kernel.check(found.machine)
        count += 1
    return count


def told(wanted, key, found):
    """Return what differs, and where."""
    where = f"{wanted.name} under {key}, step {found.step} ({wanted.ops[found.step]})"
    return f"{where}: {found.field} differs\n got {str(found.model)[:600]}\nwant {str(found.kernel)[:600]}"
