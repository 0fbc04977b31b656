"""Attempts to split a folio, read from journal rows: what the kernel returned, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.memory import EAGAIN, EBUSY

if TYPE_CHECKING:
    from collections.abc import Sequence

SPLIT = "split_huge_page_to_list"
"""The function that decides on a split (mm/huge_memory.c), by the name that it had in v6.5."""
ERRORS = {EAGAIN: "EAGAIN", EBUSY: "EBUSY"}
REASONS = {j.SPLIT_UNMAPPED, j.SPLIT_PINNED, j.SPLIT_DONE}


class Attempt(NamedTuple):
    """One attempt.

    Attributes:
        head: the folio's first page.
        folio: the folio's id, 0 if no decision was journaled.
        reason: the decision's reason, -1 if none was journaled.
        detail: of SPLIT_PINNED, how many references are in the way.
        result: what the kernel returned: 0, or a negative errno.
    """

    head: int
    folio: int
    reason: int
    detail: int
    result: int

    @property
    def error(self) -> str:
        """Return the errno's name, "" if the folio was split."""
        return ERRORS[-self.result] if self.result else ""


def attempts(names: Sequence[str], rows: np.ndarray) -> list[Attempt]:
    """Return the attempts in rows of whole operations, in order; ``names`` are the traced functions' names."""
    number = names.index(SPLIT)
    kind, code = rows[:, 0], rows[:, 1]
    told = (kind == j.WHY) & np.isin(code, list(REASONS))
    called = ((kind == j.ENTER) | (kind == j.EXIT)) & (code == number)
    found, head, why = list[Attempt](), -1, (-1, 0, 0)
    for what, reason, old, new in rows[told | called].tolist():
        if what == j.ENTER:
            head, why = old, (-1, 0, 0)
        elif what == j.WHY:
            why = (reason, old, new)
        else:
            found.append(Attempt(head, why[1], why[0], why[2], new))
    return found
