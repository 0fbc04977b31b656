"""A sweep from beginning to end: the plan, what a file has of it already, the rest, and the table."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from folioviz.sweep import files, pool, reading
from folioviz.sweep.cell import text
from folioviz.sweep.plan import plan
from folioviz.sweep.progress import bar
from folioviz.sweep.source import STANDARD
from folioviz.sweep.table import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import FunctionType, ModuleType

    from folioviz.files.scenario import Scenario
    from folioviz.sweep.cell import Row
    from folioviz.sweep.files import Writer
    from folioviz.sweep.plan import Plan

Values = Any
"""A whole number, some of them, or a text such as ``2,4,9`` or ``0-9``."""


def sweep(
    scenarios: str | Scenario | Iterable[str | Scenario] = STANDARD,
    kernels: str | Iterable[str] = (),
    *,
    mmu_gather: str | Iterable[str] = (),
    orders: Values = (),
    shares: Values = (),
    processes: Values = (),
    parameters: Mapping[str, Values] | None = None,
    patches: Sequence[FunctionType | ModuleType] = (),
    jobs: int | None = None,
    client: Any = None,
    file: str | Path | None = None,
    progress: bool | None = None,
) -> Sweep:
    """Do operations under several kernels with all combinations of parameters; a row for each.

    ::

        folioviz.sweep(kernels=["v6.9", "v7.3"], orders="2-9", shares=[25, 100])
        folioviz.sweep("mm; mmap 1 0 64; fault 1 0 {order}; dontneed 1 0 {pages}", orders=4,
                       parameters={"pages": "1-16"})

    Names in braces are parameters, and there may be arithmetic (:mod:`folioviz.sweep.template`). Without operations
    it is a folio of {order} that {processes} processes map; the first one unmaps {share} per cent of it from its front.

    Rows and their order are the same whatever runs them. What goes wrong in a cell is in its row. An interrupt
    (KeyboardInterrupt) ends the sweep, and returns what is done by then: ``complete`` is False.

    Args:
        scenarios: operations with ``;`` between them, names of scenarios, files, or scenarios.
        kernels: keys or aliases, ``all`` for every kernel; none for those of the scenario.
        mmu_gather: "batched", "none", or both; none for the scenario's.
        orders: values of {order}, 0 to 9.
        shares: values of {share}, 1 to 100 per cent.
        processes: values of {processes}, 1 to 64.
        parameters: values of other names.
        patches: your own functions, named as the kernel functions that they replace.
        jobs: processes on this machine; None for one per core, or none at all for a few cells.
        client: a ``dask.distributed.Client`` or the address of a scheduler (``tcp://...``) to run on instead.
        file: a file to write rows to as they come, ``.csv``, ``.json`` or ``.parquet``; if it has some of this sweep's
            already, only the others are run.
        progress: whether to show a bar; None for where somebody sees it.

    Raises:
        DocumentError: for operations or parameters that do not read, or a file of another sweep.
        KernelError: for an unknown kernel or mode.
        LimitError: if there are more than 100,000 cells, or a value is out of its bounds.
        FoliovizError: if no scheduler answers, or a package is missing.
    """
    given = {"order": orders, "share": shares, "processes": processes}
    named = {name: values for name, values in given.items() if not isinstance(values, tuple | list) or values}
    made = plan(scenarios, kernels, mmu_gather, {**named, **(parameters or {})}, patches)
    rows: list[Row] = []
    with into(made, file) as (kept, writer):
        rows += kept
        run(made, rows, writer.add if writer else None, jobs, client, progress)
    return Sweep(made.columns, rows, len(made.cells))


@contextmanager
def into(made: Plan, file: str | Path | None, form: str = "") -> Iterator[tuple[list[Row], Writer | None]]:
    """Open a file for a plan's rows, and return those that it has already, with what writes more; or none of both.

    Raises:
        DocumentError: if the file is another sweep's, or its name does not say its form.
    """
    if file is None:
        yield [], None
        return
    path = Path(file)
    form = files.form_of(path, form)
    wanted = (one.where | {"operations": text(one)} for one in made.cells)
    kept = reading.kept(path, form, made.columns, wanted)
    with files.writing(path, form, made.columns, kept) as writer:
        yield kept, writer


def run(
    made: Plan,
    rows: list[Row],
    each: Callable[[Row], None] | None = None,
    jobs: int | None = None,
    client: Any = None,
    progress: bool | None = None,
) -> None:
    """Run the cells of a plan that have no row yet, and add their rows; an interrupt ends it early.

    Args:
        made: the plan.
        rows: the rows of its first cells.
        each: what each new row is given to.
        jobs: processes on this machine.
        client: a cluster instead.
        progress: whether to show a bar.
    """
    cells = made.cells[len(rows) :]
    with bar(len(rows), len(made.cells), progress) as tell, closing(pool.rows(cells, jobs, client)) as found:
        try:
            for row in found:
                if each:
                    each(row)
                rows.append(row)
                tell(len(rows))
        except KeyboardInterrupt:
            return
