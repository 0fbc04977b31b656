"""What being on the deferred split queue is good for: whether anything is gained, and what the shrinker would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.views.page.text import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from folioviz.readout.state import Folio, Process


def in_transit(folio: Folio, processes: Iterable[Process]) -> bool:
    """Tell whether a migration entry stands for a page of a folio: it is going to be mapped again."""
    end = folio.head + folio.mapcount.size
    return any(
        bool(np.any((one.maps[:, 4] != 0) & (one.maps[:, 1] >= folio.head) & (one.maps[:, 1] < end)))
        for one in processes
    )


def spurious(folio: Folio, *, doomed: bool, processes: Iterable[Process]) -> str:
    """Return why a queued folio gains nothing there, "" if it may gain.

    A folio that its kernel queued unflagged waits for the test of underused folios, whatever is mapped of it.
    ``doomed`` says that this operation goes on to free it.
    """
    if not folio.queue_place or folio.flagged == 0:
        return ""
    if not folio.pages_mapped:
        if in_transit(folio, processes):
            return ""
        return "nothing maps it any more, so there is nothing to split: it waits for its last reference"
    if doomed:
        return "this operation goes on to unmap all of it"
    if folio.pages_mapped == folio.mapcount.size:
        return "all of its pages are mapped, so splitting it frees none"
    return ""


def underused(folio: Folio, settings: Mapping[str, int]) -> int:
    """Return how many of a folio's pages are zero-filled, 0 if too few for the shrinker (thp_underused())."""
    allowed = settings.get("max_ptes_none", HPAGE_PMD_NR - 1)
    zero = folio.zero_filled != 0
    filled = np.cumsum(~zero)
    enough = np.flatnonzero(filled >= HPAGE_PMD_NR - allowed)
    seen = int(enough[0]) if enough.size else zero.size
    found = int(np.count_nonzero(zero[:seen]))
    return found if allowed < HPAGE_PMD_NR - 1 and found > allowed else 0


def prospect(folio: Folio, settings: Mapping[str, int]) -> tuple[str, str]:
    """Return what the shrinker would do with a queued folio now, and the error if it fails."""
    empty = underused(folio, settings) if folio.flagged == 0 else 0
    if folio.flagged == 0 and not empty:
        return "the shrinker would drop it: neither flagged nor underused", ""
    if not folio.pages_mapped:
        return "the shrinker could not split it: nothing maps it", "-EBUSY"
    extra = folio.refcount - folio.total_mapcount
    if extra:
        return f"the shrinker could not split it: {count(extra, 'reference')} without a mapping", "-EAGAIN"
    if empty:
        return f"the shrinker would split it: {count(empty, 'page')} zero-filled", ""
    return f"the shrinker would free {count(folio.mapcount.size - folio.pages_mapped, 'page')}", ""
