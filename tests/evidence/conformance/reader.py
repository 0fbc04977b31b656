"""Find the conformance vectors, and compare a lab with them, step by step."""

from __future__ import annotations

import gzip
from functools import cache, lru_cache

import msgspec

from folioviz.evidence.conformance import MODES, Mismatch, decoded, run
from folioviz.evidence.own import OWN
from folioviz.kernels import find
from folioviz.laws import every_kernel
from folioviz.machine.memory import Sizes

FILES = tuple(OWN)
SMALL, LARGE = (Sizes(pages=pages, tables=128, vmas=128) for pages in (4096, 16384))
"""Machines as small as the vectors allow: a fresh one, and every invariant, takes its time from the size."""
HUNGRY = {
    "gather_overflow_small_exact",
    "gather_overflow_real_o4_end",
    "gather_overflow_real_o9",
    "gather_overflow_small_then_large",
    "glimit0_pmd",
}
"""Scenarios that need a large one."""


class Outline(msgspec.Struct):
    """A scenario's name, operations, and how long its runs are; nothing else of it is read."""

    name: str
    ops: list[str] = []
    runs: dict[str, str | list[msgspec.Raw]] = {}

    def records(self, key):
        """Return how many records a run has."""
        found = self.runs[key]
        return self.records(found) if isinstance(found, str) else len(found)


@cache
def keys(file):
    """Return the runs of a file's scenarios, kernel and mode, as its first scenario has them."""
    with gzip.open(OWN[file]) as lines:
        return tuple(msgspec.json.decode(lines.readline(), type=Outline).runs)


@cache
def outlines(file):
    """Return the outlines of a file's scenarios, by name, in its order; ``file`` is one of FILES."""
    return {name: msgspec.json.decode(line, type=Outline) for name, line in _lines(file).items()}


@cache
def _lines(file):
    """Return the lines of a file by their scenarios' names."""
    name = msgspec.defstruct("Name", [("name", str)])
    with gzip.open(OWN[file]) as lines:
        return {msgspec.json.decode(line, type=name).name: line for line in lines}


@lru_cache(maxsize=200)
def scenario(file, name):
    """Return one scenario of a file; only those that are asked for are read, and those of one part are kept."""
    return decoded(_lines(file)[name])


def hand(key, name):
    """Return a scenario written by hand, from the file that has runs of a key's kernel."""
    return scenario(next(file for file in FILES if file.endswith("hand") and key in keys(file)), name)


def conforms(wanted, key, patches=(), *, check=False, calls=False):
    """Run a scenario under one kernel and mode; return how many records agreed.

    Args:
        wanted: a scenario.
        key: such as "v4/no_gather".
        patches: kernel functions to replace.
        check: whether to check every invariant after every step.
        calls: whether calls of kernel functions are journaled, too.

    Raises:
        AssertionError: naming kernel, scenario, step, operation and field, what the kernel has and what the model, and
            the command that shows this scenario alone.
    """
    count = 0
    for found in run(wanted, key, patches, LARGE if wanted.name in HUNGRY else SMALL, calls=calls):
        assert not isinstance(found, Mismatch), told(wanted, key, found)
        if check and not found.machine.bug[0]:
            every_kernel.check(found.machine)
        count += 1
    return count


def told(wanted, key, found):
    """Return what differs, where, and how to see it alone."""
    kernel, mode = key.split("/")
    model = find(kernel).key
    return f"""{wanted.name} differs from the kernel under {key} ({model}, mmu_gather {MODES[mode]})
  step: {found.step}, {wanted.ops[found.step]}
  field: {found.field}
  kernel: {str(found.kernel)[:600]}
  model: {str(found.model)[:600]}
  to see: folioviz verify --kernel {model} --scenario {wanted.name} {set_of(key, wanted.name)}"""


def set_of(key, name):
    """Return the set that holds a key's runs of a scenario."""
    return next(file for file in FILES if key in keys(file) and name in _lines(file))
