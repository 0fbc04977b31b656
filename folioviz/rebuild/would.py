"""What would become of what was seen: it is done on the model's machine, and one sentence says what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import DocumentError, FoliovizError, shown
from folioviz.machine.memory import HPAGE_PMD_NR, LOWEST_QUEUED_ORDER
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at, queue
from folioviz.proc.node import totals
from folioviz.proc.smaps import PAGE_SIZE
from folioviz.readout.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from folioviz.ops.ops import Operation
    from folioviz.rebuild.rebuild import Rebuilt
    from folioviz.rebuild.state import State


class Amount(NamedTuple):
    """What a machine holds, in pages: of live folios, those of them that nobody maps, and folios that are queued."""

    held: int
    lost: int
    queued: int


class Would(NamedTuple):
    """What would come of it.

    Attributes:
        sentence: what is said of it.
        ops: the operations that were added.
        before: what was held before them.
        after: what was held after them.
    """

    sentence: str
    ops: tuple[Operation, ...]
    before: Amount
    after: Amount


def would(state: State, found: Rebuilt, deed: str, name: str = "") -> Would:
    """Do something to what was rebuilt, and say what comes of it; the lab is afterwards as it was.

    Args:
        state: what was seen.
        found: what became of it, on some kernel.
        deed: a key of DEEDS.
        name: the process and region that it is done to, "P a"; else the first one.

    Raises:
        DocumentError: if there is no such deed or region.
    """
    if deed not in DEEDS:
        raise DocumentError(f"no deed {shown(deed)}: there are {', '.join(DEEDS)}")
    name = name or next(iter(state.observed.tables), "")
    if name not in state.observed.tables:
        raise DocumentError(f"no region {shown(name)}: there are {', '.join(state.observed.tables)}")
    lab, row = found.lab, found.lab.cursor
    before = _amount(found)
    done: list[Operation] = []
    refused = ""
    try:
        for op in DEEDS[deed].ops(state, found, name):
            try:
                lab.apply(op)
                done.append(op)
            except FoliovizError as error:
                refused = refused or str(error)
        after = _amount(found)
    finally:
        lab.seek(row)
        lab.cut()
    if not done:
        why = refused or DEEDS[deed].nothing
        return Would(
            f"Under {lab.kernel.key}, {DEEDS[deed].words} would do nothing: {why}.", (), before, before
        )
    return Would(_sentence(found, deed, before, after), tuple(done), before, after)


def _amount(found: Rebuilt) -> Amount:
    """Return what a lab's machine holds."""
    sums = totals(found.lab.machine)
    return Amount(sums.held, sums.lost, len(queue(found.lab.machine)))


def _sentence(found: Rebuilt, deed: str, before: Amount, after: Amount) -> str:
    """Say what came of it."""
    freed = before.held - after.held
    frees = f"free {_size(freed)}" if freed > 0 else f"take {_size(-freed)}" if freed else "free nothing"
    queued = f", with {count(after.queued, 'folio')} queued for the shrinker" if after.queued else ""
    return (
        f"Under {found.lab.kernel.key}, {DEEDS[deed].words} would {frees}; held and mapped by nobody:"
        f" {_size(before.lost)} before, {_size(after.lost)} after{queued}."
    )


def _size(pages: int) -> str:
    """Return an amount of memory."""
    return f"{pages * PAGE_SIZE >> 10:,} KiB"


# --- what can be done -------------------------------------------------------------------------------------------


def _where(state: State, found: Rebuilt, name: str) -> tuple[int, int, int]:
    """Return a region as (process id, first page, pages)."""
    process, _, region = name.partition(" ")
    return found.mms[process], found.starts[region], state.regions[region].pages


def _munmap(state: State, found: Rebuilt, name: str) -> Iterator[Operation]:
    """Unmap the region."""
    yield ops.Munmap(*_where(state, found, name))


def _shrink(_state: State, found: Rebuilt, _name: str) -> Iterator[Operation]:
    """Let the shrinker visit all that is queued."""
    waiting = len(queue(found.lab.machine))
    if waiting:
        yield ops.Shrink(waiting)


def _folios(state: State, found: Rebuilt, name: str, order: int) -> list[int]:
    """Return the ids of the folios in the region that are at least of an order."""
    machine, (mm, start, pages) = found.lab.machine, _where(state, found, name)
    slot = mm_slot(machine, mm)
    mapped = {page_at(machine, slot, page) for page in range(start, start + pages)} - {-1}
    heads = sorted({int(machine.page_folio[page]) for page in mapped})
    return sorted(int(machine.folio_id[head]) for head in heads if machine.folio_order[head] >= order)


def _split(state: State, found: Rebuilt, name: str) -> Iterator[Operation]:
    """Split the folios of the region."""
    yield from (ops.Split(folio) for folio in _folios(state, found, name, LOWEST_QUEUED_ORDER))


def _migrate(state: State, found: Rebuilt, name: str) -> Iterator[Operation]:
    """Migrate the folios of the region."""
    yield from (ops.Migrate(folio) for folio in _folios(state, found, name, 0))


def _collapse(state: State, found: Rebuilt, name: str) -> Iterator[Operation]:
    """Collapse the whole 2 MiB of the region."""
    mm, start, pages = _where(state, found, name)
    first, end = -(-start // HPAGE_PMD_NR) * HPAGE_PMD_NR, (start + pages) // HPAGE_PMD_NR * HPAGE_PMD_NR
    if first < end:
        yield ops.Collapse(mm, first, end - first)


class Deed(NamedTuple):
    """Something to do: how a sentence calls it, its operations, and why there may be none."""

    words: str
    ops: Callable[[State, Rebuilt, str], Iterator[Operation]]
    nothing: str


DEEDS: Final = {
    "munmap": Deed("munmap", _munmap, "the region is empty"),
    "shrink": Deed("the shrinker", _shrink, "no folio is queued"),
    "split": Deed("a split of its folios", _split, "no folio is large enough"),
    "migrate": Deed("a migration of its folios", _migrate, "there is no folio"),
    "collapse": Deed("MADV_COLLAPSE", _collapse, "the region has no whole 2 MiB"),
}
"""What can be done to a region."""
