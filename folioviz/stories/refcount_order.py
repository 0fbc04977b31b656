"""In what order may refcount and mapcount drop? No mapping may be counted without a reference behind it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal
from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, FOLIO_ID, FOLIO_REFCOUNT, PAGE_MAPCOUNT
from folioviz.ops.walk import folio_head
from folioviz.readout import trace
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import BASE, GATHER, V4, kernel, label, linked, ran, scenario
from folioviz.stories.parts.results import reds

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.lab import Lab
    from folioviz.stories.parts.parts import Values

V3 = "v6.5-rc3+v3"
MODES = ("batched", "none")
CALLS = {
    "fault": ("fault", "fault 1 0 4"),
    "fork": ("fork", "fork 1"),
    "whole": ("munmap, whole folio", "munmap 1 0 16"),
    "half": ("munmap, half of it", "munmap 1 0 8"),
    "exit": ("exit", "exit 1"),
}
CALL = Choice(
    "call",
    "operation",
    tuple((name, key) for key, (name, _) in CALLS.items()),
    "whole",
    "what is done to an order-4 folio that sixteen PTEs map",
)
PIN = Choice(
    "pin",
    "a pin",
    (("yes", "yes"), ("no", "no")),
    "yes",
    "whether somebody outside holds a reference, as GUP would (a folio being faulted in has none)",
)


# ------------------------------------------------------------------------------------------------ readers


def can_split_folio(refcount: int, mapcount: int) -> bool:
    """Tell whether a folio seems to have no references but its mappings' (mm/huge_memory.c, v6.5).

    Of an anonymous folio outside the swap cache: extra_pins is 0. ``refcount`` includes the caller's own reference.
    """
    return mapcount == refcount - 0 - 1


def seems_pinned(refcount: int, mapcount: int) -> bool:
    """Tell whether compaction takes a folio for pinned (isolate_migratepages_block(), mm/compaction.c, v6.5).

    ``refcount`` includes the caller's own reference.
    """
    return refcount - 1 > mapcount


class Moment(NamedTuple):
    """The folio after one write to its refcount or to one of its mapcounts.

    Attributes:
        row: the write's journal row.
        refcount: its references.
        mapcount: its mappings, as its mapcounts say.
        pinned: whether somebody outside holds one of the references.
    """

    row: int
    refcount: int
    mapcount: int
    pinned: bool

    @property
    def broken(self) -> bool:
        """Tell whether there are more mappings than references."""
        return self.mapcount > self.refcount

    @property
    def fooled(self) -> tuple[bool, bool]:
        """Tell whether can_split_folio() and compaction overlook a pin, each with a reference of its own."""
        if not self.pinned or not self.refcount:
            return False, False
        seen = self.refcount + 1
        return can_split_folio(seen, self.mapcount), not seems_pinned(seen, self.mapcount)


def moments(lab: Lab, index: int, folio: int = 1) -> tuple[Moment, ...]:
    """Return the folio after each write to its counters in operation ``index``, while it lives; O(rows)."""
    back, machine, done = lab.cursor, lab.machine, lab.applied[index]
    head, pages = -1, 0
    for row in (done.end, done.start):  # the folio may be born here, or die
        lab.seek(row)
        now = folio_head(machine, folio)
        if now >= 0:
            head, pages = now, 1 << int(machine.folio_order[now])
    if head < 0:
        lab.seek(back)
        return ()
    pinned, lives = bool(machine.folio_pins[head]), int(machine.folio_id[head]) == folio
    refs, alive = machine.base[FOLIO_REFCOUNT] + head, machine.base[FOLIO_ID] + head
    maps, entire = machine.base[PAGE_MAPCOUNT] + head, machine.base[FOLIO_ENTIRE_MAPCOUNT] + head
    references, mappings = int(machine.mem[refs]), int(machine.mem[maps : maps + pages].sum() + pages)
    mappings += int(machine.mem[entire]) + 1
    lab.seek(back)
    rows = lab.journal[done.start : done.end]
    written = np.where(rows[:, 0] < journal.WHY, rows[:, 1], journal.NOWHERE)
    change = rows[:, 3] - rows[:, 2]
    of_refs, of_maps = written == refs, (written >= maps) & (written < maps + pages) | (written == entire)
    refcount = references + np.cumsum(np.where(of_refs, change, 0))
    mapcount = mappings + np.cumsum(np.where(of_maps, change, 0))
    ids = folio * lives + np.cumsum(np.where(written == alive, change, 0))
    at = np.flatnonzero((of_refs | of_maps) & (ids == folio))
    return tuple(
        Moment(done.start + row, int(refcount[row]), int(mapcount[row]), pinned) for row in at.tolist()
    )


# ------------------------------------------------------------------------------------------------ the story


def ops(call: str, *, pin: bool) -> str:
    """Return the operations: an order-4 folio, perhaps a pin, and what is done."""
    held = "get 1; " if pin else ""
    return "mm; mmap 1 0 64; " + (
        CALLS[call][1] if call == "fault" else f"fault 1 0 4; {held}{CALLS[call][1]}"
    )


@lru_cache(maxsize=256)
def seen(text: str, key: str, mode: str) -> tuple[tuple[Moment, ...], tuple[str, ...]]:
    """Return the moments of the last operation, and the bugs that it hit."""
    lab = ran(text, key, mode)
    bug = lab.bug_at()
    found = moments(lab, len(lab.applied) - 1)
    return tuple(one for one in found if bug is None or one.row < bug), tuple(lab.machine.bugs())


@lru_cache(maxsize=256)
def place(text: str, pair: tuple[str, ...], mode: str) -> int:
    """Return the position at which A is farthest from the rule; halfway through the last operation if it obeys."""
    found, _ = seen(text, pair[0], mode)
    most = max(one.mapcount - one.refcount for one in found)
    row = next(one.row for one in found if one.mapcount - one.refcount == most)
    if most <= 0:
        row = found[len(found) // 2].row
    labs = [ran(text, key, mode) for key in pair]
    last = len(labs[0].applied) - 1
    before = sum(max(1, *(len(steps(lab, index)) for lab in labs)) for index in range(last))
    return before + sum(one <= row for one in steps(labs[0], last))


def steps(lab: Lab, index: int) -> list[int]:
    """Return the rows of an operation that are a step of the timeline."""
    return [line.row for line in trace.lines(lab, index) if line.kind < journal.WHY]


def make(values: Values) -> Scenario:
    """Return the scenario, at the moment that is worth a look."""
    text, pair = ops(values["call"], pin=values["pin"] == "yes"), (values["a"], values["b"])
    pair = tuple(dict.fromkeys(key for key in pair if key != "none"))
    at = place(text, pair, values["gather"])
    return scenario(text, *pair, mmu_gather=values["gather"], at=at)


def broken(call: str, key: str, mode: str, *, pin: bool) -> tuple[int, int, tuple[str, ...]]:
    """Return after how many of how many writes mappings outnumber references, and the bugs."""
    found, bugs = seen(ops(call, pin=pin), key, mode)
    return sum(one.broken for one in found), len(found), bugs


def numbers(values: Values) -> tuple[Table, ...]:
    """Return where the rule is broken, per operation, kernel and gather; then which reader overlooks a pin."""
    pin = values["pin"] == "yes"
    keys = (BASE, V3, V4)
    rows = []
    for call, (name, _) in CALLS.items():
        row: list[object] = [name]
        for key in keys:
            for mode in MODES:
                bad, of, bugs = broken(call, key, mode, pin=pin)
                more = ", then freed while mapped" if "free_mapped" in bugs else ""
                text = f"{bad} of {of}{more}"
                row.append(linked(text, ops(call, pin=pin), key, mmu_gather=mode, mark="bad" if bad else ""))
        rows.append(tuple(row))
    labels = [f"{label(key)}, {name}" for key in keys for name in ("gather", "no gather")]
    note = "Computed by the model, now: after how many of the writes to the folio’s refcount and mapcounts."
    first = Table(
        "Writes after which mappings outnumber references", ("operation", *labels), tuple(rows), note
    )
    return (first, fooled(values["call"])) if values["call"] != "fault" else (first,)


def fooled(call: str) -> Table:
    """Return after how many writes each reader overlooks a pin."""
    rows = []
    for key in (BASE, V3, V4):
        row: list[object] = [label(key)]
        for mode in MODES:
            found, _ = seen(ops(call, pin=True), key, mode)
            for reader in (0, 1):
                count = sum(one.fooled[reader] for one in found)
                text = f"{count} of {len(found)}"
                row.append(
                    linked(text, ops(call, pin=True), key, mmu_gather=mode, mark="bad" if count else "")
                )
        rows.append(tuple(row))
    names = [
        f"{reader}, {mode}"
        for mode in ("gather", "no gather")
        for reader in ("can_split_folio()", "compaction")
    ]
    return Table(
        f"Writes after which a reader overlooks the pin: {CALLS[call][0]}",
        ("kernel", *names),
        tuple(rows),
        "Computed by the model, now. The reader holds a reference of its own, and sees both counters at once.",
        reds("readers are fooled"),
    )


def answer() -> tuple[int, str]:
    """Return whether v4 breaks the rule with a gather, and what it does without one."""
    bad, of, _ = broken("whole", V4, "batched", pin=True)
    full = seen("glimit 0; " + ops("whole", pin=True), V4, "batched")[0]
    late, late_of, _ = broken("whole", V4, "none", pin=True)
    always = sum(one.broken for one in full)
    right = 0 if bad else 2 if always else 1
    return right, (
        f"After {bad} of the {of} writes to its counters: pages that wait in the gather keep their references. "
        f"A gather that is full every 8 pages changes nothing ({always} of {len(full)}), for a batch takes the "
        f"mapcounts down before it flushes. Without a gather, as on s390, it is after {late} of {late_of}."
    )


STORY = Story(
    "refcount-order",
    make,
    (kernel("a", V4), kernel("b", BASE, none=True), replace(GATHER, value="none"), CALL, PIN),
    Question(
        "v4 hands all pages of a batch to the mmu_gather, and only then takes their mapcounts down. One munmap of a "
        "pinned order-4 folio on x86-64: are there ever more mappings than references?",
        (
            "yes, in every batch",
            "no, the gather keeps the references",
            "only when the gather is full",
        ),
        answer,
        case={"gather": "batched"},
        hints=("gather",),
    ),
    numbers,
    left=("meters", "reader", "transport"),
    right=("trace",),
    notice="left",
)
