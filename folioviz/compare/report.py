"""A comparison as plain text of at most 72 columns, to paste into a mail: same input, same text."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from folioviz import kernels
from folioviz.compare.columns import columns
from folioviz.compare.compare import Comparison, compare_in
from folioviz.compare.memory import memory, to_the_end
from folioviz.compare.sentence import account, sentence
from folioviz.compare.state import Difference
from folioviz.engine import choice
from folioviz.errors import DocumentError
from folioviz.extras import version
from folioviz.files import scenario as scenarios
from folioviz.files import share
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import WORDS
from folioviz.readout import explain
from folioviz.readout.describe import WIDTH, cut, folio_names, machine_lines, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.compare.state import Value
    from folioviz.files.scenario import Scenario
    from folioviz.ops.op import Op

MOST_LINK = 8
"""Lines of a link; a longer one is for a file."""
RUN = 4
"""From this many on, operations that advance evenly are shown as one."""
FOLIO = re.compile(r"folio (\d+)(| .*)")
"""What a difference of a folio is called."""


def report(
    scenario: Scenario, keys: Sequence[str] = (), mmu_gather: str = "", note: tuple[str, str] = ("", "")
) -> str:
    """Run a scenario and describe it: what was done, costs, differences, states, reasons, bugs.

    Args:
        scenario: what to do.
        keys: the kernels' keys or aliases; none for the scenario's own.
        mmu_gather: "batched" or "none"; '' for the scenario's own.
        note: what a moment of it is called, and what the link says of that moment, each field after an ``&``.

    Returns:
        Lines of at most 72 characters, each ended by a line feed.

    Raises:
        FoliovizError: for an unknown kernel or mode, or an operation that none of the kernels can do.
    """
    mode = mmu_gather or scenario.mmu_gather
    labs = [Lab(key, mode) for key in keys or scenario.kernels]
    shown = scenarios.replace(scenario, kernels=tuple(lab.kernel.key for lab in labs), mmu_gather=mode)
    comparison = compare_in(labs, scenario.ops)
    letters = [chr(ord("A") + place) for place in range(len(labs))]
    name, more = note
    parts = [
        wrap(name) if name else [],
        _head(scenario),
        _kernels(labs, letters),
        _done(scenario.ops),
        _short(labs, letters),
        _bugs(comparison, letters),
        _costs(comparison, letters),
        _differences(comparison, letters),
        _ends(labs, comparison, letters),
        memory(labs, letters),
        _reasons(labs, letters),
        _again(shown, more),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _again(scenario: Scenario, more: str) -> list[str]:
    """Return the command that opens this again anywhere, the version that it was told by, and what runs there."""
    *lines, made = again(scenario, more)
    return ["Open it again", *lines, f"{made}, {choice.runs()}"]


def again(scenario: Scenario, more: str = "") -> list[str]:
    """Return the command that opens a scenario again anywhere, if a link can hold it, and our version.

    ``more`` are fields that say which moment of it, and how it is looked at, each after an ``&``.
    """
    made = f"folioviz {version('folioviz')}"
    try:
        text = f"folioviz open '?{share.query(scenarios.replace(scenario, at=None))}{more}'"
    except DocumentError:
        return [made]
    lines = [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)]
    return [*lines, made] if len(lines) <= MOST_LINK else [made]


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
    """Return by how much each number grew since the operation before, or None if that was another kind."""
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


def _head(scenario: Scenario) -> list[str]:
    """Return the title and what to notice."""
    title = wrap(scenario.title or f"Scenario {scenario.name}")
    about = [line for part in scenario.about.splitlines() for line in wrap(part)]
    return [*title, "=" * max(map(len, title)), *([""] if about else []), *about]


def _kernels(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return the kernels and what they are."""
    lines = [f"Kernels ({kernels.GATHER_MODES[labs[0].mmu_gather]})"]
    for lab, letter in zip(labs, letters, strict=True):
        lines += [f"  {letter}  {lab.kernel.label}", *wrap(lab.kernel.title, " " * 5)]
    return lines


def _done(ops: Sequence[Op]) -> list[str]:
    """Return the operations, and what their words mean."""
    if not ops:
        return ["No operations."]
    lines = []
    for start, end in even_runs(ops):
        numbers, text = run_text(ops, start, end)
        lines += wrap(f"{text} ({end - start})" if end - start > 1 else text, f"  {numbers:<9}")
    used = [kind for kind in WORDS.values() if any(isinstance(op, kind) for op in ops)]
    usage = [(kind.usage(), kind) for kind in used]
    meanings = [
        line
        for use, kind in usage
        for line in wrap((inspect.getdoc(kind) or "").replace("``", ""), f"  {use:<22}  ")
    ]
    return ["Operations", *cut(lines, "lines"), "", "Their words", *meanings]


def _short(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return what all operations came to, in a sentence: the first kernel alone, then it beside each of the others."""
    accounts = [account(lab, letter, 0, len(lab.journal)) for lab, letter in zip(labs, letters, strict=True)]
    pairs = [accounts[:1]] if len(accounts) == 1 else [[accounts[0], other] for other in accounts[1:]]
    lines = [line for pair in pairs for line in wrap(sentence(pair), "  ", 2)]
    return ["In short", *lines] if lines else []


def _bugs(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return which kernels hit a bug, what only some of them could do, and what ended with an error."""
    lines = []
    for number, one in enumerate(comparison.operations, start=1):
        where = f"operation {number} ({one.op})"
        errors: dict[str, list[str]] = {}
        for letter, outcome in zip(letters, one.outcomes, strict=True):
            if outcome.bugs:
                lines += wrap(
                    f"{letter} hits a kernel bug in {where}: {', then '.join(outcome.bugs)}.", "  ", 2
                )
                lines += wrap("Its run ends there; costs and states are those before.", "    ")
            elif outcome.refused:
                lines += wrap(f"{letter} cannot do {where}: {outcome.refused}.", "  ", 2)
            elif outcome.failed:
                errors.setdefault(outcome.failed, []).append(letter)
        for error, failed in errors.items():
            whose = f"{' and '.join(failed)} {'end' if failed[1:] else 'ends'}"
            lines += wrap(f"{whose} {where} with an error. {error}.", "  ", 2)
    return ["Bugs, refusals and errors", *cut(lines, "lines")] if lines else []


def _costs(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return the table of total costs."""
    names = [name for name in COSTS if any(name in total for total in comparison.totals)]
    rows = [(COSTS[name].words, [str(total.get(name, 0)) for total in comparison.totals]) for name in names]
    return columns("Cost of all operations", rows, letters)


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


def joined(differences: Sequence[Difference]) -> list[Difference]:
    """Return differences, those that are the same of several folios as one: a split makes 512 of a kind."""
    alike: dict[tuple[str, str, tuple[Value, ...]], list[int]] = {}
    for one in differences:
        folio = FOLIO.fullmatch(one.what)
        name, folio_id, what = ("folio", int(folio[1]), folio[2]) if folio else (one.what, 0, "")
        alike.setdefault((name, what, one.values), []).append(folio_id)
    return [
        Difference(f"{folio_names(ids)}{what}" if name == "folio" else name, values)
        for (name, what, values), ids in alike.items()
    ]


def _differences(comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Return what differs, operation by operation."""
    if len(letters) < 2:
        return []
    lines = []
    for number, one in enumerate(comparison.operations, start=1):
        if one.costs or one.state:
            lines += wrap(f"{number}  {one.op}", "  ", 2)
        costs = [f"{COSTS[cost.what].words} {'/'.join(map(_value, cost.values))}" for cost in one.costs]
        if costs:
            lines += wrap(f"cost {'/'.join(letters)}: {'; '.join(costs)}", "     ", 2)
        for difference in joined(one.state):
            lines += wrap(_difference(difference, letters), "     ", 2)
    ended = any(comparison.ended(place) is not None for place in range(len(letters)))
    none = "  none among the kernels that hit no bug" if ended else "  none: same costs, same states"
    return ["Differences", *(cut(lines, "lines") or [none])]


def _ends(labs: Sequence[Lab], comparison: Comparison, letters: Sequence[str]) -> list[str]:
    """Go to the end of each run and return the state there."""
    to_the_end(labs, comparison)
    texts, labels = [], []
    for place, lab in enumerate(labs):
        ended = comparison.ended(place)
        texts.append(machine_lines(lab.machine))
        labels.append(letters[place] + ("" if ended is None else f" before operation {ended + 1}"))
    return ["State at the end", *_per_kernel(texts, labels)]


def _per_kernel(texts: Sequence[list[str]], letters: Sequence[str]) -> list[str]:
    """Return lines for each kernel; kernels with the same lines share them."""
    same: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for letter, text in zip(letters, texts, strict=True):
        same[tuple(text)].append(letter)
    return [line for text, of in same.items() for line in (*wrap(", ".join(of), "  "), *text)]


def _reasons(labs: Sequence[Lab], letters: Sequence[str]) -> list[str]:
    """Return each kernel's decisions: alike ones are counted, and routine ones come last."""
    texts = []
    for lab in labs:
        found: defaultdict[tuple[bool, int, str, str], list[str]] = defaultdict(list)
        bug = lab.bug_at()  # what follows a bug means nothing, except the decision right after it
        for made in explain.decisions(lab, 0, None if bug is None else bug + 1):
            key = (made.reason in explain.ROUTINE, made.reason, made.function, made.source)
            found[key].append(made.sentence)
        lines = []
        for (_, _, function, source), sentences in sorted(found.items()):
            first = "" if len(sentences) == 1 else "first: "
            cited = f"{function}, {source}" if function else source
            lines += wrap(f"{first}{sentences[0]} [{cited}]", f"{len(sentences):>7} x  ")
        texts.append(lines)
    return ["Reasons", *_per_kernel(texts, letters)] if any(texts) else []
