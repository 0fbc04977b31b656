"""A recorded step as lines: what the kernel showed, what the model has, and whether the two are equal."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from folioviz.evidence.recordings import findings
from folioviz.evidence.recordings.observed import MEMORY
from folioviz.readout.words import signed
from folioviz.stories.parts.recorded_words import (
    CALLS,
    FIELDS,
    MEANS_ELSE,
    NO_COUNTERS,
    ids,
    kib,
    listed,
    pages,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.evidence.recordings import Done, Finding, Replay
    from folioviz.evidence.recordings.observed import Value

EQUAL, DIFFERS, EXCEPTED, ALONE = "equal", "differs", "excepted", "alone"
"""How the two sides of a line stand to each other; ALONE: there is nothing to compare."""
NOT_SEEN = "not recorded in this step"
NOT_KEPT = "not compared: the model has no such count"


class Line(NamedTuple):
    """One thing on both sides.

    Attributes:
        what: which thing.
        kernel: what the kernel showed, as text.
        model: what the model has, as text.
        state: EQUAL, DIFFERS, EXCEPTED or ALONE.
        why: the exception's reason, or why there is nothing to compare.
        region: the region whose pages this line is about, '' if it is about something else.
    """

    what: str
    kernel: str
    model: str
    state: str = EQUAL
    why: str = ""
    region: str = ""


class Group(NamedTuple):
    """Lines of one kind; ``rest`` says what is left out of them because it is 0 on both sides."""

    title: str
    lines: tuple[Line, ...]
    rest: str = ""


class _Sides:
    """Both sides of a step, and what is found to differ."""

    def __init__(self, replay: Replay, done: Done) -> None:
        self.kernel, self.model = done.kernel, done.model
        self.found = findings(replay, done)
        self.stopped = bool(done.not_modelled) or any(
            one.difference.subject == "operation" for one in self.found
        )

    def state(self, subject: str, field: str = "") -> tuple[str, str]:
        """Return how the sides stand where a finding's subject begins so and has this field, and why."""
        mine = [
            one
            for one in self.found
            if one.difference.subject.startswith(subject) and field in {"", one.difference.field}
        ]
        return (EQUAL, "") if not mine else (DIFFERS, "") if _bare(mine) else (EXCEPTED, _reason(mine))

    def line(self, what: str, values: tuple[str, str], subject: str, field: str = "") -> Line:
        """Return a line whose state is what was found."""
        return Line(what, *values, *self.state(subject, field))


def _bare(found: list[Finding]) -> bool:
    """Tell whether something differs that no exception covers."""
    return any(one.exclusion is None for one in found)


def _reason(found: list[Finding]) -> str:
    """Return why differences are accepted."""
    return " ".join(dict.fromkeys(one.exclusion.reason for one in found if one.exclusion))


def groups(replay: Replay, done: Done) -> tuple[Group, ...]:
    """Return everything that was recorded of a step, beside what the model has."""
    sides = _Sides(replay, done)
    found = [
        Group("Page tables", tuple(_tables(sides))),
        *_folios(sides),
        _counters(sides),
        _calls(sides),
        Group("Rmap removals, in order", (_removals(sides),)),
        *_memory(sides),
    ]
    if sides.stopped:
        found = [Group(one.title, tuple(_alone(line) for line in one.lines if line.kernel)) for one in found]
    refused = [str(one.difference.model) for one in sides.found if one.difference.subject == "operation"]
    if refused:
        line = Line("this step", "done", f"refused: {refused[0]}", DIFFERS)
        found.insert(0, Group("Operation", (line,)))
    return tuple(one for one in found if one.lines or one.rest)


def _alone(line: Line) -> Line:
    """Return a line of the kernel's side only."""
    return line._replace(model="", state=ALONE, why="not compared")


# ------------------------------------------------------------------------------------------------ page tables


def _tables(sides: _Sides) -> Iterator[Line]:
    """Return a line for each region of each process."""
    for name in sorted(sides.kernel.tables.keys() | sides.model.tables.keys()):
        values = tuple(pages(view.runs(name)) for view in (sides.kernel, sides.model))
        yield sides.line(
            f"process {name[0]}, region {name[2:]}", (values[0], values[1]), f"{name} page"
        )._replace(region=name)


# ---------------------------------------------------------------------------------------------------- folios


def _folios(sides: _Sides) -> Iterator[Group]:
    """Return a group for each large folio, and one for the queue; folios in a row that are all alike share theirs."""
    ours, theirs = sides.model.folios, sides.kernel.folios
    found = [(name, tuple(_folio(sides, name))) for name in sorted(ours.keys() | theirs.keys())]
    for lines, some in groupby(found, key=itemgetter(1)):
        names = [name for name, _ in some]
        own = "Folio" if names[0] >= 0 else "The model’s own folio"
        many = f"{own}s {abs(names[0])} to {abs(names[-1])}, each of them"
        yield Group(many if len(names) > 1 else f"{own} {abs(names[0])}", lines)
    if theirs or ours:
        on = [sorted(key for key, one in view.items() if one.get("queued")) for view in (theirs, ours)]
        same = EQUAL if on[0] == on[1] else DIFFERS
        yield Group("Deferred split queue", (Line("which folios are on it", ids(on[0]), ids(on[1]), same),))


def _folio(sides: _Sides, name: int) -> Iterator[Line]:
    """Return the lines of a folio: its fields, or which of the sides has it."""
    subject = f"folio {name}" if name >= 0 else f"a folio of the model's ({-name})"
    theirs, ours = sides.kernel.folios.get(name), sides.model.folios.get(name)
    if theirs is not None and (ours is not None or sides.stopped):
        yield from _fields(sides, subject, theirs, ours or {})
    else:
        values = ["no such folio" if one is None else f"order {one['order']}" for one in (theirs, ours)]
        yield sides.line("exists", (values[0], values[1]), subject, "exists")


def _fields(
    sides: _Sides, subject: str, theirs: Mapping[str, Value], ours: Mapping[str, Value]
) -> Iterator[Line]:
    """Return a line for each field that one of the sides has."""
    for field, what in FIELDS.items():
        if field in theirs and field in ours:
            values = shown(field, theirs[field]), shown(field, ours[field])
            yield sides.line(what, values, subject, field)
        elif field in theirs or field in ours:
            why = NOT_SEEN if field in ours else "not compared: the model’s kernel does not keep it"
            values = shown(field, theirs.get(field)), shown(field, ours.get(field))
            yield Line(what, *values, ALONE, why)


# -------------------------------------------------------------------------------- counters, calls, memory


def _counters(sides: _Sides) -> Group:
    """Return the counters that changed."""
    theirs, ours = sides.kernel.counters, sides.model.counters
    lines = [
        sides.line(name, (signed(theirs.get(name, 0)), signed(ours[name])), "counters", name)
        for name in ours
        if theirs.get(name) or ours[name]
    ]
    lines += [
        Line(name, signed(n), "", ALONE, NOT_KEPT if name in NO_COUNTERS else "not compared in this step")
        for name, n in theirs.items()
        if n and name not in ours
    ]
    left = sum(not (theirs.get(name) or value) for name, value in ours.items())
    rest = f"{left} {'more are' if lines else 'counters are'} unchanged on both sides" if left else ""
    return Group("Counters, by how much they changed", tuple(lines), rest)


def _calls(sides: _Sides) -> Group:
    """Return how often functions were called; where that was not recorded, what the model did stands alone."""
    theirs, ours = sides.kernel.calls, sides.model.calls
    lines, zeros = [], []
    for name, what in CALLS.items():
        recorded, value = theirs.get(name, 0) if theirs else -1, ours.get(name)
        if recorded == 0 and value == 0:
            zeros.append(what)
        elif recorded == -1 or value is None:
            if recorded > 0 or value:
                side = "" if recorded == -1 else str(recorded), "" if value is None else str(value)
                lines.append(Line(what, *side, ALONE, NOT_SEEN if recorded == -1 else NOT_KEPT))
        else:
            lines.append(sides.line(what, (str(recorded), str(value)), "calls", name))
    lines += [
        Line(what, str(theirs[name]), "", ALONE, NOT_KEPT)
        for name, what in MEANS_ELSE.items()
        if theirs.get(name, 0) > 0
    ]
    return Group("Calls", tuple(lines), f"0 on both sides: {', '.join(zeros)}" if zeros else "")


def _removals(sides: _Sides) -> Line:
    """Return the rmap removals, the first few of them."""
    theirs, ours = sides.kernel.removals, sides.model.removals
    values = tuple(listed([] if side is None else [str(one) for one in side]) for side in (theirs, ours))
    if theirs is None or ours is None:
        return Line(
            "which pages, how many at once", "" if theirs is None else values[0], values[1], ALONE, NOT_SEEN
        )
    return sides.line("which pages, how many at once", (values[0], values[1]), "rmap removal")


def _memory(sides: _Sides) -> Iterator[Group]:
    """Return what smaps says of each region."""
    for name in sorted(sides.kernel.memory.keys() | sides.model.memory.keys()):
        theirs, ours = sides.kernel.memory.get(name, {}), sides.model.memory.get(name, {})
        lines = [
            sides.line(field, (kib(field, theirs), kib(field, ours)), f"{name} memory", field)
            for field in MEMORY
            if theirs.get(field) or ours.get(field)
        ]
        yield Group(f"smaps of process {name[0]}, region {name[2:]}", tuple(lines))
