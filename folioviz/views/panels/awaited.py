"""What one kernel has not come to yet, or never does, and the other shows: said where it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.player.coming import NEVER, Coming

if TYPE_CHECKING:
    from folioviz.views.session.frame import Frame, Side


def queueing(frame: Frame, side: Side, ident: int) -> str:
    """Return when a side queues a folio that the other has on its queue, or took it off; "" if nothing is awaited."""
    shown = [other for other in frame.sides if (folio := other.folio(ident)) and folio.queue_place]
    if side in shown or not shown:
        return ""
    mine, theirs = (one.coming.get(ident, Coming()) for one in (side, shown[0]))
    if mine.queued > _now(frame):
        return f"queued at step {mine.queued}"
    if NEVER < mine.unqueued <= _now(frame):
        return f"off the queue since step {mine.unqueued}"
    return "not queued by this operation" if mine.queued == NEVER < theirs.queued else ""


def freeing(frame: Frame, side: Side, ident: int) -> str:
    """Return when a side frees a folio that the other has freed already; "" if nothing is awaited."""
    mine = side.coming.get(ident, Coming())
    elsewhere = any(one.id == ident for other in frame.sides if other is not side for one in other.gone)
    if not elsewhere or not side.folio(ident):
        return ""
    return f"freed at step {mine.freed}" if mine.freed > _now(frame) else "not freed by this operation"


def awaited(frame: Frame, side: Side, ident: int) -> str:
    """Return when a side does what the other side's card of a folio shows already; "" if it shows nothing more."""
    text = freeing(frame, side, ident) or queueing(frame, side, ident)
    return text if " at step " in text else ""


def _now(frame: Frame) -> int:
    """Return the step of the operation, as the timeline counts it."""
    return frame.position - frame.begins[frame.index] if frame.index >= 0 else 0
