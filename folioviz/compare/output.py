"""What ``folioviz run`` prints: a table, CSV, or the records of the conformance vectors."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from rich.console import Console
from rich.table import Table

from folioviz.compare.compare import compare_in
from folioviz.compare.memory import text_of, to_the_end
from folioviz.compare.report import even_runs, run_text
from folioviz.files.export import trace_events
from folioviz.kernels import find
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.readout.records import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from folioviz.compare.compare import Comparison, Outcome
    from folioviz.files.scenario import Scenario


def new_table(*columns: str) -> Table:
    """Return a table without lines, as in man pages."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in COSTS else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=not sys.stdout.isatty())
    return table


def show(*parts: Table | str) -> None:
    """Print tables and text, cut to the width of a terminal, or as wide as they are into a file or pipe."""
    wide = None if sys.stdout.isatty() else 100_000
    console = Console(width=wide, markup=False, highlight=False, emoji=False, soft_wrap=True)
    for part in parts:
        console.print(part)


def printed(scenario: Scenario, comparison: Comparison, form: str) -> None:
    """Print a comparison as "json", as "csv" or, whatever else the form is, as a table."""
    if form == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(comparison), indent=1).decode() + "\n")
    elif form == "csv":
        rows(comparison)
    else:
        table(scenario, comparison)


def table(scenario: Scenario, comparison: Comparison) -> None:
    """Print what each operation costs under each kernel, then the sums; operations that advance evenly are one row.

    A kernel stands there by its name; its key is for what is typed and for what programs read.
    """
    names = [name for name in COSTS if any(name in total for total in comparison.totals)]
    costs = new_table("#", "operation", "kernel", *names, "")
    for start, end in even_runs(scenario.ops[: len(comparison.operations)]):
        label = run_text(scenario.ops, start, end)
        for key, outcomes in zip(comparison.kernels, _by_kernel(comparison, start, end), strict=True):
            sums = [sum(outcome.costs.get(name, 0) for outcome in outcomes) for name in names]
            notes = [
                outcome.refused or outcome.failed or f"BUG: {', '.join(outcome.bugs)}"
                for outcome in outcomes
                if _noted(outcome)
            ]
            if any(sums) or notes:
                costs.add_row(*label, find(key).label, *(str(n) if n else "" for n in sums), "; ".join(notes))
                label = "", ""
        if any(label):
            costs.add_row(*label)
    for key, total in zip(comparison.kernels, comparison.totals, strict=True):
        costs.add_row("", "all", find(key).label, *(str(total.get(name, 0)) for name in names), style="bold")
    show(costs, "", *(f"{name:<9} {COSTS[name].words}" for name in names))


def files(scenario: Scenario, names: Sequence[str], pages: Sequence[tuple[int, int]]) -> None:
    """Print what files of each kernel say in the end, and dump pages.

    Args:
        scenario: what to do, and under which kernels.
        names: the files' short names.
        pages: (process, virtual page) of each page to dump.
    """
    labs = [Lab(key, scenario.mmu_gather) for key in scenario.kernels]
    comparison = compare_in(labs, scenario.ops)
    to_the_end(labs, comparison)
    for place, lab in enumerate(labs):
        for number, one in enumerate(comparison.operations, start=1):
            outcome = one.outcomes[place]
            if _noted(outcome):
                why = (
                    outcome.refused
                    or outcome.failed
                    or f"BUG, shown is what was before: {', '.join(outcome.bugs)}"
                )
                sys.stdout.write(f"# {lab.kernel.label}: operation {number}, {one.op}: {why}\n")
        sys.stdout.writelines(f"{line}\n" for line in text_of(lab, names, pages))


def _by_kernel(comparison: Comparison, start: int, end: int) -> Iterator[list[Outcome]]:
    """Yield the outcomes of operations ``[start, end)`` under each kernel."""
    for place in range(len(comparison.kernels)):
        yield [one.outcomes[place] for one in comparison.operations[start:end]]


def _noted(outcome: Outcome) -> bool:
    """Tell whether an operation was refused, hit a bug or ended with an error."""
    return bool(outcome.refused or outcome.bugs or outcome.failed)


def rows(comparison: Comparison) -> None:
    """Print one row per operation and kernel, until the kernel's run has ended."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["step", "op", "kernel", "result", *COSTS, "refused", "bugs"])
    for number, one in enumerate(comparison.operations, start=1):
        for key, outcome in zip(comparison.kernels, one.outcomes, strict=True):
            if outcome.result is not None or outcome.refused:
                costs = [outcome.costs.get(name, 0) for name in COSTS]
                bugs = " ".join(outcome.bugs)
                out.writerow([number, one.op, key, outcome.result, *costs, outcome.refused, bugs])


def events(scenario: Scenario) -> None:
    """Print a scenario's traces under each kernel for viewers of traces; a refused operation has none."""
    labs = [Lab(key, scenario.mmu_gather) for key in scenario.kernels]
    comparison = compare_in(labs, scenario.ops)
    parts = []
    for place, lab in enumerate(labs):
        done = [
            number for number, one in enumerate(comparison.operations, 1) if not one.outcomes[place].refused
        ]
        parts += [
            (lab, number, one.op.short(), one.start, one.end)
            for number, one in zip(done, lab.applied, strict=False)
        ]
    sys.stdout.write(trace_events(parts) + "\n")


def vectors(scenarios: Iterable[Scenario]) -> None:
    """Print each scenario's records as soon as it is there, one line of JSON per kernel, at once."""
    recorders: dict[tuple[str, str], Recorder] = {}
    for scenario in scenarios:
        ops = [op.short() for op in scenario.ops]
        for key in scenario.kernels:
            known = key, scenario.mmu_gather
            if known not in recorders:
                recorders[known] = Recorder(Lab(*known, calls=False))
            line: dict[str, Any] = {"kernel": key} if len(scenario.kernels) > 1 else {}
            line |= {"ops": ops, "records": recorders[known].run(scenario.ops)}
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            sys.stdout.flush()
