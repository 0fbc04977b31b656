"""Read the conformance vectors, and compare a lab with them, step by step."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from folioviz import invariants
from folioviz.lab import Lab
from folioviz.machine import Sizes
from folioviz.ops import parse
from folioviz.vectors import Recorder

HERE = Path(__file__).parent
KERNELS = ("base", "p1", "p12", "v3", "v4")
MODES = {"gather": "batched", "no_gather": "none"}
SMALL = Sizes(pages=16384, tables=256, vmas=256)
"""Room enough for every vector; invariants take their time from the machine's size."""
KEYS = [f"{kernel}/{mode}" for kernel in KERNELS for mode in MODES]


class Scenario(NamedTuple):
    """Operations in the short form, and the records of each run, one per operation until a bug ends it."""

    name: str
    ops: list[str]
    runs: dict[str, list[dict]]


@cache
def scenarios(kind):
    """Return all scenarios of a file ("hand" or "random"), by name."""
    found = {}
    with gzip.open(HERE / f"v6.5-{kind}.jsonl.gz", "rt") as lines:
        for line in lines:
            entry = json.loads(line)
            runs = {}
            for key, records in entry["runs"].items():
                first = next(iter(runs.values()), records)
                same = isinstance(records, str)
                runs[key] = runs[records] if same else [r or first[i] for i, r in enumerate(records)]
            found[entry["name"]] = Scenario(entry["name"], entry["ops"], runs)
    return found


def expand(folios):
    """Return id -> fields of the folios of a record's F."""
    found = {}
    for entry in folios:
        fields = {name: value for name, value in entry.items() if name not in {"id", "n"}}
        found |= dict.fromkeys(range(entry["id"], entry["id"] + entry.get("n", 1)), fields)
    return found


def spans(pairs):
    """Return the ids of [first, count, first, count, ...]."""
    return {first + i for first, count in zip(pairs[::2], pairs[1::2], strict=True) for i in range(count)}


class Folded:
    """The live folios that records have told of so far."""

    def __init__(self):
        self.folios = {}

    def fold(self, record):
        """Take in one record."""
        for gone in spans(record["X"]):
            self.folios.pop(gone, None)
        self.folios |= expand(record["F"])


def difference(got, want, model, kernel):
    """Return (field, got, want) where two records differ, or None; ``model`` and ``kernel`` fold them."""
    ends = "B" in got or "B" in want
    for field in ("B",) if ends else ("r",):
        if got.get(field) != want.get(field):
            return field, got, want
    if ends or got.keys() == want.keys() == {"r"}:
        return None
    if got.keys() != want.keys():
        return "fields", sorted(got), sorted(want)
    model.fold(got)
    kernel.fold(want)
    for folio in expand(got["F"]) | expand(want["F"]):
        pair = model.folios.get(folio), kernel.folios.get(folio)
        if pair[0] != pair[1]:
            return f"F of folio {folio}", *pair
    if spans(got["X"]) != spans(want["X"]):
        return "X", got["X"], want["X"]
    return next(((field, got[field], want[field]) for field in "QSRPC" if got[field] != want[field]), None)


def conforms(scenario, key, patches=(), *, check=False):
    """Run a scenario under one kernel and mode; return how many records agreed.

    Args:
        scenario: a :class:`Scenario`.
        key: such as "v4/no_gather".
        patches: kernel functions to replace.
        check: whether to check every invariant after every step.

    Raises:
        AssertionError: naming scenario, run, step, operation and field, what was got and what was wanted.
    """
    kernel, mode = key.split("/")
    lab = Lab(kernel, MODES[mode], patches, SMALL if check else None)
    recorder, model, real = Recorder(lab), Folded(), Folded()
    for i, want in enumerate(scenario.runs[key]):
        got = recorder.record(parse(scenario.ops[i]))
        if found := difference(got, want, model, real):
            field, *values = (str(value)[:600] for value in found)
            where = f"{scenario.name} under {key}, step {i} ({scenario.ops[i]})"
            raise AssertionError(f"{where}: {field} differs\n got {values[0]}\nwant {values[1]}")
        if check and "B" not in want:
            invariants.check(lab.machine)
    return len(scenario.runs[key])
