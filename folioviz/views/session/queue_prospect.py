"""What being on the deferred split queue is good for: whether anything is gained, and what the shrinker would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.ops.ops import Shrink, Split
from folioviz.readout.attempts import Attempt, attempts
from folioviz.readout.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from folioviz.readout.state import Folio, Process
    from folioviz.views.player.asking import Asking

NOT_CARRIED_OUT = frozenset({"try_to_migrate", "__split_huge_page"})
"""What a split does once it is decided on: 512 pages are unmapped and mapped again."""


class Prospect(NamedTuple):
    """What the shrinker would do with a folio.

    Attributes:
        words: that, as a sentence.
        error: the error if it fails, or "".
        splits: whether it would be split.
    """

    words: str
    error: str = ""
    splits: bool = False


class Outlook(NamedTuple):
    """What the shrinker would do with the queue: per folio id, and why that cannot be told ("" if it can)."""

    prospects: Mapping[int, Prospect]
    refusal: str


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
    if folio.pages_mapped == folio.mapcount.size and not folio.zeros_freed:
        return "all of its pages are mapped, so splitting it frees none"
    return ""


def outlook(asking: Asking, queued: Sequence[Folio]) -> Outlook:
    """Return what the shrinker would do now with the first folios of the queue: its kernel is asked, once for all."""
    if not queued:
        return Outlook({}, "")
    told = asking(Shrink(len(queued)), without=NOT_CARRIED_OUT)
    whys = told.rows[told.rows[:, 0] == j.WHY]
    dropped = set(whys[whys[:, 1] == j.SHRINK_DROPPED, 2].tolist())
    tried = {one.head: one for one in attempts(told.linked.names, told.rows)}
    found = {}
    for folio in queued:
        if folio.id in dropped:
            found[folio.id] = Prospect("the shrinker would drop it: neither flagged nor underused")
        elif folio.head in tried:
            found[folio.id] = attempted(folio, tried[folio.head])
    return Outlook(found, told.refusal)


def attempted(folio: Folio, attempt: Attempt) -> Prospect:
    """Return what comes of an attempt to split a folio."""
    if attempt.result:
        why = "nothing maps it"
        if attempt.reason == j.SPLIT_PINNED:
            why = f"{count(attempt.detail, 'reference')} without a mapping"
        return Prospect(f"the shrinker could not split it: {why}", f"-{attempt.error}")
    unmapped, zero = folio.mapcount.size - folio.pages_mapped, folio.zeros_freed
    said = count(unmapped + zero, "page")
    if zero:
        said = (
            f"{said}: {unmapped} unmapped, {zero} zero-filled"
            if unmapped
            else count(zero, "zero-filled page")
        )
    return Prospect(f"the shrinker would free {said}", splits=True)


def held(asking: Asking, folio: Folio) -> bool:
    """Tell whether the shrinker that has a folio on its list now cannot split it: others than itself hold it."""
    told = asking(Split(folio.id), without=NOT_CARRIED_OUT)
    found = attempts(told.linked.names, told.rows)
    if not found or not found[0].result:
        return not found
    attempt = found[0]
    return attempt.reason != j.SPLIT_PINNED or attempt.detail > folio.other_refs
