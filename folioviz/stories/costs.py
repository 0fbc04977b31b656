"""What does it cost? Every counter of one zap, for every order and kernel; and figures that others have measured."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.ops.ops import parse_line
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
    BASE,
    FIRST,
    SECOND,
    V4,
    WHO,
    cost_name,
    kernel,
    label,
    linked,
    order,
    side_by_side,
)
from folioviz.stories.parts.results import change
from folioviz.stories.parts.tally import Counted
from folioviz.stories.parts.unmapping import SIZES

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Values

KERNELS = (BASE, FIRST, SECOND, "v6.5-rc3+v3", V4, "v6.5-rc3+v4full")
ORDERS = tuple(range(10))
RANGE = Choice(
    "range",
    "zap",
    (("the whole folio", "whole"), ("its first half", "half"), ("its first page", "page")),
    "whole",
    "how much of the folio one munmap covers",
)
GUESSES = ("sqlock", "nrpm", "rput")
WANTED = ("sqlock", "qadd", "mapc", "nrpm", "lru", "rget", "rput", "thw", "tforce", "zround", "pfree")
"""The costs that tell the kernels apart, in the order of the explorer's table."""
PUBLISHED = Table(
    "Measured elsewhere, by others, on real machines",
    ("what was measured", "before", "after", "who, where, when"),
    (
        (
            "kernel build with ld.lld, 96 jobs: system time, without and with a bail-out for folios already queued",
            "12,504.55 s",
            "5,047.91 s",
            "Yin Fengwei, “mm/thp: check and bail out if page in deferred queue already”, 23 Dec 2022",
        ),
        (
            "kernel build on Ampere Altra, 80 jobs, order-3 folios: cycles in rmap removal, without and with ranges",
            "24.7 G",
            "5.5 G",
            "Ryan Roberts, “[PATCH v2 5/5] mm/mmu_gather: Store and process pages in contig ranges”, 30 Aug 2023",
        ),
        (
            "the same build: cycles in deferred_split_folio()",
            "5.2 G",
            "0",
            "the same mail",
        ),
    ),
    "Published figures: other kernels, other machines. The model counts events; it says nothing about time.",
    change(2, 1, 2),
)


def ops(values: Values) -> str:
    """Return the operations: one folio, perhaps a fork, and one munmap by the first process."""
    pages = 1 << values["order"]
    zapped = {"whole": pages, "half": max(pages // 2, 1), "page": 1}[values["range"]]
    fork = "; fork 1" if values["who"] == "two" else ""
    return f"mm; mmap 1 0 {max(pages, 64)}; fault 1 0 {values['order']}{fork}; munmap 1 0 {zapped}"


make = side_by_side(ops)


@lru_cache(maxsize=1024)
def cost(text: str, key: str) -> dict[str, int]:
    """Return what the last of some operations costs under a kernel; nothing at all if it hits a bug."""
    run = Counted(key, sizes=SIZES)
    for op in parse_line(text):
        run.apply(op)
    costs, bugs, _ = run.tally()
    return {} if bugs else dict(costs)


def counted(text: str, key: str, name: str) -> Cell:
    """Return one count, or that the kernel ran into an assertion; it opens its scenario."""
    found = cost(text, key)
    return linked(found[name], text, key) if found else linked("BUG", text, key, mark="bad")


def numbers(values: Values) -> tuple[Table, ...]:
    """Return every cost of this zap under every kernel; and, apart, published figures."""
    text = ops(values)
    rows = tuple(
        (cost_name(name), *(counted(text, key, name) for key in KERNELS))
        for name in WANTED
        if any(cost(text, key).get(name) for key in KERNELS)
    )
    labels = tuple(label(key) for key in KERNELS)
    return Table("This munmap, counted", ("counter", *labels), rows), PUBLISHED


def answer() -> tuple[int, str]:
    """Return which of three counts the series makes bigger for a whole order-9 folio mapped by PTEs."""
    text = ops({"order": 9, "range": "whole", "who": "one"})
    base, series = cost(text, BASE), cost(text, V4)
    grown = [series[name] > base[name] for name in GUESSES]
    said = [f"{cost_name(name)}: {base[name]} before, {series[name]} after" for name in GUESSES]
    return grown.index(
        True
    ), f"{'; '.join(said)}. The pair of folio_get() and folio_put() around each batch is the price."


STORY = Story(
    "costs",
    make,
    (order(4), RANGE, WHO, kernel("a", FIRST, KERNELS), kernel("b", V4, KERNELS, none=True)),
    Question(
        "One munmap of a whole order-9 folio that 512 PTEs map. Which of these does the whole series make bigger than "
        "v6.5-rc3 alone?",
        tuple(map(cost_name, GUESSES)),
        answer,
        case={"order": 9, "a": BASE},
    ),
    numbers,
    left=("sweep",),
    right=("costs",),
)
