"""Truth: the condition that queues a folio, kernel by kernel, filled with the counters of the folio in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine.memory import COMPOUND_MAPPED, HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.views.page.screen import slot
from folioviz.views.page.text import esc, heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

RULES = (
    ("v6.5-rc3", f"nr && order >= {HPAGE_PMD_ORDER} && (!compound || nr < nr_pmdmapped)"),
    ("+ 1/3", "nr && large && (!compound || nr < nr_pmdmapped)"),
    ("+ 1-2/3", "nr_unmapped && nr_mapped"),
    ("+ 1-3/3", "the same, asked once for a run of pages"),
)
"""Kernel -> its condition; all of it for anonymous folios."""

BASE, FIRST, SECOND, V4 = range(4)
LINKED = 2
"""The least order of a folio that has room for the queue's link."""


class Removal(NamedTuple):
    """Mappings that might go now: a PTE of each of some pages, or a PMD (``compound``)."""

    text: str
    compound: bool
    last: tuple[bool, ...]
    """Per PTE that goes, whether it is the last mapping by PTE of its page; of a PMD, whether it is the last PMD."""
    pages: tuple[int, ...] = (0,)
    """The pages, ascending, counted from the folio's head."""

    def runs(self) -> list[int]:
        """Return how many pages lose their last PTE in each run of consecutive pages."""
        found: list[int] = []
        for place, (page, last) in enumerate(zip(self.pages, self.last, strict=True)):
            if place and page == self.pages[place - 1] + 1:
                found[-1] += last
            else:
                found.append(int(last))
        return found


class Verdict(NamedTuple):
    """Whether the condition queues the folio, and which values made it so."""

    queues: bool
    why: str


def removals(folio: Folio) -> list[Removal]:
    """Return what could go now from a folio: a PTE, a PTE of each page, a PMD."""
    raw = folio.mapcount.tolist()
    places = [page for page, value in enumerate(raw) if value >= 0]
    alone = next((page for page in places if raw[page] == 0), None)
    shared = next((page for page in places if raw[page] > 0), None)
    found = []
    if alone is not None:
        found.append(Removal(f"the only PTE of page {alone}", compound=False, last=(True,)))
    if shared is not None:
        found.append(
            Removal(f"one of {raw[shared] + 1} PTEs of page {shared}", compound=False, last=(False,))
        )
    if len(places) > 1:
        ends = tuple(raw[page] == 0 for page in places)
        text = f"a PTE of each of {len(places)} pages, in one zap"
        found.append(Removal(text, compound=False, last=ends, pages=tuple(places)))
    if folio.entire_mapcount >= 0:
        pmds = folio.entire_mapcount + 1
        text = "the only PMD" if pmds == 1 else f"one of {pmds} PMDs"
        found.append(Removal(text, compound=True, last=(pmds == 1,)))
    return found


def decide(rule: int, folio: Folio, removal: Removal) -> Verdict:
    """Return what a kernel decides when mappings go: a call of the condition for each page, or one for the run."""
    if removal.compound:
        return _pmd(rule, folio, last=removal.last[0])
    left, verdict = folio.nr_pages_mapped, Verdict(queues=False, why="nr is 0")
    for gone in removal.runs() if rule == V4 else map(int, removal.last):
        verdict = (
            _range(folio, left, gone) if rule >= SECOND else _pte(rule, folio, left - gone, last=gone > 0)
        )
        if verdict.queues:
            return verdict
        left -= gone
    return verdict


def _pte(rule: int, folio: Folio, mapped: int, *, last: bool) -> Verdict:
    """Decide as page_remove_rmap() of v6.5-rc3 or 1/3 when one PTE goes: the bracket is always true then."""
    if not last:
        return Verdict(queues=False, why="nr is 0: mapped elsewhere")
    if folio.order and mapped >= COMPOUND_MAPPED:
        return Verdict(queues=False, why="nr is 0: a PMD maps it")
    return _big_enough(rule, folio) or Verdict(queues=True, why="nr is 1, !compound")


def _big_enough(rule: int, folio: Folio) -> Verdict | None:
    """Return why a folio is too small, or None."""
    if rule == BASE and folio.order < HPAGE_PMD_ORDER:
        return Verdict(queues=False, why=f"order {folio.order} < {HPAGE_PMD_ORDER}")
    return Verdict(queues=False, why="not large") if not folio.order else None


def _range(folio: Folio, mapped: int, unmapped: int) -> Verdict:
    """Decide as folio_remove_rmap_range() of 2/3 when pages lose their last PTE together."""
    if not folio.order:
        return Verdict(queues=False, why="nr_mapped is 0: not large")
    left = mapped - unmapped
    if left >= COMPOUND_MAPPED:
        return Verdict(queues=False, why="nr_unmapped is 0: a PMD maps it")
    return Verdict(queues=bool(unmapped and left), why=f"nr_unmapped is {unmapped}, nr_mapped is {left}")


def _pmd(rule: int, folio: Folio, *, last: bool) -> Verdict:
    """Decide as page_remove_rmap() of any kernel when a PMD mapping goes."""
    left = folio.nr_pages_mapped - COMPOUND_MAPPED
    if not last:
        return Verdict(queues=False, why="nr is 0: another PMD maps it")
    gone = HPAGE_PMD_NR - left
    if rule >= SECOND:
        return Verdict(queues=bool(gone and left), why=f"nr_unmapped is {gone}, nr_mapped is {left}")
    sign = "<" if gone < HPAGE_PMD_NR else "="
    return Verdict(queues=0 < gone < HPAGE_PMD_NR, why=f"nr is {gone} {sign} nr_pmdmapped")


def cell(folio: Folio, verdict: Verdict) -> str:
    """Return a verdict: in words, and with a class for its colour."""
    if not verdict.queues:
        said, kind = "no", "calm"
    elif folio.queue_place or folio.scanned:
        said, kind = "is there already", "info"
    elif folio.order < LINKED:
        said, kind = "queue: VM_BUG_ON", "bad"
    else:
        said, kind = "queue", "warn"
    return f'<td><span class="fv-badge fv-{kind}">{said}</span><small>{esc(verdict.why)}</small></td>'


def live(folio: Folio) -> str:
    """Return the conditions, and what each of them says if mappings of the folio go now."""
    heads = "".join(f'<th scope="col">{esc(name)}<small>{esc(rule)}</small></th>' for name, rule in RULES)
    rows = ""
    for removal in removals(folio):
        cells = "".join(cell(folio, decide(rule, folio, removal)) for rule in range(len(RULES)))
        rows += f'<tr><th scope="row">{esc(removal.text)}</th>{cells}</tr>'
    rows = rows or '<tr><td colspan="5">Nothing maps it: nothing can go.</td></tr>'
    return wide("fv-rules", f'<th scope="col">if this goes now</th>{heads}', rows)


def wide(kind: str, head: str, rows: str) -> str:
    """Return a table that scrolls by itself where there is no room."""
    table = f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="fv-wide" tabindex="0" role="group" aria-label="conditions">{table}</div>'


def bracket(folio: Folio) -> str:
    """Return the truth table of ``!compound || nr < nr_pmdmapped``, and which of its rows this folio can meet."""
    by_pmd = folio.order >= HPAGE_PMD_ORDER
    never = f"never: no PMD maps an order-{folio.order} folio"
    rows = (
        ("0", "0", "true", "whenever a PTE goes: nr_pmdmapped is 0 then"),
        ("0", "1", "true", "never: nr cannot be less than 0"),
        ("1", "0", "false", "the last PMD goes and no page has a PTE" if by_pmd else never),
        ("1", "1", "true", "the last PMD goes and some pages have a PTE" if by_pmd else never),
    )
    body = "".join(
        f'<tr><td>{a}</td><td>{b}</td><td><b>{c}</b></td><td class="fv-when">{d}</td></tr>'
        for a, b, c, d in rows
    )
    names = ("compound", "nr &lt; nr_pmdmapped", "bracket", f"for folio {folio.id}, order {folio.order}")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    said = (
        "is false only when the last PMD goes and no page has a PTE: then all of the folio goes with it."
        if by_pmd
        else "is always true for this folio: compound cannot be set."
    )
    table = wide("fv-bracket", head, body)
    return f"<div><p><code>!compound || nr &lt; nr_pmdmapped</code> {said}</p>{table}</div>"


class Condition(Panel):
    """The conditions, for the folio in focus as A (or B, if it is only there) has it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("condition", "fv-condition")

    def update(self, frame: Frame) -> None:
        """Fill the tables."""
        focus = frame.focus or next((folio.id for side in frame.sides for folio in side.folios), 0)
        found = [(side.name, folio) for side in frame.sides for folio in side.folios if folio.id == focus]
        if not found:
            empty = "The folio in focus does not live here now: go back, or click another folio."
            head = f'<div>{heading("Would it be queued?")}<p class="fv-empty">{empty}</p></div>'
            self.screen.put("condition", {"head": head})
            return
        side, folio = found[0]
        head = f"<div>{heading('Would it be queued?', f'folio {folio.id} as {side} has it now')}</div>"
        self.screen.put("condition", {"head": head, "live": live(folio), "bracket": bracket(folio)})
