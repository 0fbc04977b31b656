"""The lanes of a schedule: what each CPU does, a step below the other, and what the folios hold at one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup

from folioviz.machine.fields import FIELDS
from folioviz.machine.journal import WHY
from folioviz.machine.memory import LIST_PAGE, SPLIT_QUEUE
from folioviz.mm.headers import deferred_list
from folioviz.ops.walk import live_folios
from folioviz.race.cpu import ADD, ATOMIC, DOES, GIVES, READ, TAKES, WRITE
from folioviz.race.memory import stack_lists
from folioviz.readout.words import minus
from folioviz.views.page.markup import EMPTY, html, joined

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine
    from folioviz.race.history import History

CHANGES: Final = (WRITE, ADD, ATOMIC)
"""Kinds of steps that may change memory."""
MOST: Final = 600
"""So many steps are shown."""


class Facts(NamedTuple):
    """A folio at one moment.

    Attributes:
        head: its first page.
        refcount, mapped: its references, and how many mappings its mapcounts say it has.
        flagged: whether it is flagged as partially mapped, None where that is not kept.
        where: the list that it is on, or that it is free.
    """

    head: int
    refcount: int
    mapped: int
    flagged: bool | None
    where: str


def facts(machine: Machine, heads: list[int]) -> list[Facts]:
    """Return what folios hold now; O(list length). A list that is broken is followed no further than it can be long."""
    queued = _on(machine, SPLIT_QUEUE)
    return [_fact(machine, head, queued) for head in heads]


def _fact(machine: Machine, head: int, queued: set[int]) -> Facts:
    """Return what one folio holds."""
    end = head + (1 << int(machine.folio_order[head]))
    mapped = int((machine.page_mapcount[head:end] + 1).sum()) + int(machine.folio_entire_mapcount[head]) + 1
    node = deferred_list(head)
    where = "on the queue" if node in queued else "on another list"
    if int(machine.list_next[node]) == node:
        where = "on no list"
    if not int(machine.folio_id[head]):
        where = "freed"
    kept = "folio_partially_mapped" in machine.keeps
    flagged = bool(machine.folio_partially_mapped[head]) if kept else None
    return Facts(head, int(machine.folio_refcount[head]), mapped, flagged, where)


def _on(machine: Machine, head: int) -> set[int]:
    """Return the nodes of a list."""
    found: set[int] = set()
    node = int(machine.list_next[head])
    while node != head and node not in found:
        found.add(node)
        node = int(machine.list_next[node])
    return found


class Lanes:
    """A schedule that was played, step by step.

    Attributes:
        history: what was played.
        folios: the head pages of the folios that it begins with.
        changes: what each step writes, like "5 → 4", or "".
        rows: the journal's length before the first step and after each.
        events: how many events of the schedule's text are done then: to release a lock is none.
    """

    def __init__(self, history: History) -> None:
        """Find the journal row of each step that writes; O(rows)."""
        self.history = history
        start = history.applied[-1].start
        history.seek(start)
        self.folios = [int(head) for head in live_folios(history.machine)]
        self.changes: list[str] = []
        self.rows, self.events = [start], [0]
        written = [
            (row, _thing(*history.many.where(address)), old, new)
            for row, (kind, address, old, new) in enumerate(history.journal[start:].tolist(), start=start)
            if kind < WHY and address >= 0
        ]
        at = 0
        for step in history.steps:
            changed, now, place = "", self.rows[-1], at
            while step.kind in CHANGES and place < len(written) and written[place][0] <= step.row:
                row, thing, old, new = written[place]
                place += 1
                if thing == step.thing:
                    changed = f"{minus(old)} → {minus(new)}"
                    now, at = row + 1, place
                    break
            self.rows.append(now)
            self.changes.append(changed)
            self.events.append(self.events[-1] + (step.kind not in GIVES))
        self.rows[-1] = len(history.journal)


def _thing(number: int, index: int) -> str:
    """Return what an element of a field is called."""
    return f"{FIELDS[number].label}[{index}]"


def strip(lanes: Lanes, done: int) -> Markup:
    """Return what the folios hold after so many steps."""
    history = lanes.history
    history.seek(lanes.rows[done])
    return joined(
        html(
            "<p><b>folio at page {}</b> refcount {} · mapcount {} · {}{}</p>",
            fact.head,
            fact.refcount,
            fact.mapped,
            ""
            if fact.flagged is None
            else "partially mapped · "
            if fact.flagged
            else "not partially mapped · ",
            fact.where,
        )
        for fact in facts(history.machine, lanes.folios)
    )


def nodes(lanes: Lanes) -> str:
    """Return which number of a list's node is what."""
    cpus = lanes.history.applied[-1].op.short().count(" | ") + 1
    parts = [f"{SPLIT_QUEUE}: the queue"]
    parts += [f"{stack_lists(cpu)[0]}: what CPU {cpu}’s shrinker holds" for cpu in range(cpus)]
    parts += [f"{LIST_PAGE + head + 2}: the folio at page {head}" for head in lanes.folios]
    return f"Nodes of lists: {'; '.join(parts)}."


def rows(lanes: Lanes, now: int) -> dict[str, Markup]:
    """Return a row for each step, ``now`` of which are done; where the CPU changes, a line says so."""
    found: dict[str, Markup] = {}
    history, before, told = lanes.history, -1, ""
    for number, (step, change) in enumerate(zip(history.steps[:MOST], lanes.changes, strict=False), start=1):
        name = step.functions[0] if step.functions else ""
        same = (step.cpu, name) == (before, told)
        kind = "lock" if step.kind in (*TAKES, *GIVES) else "read" if step.kind == READ else "write"
        turn = " fv-turn" if step.cpu != before and before >= 0 else ""
        found[str(number)] = html(
            '<button class="fv-does fv-does-{1}{2}{3} fv-cpu-{4}" style="--cpu:{4}" data-fv="do:lane{0}" '
            'tabindex="{5}"{6} title="{7}"><i>{0}</i><span>{8} <code>{9}</code>{10}<small>{11}</small></span></button>',
            number,
            kind,
            turn,
            " fv-later" if number > now else "",
            step.cpu,
            0 if number == max(now, 1) else -1,
            Markup(' aria-current="step"') if number == now else EMPTY,
            " ← ".join(f"{one}()" for one in step.functions),
            DOES[step.kind],
            step.thing,
            html(" <em>{}</em>", change) if change else EMPTY,
            f"{name}()" if name and not same else "",
        )
        before, told = step.cpu, name
    if len(history.steps) > MOST:
        found["more"] = html("<p class=fv-dim>and {} more steps</p>", len(history.steps) - MOST)
    return found


def box(cpus: int) -> Markup:
    """Return what holds the steps: a lane for each CPU."""
    names = joined(html('<span class="fv-cpu-{0}">CPU {0}</span>', cpu) for cpu in range(cpus))
    return html(
        '<div class="fv-does-all" style="--cpus:{}"><div class="fv-does-head">{}</div>'
        '<div class="fv-does-box" data-slot="racesteps"></div></div>',
        cpus,
        names,
    )


def ending(lanes: Lanes) -> dict[str, Markup]:
    """Return the law that the schedule breaks, if it does, and what numbers of list nodes mean."""
    history = lanes.history
    told, kind = history.violation or "No law is broken.", "bad" if history.violation else "good"
    if not history.violation and not history.over:
        told, kind = "The schedule ends before the CPUs are done.", "dim"
    return {
        "law": html('<p class="fv-race-end fv-{}">{}</p>', kind, told),
        "nodes": html('<p class="fv-dim">{}</p>', nodes(lanes)),
    }
