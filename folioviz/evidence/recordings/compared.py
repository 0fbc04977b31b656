"""Which fields of the model were compared with a recording, and which could not be."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.evidence.recordings.fields import COLUMNS, TABLES
from folioviz.evidence.recordings.observed import MEMORY, STRUCT_FOLIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.observed import Observed
    from folioviz.evidence.recordings.replay import Replay


OF_FOLIO: Final = {*STRUCT_FOLIO, "kpagecount", "flags"}
"""What is compared of a folio."""


SOURCES: Final = {
    "page tables": "pagemap, kpageflags and kpagecount",
    "struct folio": "/proc/kcore",
    "counters": "/proc/vmstat and hugepages-*kB/stats",
    "memory": "smaps",
    "calls": "a trace of the kernel's functions",
}
"""Kind of fields -> where a recorder has them from."""


def kind_of(name: str) -> str:
    """Return the kind of a field."""
    if name in {TABLES, *COLUMNS.values(), "folio kpagecount", "folio flags"}:
        return "page tables"
    if name.startswith("folio "):
        return "struct folio"
    if name in {"calls", "rmap removals"}:
        return "calls"
    return "memory" if name in MEMORY else "counters"


class Fields(NamedTuple):
    """Names of fields: those that were compared at some step, and those that the file lacks."""

    compared: frozenset[str]
    lacking: frozenset[str]


def compared(replay: Replay) -> Fields:
    """Return what was compared of a recording, and what would have been if its file had it."""
    ours: set[str] = set()
    theirs: set[str] = set()
    for done in replay.steps:
        if not done.not_modelled:
            names = set(_of_model(done.model))
            ours |= names
            theirs |= {name for name in names - theirs if _has(done.kernel, name)}
    return Fields(frozenset(theirs), frozenset(ours - theirs))


def _of_model(model: Observed) -> Iterator[str]:
    """Yield the fields that the model shows after a step."""
    if model.tables:
        yield TABLES
        yield from COLUMNS.values()
    yield from (f"folio {name}" for name in OF_FOLIO.intersection(chain(*model.folios.values())))
    yield from (name.rpartition(" ")[2] for name in model.counters)
    yield from MEMORY if model.memory else ()
    yield from ["calls"] if model.calls else []
    yield from ["rmap removals"] if model.removals is not None else []


def _has(kernel: Observed, name: str) -> bool:
    """Tell whether a recorded step has one of these fields."""
    if name == "calls":
        return bool(kernel.calls)
    if name == "rmap removals":
        return kernel.tells(TABLES) and kernel.removals is not None
    if name.startswith("folio "):
        field = name.removeprefix("folio ")
        return kernel.tells(TABLES) and any(field in folio for folio in kernel.folios.values())
    return kernel.tells(name)
