"""A sweep's files, read again: every line is checked, and one that is torn at the end is left out."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from folioviz.errors import DocumentError, LimitError, shown
from folioviz.files.documents import MAX_PATH
from folioviz.sweep.files import arrow, form_of
from folioviz.sweep.plan import FOUND, TEXT, WHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from folioviz.sweep.cell import Row

MAX_FILE: Final = 1024 * 1024 * 1024
"""Bytes of a file that is read."""

_INTEGER = re.compile(r"-?\d{1,18}")


def read(path: str | Path, form: str = "") -> tuple[tuple[str, ...], list[Row]]:
    """Return a file's columns and rows; a torn line at its end is left out.

    Raises:
        DocumentError: if it is no sweep's, naming the line.
    """
    path = Path(path)
    form = form_of(path, form)
    said = shown(str(path), MAX_PATH)
    if path.exists() and not path.is_file():
        raise DocumentError(f"{said} is not a regular file")
    if path.stat().st_size > MAX_FILE:
        raise LimitError.of(f"the size of {said}", path.stat().st_size, f"at most {MAX_FILE} bytes")
    try:
        if form == "parquet":
            columns, rows = _from_parquet(path)
        else:
            text = path.read_bytes()
            columns, rows = (_from_csv if form == "csv" else _from_json)(text)
    except DocumentError as error:
        raise DocumentError(f"{said}: {error}") from None
    return columns, rows


def _checked(columns: Sequence[str]) -> tuple[str, ...]:
    """Return columns that are a sweep's."""
    found, first, last = tuple(columns), len(WHERE), len(columns) - len(FOUND)
    if found[:first] != WHERE or found[last:] != FOUND or len({*found}) != len(found):
        raise DocumentError("its columns are not those of a sweep of this version")
    return found


def _row(columns: Sequence[str], values: Sequence[Any], number: int) -> Row:
    """Return a row of values that have their types."""
    for name, value in zip(columns, values, strict=True):
        good = isinstance(value, str) if name in TEXT else value is None or type(value) is int
        if not good:
            raise DocumentError(f"line {number}: {name} is {shown(value)}: it must be {_must(name)}")
    return dict(zip(columns, values, strict=True))


def _must(name: str) -> str:
    """Return what a column holds."""
    return "text" if name in TEXT else "a whole number or nothing"


def _from_csv(data: bytes) -> tuple[tuple[str, ...], list[Row]]:
    """Read CSV: no field has a line's end in it."""
    lines = data.split(b"\n")[:-1]
    if not lines:
        _torn(data, f"{WHERE[0]},{WHERE[1]},".encode())
        return (), []
    columns = _checked(_fields(lines[0], 1))
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        fields = _fields(line, number)
        if len(fields) != len(columns):
            raise DocumentError(f"line {number} has {len(fields)} fields: it must have {len(columns)}")
        values = [
            _number(field) if name not in TEXT else field for name, field in zip(columns, fields, strict=True)
        ]
        rows.append(_row(columns, values, number))
    return columns, rows


def _torn(data: bytes, begin: bytes) -> None:
    """Check that what is to be left out is the beginning of what a sweep writes."""
    if not data.startswith(begin[: len(data)]):
        raise DocumentError("it is no file of a sweep")


def _fields(line: bytes, number: int) -> list[str]:
    """Return the fields of a line."""
    try:
        return next(csv.reader([line.decode()], strict=True), [])
    except (csv.Error, UnicodeDecodeError):
        raise DocumentError(f"line {number} is no line of CSV") from None


def _number(field: str) -> int | str | None:
    """Return a field's number, None for an empty one, and what is none as it is."""
    return None if not field else int(field) if _INTEGER.fullmatch(field) else field


def _from_json(data: bytes) -> tuple[tuple[str, ...], list[Row]]:
    """Read a list with a row per line."""
    lines = data.split(b"\n")
    columns: tuple[str, ...] = ()
    rows = []
    if not b"[\n".startswith(data[:2]):
        raise DocumentError("line 1: it must be [ alone")
    for number, line in enumerate(lines, start=1):
        text = line.rstrip(b",")
        if text in {b"", b"[", b"]"}:
            continue
        try:
            found = msgspec.json.decode(text, type=dict[str, str | int | None])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            if number == len(lines):
                _torn(line, f'{{"{WHERE[0]}":'.encode())
                break
            raise DocumentError(f"line {number} is no row of a sweep") from None
        columns = columns or _checked([*found])
        if (*found,) != columns:
            raise DocumentError(f"line {number} has other columns than the first row")
        rows.append(_row(columns, [*found.values()], number))
    return columns, rows


def _from_parquet(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """Read Parquet."""
    pa, parquet = arrow()
    try:
        table = parquet.read_table(path)
    except (pa.ArrowException, OSError, ValueError):
        raise DocumentError("it is no Parquet file") from None
    columns = _checked(table.column_names)
    found = table.to_pylist()
    return columns, [
        _row(columns, [one[name] for name in columns], place) for place, one in enumerate(found, 1)
    ]


def kept(path: Path, form: str, columns: Sequence[str], wanted: Iterable[Row]) -> list[Row]:
    """Return the rows that a file of the same sweep has already; none if there is no file.

    Args:
        path: the file.
        form: its form.
        columns: those of the sweep.
        wanted: what the rows of the sweep's cells begin with, in their order, and their operations.

    Raises:
        DocumentError: if the file is another sweep's, naming the first difference.
    """
    if not path.exists():
        return []
    found, rows = read(path, form)
    said = shown(str(path), MAX_PATH)
    other = "another file is needed, or this one must go"
    if found and found != tuple(columns):
        odd = ", ".join(sorted({*found} ^ {*columns})) or "their order"
        raise DocumentError(f"{said} holds a sweep with other parameters ({odd}): {other}")
    places = iter(wanted)
    for number, row in enumerate(rows, start=1):
        where = next(places, None)
        if where is None:
            raise DocumentError(
                f"{said} holds {len(rows)} rows, and this sweep has {number - 1} cells: {other}"
            )
        for name, value in where.items():
            if row[name] != value:
                raise DocumentError(
                    f"{said} holds a sweep with other parameters: in row {number} {name} is {shown(row[name])}, "
                    f"and here {shown(value)}: {other}"
                )
    return rows
