"""Questions to a kernel: what it would do now. Each is asked once per row at which the playhead stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.ops.ops import Op
    from folioviz.rehearsal import Rehearsal

KEPT = 64
"""So many answers are kept."""

Question = tuple["Op", str, frozenset[str], frozenset[int]]


class Asking:
    """Asks a lab's kernel by rehearsal, and keeps the answers that were given last."""

    def __init__(self, lab: Lab) -> None:
        """Ask this lab."""
        self.lab = lab
        self._kept: dict[tuple[int, Question], Rehearsal] = {}

    def __call__(
        self,
        op: Op,
        kernel: str = "",
        without: frozenset[str] = frozenset(),
        until: frozenset[int] = frozenset(),
    ) -> Rehearsal:
        """Return what an operation would do at the lab's cursor (:meth:`folioviz.lab.Lab.rehearse`)."""
        key = (self.lab.cursor, (op, kernel, without, until))
        found = self._kept.pop(key, None) or self.lab.rehearse(op, kernel, without, until)
        self._kept[key] = found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def forget(self) -> None:
        """Forget the answers: the lab's history has changed."""
        self._kept.clear()
