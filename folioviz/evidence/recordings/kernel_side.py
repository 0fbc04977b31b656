"""A recorded step as a view: what the kernel showed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.evidence.recordings import removals
from folioviz.evidence.recordings.format import PROCESSES, page_run
from folioviz.evidence.recordings.observed import (
    CAME_FROM,
    CAME_FROM_OFFSET,
    EXCLUSIVE,
    FLAGS,
    FOLIO,
    GUARDED,
    MAPCOUNT,
    OFFSET,
    ORDER,
    PRESENT,
    STATE,
    STRUCT_FOLIO,
    SWAPPED,
    ZERO_PAGE,
    Observed,
    Value,
    empty,
    flags_of,
    letters,
    run_lengths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from folioviz.evidence.recordings.format import About, Folio, PageRun, Runs, Step

STATES: Final = {"p": PRESENT, "z": ZERO_PAGE, "s": SWAPPED, "g": GUARDED}
"""What a recording calls a page -> what is compared."""
RUNS: Final = ("mc", "ae")
"""Fields of ``raw`` that are (count, value) runs."""
EVENTS: Final = {
    "rmap_remove": ("rmptes", "rmpmd", "rm"),
    "deferred_split": ("dsf",),
    "unqueue": ("unq", "freethp"),
}
"""A count -> the events from which it follows, too."""
NOT_ALONE: Final = ("fork", "exit")
"""In these steps, and where the machine itself is at work, calls were counted for a few functions only."""
ALONE: Final = ("rmap_add", "tlb_remove")
"""These are counted only where one process alone is at work, and are no events on every kernel."""
OWN_FAULTS: Final = ("migrate", "migrateall", "gup")
"""In these steps the process that calls has faults of its own, outside of the regions: they are no part of the step."""
COLLAPSES: Final = {"collapse", "khugepaged"}
"""What collapses because it was told to."""
CUT: Final = "..."
MAX_DEPTH: Final = 4
"""Repetitions within repetitions."""


def observe(about: About, step: Step, fields: frozenset[str] | None = None) -> Observed:
    """Return what a recorded step shows; what was not recorded is left out.

    Args:
        about: what is known of the run.
        step: the step.
        fields: what the file tells of; None: of everything.
    """
    traced = about.trace and not collapsed_unasked(step)
    orders = {int(key): folio.order for key, folio in step.folios.items()}
    return Observed(
        {
            f"{process} {region}": _table(runs, orders)
            for process, regions in step.procs.items()
            for region, runs in regions.items()
        },
        {int(key): _folio(folio) for key, folio in step.folios.items()},
        dict(step.vm)
        | {f"{size} {name}": n for size, items in step.mthp.items() for name, n in items.items()},
        {
            f"{process} {region}": sums
            for process, regions in step.smaps.items()
            for region, sums in regions.items()
        },
        _calls(step) if traced else {},
        removals.recorded(step.kp) if traced else None,
        fields,
    )


def collapsed_unasked(step: Step) -> bool:
    """Tell whether khugepaged collapsed something in a step of a process's: then its calls were not counted."""
    return step.vm.get("thp_collapse_alloc", 0) > 0 and not COLLAPSES.intersection(step.op.split()[:2])


def _table(runs: Runs, orders: dict[int, int]) -> np.ndarray:
    """Return a region's pages as rows."""
    read = [page_run(run, "") for run in runs]
    table = empty(max((run.first + run.pages for run in read), default=0))
    for run in read:
        rows = table[run.first : run.first + run.pages]
        rows[:, STATE] = STATES[run.state]
        if run.state == "p":
            _present(rows, run, orders)
    return table


def _present(rows: np.ndarray, run: PageRun, orders: dict[int, int]) -> None:
    """Fill the rows of present pages."""
    along = np.arange(run.pages)
    rows[:, FOLIO] = run.folio + along if run.each else run.folio
    rows[:, OFFSET] = 0 if run.each else run.offset + along
    rows[:, ORDER] = 0 if run.each else orders.get(run.folio, 0)
    rows[:, MAPCOUNT] = run.mapcount
    rows[:, EXCLUSIVE] = run.exclusive
    rows[:, FLAGS] = flags_of(run.flags)
    if run.came_from:
        rows[:, CAME_FROM] = run.came_from[0]
        rows[:, CAME_FROM_OFFSET] = run.came_from[1] + along


def _folio(folio: Folio) -> dict[str, Value]:
    """Return a large folio's fields by the names that differences use."""
    fields: dict[str, Value] = {"order": folio.order}
    if folio.fl:
        fields["flags"] = letters(flags_of(folio.fl))
    if folio.kpc is not None:
        fields["kpagecount"] = _runs(folio.kpc)
    for name, key in STRUCT_FOLIO.items():
        value = getattr(folio.raw, key, None)
        if value is not None:
            fields[name] = (
                _runs(value) if key in RUNS else tuple(value) if isinstance(value, tuple) else value
            )
    return fields


def _runs(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return (count, value) runs that are as long as they can be."""
    return run_lengths(np.repeat([value for _, value in pairs], [count for count, _ in pairs]))


def _calls(step: Step) -> dict[str, int]:
    """Return how often functions were called: what was counted, or else the events of that kind; -1 is "unknown".

    Where a process ends or the machine itself is at work, calls were not counted for the acting process alone, and the
    events say more; a list of events that was cut short says nothing.
    """
    calls = dict(step.n or {})
    words = step.op.split()
    if words[0] not in tuple(PROCESSES) or words[1] in NOT_ALONE:
        calls |= dict.fromkeys(ALONE, -1) | calls
    events = _events(step.kp or [], 0)
    if words[1:] and words[1] in OWN_FAULTS:
        calls |= {"rmap_add": -1}
        calls.pop("rmap_remove", None)
    for name, kinds in EVENTS.items():
        cut = CUT in events or step.kp is None
        calls.setdefault(name, -1 if cut else sum(events[kind] for kind in kinds))
    return calls


def _events(entries: Iterable[Any], depth: int) -> Counter[str]:
    """Count events by kind, repetitions as often as they happened; CUT counts where events were left out."""
    found: Counter[str] = Counter()
    for entry in entries:
        if not isinstance(entry, dict) or depth > MAX_DEPTH:
            found[CUT] += 1
        elif entry.get("f") == removals.ELSEWHERE:
            continue
        elif "repeat" in entry:
            block = entry.get("block")
            inside = _events(block if isinstance(block, list) else [], depth + 1)
            for kind, count in inside.items():
                found[kind] += count * _count(entry["repeat"])
        else:
            found[str(entry.get("e"))] += _count(entry.get("n", 1))
    return found


def _count(value: object) -> int:
    """Return a number of events; 1 if the value is not a number."""
    return value if isinstance(value, int) and value >= 0 else 1
