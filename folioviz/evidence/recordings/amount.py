"""How many values of a step are compared: what :mod:`folioviz.evidence.recordings.comparison` looks at, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.evidence.recordings.fields import COLUMNS as FIELD_OF
from folioviz.evidence.recordings.fields import FOLIOS, TABLES
from folioviz.evidence.recordings.observed import ABSENT, COLUMNS, MEMORY, STATE, empty

if TYPE_CHECKING:
    from folioviz.evidence.recordings.observed import Observed


def amount(kernel: Observed, model: Observed) -> int:
    """Return how many values two views of a step are compared in; what only one of them can know is left out.

    Of a page, the columns of its row; of an absent one, that it is absent. A folio's counts of each page are one value.
    """
    tables = _tables(kernel, model) if kernel.tells(TABLES) else 0
    named = kernel.tells(FOLIOS) and kernel.tells(TABLES)
    both = kernel.folios.keys() & model.folios.keys() if named else ()
    folios = sum(len(kernel.folios[name].keys() & model.folios[name].keys()) for name in both)
    counters = sum(map(kernel.tells, model.counters))
    memory = len(kernel.memory.keys() | model.memory.keys()) * sum(map(kernel.tells, MEMORY))
    calls = sum(kernel.calls.get(name, 0) != -1 for name in model.calls) if kernel.calls else 0
    removals = kernel.removals or () if model.removals is not None and kernel.tells(TABLES) else ()
    return tables + folios + counters + memory + calls + len(removals)


def _tables(kernel: Observed, model: Observed) -> int:
    """Return how many values of page tables are compared."""
    unread = sum(not kernel.tells(field) for field in FIELD_OF.values())
    total = 0
    for name in kernel.tables.keys() | model.tables.keys():
        sides = [view.tables.get(name, empty(0)) for view in (kernel, model)]
        both = np.logical_and(*(side[: min(map(len, sides)), STATE] != ABSENT for side in sides))
        total += max(map(len, sides)) + int(both.sum()) * (len(COLUMNS) - 1 - unread)
    return total
