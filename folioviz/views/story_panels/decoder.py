"""Decoder: the raw counters of the folio in focus, and what each of them says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.runs import placed
from folioviz.readout.words import count, dashed, minus
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.folio_facts import waiting
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

BITS = COMPOUND_MAPPED.bit_length()
SHOWN_RUNS = 4


def row(name: str, value: object, says: str, *, hit: bool, key: str) -> Markup:
    """Return a counter: its name, its raw value, and what that says; outlined if the last step changed it."""
    return html(
        '<tr data-decoded="{}"><th scope="row"><code>{}</code></th><td><b{}>{}</b></td><td>{}</td></tr>',
        key,
        name,
        " class=d" if hit else "",
        value,
        says,
    )


def mapcount_rows(folio: Folio, pages: frozenset[int]) -> Markup:
    """Return the ``_mapcount`` of a folio's pages, one row for each run of equal ones."""
    found = placed(folio.mapcount)
    rows = []
    for first, end, value in found[:SHOWN_RUNS]:
        which = dashed(first, end)
        hit = any(folio.head + first <= page < folio.head + end for page in pages)
        ptes = count(value + 1, "PTE") if value >= 0 else "no PTE"
        each = " each" if end - first > 1 else ""
        says = f"{minus(value)} + 1: {ptes}{each}"
        rows.append(row(f"_mapcount[{which}]", minus(value), says, hit=hit, key=f"mapcount{first}"))
    if len(found) > SHOWN_RUNS:
        rows.append(
            html(
                '<tr><th scope="row">…</th><td></td><td>{} more runs of pages</td></tr>',
                len(found) - SHOWN_RUNS,
            )
        )
    return joined(rows)


def bits(number: int) -> Markup:
    """Return ``_nr_pages_mapped`` bit by bit: bit 23 by itself, the others are a number."""
    digits = f"{number:0{BITS}b}"
    shown = joined(html('<i class="fv-bit{0}">{0}</i>', digit) for digit in digits)
    pages = number % COMPOUND_MAPPED
    text = f"bit {BITS - 1} is {digits[0]}, the bits below it are {pages}"
    return html('<span class="fv-bits" role="img" aria-label="{}">{}</span>', text, shown)


def mapped(folio: Folio) -> str:
    """Return what ``_nr_pages_mapped`` says."""
    entire, pages = divmod(folio.nr_pages_mapped, COMPOUND_MAPPED)
    by_pmd = "bit 23: a PMD maps all of it" if entire else "bit 23: no PMD maps it"
    return f"{by_pmd}; the rest: {count(pages, 'page')} with a PTE"


def references(folio: Folio) -> str:
    """Return what a folio's references are of."""
    parts = [(folio.ptes, "PTE"), (folio.pmds, "PMD"), (folio.pins, "pin")]
    said = [count(number, what) for number, what in parts if number]
    said += [f"{waiting(folio)} in mmu_gather"] if waiting(folio) else []
    said += [f"{folio.other_refs} of a running function"] if folio.other_refs > 0 else []
    return " + ".join(said) or "nobody’s"


def together(folio: Folio) -> str:
    """Return what the counters say together."""
    size = folio.mapcount.size
    if folio.partially_mapped:
        return f"{folio.counted} of {count(size, 'page')} mapped: partially mapped."
    if folio.counted:
        return f"All {count(size, 'page')} mapped, by {count(folio.total_mapcount, 'mapping')}."
    return "No page is mapped."


def table(side: Side, folio: Folio | None) -> Markup:
    """Return the counters of a folio under one kernel."""
    head = html('<div class="fv-side">{}</div>', side_name(side.name, side.kernel.label))
    if folio is None:
        return html(
            '<section>{}<p class="fv-empty">The folio in focus does not live here now.</p></section>', head
        )
    hits = {key for head_page, key in side.fields if head_page == folio.head}
    rows = mapcount_rows(folio, side.pages)
    if folio.order:
        no_pmd = folio.entire_mapcount < 0
        says = f"{minus(folio.entire_mapcount)} + 1: {'no PMD' if no_pmd else count(folio.entire_mapcount + 1, 'PMD')}"
        rows += row(
            "_entire_mapcount", minus(folio.entire_mapcount), says, hit="entire" in hits, key="entire"
        )
        value = folio.nr_pages_mapped
        rows += row(
            "_nr_pages_mapped",
            f"{value:#x}" if value >= COMPOUND_MAPPED else str(value),
            mapped(folio),
            hit="mapped" in hits,
            key="mapped",
        )
        rows += html('<tr class="fv-bit-row"><td colspan="3">{}</td></tr>', bits(value))
    ptes = int(folio.mapcount.sum()) + folio.mapcount.size
    total = f"{ptes} by PTE + {folio.entire_mapcount + 1} by PMD"
    rows += row("total_mapcount()", str(folio.total_mapcount), total, hit=False, key="total")
    rows += row("_refcount", str(folio.refcount), references(folio), hit="refcount" in hits, key="refcount")
    names = joined(html('<th scope="col">{}</th>', name) for name in ("counter", "raw", "says"))
    body = html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", names, rows)
    return html('<section>{}{}<p class="fv-together">{}</p></section>', head, body, together(folio))


class Decoder(Panel):
    """The counters of the folio in focus, of every kernel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("decoder", "fv-decoder")

    def update(self, frame: Frame) -> None:
        """Decode the folio in focus; the first folio if there is none in focus."""
        pieces = {}
        focus = frame.looked_at
        found = next(filter(None, (side.folio(focus) for side in frame.sides)), None)
        size = f", order {found.order}: {count(found.mapcount.size, 'page')}" if found else ""
        note = f"of folio {focus}{size}" if focus else ""
        pieces["head"] = html("<div>{}</div>", heading("Counters", note, "mapcount"))
        for side in frame.sides:
            pieces[side.name] = table(side, side.folio(focus))
        self.screen.put("decoder", pieces)
