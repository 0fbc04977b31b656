"""What is known of one folio: its state as badges, its counters as the kernel stores them."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine.fields import (
    FIELDS,
    FOLIO_DOUBLE_MAP,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_MM_ID_0,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_REFCOUNT,
    FOLIO_SWAP,
    ON_CARD,
)
from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout import describe
from folioviz.readout.words import count, minus
from folioviz.views.page.markup import html, joined
from folioviz.views.page.text import badge, term

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.fields import Field
    from folioviz.readout.state import Folio
    from folioviz.views.session.frame import Side

BUGS = {
    "free_mapped": "Bad page state, nonzero mapcount: a folio was freed while page tables still map it.",
    "uaf": "Use after free: the kernel went on to use a folio that it had freed.",
    "vm_bug:folio_order(folio) < 2": "VM_BUG_ON(folio_order(folio) < 2): an order-1 folio has no room for the "
    "queue's link, so it must not be queued.",
    "vm_bug:batch->nr > batch->max": "VM_BUG_ON(batch->nr > batch->max): the mmu_gather was overrun, pages were "
    "written behind its end.",
}
"""Bug name -> what a person reads."""


LINE, AROUND = 40, 3
"""A card's line of badges has room for so many letters; a badge's margins take as much as so many."""


def badges(side: Side, folio: Folio) -> list[Markup]:
    """Return what state a folio is in."""
    found = _queued(side, folio)
    if folio.scanned:
        found.append(badge("with the shrinker", "warn", "on the shrinker's private list", "shrinker"))
    if slots := waiting(folio):
        why = f"{count(slots, 'reference')} wait for the TLB flush"
        found.append(badge("waiting in mmu_gather", "info", why, "gather"))
    if folio.pins:
        text = f"pinned ×{folio.pins}" if folio.pins > 1 else "pinned"
        found.append(badge(text, "info", "get took a reference", "pin"))
    if folio.pmds:
        found.append(badge("PMD-mapped", "calm", f"mapped by {count(folio.pmds, 'PMD')}", "entirely"))
    if folio.double_map:
        row = FIELDS[FOLIO_DOUBLE_MAP]
        why = "PTEs map pages of it, too; each of its pages has one mapping too many on its count"
        found.append(badge(row.word, f"calm{hit(side, folio, row)}", why, "double"))
    if folio.cache_refs:
        row = FIELDS[FOLIO_SWAP]
        why = f"slots from {folio.counters[FOLIO_SWAP]} on are its own: the swap cache holds a reference for each page"
        found.append(badge(row.word, f"calm{hit(side, folio, row)}", why, "swapcache"))
    if folio.zero_filled.any():
        zero = int(folio.zero_filled.sum())
        found.append(badge(f"{zero} zero-filled", "calm", "pages that hold nothing but zeros", "zero"))
    if folio.refcount <= 0 and folio.pages_mapped:
        found.append(badge("freed, still mapped", "bad", about="mapcount"))
    return found


def in_line(found: list[Markup]) -> Markup:
    """Return badges on one line: those that it has room for, and how many more there are, which a tooltip names."""
    texts = [str(one.striptags()) for one in found]
    taken = list(accumulate(len(text) + AROUND for text in texts))
    fit = len(found)
    if taken and taken[-1] > LINE:
        fit = max(1, sum(so_far <= LINE - AROUND - 2 for so_far in taken))
    rest = found[fit:]
    if not rest:
        return joined(found)
    written = any(' d"' in one for one in rest)
    more = badge(f"+{len(rest)}", "calm d" if written else "calm", ", ".join(texts[fit:]))
    return joined([*found[:fit], more])


def _queued(side: Side, folio: Folio) -> list[Markup]:
    """Return how a folio stands with the deferred split queue, and whether it is partially mapped."""
    found = []
    spurious, cgroup = side.spurious(folio), side.cgroups.of(folio)
    if folio.queue_place:
        kind, text = ("bad", " · spurious") if spurious else ("warn", "")
        why = f"nothing is gained by being there: {spurious}" if spurious else ON_QUEUE
        if folio.flagged == 0:
            kind, text, why = "info", " · unflagged", UNFLAGGED
        about = "spurious" if spurious else "flag" if folio.flagged == 0 else "queue"
        where = f" · cgroup {cgroup}" if cgroup else ""
        found.append(badge(f"queued #{folio.queue_place}{where}{text}", kind, why, about))
        if side.cgroups.passed_over(cgroup):
            found.append(badge("never visited", "bad", passed_over(cgroup), "cgroup"))
    elif cgroup:
        found.append(
            badge(f"cgroup {cgroup}", "calm", f"charged to cgroup {cgroup}, whose queue is its own", "cgroup")
        )
    if folio.flagged:
        row = FIELDS[FOLIO_PARTIALLY_MAPPED]
        mapped = f"{folio.pages_mapped} of {folio.mapcount.size} pages are mapped"
        why = f"the shrinker splits it; {mapped} now"
        found.append(badge(row.word, f"warn{hit(side, folio, row)}", why, "flag"))
    elif folio.partially_mapped and not (folio.queue_place and folio.flagged is None):
        known = "" if folio.flagged is None else ", and the kernel has not flagged it"
        why = f"{folio.counted} of {folio.mapcount.size} pages{known}"
        found.append(badge("partially mapped", "calm", why, "partially"))
    return found


def passed_over(cgroup: int) -> str:
    """Return why no shrinker comes to a cgroup's queue."""
    return f"cgroup {cgroup} was removed: no shrinker comes to its queue, and nobody takes it over"


ON_QUEUE = "on the deferred split queue: memory pressure may split it"
UNFLAGGED = (
    "on the deferred split queue, without PG_partially_mapped: the shrinker splits it only if it is underused"
)


def hit(side: Side, folio: Folio, row: Field) -> str:
    """Return the class that outlines what shows a field of a folio, "" if the last step did not write it."""
    return " d" if (folio.head, row.shown) in side.fields else ""


def waiting(folio: Folio) -> int:
    """Return the references in the mmu_gather that are still held: a flush drops them before it empties the slots."""
    return max(folio.gather_refs + min(folio.other_refs, 0), 0)


def refcount(folio: Folio) -> str:
    """Return the reference count and what it is made of."""
    parts = (
        (folio.ptes + folio.pmds, "maps", "maps"),
        (waiting(folio), "gather", "gather"),
        (folio.pins, "pin", "pins"),
        (folio.cache_refs, "swapcache", "swap cache"),
        (max(folio.other_refs, 0), "inhand", "in hand"),
    )
    dropped = max(-folio.other_refs - folio.gather_refs, 0)
    early = f" − {dropped} dropped before its mapping" if dropped else ""
    shown = [html("{} {}", number, term(about, what)) for number, about, what in parts if number]
    if 0 < folio.refcount == folio.ptes + folio.pmds and len(shown) == 1:
        return html("{} <small>all {}</small>", folio.refcount, term("maps", "maps"))
    sum_ = html(" <small>= {}{}</small>", Markup(" + ").join(shown), early) if shown else ""
    return html("{}{}", folio.refcount, sum_)


def nr_pages_mapped(folio: Folio) -> str:
    """Return the count of mapped pages, and what it says if a PMD maps the folio."""
    raw = folio.nr_pages_mapped
    if raw < COMPOUND_MAPPED:
        return str(raw)
    return html("{} <small>= {}</small>", f"{raw:#x}", describe.decoded(raw))


def owners(folio: Folio) -> str:
    """Return the owner slots of a folio."""
    taken = [f"P{mm} ×{mappings}" for mm, mappings in folio.owners or ()]
    return ", ".join(taken or ["none"]) + (" · maybe others" if folio.maybe_shared else "")


def all_mappings(folio: Folio) -> str:
    """Return what ``_large_mapcount`` says."""
    raw = folio.counters[FOLIO_LARGE_MAPCOUNT]
    return f"{minus(raw)} + 1: {count(raw + 1, 'mapping')}"


DECODED: dict[int, Callable[[Folio], str]] = {
    FOLIO_NR_PAGES_MAPPED: nr_pages_mapped,
    FOLIO_REFCOUNT: refcount,
    FOLIO_MM_ID_0: owners,
}
"""What shows more of a counter than its raw value."""
TIPS: dict[int, Callable[[Folio], str]] = {
    FOLIO_LARGE_MAPCOUNT: all_mappings,
    FOLIO_MM_ID_0: lambda _: "process ×mappings; two slots per folio",
}
"""What is said of a counter when it is pointed at."""


def counters(side: Side, folio: Folio) -> Markup:
    """Return a folio's counters; those that the last step changed are outlined."""
    out = []
    for row in ON_CARD:
        raw = folio.counters.get(row.number)
        if raw is None or folio.order < row.order:
            continue
        value = DECODED[row.number](folio) if row.number in DECODED else minus(raw)
        tip = html(' title="{}"', TIPS[row.number](folio)) if row.number in TIPS else ""
        out.append(
            html(
                '<span class="fv-count{}" data-counter="{}"{}>{} <b>{}</b></span>',
                hit(side, folio, row),
                row.shown,
                tip,
                term(row.shown, row.word),
                value,
            )
        )
    return html('<div class="fv-counts">{}</div>', joined(out))
