"""The tour: one folio from its birth to its split in five sentences, each with the numbers of the machine there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.errors import LimitError
from folioviz.files import share
from folioviz.files.scenario import replace
from folioviz.readout import state
from folioviz.readout.words import count
from folioviz.stories.parts.pieces import ran, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from folioviz.files.scenario import Scenario
    from folioviz.lab import Applied, Lab
    from folioviz.machine.memory import Machine

KERNEL = "v7.3"
ORDER, PAGE_KIB = 4, 4
OPS = f"mm; mmap 1 0 16; fault 1 0 {ORDER}; fork 1; exit 2; munmap 1 8 8; shrink 1"


class Stop(NamedTuple):
    """A place to stand still.

    Attributes:
        name: what it is about.
        row: how many rows of the journal are done there.
        text: what is to be seen.
    """

    name: str
    row: int
    text: str


def make() -> Scenario:
    """Return what happens, under one of today's kernels."""
    return scenario(OPS, KERNEL, title="A folio in a minute")


def query(at: int) -> str:
    """Return the query string with which the explorer opens a position of it."""
    return share.query(replace(make(), at=at))


def place_of(fields: Mapping[str, str]) -> int:
    """Return which stop a link asks for, counted from 0; the first, if it asks for none.

    Raises:
        LimitError: if there is no such stop.
    """
    text = fields.get("stop", "1")
    if text not in map(str, range(1, len(NAMES) + 1)):
        raise LimitError.of("stop", text, f"1 to {len(NAMES)}")
    return int(text) - 1


def size(pages: int) -> str:
    """Return how much memory pages are."""
    return f"{count(pages, 'page')}, {pages * PAGE_KIB} KiB"


def born(machine: Machine) -> str:
    """Say what a folio is."""
    [folio], [process] = state.folios(machine), state.processes(machine)
    return (
        f"This is a folio: {size(folio.mapcount.size)}, that the kernel manages as one; "
        f"process {process.id} maps them with {folio.ptes} page table entries (PTEs)."
    )


def shared(machine: Machine) -> str:
    """Say what fork() does to it."""
    [folio] = state.folios(machine)
    child = state.processes(machine)[-1].id
    return (
        f"fork() makes process {child}, which maps the same {folio.mapcount.size} pages: that makes "
        f"{folio.ptes} mappings, and since each holds a reference, a refcount of {folio.refcount}."
    )


def halved(machine: Machine) -> str:
    """Say what is left after a munmap of a half."""
    [folio], [process] = state.folios(machine), state.processes(machine)
    return (
        f"The second process has exited, and munmap() takes a half away: process {process.id} still maps "
        f"{folio.pages_mapped} pages, but the folio is still one piece of {folio.mapcount.size}."
    )


def queued(machine: Machine) -> str:
    """Say why it is on the queue."""
    [folio] = state.folios(machine)
    left = folio.mapcount.size - folio.pages_mapped
    place = ("nowhere on", "first on", "second on")[folio.queue_place]
    return (
        f"So {size(left)}, are kept for nobody: the folio is partially mapped, and stands "
        f"{place} the deferred split queue, but nothing is free yet."
    )


def split(machine: Machine) -> str:
    """Say what the shrinker has done."""
    left = state.folios(machine)
    freed = (1 << ORDER) - len(left)
    return (
        f"When memory is short, the shrinker splits the folio: the {count(len(left), 'page')} that somebody maps "
        f"live on as {count(len(left), 'small folio')}, and the other {freed} are free at last."
    )


NAMES = ("a folio", "mapped twice", "half goes", "the queue", "the shrinker")
SAID: tuple[Callable[[Machine], str], ...] = (born, shared, halved, queued, split)


def unmapped(lab: Lab, munmap: Applied) -> int:
    """Return the last row of an operation before which it has neither flagged a folio nor queued one."""
    for row in range(munmap.start, munmap.end):
        lab.seek(row + 1)
        if any(folio.flagged or folio.queue_place for folio in state.folios(lab.machine)):
            return row
    return munmap.end


@lru_cache(maxsize=1)
def stops() -> tuple[Stop, ...]:
    """Return the five places, in order; between the third and the fourth only the queueing is done."""
    lab = ran(OPS, KERNEL)
    fault, fork, _, munmap, shrink = lab.applied[2:]
    places = (fault.end, fork.end, unmapped(lab, munmap), munmap.end, shrink.end)
    found = []
    for name, row, say in zip(NAMES, places, SAID, strict=True):
        lab.seek(row)
        found.append(Stop(name, row, say(lab.machine)))
    return tuple(found)
