"""Questions to a kernel: what it would do now. Each is asked once per row at which the playhead stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine import journal
from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, FOLIO_NR_PAGES_MAPPED, PAGE_MAPCOUNT, PMD, PTE
from folioviz.machine.memory import COMPOUND_MAPPED, ENTRY_SHIFT, PMD_HUGE, PTE_PRESENT

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.ops.op import Op
    from folioviz.readout.state import Folio
    from folioviz.rehearsal import Rehearsal

KEPT = 64
"""So many answers are kept."""
NEAR = 8192
"""So many rows may pass until page tables and counters agree."""

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
        row: int = -1,
    ) -> Rehearsal:
        """Return what an operation would do at a row, by default at the lab's cursor.

        The others are as in :meth:`folioviz.lab.Lab.rehearse`.
        """
        back = self.lab.cursor
        row = back if row < 0 else row
        key = (row, (op, kernel, without, until))
        found = self._kept.pop(key, None)
        if found is None:
            self.lab.seek(row)
            found = self.lab.rehearse(op, kernel, without, until)
            self.lab.seek(back)
        self._kept[key] = found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def forget(self) -> None:
        """Forget the answers: the lab's history has changed."""
        self._kept.clear()

    def settled(self, folio: Folio) -> int:
        """Return the first row from the cursor on at which page tables and mapcounts agree about a folio.

        Between them, the operation under way holds the page table's lock: whoever wants to zap there waits. ``folio``
        is as it is at the cursor; one whose pages are not counted is never found to agree, and the cursor is returned.
        """
        lab, base = self.lab, self.lab.machine.base
        rows = lab.journal[lab.cursor : lab.cursor + NEAR]
        at = np.where(rows[:, 0] < journal.WHY, rows[:, 1], journal.NOWHERE)
        change = rows[:, 3].astype(np.int64) - rows[:, 2]
        head, size = folio.head, folio.mapcount.size
        field = np.searchsorted(np.array(base), at, side="right") - 1
        of_page = (
            (field == PAGE_MAPCOUNT)
            & (at >= base[PAGE_MAPCOUNT] + head)
            & (at < base[PAGE_MAPCOUNT] + head + size)
        )
        entire = at == base[FOLIO_ENTIRE_MAPCOUNT] + head

        def maps(entry: np.ndarray) -> np.ndarray:
            page = entry >> ENTRY_SHIFT
            by_pte = (field == PTE) & (entry & PTE_PRESENT != 0) & (page >= head) & (page < head + size)
            return np.asarray(by_pte | (field == PMD) & (entry & PMD_HUGE != 0) & (page == head))

        tables = maps(rows[:, 3]).astype(int) - maps(rows[:, 2])
        mapped = (of_page & (rows[:, 2] < 0)).astype(int) - (of_page & (rows[:, 3] < 0))
        whole = (entire & (rows[:, 2] < 0)).astype(int) - (entire & (rows[:, 3] < 0))
        counted = np.where(at == base[FOLIO_NR_PAGES_MAPPED] + head, change, 0)
        by_count = folio.ptes + folio.pmds - int(folio.mapcount.sum()) - size - folio.entire_mapcount - 1
        by_pages = int(np.count_nonzero(folio.mapcount >= 0)) + COMPOUND_MAPPED * (folio.entire_mapcount >= 0)
        off = np.cumsum(np.append(by_count, tables - np.where(of_page | entire, change, 0)))
        short = np.cumsum(
            np.append(by_pages - folio.nr_pages_mapped, mapped + COMPOUND_MAPPED * whole - counted)
        )
        agree = np.flatnonzero((off == 0) & ((short == 0) | (folio.order == 0)))
        return lab.cursor + int(agree[0]) if agree.size else lab.cursor
