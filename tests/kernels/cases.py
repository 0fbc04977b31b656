"""Operations whose effects were read in the kernel's source, and what must be seen after them.

No vector has them and few recordings do: docs/kernel/readings.md says which text each of them follows.
"""

from __future__ import annotations

from typing import NamedTuple

from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.machine.journal import WHY, costs
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    NR_MTHP_STATS,
    PG_DIRTY,
    PMD_TABLE,
    Sizes,
)
from folioviz.mm.headers import pmd_index, pte_index, pte_swap, vma_locked
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import folio_head, live_folios, mm_slot, page_at, queue, vma_at
from folioviz.proc.smaps import mapped
from folioviz.readout.marks import guard_ptes, zero_ptes
from folioviz.readout.state import mappings
from tests.strategies import vmas_of

SIZES = Sizes(pages=16384, tables=256, vmas=256)
LATER = tuple(key for key, kernel in KERNELS.items() if kernel.era in {"mTHP", "today"})
"""v6.8 and later."""
V6_1 = ("v6.1", "v6.1.0")
MODERN = (*V6_1, *LATER)
"""Every kernel that has mprotect, MADV_FREE, MADV_COLD and folio sizes."""
BEFORE_V6_10 = ("v6.8", "v6.9")
SINCE_V6_9 = LATER[1:]
SINCE_V6_10 = LATER[2:]
SINCE_V6_12 = LATER[3:]
V7_3 = LATER[4:]
BEFORE_V7_3 = LATER[:4]
BEFORE_V6_17 = tuple(key for key in KERNELS if key not in V7_3)


class Case(NamedTuple):
    """What to do under which kernels, and what is seen then.

    Attributes:
        kernels: their keys.
        text: operations in the short form; the last one is what the case is about.
        seen: what is looked at (:func:`look`) -> what it must be.
    """

    kernels: tuple[str, ...]
    text: str
    seen: dict[str, object]


def done(kernel, text, patches=()):
    """Return a lab in which operations were done, some of them with an error for a result."""
    lab = Lab(kernel, patches=patches, sizes=SIZES)
    for op in parse_line(text):
        lab.apply(op)
    return lab


def look(lab, what):
    """Return one thing that a lab shows: a word and its arguments, as "rss 1" or "cost thw"."""
    word, *more = what.split()
    return LOOKS[word](lab, *(int(text) if text.isdigit() else text for text in more))


def differences(lab, seen):
    """Return what is not as it must be: name -> (got, wanted)."""
    got = {what: look(lab, what) for what in seen}
    return {what: (got[what], value) for what, value in seen.items() if got[what] != value}


def _slot(lab, mm_id):
    return mm_slot(lab.machine, mm_id)


def _orders(lab):
    machine = lab.machine
    return [int(machine.folio_order[head]) for head in live_folios(machine) if machine.folio_order[head]]


def _order_at(lab, mm_id, vpn):
    machine = lab.machine
    page = page_at(machine, _slot(lab, mm_id), vpn)
    return int(machine.folio_order[machine.page_folio[page]]) if page >= 0 else None


def _queue(lab):
    return [int(lab.machine.folio_id[head]) for head in queue(lab.machine)]


def _writable(lab, mm_id):
    """Return the runs of writable pages of a process: [start, end)."""
    runs = []
    for vpn, _, writable, huge, _ in mappings(lab.machine, _slot(lab, mm_id)).tolist():
        if writable:
            end = vpn + (HPAGE_PMD_NR if huge else 1)
            runs = [*runs[:-1], (runs[-1][0], end)] if runs and runs[-1][1] == vpn else [*runs, (vpn, end)]
    return runs


def _locked(lab, mm_id):
    """Return (start, end) of a process's locked VMAs."""
    machine = lab.machine
    slot = _slot(lab, mm_id)
    return [(lo, hi) for lo, hi in vmas_of(machine, slot) if vma_locked(machine, vma_at(machine, slot, lo))]


def _bits(lab, mm_id, vpn):
    """Return the bits of a process's PTE beside its page."""
    machine = lab.machine
    pmd = int(machine.pmd[pmd_index(_slot(lab, mm_id), vpn)])
    return int(machine.pte[pte_index(pmd, vpn)]) & ((1 << ENTRY_SHIFT) - 1)


def _dirty(lab):
    """Return, of each folio, whether it is PG_dirty."""
    machine = lab.machine
    return [bool(machine.folio_flags[head] & PG_DIRTY) for head in live_folios(machine)]


def _pmd_marks(lab, mm_id, vpn):
    """Return what a PMD says of a page's use: not accessed, not written."""
    pmd = int(lab.machine.pmd[pmd_index(_slot(lab, mm_id), vpn)])
    return {name for name, bit in (("old", ENTRY_OLD), ("clean", ENTRY_CLEAN)) if pmd & bit}


def _owners(lab, folio_id):
    machine, head = lab.machine, folio_head(lab.machine, folio_id)
    return (int(machine.folio_mm_id_0[head]), int(machine.folio_mm_id_1[head]))


def _statistic(lab, order, name):
    place = ("split", "failed", "deferred", "alive", "flagged").index(name)
    return int(lab.machine.mthp_stat[order * NR_MTHP_STATS + place])


def _young(lab, mm_id):
    """Return the pages of a process that single PTEs map and that are accessed."""
    machine = lab.machine
    rows = mapped(machine, _slot(lab, mm_id), 0, 512)
    maps = mappings(machine, _slot(lab, mm_id))
    return maps[(rows[:, 1] & ENTRY_OLD) == 0, 0].tolist()


def _last(lab):
    return lab.rows(len(lab.applied) - 1)


def _blank(lab, mm_id):
    """Return how many pages that a process maps by PTEs hold nothing but zeros."""
    pages = mappings(lab.machine, _slot(lab, mm_id))[:, 1]
    return int(lab.machine.page_zero_filled[pages].sum())


def _swapped(lab, mm_id):
    """Return the pages of a process that are in swap, of its first page table."""
    pmd = int(lab.machine.pmd[pmd_index(_slot(lab, mm_id), 0)])
    table = lab.machine.pte[pte_index(pmd, 0) : pte_index(pmd, 0) + HPAGE_PMD_NR] if pmd & PMD_TABLE else ()
    return [place for place, pte in enumerate(table) if pte_swap(int(pte))]


LOOKS = {
    "swapped": _swapped,
    "cached": lambda lab: int((lab.machine.swap_cache >= 0).sum()),
    "blank": _blank,
    "young": _young,
    "zeros": lambda lab, mm_id: zero_ptes(lab.machine, _slot(lab, mm_id)).size,
    "rss": lambda lab, mm_id: int(lab.machine.mm_rss[_slot(lab, mm_id)]),
    "vmas": lambda lab, mm_id: vmas_of(lab.machine, _slot(lab, mm_id)),
    "order": _order_at,
    "orders": _orders,
    "queue": _queue,
    "bits": _bits,
    "marks": _pmd_marks,
    "dirty": _dirty,
    "writable": _writable,
    "owners": _owners,
    "locked": _locked,
    "guards": lambda lab, mm_id: guard_ptes(lab.machine, _slot(lab, mm_id)).tolist(),
    "tables": lambda lab: int((lab.machine.pmd & PMD_TABLE).sum()),
    "cost": lambda lab, name: costs(_last(lab))[name],
    "result": lambda lab: lab.applied[-1].result,
    "event": lambda lab, number: int(lab.machine.vm_event[number]),
    "bugs": lambda lab: lab.machine.bugs(),
    "mthp": _statistic,
    "reasons": lambda lab, code: int(((_last(lab)[:, 0] == WHY) & (_last(lab)[:, 1] == code)).sum()),
}
