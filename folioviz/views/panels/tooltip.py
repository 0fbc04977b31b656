"""What the tooltip tells: a page in a lane or on a card, or a word of the glossary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz.machine.memory import NR_VPNS
from folioviz.readout.glossary import TERMS
from folioviz.readout.words import count, minus
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import address

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.readout.state import Folio
    from folioviz.views.session.frame import Frame, Side

MAX_MAPPERS = 4


def tooltip(frame: Frame, look: list[Any]) -> Markup:
    """Return the tooltip of what is looked at as HTML, "" if there is no such thing.

    ``look`` comes from the browser: ["lane", process, vpn], ["card", side, folio, page of it] or ["term", name].
    """
    match look:
        case ["lane", int(mm), int(vpn)] if 0 <= vpn < NR_VPNS and _plain(mm, vpn):
            return in_lane(frame, mm, vpn)
        case ["card", str(side), int(folio), int(page)] if _plain(folio, page):
            return on_card(frame, side, folio, page)
        case ["term", str(name)] if name in TERMS:
            return term(name)
    return EMPTY


def _plain(*values: int) -> bool:
    """Tell that no value is a truth value in disguise."""
    return not any(isinstance(value, bool) for value in values)


def term(name: str) -> Markup:
    """Return what a word means: two sentences, and its place in the kernel if it has one."""
    found = TERMS[name]
    source = html("<small><code>{}</code></small>", found.source) if found.source else EMPTY
    return html("<b>{}</b><p>{}</p>{}", found.title, found.text, source)


def mapped_page(side: Side, mm: int, vpn: int) -> tuple[int, str]:
    """Return which page a process maps at a vpn, -1 if none, and how."""
    process = side.process(mm)
    if process is None:
        return -1, "no such process"
    maps = process.maps
    small = maps[(maps[:, 0] == vpn) & (maps[:, 3] == 0)]
    huge = maps[(maps[:, 0] == vpn // 512 * 512) & (maps[:, 3] == 1)]
    if small.size:
        _, page, writable, _, migrating = small[0].tolist()
        how = (
            "migration entry"
            if migrating
            else "PTE, writable"
            if writable
            else "PTE, read-only: a write copies, reuses or fails"
        )
        return page, how
    if huge.size:
        how = (
            "migration entry in a PMD" if huge[0, 4] else "PMD, writable" if huge[0, 2] else "PMD, read-only"
        )
        return int(huge[0, 1]) + vpn % 512, how
    if vpn in side.zeros.get(mm, ()):
        return -1, "PTE of the shared zero page: it is in no folio, and a write allocates a page"
    inside = any(area.start <= vpn < area.end for area in process.vmas)
    how = "not mapped" if inside else "no VMA here"
    if vpn in side.guards.get(mm, ()):
        how = "guard marker: nothing is mapped, and a touch is a SIGSEGV"
    elif vpn in side.swapped.get(mm, ()):
        how = "swap entry: the page is swapped out, and an access brings it back"
    return -1, how


def mappers(side: Side, page: int) -> str:
    """Return which processes map a page, and where."""
    found = []
    for process in side.processes:
        maps = process.maps
        at = maps[
            ((maps[:, 3] == 0) & (maps[:, 1] == page))
            | ((maps[:, 3] == 1) & (maps[:, 1] == page // 512 * 512))
        ]
        found += [
            f"process {process.id} at {address(vpn + (page - head if huge else 0))}"
            for vpn, head, _, huge, _ in at.tolist()
        ]
    more = len(found) - MAX_MAPPERS
    shown = ", ".join(found[:MAX_MAPPERS]) + (f" and {more} more" if more > 0 else "")
    return shown or "nobody"


def folio_of(side: Side, page: int) -> Folio | None:
    """Return the live folio that a page is in."""
    return next((f for f in side.folios if f.head <= page < f.head + f.mapcount.size), None)


def facts(side: Side, page: int) -> str:
    """Return what is known of a page, as rows of a table."""
    folio = folio_of(side, page)
    if folio is None:
        return f"pfn {page}: in no folio"
    place = page - folio.head
    raw = int(folio.mapcount[place])
    pmds = f", and {count(folio.pmds, 'PMD')}" if folio.pmds else ""
    counted = (
        f"_mapcount {minus(raw)}: {count(raw + 1, 'PTE')}"
        if folio.counts_pages
        else (f"{count(raw + 1, 'PTE')} in the page tables, which this kernel does not count")
    )
    zero = " · zero-filled" if folio.zero_filled.size and folio.zero_filled[place] else ""
    return html(
        "pfn {} · folio {}, page {} of {}<br>{}{} · {}AnonExclusive{}<br>mapped by {}",
        page,
        folio.id,
        place,
        folio.mapcount.size,
        counted,
        pmds,
        "" if folio.anon_exclusive[place] else "not ",
        zero,
        mappers(side, page),
    )


def in_lane(frame: Frame, mm: int, vpn: int) -> Markup:
    """Return what is at a page of a process, under each kernel."""
    out = [html("<b>{}</b> page {} of process {}", address(vpn), vpn, mm)]
    said = []
    for side in frame.sides:
        page, how = mapped_page(side, mm, vpn)
        said.append(html("{}{}", how, html("<br>{}", facts(side, page)) if page >= 0 else ""))
    if len(set(said)) == 1:
        out += said[:1]
    else:
        out += [
            html('<b class="fv-{0}">{0}</b> {1}', side.name, text)
            for side, text in zip(frame.sides, said, strict=True)
        ]
    return joined(html("<p>{}</p>", text) for text in out)


def on_card(frame: Frame, name: str, folio: int, page: int) -> Markup:
    """Return what is known of a page of a folio."""
    side = frame.side(name)
    found = side.folio(folio) if side else None
    if side is None or found is None or not 0 <= page < found.mapcount.size:
        return EMPTY
    return html("<p>{}</p>", facts(side, found.head + page))
