"""The kernel's functions: the file that each stands in, from which release to which (functions.csv).

What the table says was read in the sources of 6.1.192, 6.12.117 and 7.3.4; between them it is what the change says that
brought a function, moved it or took it away. It says no more than is known: ``first`` v6.1 may be older, and ``last``
is the newest release that is known to have it there. "series" is Ryan Roberts's, July 2023, on v6.5-rc3. A macro counts
as a function.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

SERIES = "series"
OF_SERIES = re.compile(r"v[1-4]( |$)")
RELEASE = re.compile(r"v(\d+)\.(\d+)")
BASE = (6, 5)
"""The release whose text the series changes."""


class Row(NamedTuple):
    """A function, the file that it is in, and the releases in which it is there; see the table's own words."""

    function: str
    file: str
    first: str
    last: str


@lru_cache(maxsize=1)
def table() -> tuple[Row, ...]:
    """Return the table, by name."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8") as text:
        return tuple(Row(*row) for row in csv.reader(text))[1:]


@lru_cache(maxsize=1)
def places() -> dict[str, list[Row]]:
    """Return the rows of each function."""
    found: dict[str, list[Row]] = {}
    for row in table():
        found.setdefault(row.function, []).append(row)
    return found


def releases(text: str) -> list[tuple[int, int]]:
    """Return the releases that a text names, and of a patch of the series the one that it is for."""
    of_series = [BASE] if OF_SERIES.match(text) else []
    return of_series + [(int(major), int(minor)) for major, minor in RELEASE.findall(text)]


def covers(row: Row, text: str) -> bool:
    """Tell whether a function is where a row says in one of the releases, or the patch, that a text names."""
    if row.first == SERIES:
        return bool(OF_SERIES.match(text))
    (first,), (last,) = releases(row.first), releases(row.last)
    return any(first <= one <= last for one in releases(text))


def file_of(function: str, text: str) -> str:
    """Return the file that has a function in a release, "" if there is none."""
    return next((row.file for row in places().get(function, ()) if covers(row, text)), "")


def stands(function: str, file: str, text: str) -> bool:
    """Tell whether a function stands in a file in one of the releases, or the patch, that a text names."""
    return any(row.file == file and covers(row, text) for row in places().get(function, ()))
