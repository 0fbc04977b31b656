"""Where cells run: here, on this machine's cores, or on a Dask cluster, by joblib; the rows are the same."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from folioviz.errors import FoliovizError, LimitError
from folioviz.extras import need
from folioviz.sweep.cell import failed, run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from folioviz.sweep.cell import Row
    from folioviz.sweep.plan import Cell

MAX_JOBS: Final = 1024
FEW: Final = 256
"""So many cells are done before a pool has started: there is none unless somebody asks for one."""
ALONE: Final = 32
"""After a worker has died, so many cells run one at a time: one of them may be what kills it."""
TRIES: Final = 2
"""How often a cell runs that kills its worker."""
SECONDS: Final = 10
"""How long a scheduler may take to answer."""


def served() -> bool:
    """Tell whether this process is the kernel of a visitor of a served page, or waits to be one.

    Voila says so in the environment of each kernel that it starts.
    """
    return "VOILA_PREHEAT" in os.environ


def workers(cells: int, jobs: int | None) -> int:
    """Return how many processes are to run so many cells; 1 is this process alone.

    Raises:
        LimitError: if ``jobs`` is no number of processes.
        FoliovizError: if a visitor of a served page asks for more than one.
    """
    if jobs is not None and not 1 <= jobs <= MAX_JOBS:
        raise LimitError.of("jobs", jobs, f"1 to {MAX_JOBS}")
    if served():
        if (jobs or 1) > 1:
            raise FoliovizError("a served page starts no processes: leave jobs out, and cells run one by one")
        return 1
    if jobs is None and cells <= FEW:
        return 1
    if not find_spec("_multiprocessing"):  # in a browser
        if (jobs or 1) > 1:
            raise FoliovizError("this Python starts no processes: leave jobs out, and cells run one by one")
        return 1
    import joblib

    count = jobs or joblib.cpu_count()
    return max(2, min(cells, count)) if count > 1 else 1


def rows(cells: Sequence[Cell], jobs: int | None = None, client: Any = None) -> Generator[Row, None, None]:
    """Yield the row of each cell, in their order, whatever runs them.

    Args:
        cells: what to run.
        jobs: processes on this machine; None for one per core, or none at all for a few cells.
        client: a ``dask.distributed.Client`` or the address of a scheduler, such as ``tcp://host:8786``; ``jobs`` does
            not count then.

    Raises:
        LimitError: if ``jobs`` is no number of processes.
        FoliovizError: if no scheduler answers, its workers have no folioviz, or a served page asks for processes.
    """
    if client is not None:
        if served():
            raise FoliovizError("a served page starts nothing on a cluster: leave the scheduler out")
        with _cluster(client) as pool:
            yield from _in_pool(cells, pool)
    elif (count := workers(len(cells), jobs)) == 1:
        yield from map(run, cells)
    else:
        yield from _in_pool(cells, _cores(count))


def _cores(count: int) -> Callable[[Iterable[Any]], Generator[Row, None, None]]:
    """Return what runs calls on some of this machine's cores."""
    from joblib import Parallel

    def pool(calls: Iterable[Any]) -> Generator[Row, None, None]:
        found: Generator[Row, None, None] = Parallel(count, backend="loky", return_as="generator")(calls)
        return found

    return pool


@contextmanager
def _cluster(client: Any) -> Iterator[Callable[[Iterable[Any]], Generator[Row, None, None]]]:
    """Return what runs calls on a cluster."""
    need("cluster", "a scheduler")
    from distributed import Client
    from joblib import Parallel

    ours = client
    if isinstance(client, str):
        try:
            ours = Client(client, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise FoliovizError(f"no scheduler answers at {client}: {error}") from None

    def pool(calls: Iterable[Any]) -> Generator[Row, None, None]:
        backend = _dask()(client=ours, wait_for_workers_timeout=SECONDS)
        found: Generator[Row, None, None] = Parallel(-1, backend=backend, return_as="generator")(calls)
        return found

    try:
        check_workers(ours)
        yield pool
    finally:
        if ours is not client:
            ours.close()


def check_workers(client: Any) -> None:
    """Check that the workers have this folioviz: one without it would die, and Dask would wait for another.

    Raises:
        FoliovizError: if there is no worker, or one has no folioviz, or another version.
    """

    def found() -> str:  # without a name of this module, which a worker may not have
        from importlib import import_module

        return str(import_module("folioviz").__version__)

    try:
        client.submit(found, pure=False).exception(SECONDS)  # a cluster may start a worker for it
    except TimeoutError:
        raise FoliovizError(f"the scheduler has had no worker for {SECONDS} seconds") from None
    ours = found()
    for worker, theirs in client.run(found, on_error="return").items():
        if theirs != ours:
            has = f"cannot load folioviz: {theirs}" if isinstance(theirs, Exception) else f"has {theirs}"
            raise FoliovizError(f"the worker at {worker} {has}; folioviz {ours} is here")


@cache
def _dask() -> Any:
    """Return joblib's backend for Dask, which never runs cells in this process.

    joblib itself does so where a cluster has one thread, also for the moment in which all others have just died.
    """
    from joblib._dask import DaskDistributedBackend

    class Cluster(DaskDistributedBackend):
        """Runs calls on the workers."""

        def effective_n_jobs(self, n_jobs: int) -> int:
            """Return how many calls may run at a time."""
            return max(2, int(super().effective_n_jobs(n_jobs)))

    return Cluster


def _died() -> tuple[type[BaseException], ...]:
    """Return the errors that say that a worker has gone."""
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        from distributed import KilledWorker
    except ImportError:
        return (TerminatedWorkerError,)
    return TerminatedWorkerError, KilledWorker


def _in_pool(
    cells: Sequence[Cell], pool: Callable[[Iterable[Any]], Generator[Row, None, None]]
) -> Generator[Row, None, None]:
    """Yield rows from a pool; what was under way when a worker died is run again in a fresh one.

    Each death is followed by a stretch of cells that run one at a time, so that one which kills its worker is found,
    and there are at most as many deaths as stretches and tries.
    """
    from joblib import delayed

    place = 0
    while place < len(cells):
        found = pool(delayed(run)(cell) for cell in cells[place:])
        try:
            for row in found:
                place += 1
                yield row
        except _died():
            for cell in cells[place : place + ALONE]:
                place += 1
                yield _alone(cell, pool)
        finally:
            found.close()


def _alone(cell: Cell, pool: Callable[[Iterable[Any]], Generator[Row, None, None]]) -> Row:
    """Run a cell while no other runs, and return its row."""
    from joblib import delayed

    for _ in range(TRIES):
        try:
            (row,) = pool([delayed(run)(cell)])
        except _died():
            continue
        return row
    return failed(cell, f"it ended its worker each of {TRIES} times: killed, or out of memory")
