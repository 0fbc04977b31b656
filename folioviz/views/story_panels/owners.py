"""Owners: who maps the folio, which two of them it remembers, and what a write would do now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from markupsafe import Markup

from folioviz import kernels
from folioviz.machine import journal as j
from folioviz.ops.ops import Write
from folioviz.readout import explain, state
from folioviz.readout.words import count
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, heading, side_name
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.ops.op import Op
    from folioviz.readout.state import Folio, Process
    from folioviz.rehearsal import Rehearsal
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.asking import Asking
    from folioviz.views.player.track import Track
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

NAMES = {1: "parent", 2: "child", 3: "grandchild"}
FOLIO = 1
"""The one that is shared: the first that is faulted in."""
SLOTS = 2
RULES = {
    "": "reuses a page if the folio has one reference left",
    "cow_small_only": "never reuses a page of a large folio that fork has shared",
    "owner_tracking": "reuses a page if one process has all mappings, more than one, and nobody else a reference",
}
"""Module of wp_can_reuse_anon_folio() -> what it does with a PTE whose page is not AnonExclusive; "" has none.

A PMD is reused by the first of them under every kernel.
"""
ANSWERS = frozenset({*explain.REUSES, *explain.COPIES, j.COPIED_HUGE})
"""What a kernel may decide when a page is written to that is mapped read-only."""


class Uses(NamedTuple):
    """How a process maps the folio.

    Attributes:
        mm: the process's id.
        mappings: how many PTEs and PMDs.
        huge: whether one is a PMD.
        vpns: where it maps its pages; of a PMD, where that begins.
        writable: whether each of those may be written without a fault.
    """

    mm: int
    mappings: int
    huge: bool
    vpns: tuple[int, ...]
    writable: tuple[bool, ...]


def rule_of(key: str) -> str:
    """Return by which rule a kernel reuses a page of a large folio, in words; "" if it is none of those known."""
    module = kernels.link(key).sources.get("wp_can_reuse_anon_folio", "")
    return RULES.get(module.rpartition(".")[2], "")


def uses(folio: Folio, process: Process) -> Uses:
    """Return how a process maps a folio."""
    inside = (process.maps[:, 1] >= folio.head) & (process.maps[:, 1] < folio.head + folio.mapcount.size)
    rows = process.maps[inside & (process.maps[:, 4] == 0)]
    vpns, writable = tuple(rows[:, 0].tolist()), tuple((rows[:, 2] != 0).tolist())
    return Uses(process.id, len(rows), bool(np.any(rows[:, 3])), vpns, writable)


def decision(told: Rehearsal, folio: Folio) -> tuple[int, int]:
    """Return the decision (reason, detail) on a write to a folio, or (-1, 0) if there is none."""
    rows = told.rows[(told.rows[:, 0] == j.WHY) & (told.rows[:, 2] == folio.id)]
    found = rows[np.isin(rows[:, 1], list(ANSWERS))].tolist()
    return (found[0][1], found[0][3]) if found else (-1, 0)


def reuse(asking: Asking, folio: Folio, one: Uses, place: int) -> tuple[str, str, str]:
    """Return what a write to a mapping leads to, the colour of that, and why: the kernel is asked."""
    told = asking(Write(one.mm, one.vpns[place]), until=ANSWERS)
    reason, detail = decision(told, folio)
    if reason < 0:
        return "not now", "calm", told.refusal or "the operation under way comes first"
    refs = count(folio.refcount, "reference")
    why = {
        j.REUSED_EXCLUSIVE: "the page is AnonExclusive",
        j.REUSED_LAST: "one reference: this PMD’s" if one.huge else refs,
        j.REUSED_OWNER: "one owner has all mappings",
        j.COPIED: refs,
        j.COPIED_LARGE: "large, and not AnonExclusive",
        j.COPIED_LAST: "the last mapping: copied, to be rid of the folio",
        j.COPIED_SHARED: "maybe shared",
        j.COPIED_HELD: f"{refs}, {count(folio.total_mapcount, 'mapping')}",
        j.COPIED_HUGE: f"{count(detail, 'reference')}: PMD split, page copied",
    }[reason]
    return ("in place", "good", why) if reason in explain.REUSES else ("copies", "warn", why)


def verdict(asking: Asking, folio: Folio, one: Uses) -> Markup:
    """Return what a write of a process would do now, at the first page that it may not write yet."""
    place = next((place for place, may in enumerate(one.writable) if not may), None)
    if place is None:
        return badge("no fault", "calm", "every page that it maps is writable")
    said, kind, why = reuse(asking, folio, one, place)
    return badge(said, kind, why) + html("<small>{}</small>", why)


def person(mm: int) -> str:
    """Return what a process is called."""
    return f"{NAMES[mm]}, process {mm}" if mm in NAMES else f"process {mm}"


def slots_of(folio: Folio) -> tuple[tuple[int, int], ...]:
    """Return (process, mappings) of the slots that are taken, then (0, 0) for those that are free."""
    taken = folio.owners or ()
    return (*taken, *[(0, 0)] * (SLOTS - len(taken)))


def chairs(folio: Folio, found: list[Uses]) -> Markup:
    """Return the two slots, what they say, and whether the folio may be shared."""
    true = {one.mm: one.mappings for one in found}
    out = []
    for mm, mappings in slots_of(folio):
        if not mm:
            said, kind = Markup("<strong>nobody</strong><small>for the next mapping</small>"), "free"
        else:
            wrong = true.get(mm, 0) != mappings
            more = f", really {true.get(mm, 0)}" if wrong else ""
            said = html(
                "<strong>{}</strong><small>{}{}</small>", person(mm), count(mappings, "mapping"), more
            )
            kind = f"mm{mm}{' fv-wrong' if wrong else ''}"
        out.append(
            html(
                '<div class="fv-chair fv-{}" data-slot-of="{}"><i>{} slot</i>{}</div>',
                kind,
                mm,
                "owner" if mm else "free",
                said,
            )
        )
    kept = {mm for mm, _ in folio.owners or ()}
    stand = [one for one in found if one.mappings and one.mm not in kept]
    out += [
        html(
            '<div class="fv-chair fv-stand fv-mm{0}" data-standing="{0}"><i>no slot</i><strong>{1}</strong>'
            "<small>{2}</small></div>",
            one.mm,
            person(one.mm),
            count(one.mappings, "mapping"),
        )
        for one in stand
    ]
    mapping = sum(one.mappings > 0 for one in found)
    stale = bool(folio.maybe_shared) and mapping == 1
    shared = ("yes, but only one process maps it" if stale else "yes") if folio.maybe_shared else "no"
    lamp = badge(f"maybe shared: {shared}", "bad" if stale else "warn" if folio.maybe_shared else "good")
    return html(
        '<div class="fv-chairs">{}</div><p data-shared="{}">{}</p>', joined(out), folio.maybe_shared, lamp
    )


def table(asking: Asking, folio: Folio, found: list[Uses]) -> Markup:
    """Return a row per process that maps the folio: how, and what its write would do."""
    rows = joined(
        html(
            '<tr data-mm="{}"><th scope="row">{}</th><td>{}{}</td><td>{}</td></tr>',
            one.mm,
            person(one.mm),
            one.mappings,
            " PMD" if one.huge else "",
            verdict(asking, folio, one),
        )
        for one in found
        if one.mappings
    )
    if not rows:
        return Markup('<p class="fv-dim">Nobody maps it now.</p>')
    return html(
        '<table class="fv-owner-table"><thead><tr><th scope="col">who maps it</th>'
        '<th scope="col">mappings</th><th scope="col">its next write</th></tr></thead>'
        "<tbody>{}</tbody></table>",
        rows,
    )


class Was(NamedTuple):
    """What a folio remembered after some operations, one after the other.

    Attributes:
        ops: the operations, from the first to the last that left it so.
        first, last: their numbers.
        slots: what each slot said: (process, mappings), or (0, 0).
        shared: whether it was maybe shared.
    """

    ops: tuple[str, str]
    first: int
    last: int
    slots: tuple[tuple[int, int], ...]
    shared: int | None


def remembered(track: Track, ops: tuple[Op, ...]) -> tuple[Was, ...]:
    """Read what folio 1 remembered after each operation; writes, and what changes nothing more, are joined."""
    lab, back, found = track.lab, track.lab.cursor, list[Was]()
    for number, op in enumerate(ops):
        lab.seek(track.end(number + 1))
        folio = next((one for one in state.folios(lab.machine) if one.id == FOLIO), None)
        if folio is None or folio.owners is None:
            continue
        slots = slots_of(folio)
        same = found and (found[-1].slots, found[-1].shared) == (slots, folio.maybe_shared)
        if found and op.word == ops[number - 1].word and (same or op.word == "write"):
            first = found.pop()
            found.append(Was((first.ops[0], op.short()), first.first, number, slots, folio.maybe_shared))
        else:
            found.append(Was((op.short(), ""), number, number, slots, folio.maybe_shared))
    lab.seek(back)
    return tuple(found)


def strip(history: tuple[Was, ...], number: int) -> Markup:
    """Return a row per change of the slots; the one at the playhead is marked."""
    rows = []
    for was in history:
        cells = joined(html("<td>{}</td>", f"P{mm} ×{mappings}" if mm else "–") for mm, mappings in was.slots)
        name = f"{was.ops[0]} … {was.ops[1]}" if was.ops[1] else was.ops[0]
        now = Markup(' class="fv-now-row"') if was.first <= number <= was.last else ""
        said = "yes" if was.shared else "no"
        rows.append(
            html('<tr{}><th scope="row"><code>{}</code></th>{}<td>{}</td></tr>', now, name, cells, said)
        )
    heads = ("after", "a slot", "the other", "maybe shared")
    head = joined(html('<th scope="col">{}</th>', name) for name in heads)
    body = html("<thead><tr>{}</tr></thead><tbody>{}</tbody>", head, joined(rows))
    return html('<table class="fv-owner-table fv-owner-past">{}</table>', body)


def piece(side: Side, asking: Asking, history: tuple[Was, ...], index: int) -> Markup:
    """Return one kernel's section."""
    name, rule = side_name(side.name, side.kernel.label), rule_of(side.kernel.key)
    folio = next((one for one in side.folios if one.id == FOLIO and one.order), None)
    head = html('<div class="fv-side">{} <small>{}</small></div>', name, rule)
    past = strip(history, index) if history else ""
    if folio is None:
        gone = "is an order-0 folio" if any(one.id == FOLIO for one in side.folios) else "does not live now"
        said = side.refused or f"Folio {FOLIO} {gone}."
        return html('<section>{}<p class="fv-dim">{}</p>{}</section>', head, said, past)
    found = [uses(folio, process) for process in side.processes]
    mapped = count(folio.total_mapcount, "mapping")
    facts = html('<p class="fv-owner-facts">{}, {}</p>', mapped, count(folio.refcount, "reference"))
    middle = (
        chairs(folio, found)
        if folio.owners is not None
        else Markup('<p class="fv-dim">It remembers no owners.</p>')
    )
    return html("<section>{}{}{}{}{}</section>", head, middle, facts, table(asking, folio, found), past)


class Owners(Panel):
    """The owners of the shared folio, under every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("owners", "fv-owners")
        self._kept: dict[str, tuple[tuple[object, ...], tuple[Was, ...]]] = {}

    def _history(self, track: Track, ops: tuple[Op, ...]) -> tuple[Was, ...]:
        """Return what a kernel remembered after each operation, read once."""
        key = (track.lab, track.version, ops)
        kept = self._kept.get(track.side)
        if kept is None or kept[0] != key:
            kept = self._kept[track.side] = (key, remembered(track, ops))
        return kept[1]

    def update(self, frame: Frame) -> None:
        """Draw the folio that fork shares."""
        pieces = {"head": heading("Owners", f"of folio {FOLIO}, the one that fork shares", "owners")}
        for side, track in zip(frame.sides, self.session.history.tracks, strict=True):
            pieces[side.name] = piece(side, track.asking, self._history(track, frame.ops), frame.index)
        self.screen.put("owners", pieces)
