"""A comparison as plain text of at most 72 columns, to paste into a mail: same input, same text."""

from __future__ import annotations

import inspect
import textwrap
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from folioviz import explain, kernels, state
from folioviz.compare import Comparison, Difference, compare_in
from folioviz.journal import COSTS
from folioviz.lab import Lab
from folioviz.machine import address_of
from folioviz.ops import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from folioviz.machine import Machine
    from folioviz.ops import Op
    from folioviz.scenario import Scenario

WIDTH = 72
MAX_LINES = 40
"""Of one list; what is left out is counted."""
RUN = 4
"""So many operations that advance evenly are shown as one."""


def report(scenario: Scenario, keys: Sequence[str] = (), mmu_gather: str = "") -> str:
    """Run a scenario and describe it: what was done, costs, differences, states, reasons, bugs.

    Args:
        scenario: what to do.
        keys: the kernels' keys or aliases; none for the scenario's own.
        mmu_gather: "batched" or "none"; '' for the scenario's own.

    Returns:
        Lines of at most 72 characters, each ended by a line feed.

    Raises:
        FoliovizError: for an unknown kernel or mode, or an operation that none of the kernels can do.
    """
    labs = [Lab(key, mmu_gather or scenario.mmu_gather) for key in keys or scenario.kernels]
    comparison = compare_in(labs, scenario.ops)
    letters = [chr(ord("A") + place) for place in range(len(labs))]
    parts = [
        _head(scenario),
        _kernels(labs, letters),
        _done(scenario.ops),
        _bugs(comparison, letters),
        _costs(comparison, letters),
        _differences(comparison, letters),
        _ends(labs, comparison, letters),
        _reasons(labs, letters),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def even_runs(ops: Sequence[Op]) -> Iterator[tuple[int, int]]:
    """Yield ranges ``[start, end)`` that cover operations: one each, or many whose numbers advance evenly."""
    start = 0
    while start < len(ops):
        end = start + 1
        while (
            end < len(ops)
            and _advance(ops, end) is not None
            and _advance(ops, end) == _advance(ops, start + 1)
        ):
            end += 1
        end = end if end - start >= RUN else start + 1
        yield start, end
        start = end


def _advance(ops: Sequence[Op], index: int) -> list[int] | None:
    """Return what to add to each number of an operation's predecessor, or None if that is of another kind."""
    before, op = ops[index - 1], ops[index]
    if type(before) is not type(op):
        return None
    pairs = zip(msgspec.structs.astuple(before), msgspec.structs.astuple(op), strict=True)
    return [new - old for old, new in pairs]


def run_text(ops: Sequence[Op], start: int, end: int) -> tuple[str, str]:
    """Return the numbers (from 1) and the short form of the operations ``[start, end)``."""
    if end - start == 1:
        return str(start + 1), ops[start].short()
    return f"{start + 1}-{end}", f"{ops[start].short()} ... {ops[end - 1].short()}"


def _wrap(text: str, indent: str = "", hang: int = 0) -> list[str]:
    """Break text into lines of at most 72 characters; lines after the first are indented by ``hang`` more."""
    after = " " * (len(indent) + hang)
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=after, break_on_hyphens=False
    ) or [""]


def _cut(lines: list[str], what: str) -> list[str]:
    """Return the first lines of many, and how many were left out."""
    if len(lines) <= MAX_LINES:
        return lines
    return [*lines[:MAX_LINES], f"  ... and {len(lines) - MAX_LINES} more {what}"]


def _head(scenario: Scenario) -> list[str]:
    """Return the title and what to notice."""
    title = _wrap(scenario.title or f"Scenario {scenario.name}")
    about = [line for part in scenario.about.splitlines() for line in _wrap(part)]
    return [*title, "=" * max(map(len, title)), *([""] if about else []), *about]


def _kernels(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return the kernels and what they are."""
    lines = [f"Kernels ({kernels.GATHER_MODES[labs[0].mmu_gather]})"]
    for lab, letter in zip(labs, letters, strict=True):
        lines += [f"  {letter}  {lab.kernel.key}", *_wrap(lab.kernel.title, " " * 5)]
    return lines


def _done(ops: Sequence[Op]) -> list[str]:
    """Return the operations, and what their words mean."""
    if not ops:
        return ["No operations."]
    lines = []
    for start, end in even_runs(ops):
        numbers, text = run_text(ops, start, end)
        lines += _wrap(f"{text} ({end - start})" if end - start > 1 else text, f"  {numbers:<9}")
    used = [(word, kind) for word, kind in WORDS.items() if any(isinstance(op, kind) for op in ops)]
    usage = [(" ".join([word, *map(str.upper, kind.__struct_fields__)]), kind) for word, kind in used]
    meanings = [
        line
        for use, kind in usage
        for line in _wrap((inspect.getdoc(kind) or "").replace("``", ""), f"  {use:<22}  ")
    ]
    return ["Operations", *_cut(lines, "lines"), "", "Their words", *meanings]


def _bugs(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return which kernels hit a bug, and what only some of them could do."""
    lines = []
    for number, step in enumerate(comparison.steps, start=1):
        for letter, outcome in zip(letters, step.outcomes, strict=True):
            where = f"operation {number} ({step.op})"
            if outcome.bugs:
                lines += _wrap(
                    f"{letter} hits a kernel bug in {where}: {', then '.join(outcome.bugs)}.", "  ", 2
                )
                lines += _wrap("Its run ends there; costs and states are those before.", "    ")
            elif outcome.refused:
                lines += _wrap(f"{letter} cannot do {where}: {outcome.refused}.", "  ", 2)
    return ["Bugs and refusals", *_cut(lines, "lines")] if lines else []


def _costs(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return the table of total costs, with as many kernels beside each other as there is room for."""
    names = [name for name in COSTS if any(name in total for total in comparison.totals)]
    left = max((len(COSTS[name][1]) for name in names), default=0) + 2
    width = 2 + max((len(str(n)) for total in comparison.totals for n in total.values()), default=1)
    per_table = (WIDTH - left) // width
    lines = ["Cost of all operations"]
    for first in range(0, len(letters), per_table):
        part = slice(first, first + per_table)
        lines.append(" " * left + "".join(f"{letter:>{width}}" for letter in letters[part]))
        for name in names:
            values = "".join(f"{total.get(name, 0):>{width}}" for total in comparison.totals[part])
            lines.append(f"  {COSTS[name][1]:<{left - 2}}{values}")
    return lines if names else []


def _value(value: object) -> str:
    """Return a value of a difference."""
    if isinstance(value, tuple):
        return "[" + " ".join(map(str, value)) + "]"
    return "-" if value is None else str(value)


def _difference(difference: Difference, letters: Sequence[str]) -> str:
    """Return a difference on one line; of page tables only that they differ."""
    values = [_value(value) for value in difference.values]
    if max(map(len, values)) > WIDTH // 2:
        return f"{difference.what} differ"
    return f"{difference.what} " + ", ".join(f"{a} {b}" for a, b in zip(letters, values, strict=True))


def _differences(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return what differs, operation by operation."""
    if len(letters) < 2:
        return []
    lines = []
    for number, step in enumerate(comparison.steps, start=1):
        if step.costs or step.state:
            lines += _wrap(f"{number}  {step.op}", "  ", 2)
        costs = [f"{COSTS[cost.what][1]} {'/'.join(map(_value, cost.values))}" for cost in step.costs]
        if costs:
            lines += _wrap(f"cost {'/'.join(letters)}: {'; '.join(costs)}", "     ", 2)
        for difference in step.state:
            lines += _wrap(_difference(difference, letters), "     ", 2)
    ended = any(comparison.ended(place) is not None for place in range(len(letters)))
    none = "  none among the kernels that hit no bug" if ended else "  none: same costs, same states"
    return ["Differences", *(_cut(lines, "lines") or [none])]


def _ends(labs: Sequence[Lab], comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return the state at the end of each run."""
    texts, labels = [], []
    for place, lab in enumerate(labs):
        ended = comparison.ended(place)
        lab.seek(len(lab.journal) if ended is None else lab.steps[-1].start)
        texts.append(_machine(lab.machine))
        labels.append(letters[place] + ("" if ended is None else f" before operation {ended + 1}"))
    return ["State at the end", *_per_kernel(texts, labels)]


def _per_kernel(texts: Sequence[list[str]], letters: Sequence[str]) -> list[str]:
    """Return lines for each kernel, and only the letters of those that say the same."""
    same: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for letter, text in zip(letters, texts, strict=True):
        same[tuple(text)].append(letter)
    return [line for text, of in same.items() for line in (f"  {', '.join(of)}", *text)]


def _ids(ids: Iterable[int]) -> str:
    """Return ascending numbers as 1-3, 5."""
    spans: list[list[int]] = []
    for number in ids:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _machine(machine: Machine) -> list[str]:
    """Describe a machine: processes, folios, queue, counters."""
    lines = []
    for process in state.processes(machine):
        vmas = ", ".join(f"[{address_of(vma.start):#x}, {address_of(vma.end):#x})" for vma in process.vmas)
        lines += _wrap(f"process {process.id}: rss {process.rss}; {vmas or 'no VMA'}", "    ", 2)
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for folio in state.folios(machine):
        alike[_folio(folio)].append(folio.id)
    for text, ids in alike.items():
        lines += _wrap(f"{'folio' if len(ids) == 1 else 'folios'} {_ids(ids)}: {text}", "    ", 2)
    queue = [str(machine.folio_id[head]) for head in state.queue(machine)]
    counters = [f"{name} {value}" for name, value in state.counters(machine).items() if value]
    lines = _cut(lines, "lines")
    lines += _wrap(f"split queue: {' '.join(queue) or 'empty'}", "    ", 2)
    return lines + (_wrap(", ".join(counters), "    ", 2) if counters else [])


def _folio(folio: state.Folio) -> str:
    """Describe a folio, but for its id."""
    runs = _runs(folio.mapcount)
    words = [f"order {folio.order}, refcount {folio.refcount}"]
    if folio.order:
        words.append(f"{folio.pages_mapped} of {folio.mapcount.size} pages mapped")
        words.append(f"_nr_pages_mapped: {state.decoded(folio.nr_pages_mapped)}")
        words.append(f"_entire_mapcount {folio.entire_mapcount}")
    words.append(
        "_mapcount " + ", ".join(f"{n} x {value}" if folio.order else f"{value}" for value, n in runs)
    )
    if folio.pins:
        words.append(f"pins {folio.pins}")
    if folio.queue_place:
        words.append("on the split queue")
    return "; ".join(words)


def _runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Return (value, how many) of runs of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), values.size]
    return [(int(values[start]), end - start) for start, end in pairwise(edges)]


def _reasons(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return why: each kernel's decisions, alike ones counted, those at which nothing was at stake last."""
    texts = []
    for lab in labs:
        found: defaultdict[tuple[bool, int, str, str], list[str]] = defaultdict(list)
        bug = lab.bug_at()  # what follows a bug means nothing, but for the decision that it stands beside
        for made in explain.decisions(lab, 0, None if bug is None else bug + 1):
            key = (made.reason in explain.ROUTINE, made.reason, made.function, made.source)
            found[key].append(made.sentence)
        lines = []
        for (_, _, function, source), sentences in sorted(found.items()):
            first = "" if len(sentences) == 1 else "first: "
            lines += _wrap(f"{first}{sentences[0]} [{function}, {source}]", f"{len(sentences):>7} x  ")
        texts.append(lines)
    return ["Reasons", *_per_kernel(texts, letters)] if any(texts) else []
