"""What can be taken away from labs: their traces, as a table and for viewers of traces."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from folioviz.errors import LimitError
from folioviz.machine import journal as j
from folioviz.machine.fields import FIELDS, FOLIO_NR_PAGES_MAPPED, SPLIT_QUEUE_LEN, VM_EVENT, VMSTAT
from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.trace import Line, slice_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np

    from folioviz.lab import Lab

Part: TypeAlias = "tuple[Lab, int, str, int, int]"
"""A lab, the number of an operation from 1, the operation, its first journal row, the row after its last."""

MAX_ROWS: Final = 200_000
"""Journal rows of one table: about 10 MB of text."""
COLUMNS: Final = ("kernel", "operation", "done", "row", "depth", "name", "what", "folio")
CPU: Final = "cpu"
"""One column more where several CPUs run at the same time."""


def checked(parts: Iterable[Part]) -> list[Part]:
    """Return parts of traces.

    Raises:
        LimitError: if there are more than 200,000 rows.
    """
    parts = list(parts)
    rows = sum(end - start for _, _, _, start, end in parts)
    if rows > MAX_ROWS:
        raise LimitError.of(
            "the number of rows to save",
            rows,
            f"at most {MAX_ROWS}: save one operation, not the whole history",
        )
    return parts


def trace_csv(parts: Iterable[Part]) -> str:
    """Return traces as CSV: a line per call, write, count and reason, in order of time; of several CPUs, with its CPU.

    Raises:
        LimitError: if there are more than 200,000 rows.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    parts = checked(parts)
    several = any((lab.cpus_of(start, end) >= 0).any() for lab, _, _, start, end in parts)
    table.writerow((*COLUMNS, CPU) if several else COLUMNS)
    for lab, number, done, start, end in parts:
        cpus = lab.cpus_of(start, end).tolist()
        for line in slice_lines(lab, lab.journal[start:end], start):
            place = lab.kernel.key, number, done, line.row, line.depth
            cpu = [cpus[line.row - start] if cpus[line.row - start] >= 0 else ""] if several else []
            table.writerow([*place, line.name, line.what, line.folio or "", *cpu])
    return out.getvalue()


def trace_events(parts: Iterable[Part]) -> str:
    """Return traces in the Trace Event format (JSON), which Perfetto and chrome://tracing open.

    Each kernel is a process of its own, and of several CPUs each is a thread. Operations and calls are slices,
    decisions are instants, and what the timeline draws are tracks of counters. A journal row stands
    for one microsecond: the model has rows, no time.

    Raises:
        LimitError: if there are more than 200,000 rows.
    """
    parts = checked(parts)
    labs: dict[int, tuple[int, Lab]] = {}
    for lab, *_ in parts:
        labs.setdefault(id(lab), (len(labs) + 1, lab))
    events = [
        {"ph": "M", "name": "process_name", "pid": pid, "tid": 1, "args": {"name": lab.kernel.label}}
        for pid, lab in labs.values()
    ]
    for lab, number, done, start, end in parts:
        place = {"pid": labs[id(lab)][0], "tid": 1}
        operation = {"ph": "X", "name": done, "cat": "operation", "ts": start, "dur": end - start}
        events.append({**operation, "args": {"operation": number}, **place})
        rows, cpus = lab.journal[start:end], lab.cpus_of(start, end).tolist()
        for line in slice_lines(lab, rows, start):
            place["tid"] = 2 + cpus[line.row - start]
            events.extend(
                {"ts": line.row, **event, **place} for event in _events(lab, line, rows[line.row - start])
            )
    about = {"made by": "folioviz", "ts": "journal rows, not time: the model is not timed"}
    return msgspec.json.encode({"traceEvents": events, "otherData": about}).decode()


def _events(lab: Lab, line: Line, row: np.ndarray) -> Iterator[dict[str, Any]]:
    """Give what one line of a trace is in the Trace Event format, without its time and place."""
    _, where, old, new = row.tolist()
    if line.kind == j.ENTER:
        yield {"ph": "X", "name": line.name, "cat": "call", "dur": line.end - line.row}
    elif line.kind == j.WHY:
        yield {"ph": "i", "name": line.what, "cat": "decision", "s": "t"}
    elif where != j.NOWHERE:
        number, _ = lab.machine.where(where)
        field = FIELDS[number]
        if field.by == "folio" and field.drawn:
            yield {
                "ph": "C",
                "name": f"folio {line.folio} {field.drawn}",
                "args": _counted(number, new - field.idle),
            }
        elif number in (SPLIT_QUEUE_LEN, VMSTAT, VM_EVENT) and old != new:
            yield {"ph": "C", "name": line.name, "args": {"value": new}}


def _counted(number: int, value: int) -> dict[str, int]:
    """Return a counter's value; of _nr_pages_mapped the pages, and whether a PMD maps all."""
    if number != FOLIO_NR_PAGES_MAPPED:
        return {"value": value}
    return {"pages": value % COMPOUND_MAPPED, "by a PMD": value // COMPOUND_MAPPED}
