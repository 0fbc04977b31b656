"""Truth: the condition that queues a folio, kernel by kernel, and what each of them does with the folio in focus."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from markupsafe import Markup

from folioviz import kernels
from folioviz.errors import KernelError
from folioviz.machine import journal as j
from folioviz.machine.costs import MAPC
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.ops.ops import Dontneed
from folioviz.readout.explain import ASKED
from folioviz.readout.words import count
from folioviz.stories.parts.pieces import SERIES
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.readout.state import Folio, Process
    from folioviz.rehearsal import Rehearsal
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.asking import Asking
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NAMES = ("v6.5-rc3", "+ 1/3", "+ 1-2/3", "+ 1-3/3")
"""What the kernels of :data:`SERIES` are called here."""
AGAIN = "the same, asked once for a run of pages"
IN_C = (
    (r"m\.folio_order\[folio\]", "order"),
    (r"folio_test_large\(m, folio\)", "large"),
    ("HPAGE_PMD_ORDER", str(HPAGE_PMD_ORDER)),
    (" and ", " && "),
    (" or ", " || "),
    ("not ", "!"),
)
"""How a condition of the model is written in C, all of it for anonymous folios."""
QUEUES = frozenset({j.QUEUED, j.NOT_QUEUED_ALREADY, j.NOT_QUEUED_FLAGGED, j.QUEUED_LOCKED})
"""Decisions behind which the condition is known to hold."""


@cache
def condition(key: str) -> str:
    """Return the condition under which a kernel asks for a folio to be queued, as C."""
    for function in kernels.link(key).code.values():
        tree = ast.parse(inspect.getsource(function))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and any(
                "deferred_split_folio(" in ast.unparse(one) for one in node.body
            ):
                text = ast.unparse(node.test)
                for ours, theirs in IN_C:
                    text = re.sub(ours, theirs, text)
                return text
    return ""


class Removal(NamedTuple):
    """Mappings that might go now, and the operation that takes them."""

    text: str
    op: Dontneed


class Verdict(NamedTuple):
    """What a kernel does with the folio then: in words, a class for their colour, and which values made it so."""

    said: str
    kind: str
    why: str


NONE = -1
THERE = Verdict("is there already", "info", "the condition holds")
SAID = {
    # the operation under way changes the VMA, under mmap_lock
    NONE: Verdict("not now", "calm", "the operation under way comes first"),
    j.NOT_QUEUED_ALREADY: THERE,
    j.NOT_QUEUED_FLAGGED: THERE,
    j.QUEUED_LOCKED: THERE,
    j.NOT_QUEUED_STILL_MAPPED: Verdict("no", "calm", "what goes is mapped elsewhere, too"),
    j.NOT_QUEUED_PMD_MAPPED: Verdict("no", "calm", "a PMD maps all of it"),
    j.NOT_QUEUED_SMALL: Verdict("no", "calm", "a single page"),
    j.NOT_QUEUED_UNMAPPED: Verdict("no", "calm", "then nothing maps it any more"),
}
"""What is told of a decision that needs no number."""


def removals(folio: Folio, processes: Iterable[Process]) -> list[Removal]:
    """Return what could go now from a folio: a PTE, a PTE of each of many pages in one zap, a PMD."""
    parts = [np.empty((0, 4), np.int64)]
    for process in processes:
        maps = process.maps
        mine = (
            (maps[:, 1] >= folio.head) & (maps[:, 1] < folio.head + folio.mapcount.size) & (maps[:, 4] == 0)
        )
        found = maps[mine]
        parts.append(
            np.column_stack(
                [np.full(len(found), process.id), found[:, 0], found[:, 1] - folio.head, found[:, 3]]
            )
        )
    rows = np.concatenate(parts)
    ptes, pmds = rows[rows[:, 3] == 0], rows[rows[:, 3] == 1]
    return [*_by_pte(ptes, folio.mapcount.size), *_by_pmd(pmds)]


def _by_pte(rows: np.ndarray, pages: int) -> list[Removal]:
    """Return what zaps of PTEs could take; rows of process, vpn, page."""
    found = []
    times = np.bincount(rows[:, 2].astype(np.intp), minlength=pages)
    for wanted in (times == 1, times > 1):
        page = int(np.argmax(wanted))
        if wanted[page]:
            mm, vpn = rows[rows[:, 2] == page][0, :2].tolist()
            which = "the only PTE" if times[page] == 1 else f"one of {times[page]} PTEs"
            found.append(Removal(f"{which} of page {page}", Dontneed(mm, vpn, 1)))
    where = np.column_stack([rows[:, 0], rows[:, 1] - rows[:, 2]])  # mremap may have put pages elsewhere
    places, of, sizes = np.unique(where, axis=0, return_inverse=True, return_counts=True)
    if len(places):
        together = rows[of.ravel() == np.argmax(sizes)]
        (mm, first), last = together[0, :2].tolist(), int(together[-1, 1])
        if len(together) > 1:
            text = f"a PTE of each of {len(together)} pages, in one zap"
            found.append(Removal(text, Dontneed(mm, first, last + 1 - first)))
    return found


def _by_pmd(rows: np.ndarray) -> list[Removal]:
    """Return what a zap of a PMD could take."""
    if not len(rows):
        return []
    mm, vpn = rows[0, :2].tolist()
    text = "the only PMD" if len(rows) == 1 else f"one of {len(rows)} PMDs"
    return [Removal(text, Dontneed(mm, vpn, HPAGE_PMD_NR))]


def decide(asking: Asking, key: str, folio: Folio, removal: Removal, row: int = -1) -> Verdict:
    """Return what a kernel does when mappings go, asked at a row of the lab, by default at its cursor."""
    told = asking(removal.op, key, until=QUEUES, row=row)
    if told.rows.size and told.rows[-1, 0] == j.WHY and told.rows[-1, 2] != folio.id:  # about another folio
        told = asking(removal.op, key, row=row)
    if told.refusal:
        return Verdict("cannot be told", "calm", told.refusal)
    if told.bugs:
        return Verdict(
            "queue: VM_BUG_ON", "bad", "; ".join(name.removeprefix("vm_bug:") for name in told.bugs)
        )
    reason, detail = _decision(told, folio)
    if reason == j.QUEUED:
        if detail < 0:
            return Verdict("queue", "warn", f"{count(-detail, 'mapping')} left, fewer than pages")
        last = (told.rows[:, 0] == MAPC) & (told.rows[:, 3] < 0)
        gone = int(last.sum()) or folio.mapcount.size - detail
        return Verdict("queue", "warn", f"{count(gone, 'page')} unmapped, {detail} still mapped")
    if reason == j.NOT_QUEUED_ORDER:
        return Verdict("no", "calm", f"its order is {detail}")
    return SAID[reason]


def _decision(told: Rehearsal, folio: Folio) -> tuple[int, int]:
    """Return the decision (reason, detail) on a folio: a call for the queue, or else a "no"; NONE if there is none.

    Of several of them its order says most, and otherwise the last, made when most is gone.
    """
    rows = told.rows
    mine = rows[
        (rows[:, 0] == j.WHY) & (rows[:, 2] == folio.id) & np.isin(rows[:, 1], [*ASKED, j.NOT_QUEUED_SMALL])
    ]
    first, order = mine[np.isin(mine[:, 1], list(QUEUES))], mine[mine[:, 1] == j.NOT_QUEUED_ORDER]
    chosen = [*first[:1].tolist(), *order[:1].tolist(), *mine[-1:].tolist(), [j.WHY, NONE, 0, 0]][0]
    return chosen[1], chosen[3]


def cell(verdict: Verdict) -> Markup:
    """Return a verdict as a cell."""
    return html(
        '<td><span class="fv-badge fv-{}">{}</span><small>{}</small></td>',
        verdict.kind,
        verdict.said,
        verdict.why,
    )


def live(asking: Asking, folio: Folio, processes: Iterable[Process]) -> Markup:
    """Return the conditions, and what each kernel does if mappings of the folio go now."""
    rules = [condition(key) for key in SERIES]
    said = [AGAIN if rule in rules[:place] else rule for place, rule in enumerate(rules)]
    heads = joined(
        html('<th scope="col">{}<small>{}</small></th>', name, rule)
        for name, rule in zip(NAMES, said, strict=True)
    )
    rows, row = EMPTY, asking.settled(folio)  # a zap waits for the page table's lock
    for removal in removals(folio, processes):
        cells = joined(cell(decide(asking, key, folio, removal, row)) for key in SERIES)
        rows += html('<tr><th scope="row">{}</th>{}</tr>', removal.text, cells)
    rows = rows or Markup('<tr><td colspan="5">Nothing maps it: nothing can go.</td></tr>')
    return wide("fv-rules", html('<th scope="col">if this goes now</th>{}', heads), rows)


def wide(kind: str, head: Markup, rows: Markup) -> Markup:
    """Return a table that scrolls by itself where there is no room."""
    table = html('<table class="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', kind, head, rows)
    return html('<div class="fv-wide" tabindex="0" role="group" aria-label="conditions">{}</div>', table)


def bracket(folio: Folio) -> Markup:
    """Return the truth table of ``!compound || nr < nr_pmdmapped``, and which of its rows this folio can meet."""
    by_pmd = folio.order >= HPAGE_PMD_ORDER
    never = f"never: no PMD maps an order-{folio.order} folio"
    rows = (
        ("0", "0", "true", "whenever a PTE goes: nr_pmdmapped is 0 then"),
        ("0", "1", "true", "never: nr cannot be less than 0"),
        ("1", "0", "false", "the last PMD goes and no page has a PTE" if by_pmd else never),
        ("1", "1", "true", "the last PMD goes and some pages have a PTE" if by_pmd else never),
    )
    body = joined(
        html('<tr><td>{}</td><td>{}</td><td><b>{}</b></td><td class="fv-when">{}</td></tr>', a, b, c, d)
        for a, b, c, d in rows
    )
    names = ("compound", "nr < nr_pmdmapped", "bracket", f"for folio {folio.id}, order {folio.order}")
    head = joined(html('<th scope="col">{}</th>', name) for name in names)
    said = (
        "is false only when the last PMD goes and no page has a PTE: then all of the folio goes with it."
        if by_pmd
        else "is always true for this folio: compound cannot be set."
    )
    table = wide("fv-bracket", head, body)
    return html("<div><p><code>!compound || nr &lt; nr_pmdmapped</code> {}</p>{}</div>", said, table)


class Condition(Panel):
    """The conditions, for the folio in focus as A (or B, if it is only there) has it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("condition", "fv-condition")

    def update(self, frame: Frame) -> None:
        """Fill the tables."""
        focus = frame.focus or next((folio.id for side in frame.sides for folio in side.folios), 0)
        found = [
            (place, folio)
            for place, side in enumerate(frame.sides)
            for folio in side.folios
            if folio.id == focus
        ]
        if not found:
            empty = "The folio in focus does not live here now: go back, or click another folio."
            head = html(
                '<div>{}<p class="fv-empty">{}</p></div>',
                heading("Would it be queued?", about="queue"),
                empty,
            )
            self.screen.put("condition", {"head": head})
            return
        place, folio = found[0]
        side, asking = frame.sides[place], self.session.history.tracks[place].asking
        head = html(
            "<div>{}</div>",
            heading("Would it be queued?", f"folio {folio.id} as {side.name} has it now", "queue"),
        )
        try:
            shown = live(asking, folio, side.processes)
        except KernelError as error:
            shown = html('<p class="fv-empty">{}.</p>', error)
        self.screen.put("condition", {"head": head, "live": shown, "bracket": bracket(folio)})
