"""What a process's pages are made of: one folio or many, whole or in part, and what is kept that nobody maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.readout import marks, state
from folioviz.readout.runs import placed
from folioviz.readout.words import size

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine
    from folioviz.readout.state import Folio

NOTHING, ZERO, SMALL, PART, LARGE, HUGE = range(6)
KINDS = {
    HUGE: "a PMD maps all of a folio",
    LARGE: "PTEs map all of a folio",
    PART: "PTEs map a part of a folio",
    SMALL: "single pages",
    ZERO: "the zero page",
}
"""What an entry stands for -> what a reader is told."""


class Makeup(NamedTuple):
    """What the pages of a process are made of.

    Attributes:
        kinds: what stands at each page from 0 on, int64: a key of :data:`KINDS`, or NOTHING.
        heads: the first page of the large folio that is mapped there, int64; 0 for any other.
        words: the same in words, the largest folios first.
        rss: how many pages it has.
        kept: pages of its folios that nobody maps.
        folios: how many folios they are of.
        order: the order of the largest folio of which all pages are mapped; -1 for none.
        huge: whether a PMD maps that.
        healthy: whether no folio of which all pages are mapped is taken for partially mapped.
    """

    kinds: np.ndarray
    heads: np.ndarray
    words: str
    rss: int
    kept: int
    folios: int
    order: int
    huge: bool
    healthy: bool


def makeup(machine: Machine, place: int = 0) -> Makeup:
    """Return what the pages of a machine's first process, or of the one at a place, are made of; O(pages)."""
    folios = {one.head: one for one in state.folios(machine)}
    found = state.processes(machine)[place : place + 1]
    kinds, heads = np.zeros((2, HPAGE_PMD_NR), np.int64)
    parts: dict[tuple[int, int, str], int] = {}
    mapped: set[int] = set()
    if found:
        kinds[marks.zero_ptes(machine, found[0].slot)] = ZERO
        for vpn, page, _, huge, _ in found[0].maps.tolist():
            folio = folios[int(machine.page_folio[page])]
            whole = folio.pages_mapped == folio.mapcount.size
            kind = SMALL if not folio.order else PART if not whole else HUGE if huge else LARGE
            there = slice(vpn, vpn + (HPAGE_PMD_NR if huge else 1))
            kinds[there], heads[there] = kind, folio.head if folio.order else 0
            if folio.head not in mapped:
                mapped.add(folio.head)
                key = kind, folio.order, taken(folio) if whole else ""
                parts[key] = parts.get(key, 0) + 1
    zeros = int(np.count_nonzero(kinds == ZERO))
    told = [told_of(*key, many) for key, many in sorted(parts.items(), reverse=True)]
    told += [f"{zeros} × zero page"] if zeros else []
    own = [folios[head] for head in mapped]
    best = max(((order, kind == HUGE) for kind, order, _ in parts if kind != PART), default=(-1, False))
    return Makeup(
        kinds,
        heads,
        " + ".join(told) or "nothing",
        found[0].rss if found else 0,
        sum(one.mapcount.size - one.pages_mapped for one in own),
        len(own),
        *best,
        not any(wrong for _, _, wrong in parts),
    )


def taken(folio: Folio) -> str:
    """Return by what a kernel takes a folio for partially mapped: by the flag, or before v6.12 by the queue; or ""."""
    if folio.flagged is None:
        return "queued" if folio.queue_place else ""
    return "flagged" if folio.flagged else ""


def told_of(kind: int, order: int, wrong: str, many: int) -> str:
    """Return some folios of one kind and order in words; ``wrong`` is what :func:`taken` says of whole ones."""
    if kind == SMALL:
        return f"{many} small"
    called = size(order)
    if kind == PART:
        return f"part of {called}" if many == 1 else f"parts of {many} × {called}"
    by = " by PTEs" if kind == LARGE and 1 << order == HPAGE_PMD_NR else ""
    return f"{many} × {called}{by}" + (f", {wrong}" if wrong else "")


def spans(made: Makeup) -> list[tuple[int, int, int]]:
    """Return (first, end, kind) of each run of pages of one large folio, or of other pages that are alike."""
    runs = placed(made.heads * (HUGE + 1) + made.kinds)
    return [(first, last, kind) for first, last, _ in runs if (kind := int(made.kinds[first])) != NOTHING]
