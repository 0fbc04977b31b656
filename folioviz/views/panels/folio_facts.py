"""What is known of one folio: its state as badges, its counters as the kernel stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout import state
from folioviz.views.page.text import badge, count, esc
from folioviz.views.panels.glossary import term

if TYPE_CHECKING:
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


def badges(side: Side, folio: Folio) -> str:
    """Return what state a folio is in."""
    found = _queued(side, folio)
    if folio.scanned:
        found.append(badge("with the shrinker", "warn", "on the shrinker's private list"))
    if folio.gather_refs:
        waiting = f"{count(folio.gather_refs, 'reference')} wait for the TLB flush"
        found.append(badge("waiting in mmu_gather", "info", waiting))
    if folio.pins:
        text = f"pinned ×{folio.pins}" if folio.pins > 1 else "pinned"
        found.append(badge(text, "info", "get took a reference"))
    if folio.pmds:
        found.append(badge("PMD-mapped", "calm", f"mapped by {count(folio.pmds, 'PMD')}"))
    if folio.double_map:
        hit = " d" if (folio.head, "double") in side.fields else ""
        why = "PTEs map pages of it, too; each of its pages has one mapping too many on its count"
        found.append(badge("PG_double_map", f"calm{hit}", why))
    if folio.zero_filled.any():
        zero = int(folio.zero_filled.sum())
        found.append(badge(f"{zero} zero-filled", "calm", "pages that hold nothing but zeros"))
    if folio.refcount <= 0 and folio.pages_mapped:
        found.append(badge("freed, still mapped", "bad"))
    return "".join(found)


def _queued(side: Side, folio: Folio) -> list[str]:
    """Return how a folio stands with the deferred split queue, and whether it is partially mapped."""
    found = []
    spurious = side.spurious(folio)
    if folio.queue_place:
        kind, text = ("bad", " · spurious") if spurious else ("warn", "")
        why = f"nothing is gained by being there: {spurious}" if spurious else ON_QUEUE
        if folio.flagged == 0:
            kind, text, why = "info", " · unflagged", UNFLAGGED
        found.append(badge(f"queued #{folio.queue_place}{text}", kind, why))
    if folio.flagged:
        hit = " d" if (folio.head, "flag") in side.fields else ""
        mapped = f"{folio.pages_mapped} of {folio.mapcount.size} pages are mapped"
        found.append(badge("PG_partially_mapped", f"warn{hit}", f"the shrinker splits it; {mapped} now"))
    elif folio.partially_mapped and not (folio.queue_place and folio.flagged is None):
        known = "" if folio.flagged is None else ", and the kernel has not flagged it"
        why = f"{folio.pages_mapped} of {folio.mapcount.size} pages{known}"
        found.append(badge("partially mapped", "calm", why))
    return found


ON_QUEUE = "on the deferred split queue: memory pressure may split it"
UNFLAGGED = (
    "on the deferred split queue since it was faulted in or moved, without PG_partially_mapped: "
    "the shrinker splits it only if it is underused"
)


def refcount(folio: Folio) -> str:
    """Return the reference count and what it is made of."""
    parts = [(folio.ptes + folio.pmds, "maps"), (folio.gather_refs, "gather"), (folio.pins, "pins")]
    parts.append((max(folio.other_refs, 0), "other"))
    early = f" − {-folio.other_refs} dropped before its mapping" if folio.other_refs < 0 else ""
    shown = [f"{number} {what}" for number, what in parts if number]
    if shown == [f"{folio.refcount} maps"]:
        return f'{folio.refcount} <small title="every reference is a mapping’s">all maps</small>'
    return f"{folio.refcount}" + (f" <small>= {' + '.join(shown)}{early}</small>" if shown else "")


def minus(number: int) -> str:
    """Return a number with a real minus."""
    return str(number).replace("-", "−")


def owners(folio: Folio) -> str:
    """Return the owner slots of a folio."""
    taken = [f"P{mm} ×{mappings}" for mm, mappings in folio.owners or ()]
    return ", ".join(taken or ["none"]) + (" · maybe others" if folio.maybe_shared else "")


def counters(side: Side, folio: Folio) -> str:
    """Return a folio's counters; those that the last step changed are outlined."""
    raw = folio.nr_pages_mapped
    parts = []
    if folio.order and folio.counts_nr:
        decoded = f" <small>= {esc(state.decoded(raw))}</small>" if raw >= COMPOUND_MAPPED else ""
        shown = f"{raw:#x}" if raw >= COMPOUND_MAPPED else str(raw)
        parts += [("mapped", "_nr_pages_mapped", shown + decoded, "")]
    if folio.order:
        parts += [("entire", "_entire_mapcount", minus(folio.entire_mapcount), "")]
    if folio.order and folio.large_mapcount is not None:
        many = f"{minus(folio.large_mapcount)} + 1: {count(folio.large_mapcount + 1, 'mapping')}"
        parts += [("large", "_large_mapcount", minus(folio.large_mapcount), many)]
    parts += [("refcount", "refcount", refcount(folio), "")]
    if folio.order and folio.owners is not None:
        parts += [("owners", "owners", owners(folio), "process ×mappings; two slots per folio")]
    out = []
    for key, name, value, title in parts:
        hit = " d" if (folio.head, key) in side.fields else ""
        tip = f' title="{esc(title)}"' if title else ""
        out.append(
            f'<span class="fv-count{hit}" data-counter="{key}"{tip}>{term(key, name)} <b>{value}</b></span>'
        )
    return f'<div class="fv-counts">{"".join(out)}</div>'
