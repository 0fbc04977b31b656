"""What a search found, as text of at most 72 columns."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Final

from folioviz.race.cpu import DOES

if TYPE_CHECKING:
    from folioviz.race.explored import Explored, Found
    from folioviz.race.history import History

WIDTH: Final = 72
ASSUMED: Final = (
    "Sequentially consistent; no interrupts, no memory cgroups, one node; states are told apart by a 64-bit "
    "hash."
)
"""What is not explored."""


def report(found: Explored, about: str = "") -> str:
    """Return what was covered, and which laws are broken: odds, preemptions and a schedule for each."""
    lines = [*wrapped(about)] if about else []
    lines += [f"kernel  {found.kernel}"]
    lines += [line for cpu, text in enumerate(found.operations) for line in wrapped(text, f"CPU {cpu}   ")]
    lines += ["", *wrapped(covered(found))]
    if not found.violations:
        lines += ["No law is broken." if found.complete else "No law is broken in what was covered."]
    for one in found.violations:
        lines += ["", *broken(one)]
    lines += ["", *wrapped(ASSUMED)]
    return "\n".join(lines)


def covered(found: Explored) -> str:
    """Return how much was covered, in one sentence."""
    states = f"{found.states:,} state{'s' if found.states != 1 else ''}"
    if not found.complete:
        return f"Stopped at {states}: not every schedule is covered."
    if found.preemptions is not None:
        few = f"at most {found.preemptions} preemption{'s' if found.preemptions != 1 else ''}"
        return f"Complete for schedules of {few}: {states}."
    number = found.schedules or 0
    return f"Complete: {number:,} schedule{'s' if number != 1 else ''} in {states}."


def broken(one: Found) -> list[str]:
    """Return what is said of a broken law."""
    times = f"{one.preemptions} preemption{'s' if one.preemptions != 1 else ''}"
    return [
        *wrapped(one.law, "broken  "),
        f"        at random in {chance(one.odds)}; fewest: {times}",
        *wrapped(one.schedule.replace(".", ". "), "        ", joined=True),
    ]


def chance(odds: float) -> str:
    """Return a chance as a person says it."""
    if odds >= 0.995:
        return "every schedule"
    return f"{odds * 100:.2g} %" if odds >= 0.001 else f"1 of {1 / odds:,.0f}"


def played(history: History, about: str = "") -> str:
    """Return what CPUs did in a schedule: who did how much, in which functions, and the law that is broken."""
    lines = [*wrapped(about)] if about else []
    lines += [f"kernel  {history.kernel.key}", *wrapped(history.applied[-1].op.short(), "CPUs    "), ""]
    for (cpu, name), steps in groupby(history.steps, key=lambda one: (one.cpu, (one.functions or ("",))[0])):
        last = [*steps][-1]
        who = f"CPU {cpu}  {name}()" if name else f"CPU {cpu}"
        lines += [who[:40].ljust(40) + f" {DOES[last.kind]} {last.thing}"[: WIDTH - 40]]
    lines += [
        "",
        *wrapped(history.violation or "No law is broken.", "broken  " if history.violation else ""),
    ]
    return "\n".join(lines)


def wrapped(text: str, first: str = "", *, joined: bool = False) -> list[str]:
    """Return a text in lines; ``joined``: the blanks in it are places to break at only."""
    lines = textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [
        first.rstrip()
    ]
    return [line[: len(first)] + line[len(first) :].replace(" ", "") for line in lines] if joined else lines
