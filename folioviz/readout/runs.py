"""Runs: neighbours that are alike, and numbers that follow each other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def spans(ends: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the range ``[start, end)`` of each run.

    Args:
        ends: for each pair of neighbours whether a run ends between them, bool of shape (values - 1,).
    """
    return pairwise([0, *(ends.nonzero()[0] + 1).tolist(), ends.size + 1])


def begins(*columns: np.ndarray) -> np.ndarray:
    """Tell of each row whether a run of rows begins there that are alike in all columns: bool of shape (rows,)."""
    found = np.ones(columns[0].size, bool)
    found[1:] = columns[0][1:] != columns[0][:-1]
    for column in columns[1:]:
        found[1:] |= column[1:] != column[:-1]
    return found


def placed(values: np.ndarray) -> list[tuple[int, int, int]]:
    """Return (start, end, value) of each run of equal values, at ``[start, end)``; none of no values."""
    if not values.size:
        return []
    return [(start, end, values.item(start)) for start, end in spans(values[1:] != values[:-1])]


def runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Return (value, how many) of each run of equal values; none of no values."""
    return [(value, end - start) for start, end, value in placed(values)]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of ascending numbers that follow each other without a gap."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
