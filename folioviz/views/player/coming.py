"""What an operation does to each folio under one kernel, and at which of its steps: what the other side asks about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.views.player.curve import MARKS

if TYPE_CHECKING:
    from folioviz.views.player.axis import Axis
    from folioviz.views.player.track import Track

NEVER = -1


class Coming(NamedTuple):
    """Steps of an operation, counted on the axis as the timeline counts them; NEVER for what it does not do.

    Attributes:
        queued: the folio is put on the deferred split queue for the first time.
        unqueued: it is taken off for the last time.
        freed: it is freed.
    """

    queued: int = NEVER
    unqueued: int = NEVER
    freed: int = NEVER


def events(track: Track, axis: Axis, index: int) -> dict[int, Coming]:
    """Return what an operation (-1: none) does to the folios that it queues, takes off or frees, by id."""
    found: dict[int, Coming] = {}
    if index < 0:
        return found
    whys = track.parts[index].whys
    for row, reason, folio, _ in whys[np.isin(whys[:, 1], [*MARKS])].tolist():  # of many thousands a few
        kind = MARKS[reason]
        was = found.get(folio, Coming())
        if not (kind == "queued" and was.queued != NEVER):
            # What queues a folio is done before its reason, what takes it off or frees it goes on after it.
            step = track.step_of(index, row) if kind == "queued" else track.after(index, row)
            at = axis.first(track, index, step) - axis.begins[index]
            found[folio] = was._replace(**{kind: at})
    return found
