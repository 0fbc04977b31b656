"""What ``folioviz contention`` prints: a table of 72 columns, CSV or JSON, each with its assumptions."""

from __future__ import annotations

import csv
import io
import textwrap
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from folioviz.contention.curves import AT_MEMORY
from folioviz.kernels import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.contention.curves import Contention

COLUMNS = 72


def printed(found: Contention, form: str) -> str:
    """Return a simulation as "json", as "csv" or, whatever else the form is, as a table."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(as_builtins(found)), indent=1).decode() + "\n"
    return _csv(found) if form == "csv" else _table(found)


def as_builtins(found: Contention) -> dict[str, Any]:
    """Return a simulation as lists, numbers and texts; arrays are nested lists, kernels first."""
    bands = {
        name: {end: getattr(band, end).tolist() for end in ("low", "middle", "high")}
        for name, band in (("pages_per_second", found.pages_per_second), ("waiting", found.waiting))
    }
    return {
        "label": found.label,
        "assumptions": found.assumptions,
        "missing": found.missing,
        "verdict": found.verdict,
        "workload": found.workload,
        "hardware": found.hardware,
        "kernels": found.kernels,
        "cpus": found.cpus,
        **bands,
        "places": found.places,
        "waiting_at": found.waiting_at.tolist(),
        "bound": found.bound.tolist(),
        "costs": found.costs,
    }


def _csv(found: Contention) -> str:
    """Return a row per kernel and number of CPUs; the last column has the assumptions."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    bands = [f"{name}{end}" for name in ("pages_per_second", "waiting") for end in ("", "_low", "_high")]
    places = [f"waiting: {place}" for place in found.places]
    writer.writerow(["label", "kernel", "cpus", *bands, *places, "bound", "assumptions"])
    said = " ".join((*found.assumptions, *found.missing, found.verdict))
    for row, key in enumerate(found.kernels):
        for column, cpus in enumerate(found.cpus):
            values = [
                array[row, column]
                for band in (found.pages_per_second, found.waiting)
                for array in (band.middle, band.low, band.high)
            ]
            numbers = [*values, *found.waiting_at[row, column], found.bound[row, column]]
            writer.writerow([found.label, key, cpus, *(f"{number:.6g}" for number in numbers), said])
    return out.getvalue()


def _table(found: Contention) -> str:
    """Return the curves as text, one kernel below the other, and what they assume."""
    head = f"{found.label}: {found.workload.title}"
    lines = [*textwrap.wrap(head, COLUMNS), ""]
    lines.append(f"{'CPUs':>6}{'M pages/s':>11}{'from-to':>13}{'waiting':>9}{'from-to':>10}  most of it for")
    for row, key in enumerate(found.kernels):
        lines.append(find(key).label)
        lines += [_line(found, row, column) for column in range(len(found.cpus))]
    lines.append("")
    for sentence in _said(found):
        lines += textwrap.wrap(sentence, COLUMNS)
    return "\n".join(lines) + "\n"


def _line(found: Contention, row: int, column: int) -> str:
    """Return one kernel on one number of CPUs, in at most 72 columns."""
    speed, waiting = found.pages_per_second, found.waiting
    low, middle, high = (array[row, column] / 1e6 for array in (speed.low, speed.middle, speed.high))
    least, share, most = (100 * array[row, column] for array in (waiting.low, waiting.middle, waiting.high))
    text = f"{found.cpus[column]:>6}{middle:>11.1f}{f'{low:.1f}-{high:.1f}':>13}{share:>7.0f} %"
    text += f"{f'{least:.0f}-{most:.0f} %':>10}  {_most(found, row, column)}"
    return text.rstrip()


def _most(found: Contention, row: int, column: int) -> str:
    """Return what is waited for most, memory included; nothing where that is less than half a percent."""
    shares = found.waiting_at[row, column]
    place = int(np.argmax(shares))
    memory = f" ({100 * shares[place]:.0f} %)" if place == AT_MEMORY else ""
    return f"{found.places[place]}{memory}" if shares[place] >= 0.005 else ""


def _said(found: Contention) -> Iterator[str]:
    """Yield what has to be said below the table."""
    yield from found.assumptions
    yield from found.missing
    yield found.verdict
