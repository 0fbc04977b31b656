"""Where a recording and the model differ after a step."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.evidence.recordings.fields import COLUMNS as FIELD_OF
from folioviz.evidence.recordings.fields import FOLIOS, TABLES
from folioviz.evidence.recordings.observed import (
    COLUMNS,
    FLAGS,
    MEMORY,
    NOTHING,
    STATE,
    STATE_NAMES,
    Observed,
    Value,
    empty,
    letters,
)
from folioviz.readout.runs import ranges

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_RANGES: Final = 4
"""Ranges of pages that are told apart in one column of a region; the last one ends at the last page that differs."""


class Difference(NamedTuple):
    """One thing that is not the same.

    Attributes:
        subject: what it is about: "P a pages 0-15", "folio 3", "counters", "calls", "P a memory".
        field: which of its properties: "mapcount", "refcount", "thp_split_page", ...
        kernel: what the recording shows; None is "nothing".
        model: what the model shows.
    """

    subject: str
    field: str
    kernel: Value
    model: Value


def differences(kernel: Observed, model: Observed) -> list[Difference]:
    """Return everything in which two views differ; what only one of them can know is left out."""
    return [
        *_tables(kernel, model),
        *_folios(kernel, model),
        *(
            Difference("counters", name, kernel.counters.get(name, 0), value)
            for name, value in model.counters.items()
            if kernel.tells(name) and kernel.counters.get(name, 0) != value
        ),
        *_memory(kernel, model),
        *_calls(kernel, model),
        *_removals(kernel, model),
    ]


def _tables(kernel: Observed, model: Observed) -> Iterator[Difference]:
    """Compare the page tables, column by column."""
    if not kernel.tells(TABLES):
        return
    unread = [column for column, field in FIELD_OF.items() if not kernel.tells(field)]
    for name in sorted(kernel.tables.keys() | model.tables.keys()):
        theirs, ours = kernel.tables.get(name, NOTHING), model.tables.get(name, NOTHING)
        if np.array_equal(theirs, ours):
            continue
        pages = max(len(theirs), len(ours))
        theirs, ours = (np.concatenate([table, empty(pages - len(table))]) for table in (theirs, ours))
        unlike = theirs != ours
        unlike[unlike[:, STATE], 1:] = (
            False  # of a page that only one of them has, that is all there is to say
        )
        unlike[:, unread] = False
        for column in np.flatnonzero(unlike.any(axis=0)).tolist():
            yield from _ranges(name, column, theirs[:, column], ours[:, column], unlike[:, column])


def _ranges(
    name: str, column: int, theirs: np.ndarray, ours: np.ndarray, unlike: np.ndarray
) -> Iterator[Difference]:
    """Yield the ranges of pages that differ in one column; the values are those of a range's first page."""
    found = ranges(np.flatnonzero(unlike).tolist())
    for number, (start, end) in enumerate(found, start=1):
        last = found[-1][1] if number == MAX_RANGES else end
        pages = f"page {start}" if start == last else f"pages {start}-{last}"
        values = [_shown(column, int(side[start])) for side in (theirs, ours)]
        yield Difference(f"{name} {pages}", COLUMNS[column], *values)
        if number == MAX_RANGES:
            return


def _shown(column: int, value: int) -> Value:
    """Return a table's value in words."""
    if column == STATE:
        return STATE_NAMES[value]
    return letters(value) if column == FLAGS else value


def _folios(kernel: Observed, model: Observed) -> Iterator[Difference]:
    """Compare the large folios, field by field."""
    if not (kernel.tells(FOLIOS) and kernel.tells(TABLES)):  # the page tables say which folio is which
        return
    for name in sorted(kernel.folios.keys() | model.folios.keys()):
        theirs, ours = kernel.folios.get(name), model.folios.get(name)
        if theirs is None or ours is None:
            subject = f"folio {name}" if name >= 0 else f"a folio of the model's ({-name})"
            values = [None if side is None else f"order {side['order']}" for side in (theirs, ours)]
            yield Difference(subject, "exists", *values)
            continue
        for field, value in ours.items():
            if field in theirs and theirs[field] != value:
                yield Difference(f"folio {name}", field, theirs[field], value)


def _memory(kernel: Observed, model: Observed) -> Iterator[Difference]:
    """Compare what smaps says."""
    for name in sorted(kernel.memory.keys() | model.memory.keys()):
        theirs, ours = kernel.memory.get(name, {}), model.memory.get(name, {})
        for field in MEMORY:
            if kernel.tells(field) and theirs.get(field, 0) != ours.get(field, 0):
                yield Difference(f"{name} memory", field, theirs.get(field, 0), ours.get(field, 0))


def _calls(kernel: Observed, model: Observed) -> Iterator[Difference]:
    """Compare how often functions were called, where that was recorded."""
    for name, value in model.calls.items() if kernel.calls else ():
        recorded = kernel.calls.get(name, 0)
        if recorded not in (value, -1):
            yield Difference("calls", name, recorded, value)


def _removals(kernel: Observed, model: Observed) -> Iterator[Difference]:
    """Compare the rmap removals one by one, and tell of the first that is not the same."""
    if kernel.removals is None or model.removals is None or not kernel.tells(TABLES):
        return
    for number, (theirs, ours) in enumerate(zip_longest(kernel.removals, model.removals), start=1):
        if theirs != ours:
            values = (None if side is None else str(side) for side in (theirs, ours))
            yield Difference(f"rmap removal {number}", "removal", *values)
            return
