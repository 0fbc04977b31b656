"""What a sweep has found: a tidy table with a row per cell, and what can be made of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz.errors import DocumentError, LimitError, unknown
from folioviz.files import share
from folioviz.files.scenario import Scenario
from folioviz.ops.ops import parse_line
from folioviz.sweep import files, reading
from folioviz.sweep.cell import NO_RESULT
from folioviz.sweep.plan import FOUND, STATUS, TEXT, WHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.sweep.cell import Row


class Heat(NamedTuple):
    """One value of all cells of one kernel, by two parameters.

    Attributes:
        x: the values of the first parameter, ascending.
        y: the values of the second one, ascending.
        values: ``values[row of y][column of x]``; None where there is no number.
        places: the index in :attr:`Sweep.rows` of each; None where there is no cell.
    """

    x: tuple[int, ...]
    y: tuple[int, ...]
    values: tuple[tuple[int | None, ...], ...]
    places: tuple[tuple[int | None, ...], ...]


class Sweep:
    """The rows of a sweep, in the order of its cells.

    Attributes:
        columns: what each row has: scenario, kernel, mmu_gather and patches; the parameters; ``status`` ("done", "bug",
            "law", "refused" or "failed"); the measured operations' costs by the names of
            :data:`folioviz.machine.costs.COSTS`, and of all operations as ``total_NAME``, None where the kernel does
            not count them or the run has no end; ``queue_length`` and ``partially_mapped`` folios at the end; ``bugs``
            of the kernel, the first ``law`` that does not hold, a ``verdict`` in words on what was measured, an
            ``error``, and the ``operations`` in the short form.
        rows: dicts with these keys.
        total: how many cells there are; fewer rows if the sweep was interrupted.
    """

    def __init__(self, columns: Sequence[str], rows: list[Row], total: int | None = None) -> None:
        self.columns = tuple(columns)
        self.rows = rows
        self.total = len(rows) if total is None else total

    @classmethod
    def read(cls, path: str | Path) -> Sweep:
        """Read a file that a sweep has written: ``.csv``, ``.json`` or ``.parquet``.

        Raises:
            DocumentError: if it is none.
        """
        return cls(*reading.read(path))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __repr__(self) -> str:
        """Return how much there is."""
        return f"<Sweep: {self.told()}>"

    def told(self) -> str:
        """Return how many cells are there, and what became of them, in words."""
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row[STATUS]] = counts.get(row[STATUS], 0) + 1
        cells = f"{len(self.rows):,} of {self.total:,} cells"
        return f"{cells}: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()) if counts else cells

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the parameters' names."""
        return self.columns[len(WHERE) : len(self.columns) - len(FOUND)]

    @property
    def complete(self) -> bool:
        """Tell whether every cell has a row."""
        return len(self.rows) == self.total

    @property
    def without_result(self) -> list[Row]:
        """Return the rows of cells that were refused or failed."""
        return [row for row in self.rows if row[STATUS] in NO_RESULT]

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Write CSV to a file, or return it; None is an empty field."""
        return self._to("csv", path)

    def to_json(self, path: str | Path | None = None) -> str | None:
        """Write JSON to a file, or return it: a list of objects."""
        return self._to("json", path)

    def to_parquet(self, path: str | Path) -> None:
        """Write Parquet to a file.

        Raises:
            FoliovizError: if pyarrow is not installed (``pip install 'folioviz[parquet]'``).
        """
        files.write_parquet(Path(path), self.columns, self.rows)

    def _to(self, form: str, path: str | Path | None) -> str | None:
        """Write a form to a file, or return it."""
        if path is not None:
            with files.writing(Path(path), form, self.columns, self.rows):
                return None
        text = io.StringIO()
        writer = files.WRITERS[form](text, self.columns)
        for row in self.rows:
            writer.add(row)
        writer.close()
        return text.getvalue()

    def pivot(self, value: str, x: str = "order", y: str = "share", **where: Any) -> dict[str, Heat]:
        """Return one value of all cells by two parameters, for each kernel: what a heat map draws.

        Args:
            value: a column of numbers, such as "sqlock".
            x: the parameter from left to right.
            y: the parameter from bottom to top.
            where: what the other columns are, by name: ``processes=1``.

        Raises:
            DocumentError: for a name that is none, or if more than one row is left for a place: another column differs.
        """
        numbers = [name for name in self.columns if name not in TEXT]
        for name, known in ((value, numbers), (x, self.parameters), (y, self.parameters)):
            if name not in known:
                raise DocumentError(unknown("column of numbers", name, known, "columns"))
        for name in where:
            if name not in self.columns:
                raise DocumentError(unknown("column", name, self.columns, "columns"))
        places: dict[str, dict[tuple[int, int], int]] = {}
        for place, row in enumerate(self.rows):
            if any(row[name] != wanted for name, wanted in where.items()) or None in {row[x], row[y]}:
                continue
            of_kernel = places.setdefault(row["kernel"], {})
            other = self.rows[of_kernel.setdefault((row[x], row[y]), place)]
            if other is not row:
                columns = (*WHERE, *self.parameters)
                name = next(name for name in columns if other[name] != row[name])
                raise DocumentError(
                    f"two rows have {x} {row[x]} and {y} {row[y]}: say which {name}, {other[name]} or {row[name]}"
                )
        return {kernel: self._heat(value, found) for kernel, found in places.items()}

    def _heat(self, value: str, places: dict[tuple[int, int], int]) -> Heat:
        """Return one kernel's values."""
        xs, ys = (tuple(sorted({place[axis] for place in places})) for axis in (0, 1))
        found = tuple(tuple(places.get((x, y)) for x in xs) for y in ys)
        values = tuple(
            tuple(None if place is None else self.rows[place][value] for place in line) for line in found
        )
        return Heat(xs, ys, values, found)

    def scenario(self, place: int, beside: str = "") -> Scenario:
        """Return a row's operations as a scenario, to open in the explorer.

        Args:
            place: the index of the row.
            beside: a kernel to compare with; "" for none. Patches are the reader's own: the scenario is without them.

        Raises:
            LimitError: if there is no such row.
            DocumentError: if the row has no operations, for they do not read.
            KernelError: if there is no such kernel.
        """
        if not 0 <= place < len(self.rows):
            raise LimitError.of("the row", place, f"0 to {len(self.rows) - 1}")
        row = self.rows[place]
        if not row["operations"]:
            raise DocumentError(f"row {place} has no operations: {row['error']}")
        numbers = ", ".join(f"{name} {row[name]}" for name in self.parameters if row[name] is not None)
        title = f"{row['scenario']}: {numbers}" if numbers else row["scenario"]
        kernels = tuple(dict.fromkeys(filter(None, (row["kernel"], beside))))
        ops = tuple(parse_line(row["operations"]))
        return Scenario(ops, title=title[:120], kernels=kernels, mmu_gather=row["mmu_gather"])

    def link(self, place: int, beside: str = "") -> str:
        """Return the query string that opens a row in the explorer, without its question mark; see :meth:`scenario`.

        Raises:
            DocumentError: if it would be too long for a link.
        """
        return share.query(self.scenario(place, beside))
