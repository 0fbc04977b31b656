"""A frame: everything that the views show at one moment, read from the labs once; views never ask a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine import journal
from folioviz.machine.costs import COSTS
from folioviz.readout import counters, explain, state
from folioviz.readout.cgroups import Cgroups, cgroups
from folioviz.views.player import scan
from folioviz.views.player.changes import changed
from folioviz.views.player.snapshot import Gone, guards, swapped, zeros
from folioviz.views.session import queue_prospect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.kernels.kernel import Kernel
    from folioviz.ops.op import Op
    from folioviz.race.document import RaceDocument
    from folioviz.views.player.alongside import Pair
    from folioviz.views.player.apart import Along
    from folioviz.views.player.coming import Coming
    from folioviz.views.player.curve import Curve
    from folioviz.views.player.progress import Pace
    from folioviz.views.player.running import Running
    from folioviz.views.player.snapshot import Footprint
    from folioviz.views.player.track import Track
    from folioviz.views.session.action import Chosen
    from folioviz.views.session.expected import Expected
    from folioviz.views.session.mark import Noted

SETTINGS = ("thp_enabled", "max_ptes_none", "shrink_underused")
"""What can be set on a machine whose kernel has it, by the names of its fields."""


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """One kernel's half of a frame.

    Attributes:
        name: "A" or "B".
        kernel: which kernel.
        row: the journal row that the machine is at.
        step: how many steps of the operation are done, of ``steps``.
        refused: why this kernel refused the operation, or "".
        failed: why the operation ended with an error under this kernel, or "".
        bugs: names of the kernel bugs that have fired.
        folios: the live folios.
        gone: folios that this operation has freed so far.
        doomed: ids of live folios that this operation is going to free.
        processes: the live processes.
        zeros: per process id where it maps the shared zero page (vpns, int64); processes that do not are left out.
        guards, swapped: where it has guard markers, and swap entries, likewise.
        owners: the folio id of each page, int32 of shape (pages,).
        cgroups: which cgroup has what.
        counters: the node's counters.
        sizes: per order of folios their statistics, of those that have any; empty if the kernel keeps none.
        settings: those of :data:`SETTINGS` that the kernel has.
        so_far, cost: what the operation cost up to here, and what the whole of it costs.
        decisions: the decision that each folio's card shows, by folio id.
        latest: the decision made last, and worth a sentence, in this operation.
        at: the row of the line that has just been done, or -1.
        changed: ids of the folios that the operation has changed so far.
        pages, fields: pages, and (page, counter) pairs, that the last step changed.
        curve: what the timeline draws.
        coming: at which steps of the axis the operation queues, takes off and frees folios, by folio id.
    """

    name: str
    kernel: Kernel
    row: int
    step: int
    steps: int
    refused: str
    failed: str
    bugs: tuple[str, ...]
    folios: tuple[state.Folio, ...]
    gone: tuple[Gone, ...]
    doomed: frozenset[int]
    processes: tuple[state.Process, ...]
    zeros: Mapping[int, np.ndarray]
    guards: Mapping[int, np.ndarray]
    swapped: Mapping[int, np.ndarray]
    owners: np.ndarray
    cgroups: Cgroups
    counters: Mapping[str, int]
    sizes: Mapping[int, Mapping[str, int]]
    settings: Mapping[str, int]
    so_far: Mapping[str, int]
    cost: Mapping[str, int]
    decisions: Mapping[int, explain.Decision]
    latest: explain.Decision | None
    at: int
    changed: frozenset[int]
    pages: frozenset[int]
    fields: frozenset[tuple[int, str]]
    curve: Curve
    coming: Mapping[int, Coming]

    @property
    def queue(self) -> list[state.Folio]:
        """Return the folios on the deferred split queue, the head first; then those on the queues of cgroups."""
        queued = [folio for folio in self.folios if folio.queue_place]
        return sorted(queued, key=lambda folio: (self.cgroups.of(folio), folio.queue_place))

    def folio(self, ident: int) -> state.Folio | None:
        """Return a live folio by its id."""
        return next((folio for folio in self.folios if folio.id == ident), None)

    def process(self, ident: int) -> state.Process | None:
        """Return a live process by its id."""
        return next((process for process in self.processes if process.id == ident), None)

    def spurious(self, folio: state.Folio) -> str:
        """Return why a queued folio gains nothing there: see :func:`queue_prospect.spurious`; "" if it may gain."""
        return queue_prospect.spurious(folio, doomed=folio.id in self.doomed, processes=self.processes)


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """What is on the screen.

    Attributes:
        sides: A, and B if there is one.
        scenario: the name of the scenario, "" once something else has been done.
        mmu_gather: the gather mode.
        gather_limit: how many batches it may allocate now, -1 for no limit.
        ops: the operations, in order.
        race: the race of which a schedule is the last operation, if it is one.
        refused: per operation the sides that refused it.
        failed: per operation the sides under which its call ended with an error.
        index: the operation under the playhead, or -1 when there is none.
        position: the playhead.
        plain: the playhead by step, as links and files say it.
        pace: how the kernels walk through the operation by progress; None by step.
        by_progress: whether they are to, where they can.
        begins: where each operation begins on the axis; the last is where all end.
        span: (first, last) position that the timeline shows.
        mm: the selected process, 0 for none; ``lo`` and ``hi`` its selected pages [lo, hi).
        view: (first, after last) page that the lanes show.
        whole: (first, after last) page of all that was ever mapped.
        breaks: (first, after last) page of each gap in the view that the lanes cut short.
        focus: the folio in focus, 0 for none.
        counting: what the timeline draws: a key of :data:`folioviz.views.player.curve.COUNTED`.
        refusals: per action why it cannot be done now, or "".
        halves: per action which side alone would refuse it now and why, or "".
        lacking: the actions of which no kernel on the screen has the function.
        chosen: what the controls say.
        more: whether the rarely used controls are open.
        only: which folios are shown: one of :data:`folioviz.views.session.selection.FILTERS`.
        tracing: the side that steps by function follow: its code is shown, and its trace where there is room for one.
        reading: what is read beside the state: one of :data:`folioviz.views.session.selection.READINGS`.
        large: whether it takes all the room there is.
        trace: the rows of the traces near the playhead.
        noted: what this moment is called, and what is highlighted.
        code: the function that runs on the side that is followed, if code is what is read.
        along: where along the span A and B differ, if what differs is what is read.
        pending: the operation that waits for a "yes", and how many later ones it would drop.
        dropped: how many operations could be brought back.
        messages: per place on the screen the error or the note that belongs there.
        title, about: what the scenario shows, one line, and what to notice.
        expected: what the scenario expects once all of it is done.
        told, so_far: what the operation under the playhead comes to, in a sentence, and all up to it; "" where none is.
    """

    sides: tuple[Side, ...]
    scenario: str
    mmu_gather: str
    gather_limit: int
    ops: tuple[Op, ...]
    race: RaceDocument | None
    refused: tuple[str, ...]
    failed: tuple[str, ...]
    index: int
    position: int
    plain: int
    pace: Pace | None
    by_progress: bool
    begins: tuple[int, ...]
    span: tuple[int, int]
    mm: int
    lo: int
    hi: int
    view: tuple[int, int]
    whole: tuple[int, int]
    breaks: tuple[tuple[int, int], ...]
    focus: int
    counting: str
    refusals: Mapping[str, str]
    halves: Mapping[str, str]
    lacking: frozenset[str]
    more: bool
    chosen: Chosen
    only: str
    tracing: str
    reading: str
    large: bool
    trace: tuple[Pair, ...]
    noted: Noted
    code: Running | None
    along: Along | None
    pending: tuple[Op, int] | None
    dropped: int
    messages: Mapping[str, str]
    title: str
    about: str
    expected: tuple[Expected, ...]
    told: str
    so_far: str

    @property
    def op(self) -> Op | None:
        """Return the operation under the playhead."""
        return self.ops[self.index] if self.index >= 0 else None

    @property
    def last(self) -> int:
        """Return the last position."""
        return self.begins[-1]

    @property
    def looked_at(self) -> int:
        """Return the folio in focus; the first one that lives if none is, 0 if none lives."""
        return self.focus or next((folio.id for side in self.sides for folio in side.folios), 0)

    def side(self, name: str) -> Side | None:
        """Return a kernel's half by its name."""
        return next((side for side in self.sides if side.name == name), None)


def side(
    track: Track,
    index: int,
    step: int,
    began: Mapping[int, Footprint],
    curve: Curve,
    coming: Mapping[int, Coming],
) -> Side:
    """Read one lab, which stands at step ``step`` of operation ``index`` (-1: nothing done yet).

    ``began`` has the :func:`folioviz.views.player.snapshot.footprint` of the folios that were live before it.
    """
    lab, machine = track.lab, track.lab.machine
    folios, processes = track.snapshot.read(lab, track.version)
    nothing = dict.fromkeys(COSTS, 0)
    common = {
        "name": track.side,
        "kernel": lab.kernel,
        "row": lab.cursor,
        "bugs": tuple(machine.bugs()),
        "folios": folios,
        "processes": processes,
        "owners": machine.folio_id[machine.page_folio],
        "zeros": zeros(machine, processes),
        "guards": guards(machine, processes),
        "swapped": swapped(machine, processes),
        "cgroups": cgroups(machine),
        "counters": counters.counters(machine),
        "sizes": counters.size_stats(machine),
        "settings": {name: int(at[0]) for name in SETTINGS if (at := getattr(machine, name)).size},
        "curve": curve,
        "coming": coming,
    }
    if index < 0:
        return Side(
            **common, step=0, steps=0, refused="", failed="", gone=(), doomed=frozenset(), so_far=nothing, cost=nothing,
            decisions={}, latest=None, at=-1, changed=frozenset(), pages=frozenset(), fields=frozenset(),
        )  # fmt: skip
    part, live = track.parts[index], {folio.id for folio in folios}
    whys = track.decided(index, step)
    told = whys[~np.isin(whys[:, 1], list(explain.ROUTINE))]
    per_folio = {int(why[2]): why for why in (told if told.size else whys)[-256:]}
    for why in whys[-64:]:
        per_folio.setdefault(int(why[2]), why)
    freed = part.whys[len(whys) :]
    pages, fields = changed(track, index, step)
    done = min(step, part.steps.size)
    return Side(
        **common,
        step=done,
        steps=int(part.steps.size),
        refused=track.refused[index],
        failed=track.failed[index],
        gone=tuple(Gone(folio, was.order) for folio, was in began.items() if folio not in live),
        doomed=frozenset(freed[np.isin(freed[:, 1], [journal.FREED, journal.FREED_MAPPED]), 2].tolist()),
        so_far=scan.costs(lab, part, lab.cursor),
        cost=scan.total(part),
        decisions={folio: track.told(index, why) for folio, why in per_folio.items()},
        latest=track.told(index, told[-1]) if told.size else None,
        at=int(part.steps[done - 1]) if done else -1,
        changed=track.snapshot.changed(began),
        pages=pages,
        fields=fields,
    )
