"""A comparison for a mail: some ten lines of at most 72 columns, which say what was done and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.compare.report import again, even_runs, run_text
from folioviz.compare.sentence import account, sentence
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.readout.describe import WIDTH, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.compare.sentence import Account
    from folioviz.files.scenario import Scenario
    from folioviz.ops.op import Op

MOST_DONE = 3
"""Lines of operations; of a longer history the link has all."""
MOST = 15
"""Lines of the whole."""
LEAST_ROWS = 3
"""Costs that differ and are told even if the rest is long; of more, those that the table of costs has first."""


def mail(scenario: Scenario, name: str = "", more: str = "") -> str:
    """Run a scenario under its first kernel, or its first two, and tell what came of it.

    Args:
        scenario: what was done.
        name: what a moment of it is called, which comes first.
        more: what the link says of that moment, each field after an ``&``.

    Returns:
        Lines of at most 72 characters, each ended by a line feed: the operations, the kernels, what happened in a
        sentence, the costs that differ, the command that opens it again, and the version.

    Raises:
        FoliovizError: for an unknown kernel or mode.
    """
    labs = [Lab(key, scenario.mmu_gather) for key in scenario.kernels[:2]]
    accounts = []
    for lab, letter in zip(labs, "AB", strict=False):
        for op in scenario.ops:
            if lab.refusal(op) is None:
                lab.apply(op)
        accounts.append(account(lab, letter, 0, len(lab.journal)))
    names = [f"{one.name} = {lab.kernel.label}" for one, lab in zip(accounts, labs, strict=True)]
    told = sentence(accounts) if len(accounts) > 1 else f"{labs[0].kernel.label} {sentence(accounts)}"
    above = [
        *(wrap(name) if name else []),
        f"{', '.join(names)}; mmu_gather {scenario.mmu_gather}",
        *done(scenario.ops),
        *wrap(f"{told[0].upper()}{told[1:]}"),
    ]
    below = again(scenario, more)
    room = MOST - len(above) - len(below) - 2
    return "\n".join([*above, *differing(accounts, max(room, LEAST_ROWS)), *below]) + "\n"


def done(ops: Sequence[Op]) -> list[str]:
    """Return the operations in the short form; none is broken, and those that advance evenly are told as one."""
    lines = [""]
    for start, end in even_runs(ops):
        text = run_text(ops, start, end)[1] + ("; " if end < len(ops) else "")
        if len(lines[-1]) + len(text) > WIDTH:
            lines.append("")
        lines[-1] += text if lines[-1] else f"  {text}"
    if len(lines) > MOST_DONE:
        lines = [*lines[: MOST_DONE - 1], f"  ... {len(ops)} operations in all"]
    return [line.rstrip() for line in lines if line]


def differing(accounts: Sequence[Account], most: int) -> list[str]:
    """Return the costs in which two kernels differ, of those that both count; at most so many."""
    if len(accounts) == 1:
        return []
    a, b = accounts
    names = [name for name in COSTS if name in a.known & b.known and a.costs[name] != b.costs[name]]
    left = max((len(COSTS[name].words) for name in names[:most]), default=0)
    rows = [f"  {COSTS[name].words:<{left}} {a.costs[name]:>8} {b.costs[name]:>8}" for name in names[:most]]
    more = len(names) - most
    rows += [f"  and {more} more that differ"] if more > 0 else []
    return [f"  {'':<{left}} {'A':>8} {'B':>8}", *rows] if rows else []
