"""What does a zap do to the split queue? One munmap of a whole folio, patch by patch."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.machine.journal import QUEUED, WHY
from folioviz.readout.words import count, signed, times
from folioviz.stories.parts.parts import Cell, Question, Story, Table
from folioviz.stories.parts.pieces import (
    BASE,
    FIRST,
    SECOND,
    SERIES,
    V4,
    cost_name,
    kernel,
    label,
    linked,
    order,
    ran,
    side_by_side,
)
from folioviz.stories.parts.results import change, told

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

COSTS = ("sqlock", "qadd", "qdel", "nrpm", "lru", "thw")
PATCHES = (
    ("1/3 any order may be queued", FIRST),
    ("2/3 rmap of a range", SECOND),
    ("3/3 zap in batches", V4),
)
ORDERS = range(2, 10)


def ops(size: int) -> str:
    """Return the operations: one folio, mapped by PTEs, and one munmap of all of it."""
    pages = max(64, 1 << size)
    return f"mm; mmap 1 0 {pages}; fault 1 0 {size}; munmap 1 0 {pages}"


make = side_by_side(lambda values: ops(values["order"]))


@lru_cache(maxsize=64)
def unmapped(size: int, key: str) -> tuple[dict[str, int], int]:
    """Return what the munmap costs, and how many pages were still mapped when the folio was queued (-1: it was not)."""
    lab = ran(ops(size), key)
    rows = lab.rows(len(lab.applied) - 1)
    left = rows[(rows[:, 0] == WHY) & (rows[:, 1] == QUEUED), 3]
    return lab.costs(lab.applied[-1].start), int(left[0]) if left.size else -1


def per_kernel(size: int) -> Table:
    """Return what the munmap costs under each kernel of the series."""
    rows = []
    for key in SERIES:
        costs, left = unmapped(size, key)
        seen = (
            Cell("never queued", mark="good")
            if left < 0
            else Cell(f"{left} of {1 << size} pages", mark="bad")
        )
        rows.append((label(key), seen, *(linked(costs[name], ops(size), key) for name in COSTS)))
    columns = ("kernel", "mapped when queued", *map(cost_name, COSTS))
    return Table(f"One munmap of a whole order-{size} folio", columns, tuple(rows))


def per_patch(size: int) -> Table:
    """Return what each patch adds to the cost, or takes off."""
    rows, before = [], BASE
    for name, key in PATCHES:
        changes = [unmapped(size, key)[0][cost] - unmapped(size, before)[0][cost] for cost in COSTS]
        cells = (Cell(signed(more), mark="bad" if more > 0 else "good" if more else "") for more in changes)
        rows.append((name, *cells))
        before = key
    columns = ("patch, on top of those before", *map(cost_name, COSTS))
    result = told(1, what=f"{columns[1]}, ")
    return Table("What each patch adds to that, or takes off", columns, tuple(rows), result=result)


def per_order() -> Table:
    """Return how often split_queue_lock is taken, for every order."""
    rows = [
        (label(key), *(linked(unmapped(size, key)[0]["sqlock"], ops(size), key) for size in ORDERS))
        for key in SERIES
    ]
    columns = ("kernel", *(f"order {size}" for size in ORDERS))
    result = told(-1, what=f"{columns[-1]}, ")
    return Table("How often split_queue_lock is taken, order by order", columns, tuple(rows), result=result)


ELSEWHERE = Table(
    "Measured elsewhere, on real machines",
    ("kernel build", "what of it", "before", "after", "what came between", "who, when"),
    (
        (
            "ld.lld, 96 jobs",
            "system time",
            "5,063.35 s",
            "12,504.55 s",
            "anonymous mappings aligned for THP (f35b5d7d676e)",
            "Yin Fengwei, 23 Dec 2022",
        ),
        (
            "the same",
            "system time",
            "12,504.55 s",
            "5,047.91 s",
            "no split_queue_lock for a folio that is queued already",
            "Yin Fengwei, 23 Dec 2022",
        ),
        (
            "Ampere Altra, 80 jobs",
            "cycles in deferred_split_folio(), order 3",
            "5.2 billion",
            "none",
            "ranges of pages kept in mmu_gather",
            "Ryan Roberts, 30 Aug 2023",
        ),
    ),
    "Not computed here. “mm/thp: check and bail out if page in deferred queue already”: before v6.3, when every page "
    "removed took split_queue_lock. “[PATCH v2 5/5] mm/mmu_gather: Store and process pages in contig ranges”: a later "
    "series. Neither measured the three patches shown here.",
    change(2, 2, 3),
)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return the costs for the order chosen, patch by patch; for all orders; and what others have measured."""
    size = values["order"]
    return (per_kernel(size), per_patch(size), per_order(), ELSEWHERE)


GUESSES = ("0", "1", "2", "16")


def answer() -> tuple[int, str]:
    """Return how often split_queue_lock is taken with 1/3 alone, why, and what the kernels around it do."""
    costs, left = unmapped(4, FIRST)
    taken, on, off = (times(costs[name]) for name in ("sqlock", "qadd", "qdel"))
    others = {key: unmapped(4, key)[0]["sqlock"] for key in (BASE, V4)}
    return GUESSES.index(str(costs["sqlock"])), (
        f"split_queue_lock is taken {taken}: {on} to queue the folio after its first page, with "
        f"{left} of {1 << 4} still mapped, and {off} to take it off as its last reference goes. The pages "
        f"between find it queued and do not take it. {BASE} takes it {count(others[BASE], 'time')}, for it queues only "
        f"folios that a PMD could map; the whole series {count(others[V4], 'time')}."
    )


STORY = Story(
    "spurious-visit",
    make,
    (kernel("a", FIRST, SERIES), kernel("b", V4, SERIES, none=True), order(4, low=2)),
    Question(
        "One munmap takes away all sixteen PTEs of an order-4 folio, and with them its last references. With patch "
        "1/3 alone, how often is split_queue_lock taken?",
        GUESSES,
        answer,
    ),
    numbers,
    left=("folios", "timeline"),
    right=("queue", "costs"),
    notice="left",
)
