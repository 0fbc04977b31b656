"""Another past: operations take the place of some, and all that came later is done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.errors import LimitError, OperationError
from folioviz.race.history import LOOKED_AT
from folioviz.views.player.history import MAX_OPERATIONS, MAX_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.ops.op import Op
    from folioviz.views.player.history import History


def rewrite(history: History, index: int, gone: int, new: Sequence[Op]) -> None:
    """Put operations in the place of ``gone`` ones from ``index`` on, and do all later ones again.

    The playhead is then where the new ones are done; what was there can be brought back (:attr:`History.dropped`).

    Raises:
        OperationError: if no kernel could then do one that a kernel has done; nothing changes.
        LimitError: if the history would grow too long; nothing changes.
    """
    if history.race is not None:
        raise OperationError(LOOKED_AT)
    later, position = history.ops[index:], history.position
    ops = [*new, *later[gone:]]
    if index + len(ops) > MAX_OPERATIONS:
        raise LimitError.of("the history", index + len(ops), f"at most {MAX_OPERATIONS} operations")
    sides = len(history.tracks)
    hopeless = [op for op, by in zip(later, history.refused_by[index:], strict=True) if len(by) == sides]
    history.extend(index, ops)
    wrong = _wrong(history, index, hopeless)
    if wrong:
        history.extend(index, later)
        history.go(position)
        raise OperationError(wrong)
    history.dropped = (index, later)
    history.go(history.axis.begins[index + len(new)])


def _wrong(history: History, index: int, hopeless: Sequence[Op]) -> str:
    """Return why operations from ``index`` on cannot be: nobody does one, but of those that nobody ever did; or ""."""
    for number, op in enumerate(history.ops[index:], start=index):
        reasons = [track.refused[number] for track in history.tracks]
        if all(reasons) and op not in hopeless:
            return (
                f"operation {number + 1}, {op.short()}, could not be done then: {history.in_words(reasons)}"
            )
    if any(len(track.lab.journal) > MAX_ROWS for track in history.tracks):
        return f"the history would have more than {MAX_ROWS} rows"
    return ""
