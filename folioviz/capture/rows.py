"""The runs of a capture as rows of its document, in which gaps and folios are relative, and back."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from folioviz.capture.captured import (
    COLUMNS,
    EACH,
    EXCLUSIVE,
    FIRST,
    FLAGS,
    FOLIO,
    MAPCOUNT,
    OFFSET,
    PAGES,
    REGION,
    STATE,
)
from folioviz.capture.form import MAX_RUNS, UNKNOWN
from folioviz.errors import DocumentError
from folioviz.evidence.recordings.observed import PRESENT, letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.capture.captured import Capture
    from folioviz.capture.form import Document, Run

STATES: Final = "-pzsg"
"""The letter of each state."""
FLAGS_OF: Final = {letters(flags): flags for flags in range(8)}


def runs_of(document: Document) -> np.ndarray:
    """Return the runs of a document as the table of a capture.

    Raises:
        DocumentError: if a region is not there, or numbers come to too much.
    """
    parts: list[tuple[int, list[Run]]] = []
    for process, regions in document.procs.items():
        for region, runs in regions.items():
            number = int(region)
            known = number <= len(document.regions)
            if not known or document.regions[number - 1].process != int(process):
                raise DocumentError(
                    f"procs.{process} has region {number}: it must be one of the {len(document.regions)} of regions,"
                    f" and of process {process}"
                )
            parts.append((number, runs))
    parts.sort(key=lambda part: part[0])
    every = list(chain.from_iterable(runs for _, runs in parts))
    if len(every) > MAX_RUNS:
        raise DocumentError(f"procs has {len(every)} runs: it must have at most {MAX_RUNS}")
    numbers: dict[Run, int] = {}  # most runs are alike
    which = np.fromiter((numbers.setdefault(run, len(numbers)) for run in every), np.int64, len(every))
    columns = np.array([_numbers(run) for run in numbers], np.int64).reshape(-1, 9)[which]
    gap, step = columns[:, 0], columns[:, 1]
    table = np.zeros((len(every), COLUMNS), np.int64)
    table[:, REGION] = np.repeat([number for number, _ in parts], [len(runs) for _, runs in parts])
    table[:, [PAGES, STATE, EACH, OFFSET, MAPCOUNT, FLAGS, EXCLUSIVE]] = columns[:, 2:]
    ends = np.cumsum(gap) + np.cumsum(table[:, PAGES])
    begins = np.concatenate(([0], ends))[np.searchsorted(table[:, REGION], table[:, REGION])]
    table[:, FIRST] = ends - table[:, PAGES] - begins
    table[:, FOLIO] = _ids(table, step, document.about.privileged)
    if not document.about.privileged:
        table[table[:, STATE] == PRESENT, MAPCOUNT] = UNKNOWN
    _hold(table)
    return table.astype(np.int32)


def _numbers(run: Run) -> tuple[int, ...]:
    """Return a run as numbers: gap and step first, then its columns."""
    state, flags = STATES.index(run.state), FLAGS_OF[run.flags]
    return run.gap, run.step, run.pages, state, run.each, run.offset, run.mapcount, flags, run.exclusive


def _ids(table: np.ndarray, steps: np.ndarray, privileged: bool) -> np.ndarray:
    """Return each run's folio: steps are counted from the last folio of the present run before."""
    present = table[:, STATE] == PRESENT
    if not privileged:
        return np.where(present & (steps != 0), steps, UNKNOWN)
    steps = np.where(present, steps, 0)
    more = np.where(present & (table[:, EACH] > 0), table[:, PAGES] - 1, 0)
    found = np.cumsum(steps) + np.cumsum(more) - more - 1
    return np.where(present, found, UNKNOWN)


def _hold(table: np.ndarray) -> None:
    """Refuse numbers that a table of 32-bit integers does not hold: sums of what was in bounds each."""
    for column, name in ((FIRST, "first page"), (FOLIO, "folio")):
        wide = np.flatnonzero(np.abs(table[:, column]) >= 1 << 31)
        if wide.size:
            raise DocumentError(
                f"procs has a run with {name} {table[wide[0], column]}: it must be less than {1 << 31}"
            )


def rows_of(capture: Capture) -> list[tuple[Any, ...]]:
    """Return the runs as rows of the document."""
    runs = capture.runs.astype(np.int64)
    if not len(runs):
        return []
    ends = runs[:, FIRST] + runs[:, PAGES]
    same = np.concatenate(([False], runs[1:, REGION] == runs[:-1, REGION]))
    gaps = runs[:, FIRST] - np.where(same, np.concatenate(([0], ends[:-1])), 0)
    present = runs[:, STATE] == PRESENT
    steps = np.zeros(len(runs), np.int64)
    if capture.about.privileged:
        seen = runs[present]
        last = seen[:, FOLIO] + np.where(seen[:, EACH], seen[:, PAGES] - 1, 0)
        steps[present] = seen[:, FOLIO] - np.concatenate(([-1], last[:-1]))
    names = {flags: text for text, flags in FLAGS_OF.items()}
    columns: Iterable[list[Any]] = (
        gaps.tolist(),
        runs[:, PAGES].tolist(),
        [STATES[state] for state in runs[:, STATE].tolist()],
        steps.tolist(),
        *(np.maximum(runs[:, column], 0).tolist() for column in (EACH, OFFSET, MAPCOUNT)),
        [names[flags] for flags in runs[:, FLAGS].tolist()],
        runs[:, EXCLUSIVE].tolist(),
    )
    rows = zip(*columns, strict=True)
    return [row if here else row[:3] for row, here in zip(rows, present.tolist(), strict=True)]
