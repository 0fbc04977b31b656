"""A sweep's rows as CSV, JSON or Parquet, written row by row; :mod:`folioviz.sweep.reading` reads them again.

CSV and JSON have one line per row, which is in the file as soon as the cell is done. Whatever ends the process, a file
has whole rows and at most one torn line at its end. Parquet is written as a whole, when a sweep ends or is interrupted.
"""

from __future__ import annotations

import csv
import io
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.extras import need
from folioviz.files.documents import MAX_PATH
from folioviz.sweep.plan import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from folioviz.sweep.cell import Row

FORMS: Final = ("csv", "json", "parquet")


class Writer(Protocol):
    """Writes rows to a stream."""

    def add(self, row: Row) -> None:
        """Write a row."""

    def close(self) -> None:
        """Write what stands behind the last row."""


class CsvWriter:
    """Writes a line of names, then a line per row."""

    def __init__(self, stream: IO[str], columns: Sequence[str]) -> None:
        self._stream = stream
        self._columns = columns
        self._line(columns)

    def _line(self, values: Iterable[Any]) -> None:
        """Write a line at once."""
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(values)
        self._stream.write(line.getvalue())
        self._stream.flush()

    def add(self, row: Row) -> None:
        """Write a row; None is an empty field."""
        self._line(row[name] for name in self._columns)

    def close(self) -> None:
        """Write nothing more."""


class JsonWriter:
    """Writes a list with a line per row."""

    def __init__(self, stream: IO[str], columns: Sequence[str]) -> None:
        self._stream = stream
        self._columns = columns
        self._before = ""
        self._stream.write("[")

    def add(self, row: Row) -> None:
        """Write a row."""
        text = msgspec.json.encode({name: row[name] for name in self._columns}).decode()
        self._stream.write(f"{self._before}\n{text}")
        self._stream.flush()
        self._before = ","

    def close(self) -> None:
        """End the list."""
        self._stream.write("\n]\n")


WRITERS: Final[dict[str, type[CsvWriter | JsonWriter]]] = {"csv": CsvWriter, "json": JsonWriter}


def form_of(path: str | Path, form: str = "") -> str:
    """Return the form of a file: what is asked for, or what its name ends in.

    Raises:
        DocumentError: if that is none.
    """
    found = form or Path(path).suffix.removeprefix(".").lower()
    if found not in FORMS:
        why = f"{found} is no form of a file" if form else "its name does not say the form"
        raise DocumentError(f"{shown(str(path), MAX_PATH)}: {why}: it must be {', '.join(FORMS)}")
    return found


@contextmanager
def writing(path: Path, form: str, columns: Sequence[str], kept: Sequence[Row]) -> Iterator[Writer]:
    """Write a file that has some rows already; they are there all the time, whatever happens.

    Raises:
        OSError: if the file cannot be written.
        FoliovizError: if Parquet is asked for and pyarrow is not installed.
    """
    if form == "parquet":
        arrow()
        rows = list(kept)
        try:
            yield _Collected(rows)
        finally:
            _replace(path, lambda new: write_parquet(new, columns, rows))
        return
    writer: Writer
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("w", encoding="utf-8", newline="") as stream:
            writer = WRITERS[form](stream, columns)
            for row in kept:
                writer.add(row)
            new.replace(path)
            try:
                yield writer
            finally:
                writer.close()
    finally:
        new.unlink(missing_ok=True)


class _Collected:
    """Keeps rows until they are written together."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def add(self, row: Row) -> None:
        """Keep a row."""
        self._rows.append(row)

    def close(self) -> None:
        """Do nothing more."""


def _replace(path: Path, write: Any) -> None:
    """Write a file beside another, then put it in its place."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        write(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def arrow() -> Any:
    """Return pyarrow and its part for Parquet.

    Raises:
        MissingError: if it is not installed.
    """
    need("parquet", "Parquet")
    import pyarrow as pa
    from pyarrow import parquet

    return pa, parquet


def write_parquet(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write a file: text columns are strings, all others int64 with nulls."""
    pa, parquet = arrow()
    schema = pa.schema([(name, pa.string() if name in TEXT else pa.int64()) for name in columns])
    parquet.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)
