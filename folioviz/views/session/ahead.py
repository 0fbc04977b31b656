"""What can be done after the operation under the playhead: the order that fits, and refusals as the screen reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops import ops
from folioviz.readout.words import count
from folioviz.views.page.text import address

if TYPE_CHECKING:
    from folioviz.ops.op import Op
    from folioviz.views.player.history import History
    from folioviz.views.session.action import Chosen
    from folioviz.views.session.frame import Side


def fitting(history: History, chosen: Chosen) -> Chosen:
    """Let the order be the largest, up to the chosen one, that a kernel faults in there; 0 if none does."""
    orders = range(chosen.order, -1, -1)
    said = history.reasons([ops.Fault(chosen.mm, chosen.lo, order) for order in orders])
    return chosen._replace(
        order=next((order for order, why in zip(orders, said, strict=True) if not all(why)), 0)
    )


def smaller(op: Op, wanted: int) -> str:
    """Return that a fault takes less than the order that was chosen, "" if it does not."""
    if not isinstance(op, ops.Fault) or op.order == wanted:
        return ""
    return f"order {op.order}, {count(1 << op.order, 'page')}: the largest that fits at {address(op.vpn)}"


def as_shown(reason: str, op: Op, side: Side) -> str:
    """Return why a kernel would refuse an operation, for those who look at a step before the present one's end.

    A refusal is about what is there when the present operation is complete, which is not on the screen then.
    """
    if not reason or side.step == side.steps:
        return reason
    if getattr(op, "folio", 0) in side.doomed:
        return f"this operation frees folio {getattr(op, 'folio', 0)}"
    return f"after this operation: {reason}"
