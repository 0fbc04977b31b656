"""A frame: everything that the views show at one moment, read from the labs once; views never ask a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz import explain, journal, state
from folioviz.machine import (
    ENTRY_SHIFT,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    FOLIO_PINS,
    FOLIO_REFCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    PMD,
    PMD_HUGE,
    PTE,
)
from folioviz.views import scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.kernels.kernel import Kernel
    from folioviz.ops import Op
    from folioviz.trace import Line
    from folioviz.views.curve import Curve
    from folioviz.views.snapshot import Footprint
    from folioviz.views.track import Track

TRACE_LINES = 23

COUNTERS = {
    FOLIO_REFCOUNT: "refcount",
    FOLIO_ENTIRE_MAPCOUNT: "entire",
    FOLIO_NR_PAGES_MAPPED: "mapped",
    FOLIO_ORDER: "order",
    FOLIO_PINS: "pins",
}
"""Per-folio fields whose change a card outlines."""


class Gone(NamedTuple):
    """A folio that was there when the operation began and is not now."""

    id: int
    order: int


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """One kernel's half of a frame.

    Attributes:
        name: "A" or "B".
        kernel: which kernel.
        row: the journal row that the machine is at.
        step: how many steps of the operation are done, of ``steps``.
        refused: why this kernel refused the operation, or "".
        bugs: names of the kernel bugs that have fired.
        folios: the live folios.
        gone: folios that this operation has freed so far.
        doomed: ids of live folios that this operation is going to free.
        processes: the live processes.
        owners: the folio id of each page, int32 of shape (pages,).
        counters: the node's counters.
        so_far: what the operation cost up to here.
        cost: what the whole operation costs.
        decisions: the decision that each folio's card shows, by folio id.
        latest: the decision made last, and worth a sentence, in this operation.
        lines: lines of the trace around ``row``; none for the side whose trace is not shown.
        at: the row of the line that has just been done, or -1.
        changed: ids of the folios that the operation has changed so far.
        pages: pages that the last step changed.
        fields: (page, counter) pairs that the last step changed.
        curve: what the timeline draws.
    """

    name: str
    kernel: Kernel
    row: int
    step: int
    steps: int
    refused: str
    bugs: tuple[str, ...]
    folios: tuple[state.Folio, ...]
    gone: tuple[Gone, ...]
    doomed: frozenset[int]
    processes: tuple[state.Process, ...]
    owners: np.ndarray
    counters: Mapping[str, int]
    so_far: Mapping[str, int]
    cost: Mapping[str, int]
    decisions: Mapping[int, explain.Decision]
    latest: explain.Decision | None
    lines: tuple[Line, ...]
    at: int
    changed: frozenset[int]
    pages: frozenset[int]
    fields: frozenset[tuple[int, str]]
    curve: Curve

    @property
    def queue(self) -> list[state.Folio]:
        """Return the folios on the deferred split queue, first first."""
        return sorted(
            (folio for folio in self.folios if folio.queue_place), key=lambda folio: folio.queue_place
        )

    def spurious(self, folio: state.Folio) -> str:
        """Return why a queued folio gains nothing there: unmapped, or about to be freed; "" if it may gain."""
        if not folio.queue_place:
            return ""
        if not folio.pages_mapped:
            return "nothing maps it any more, so there is nothing to split: it waits for its last reference"
        return "this operation goes on to unmap all of it" if folio.id in self.doomed else ""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """What is on the screen.

    Attributes:
        sides: A, and B if there is one.
        scenario: the name of the scenario, "" once something else has been done.
        mmu_gather: the gather mode.
        gather_limit: how many batches it may allocate now, -1 for no limit.
        ops: the operations, in order.
        refused: per operation the sides that refused it.
        index: the operation under the playhead, or -1 when there is none.
        position: the playhead.
        begins: where each operation begins on the axis; the last is where all end.
        span: (first, last) position that the timeline shows.
        mm: the selected process, 0 for none; ``lo`` and ``hi`` its selected pages [lo, hi).
        view: (first, after last) page that the lanes show.
        whole: (first, after last) page of all that was ever mapped.
        focus: the folio in focus, 0 for none.
        counting: what the timeline draws: a key of :data:`folioviz.views.curve.COUNTED`.
        refusals: per action why it cannot be done now, or "".
        only: which folios are shown: one of :data:`folioviz.views.selection.FILTERS`.
        tracing: the side whose trace is shown.
        pending: the operation that waits for a "yes", and how many later ones it would drop.
        dropped: how many operations could be brought back.
        messages: per place on the screen the error or the note that belongs there.
        title: what the scenario shows, one line.
        about: what to notice.
    """

    sides: tuple[Side, ...]
    scenario: str
    mmu_gather: str
    gather_limit: int
    ops: tuple[Op, ...]
    refused: tuple[str, ...]
    index: int
    position: int
    begins: tuple[int, ...]
    span: tuple[int, int]
    mm: int
    lo: int
    hi: int
    view: tuple[int, int]
    whole: tuple[int, int]
    focus: int
    counting: str
    refusals: Mapping[str, str]
    only: str
    tracing: str
    pending: tuple[Op, int] | None
    dropped: int
    messages: Mapping[str, str]
    title: str
    about: str

    @property
    def op(self) -> Op | None:
        """Return the operation under the playhead."""
        return self.ops[self.index] if self.index >= 0 else None

    @property
    def last(self) -> int:
        """Return the last position."""
        return self.begins[-1]


def side(
    track: Track, index: int, step: int, began: Mapping[int, Footprint], curve: Curve, *, traced: bool
) -> Side:
    """Read one lab, which stands at step ``step`` of operation ``index`` (-1: nothing done yet).

    ``began`` has the :func:`folioviz.views.snapshot.footprint` of the folios that were live when the operation began;
    only a side that is ``traced`` gets lines.
    """
    lab = track.lab
    machine = lab.machine
    folios, processes = track.snapshot.read(track)
    nothing = dict.fromkeys(journal.COSTS, 0)
    common = {
        "name": track.side,
        "kernel": lab.kernel,
        "row": lab.cursor,
        "bugs": tuple(machine.bugs()),
        "folios": folios,
        "processes": processes,
        "owners": machine.folio_id[machine.page_folio],
        "counters": state.counters(machine),
        "curve": curve,
    }
    if index < 0:
        return Side(
            **common, step=0, steps=0, refused="", gone=(), doomed=frozenset(), so_far=nothing, cost=nothing,
            decisions={}, latest=None, lines=(), at=-1, changed=frozenset(), pages=frozenset(), fields=frozenset(),
        )  # fmt: skip
    part = track.parts[index]
    live = {folio.id for folio in folios}
    whys = track.decided(index, step)
    told = whys[~np.isin(whys[:, 1], list(explain.ROUTINE))]
    per_folio = {int(why[2]): why for why in (told if told.size else whys)[-256:]}
    for why in whys[-64:]:
        per_folio.setdefault(int(why[2]), why)
    freed = part.whys[len(whys) :]
    pages, fields = _changed(track, index, step)
    lines = tuple(scan.window(lab, part, lab.cursor - 1, TRACE_LINES)) if traced and part.lines.size else ()
    done = min(step, part.steps.size)
    return Side(
        **common,
        step=done,
        steps=int(part.steps.size),
        refused=track.refused[index],
        gone=tuple(Gone(folio, was.order) for folio, was in began.items() if folio not in live),
        doomed=frozenset(freed[np.isin(freed[:, 1], [journal.FREED, journal.FREED_MAPPED]), 2].tolist()),
        so_far=scan.costs(lab, part, lab.cursor),
        cost=scan.total(part),
        decisions={folio: track.told(index, why) for folio, why in per_folio.items()},
        latest=track.told(index, told[-1]) if told.size else None,
        lines=lines,
        at=int(part.steps[done - 1]) if done else -1,
        changed=track.snapshot.changed(began),
        pages=pages,
        fields=fields,
    )


def _changed(track: Track, index: int, step: int) -> tuple[frozenset[int], frozenset[tuple[int, str]]]:
    """Return the pages and the (head page, counter) pairs that the last step wrote."""
    part = track.parts[index]
    if not 0 < step <= part.steps.size:
        return frozenset(), frozenset()
    machine = track.lab.machine
    pages: set[int] = set()
    fields: set[tuple[int, str]] = set()
    row = int(part.steps[step - 1])
    for kind, address, old, new in track.lab.journal[row : row + 1].tolist():
        if kind >= journal.WHY or address < 0:
            continue
        field, at = machine.where(address)
        if field in (PAGE_MAPCOUNT, PAGE_ANON_EXCLUSIVE):
            pages.add(at)
        elif field == PTE:
            pages.add((new or old) >> ENTRY_SHIFT)
        elif field == PMD and (new or old) & PMD_HUGE:
            fields.add(((new or old) >> ENTRY_SHIFT, "entire"))
        elif field in COUNTERS:
            fields.add((at, COUNTERS[field]))
    return frozenset(pages), frozenset(fields)
