"""A diagnosis as plain text of at most 72 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.compare.report import again
from folioviz.diagnosis.findings import amount, between, plural
from folioviz.readout.describe import WIDTH, wrap

if TYPE_CHECKING:
    from folioviz.diagnosis.findings import Bounds, Diagnosis, Number, Offer

MOST_NUMBERS: Final = 40
"""Rows of numbers that are printed; of more, how many are left out."""


def text(said: Diagnosis) -> str:
    """Return what a paste says, as lines of at most 72 characters, each ended by a line feed."""
    read = ", ".join(plural_of(kind, files) for kind, files in said.recognised)
    parts = [
        wrap(f"Read: {read}"),
        ["Numbers, in KiB", *numbers(said.numbers)],
        ["What they say", *[line for sentence in said.sentences for line in wrap(sentence, "  ")]],
        ["Held and mapped by nobody", *wrap(bounds(said.held), "  ")],
        ["The shrinker would free of it, if nothing is pinned", *wrap(bounds(said.gives_back), "  ")],
        ["Not told by this, and what would tell", *unknown(said)],
        ["The smallest scenario of the same shape", *offer(said.offer)] if said.offer else [],
    ]
    return "\n\n".join("\n".join(part) for part in parts if len(part) > 1 or part[:1] == parts[0]) + "\n"


def plural_of(kind: str, files: int) -> str:
    """Return a kind of file, and how many of it."""
    return kind if files == 1 else f"{files} times {kind}"


def bounds(found: Bounds | None) -> str:
    """Return an amount between its bounds."""
    return "not told" if found is None else between(found) if found.high else amount(0)


def numbers(found: tuple[Number, ...]) -> list[str]:
    """Return a table: below the name of each file its numbers."""
    lines, last = [], ""
    for number in found[:MOST_NUMBERS]:
        if number.file != last:
            last = number.file
            lines += wrap(last, "  ", 2)
        lines += row(number)
    more = len(found) - MOST_NUMBERS
    return [*lines, f"  and {plural(more, 'number')} more"] if more > 0 else lines


def row(number: Number) -> list[str]:
    """Return a number behind its name, on a line of its own if the name is long."""
    kib = f"{number.kib:,}"
    room = WIDTH - 4 - len(number.name)
    if len(kib) < room:
        return [f"    {number.name}{kib:>{room}}"]
    return [*wrap(number.name, "    ", 2), f"{kib:>{WIDTH}}"]


def unknown(said: Diagnosis) -> list[str]:
    """Return what is not told, and below each what would tell."""
    return [
        line
        for what, teller in said.cannot_know
        for line in (*wrap(f"{what}:", "  ", 2), *wrap(teller, "    ", 2))
    ]


def offer(found: Offer) -> list[str]:
    """Return a scenario, why it is like the paste, and the commands that run and open it."""
    return [
        *wrap(found.why, "  "),
        *wrap(found.ops, "    "),
        "  Run it, or open it",
        *wrap(found.command, "    "),
        *again(found.scenario)[:-1],
    ]
