"""Can an order-1 folio be queued? The queue's link lies in the third struct page, and it has two."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.machine import journal
from folioviz.machine.memory import LIST_PAGE
from folioviz.mm.headers import deferred_list
from folioviz.readout import state, trace
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import FIRST, SERIES, V4, kernel, label, linked, order, ran, scenario
from folioviz.stories.parts.results import reds

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.lab import Lab
    from folioviz.stories.parts.parts import Cell, Values

ASSERTION = "folio_order(folio) < 2"
LINK = deferred_list(0) - LIST_PAGE
"""Which struct page of a folio holds ``_deferred_list``, counted from 0 (struct folio, v6.5)."""
PARTS = (("one page", "page"), ("the first half", "half"), ("all of it", "all"))
PART = Choice("part", "MADV_DONTNEED of", PARTS, "page", "how many of the folio's pages are unmapped")
ORDERS = range(5)


def pages(order_: int, part: str) -> int:
    """Return how many pages a part of a folio has; half of a single page is that page."""
    size = 1 << order_
    return {"page": 1, "half": max(1, size // 2), "all": size}[part]


def ops(values: Values) -> str:
    """Return the operations: a folio, a small one behind it in memory, and a part of the first is unmapped."""
    size = 1 << values["order"]
    return (
        f"mm; mmap 1 0 64; fault 1 0 {values['order']}; fault 1 {size} {min(values['order'], 1)}; "
        f"dontneed 1 0 {pages(values['order'], values['part'])}"
    )


def steps(lab: Lab, index: int) -> list[int]:
    """Return the journal rows of an operation that are steps of the playhead."""
    return [line.row for line in trace.lines(lab, index) if line.kind < journal.WHY]


def assertion_at(text: str, keys: tuple[str, ...]) -> int | None:
    """Return the playhead's position at which the first of these kernels has hit a bug in the last operation."""
    labs = [ran(text, key) for key in keys]
    fired = next(((lab, row) for lab in labs if (row := lab.bug_at())), None)
    if fired is None:
        return None
    lab, row = fired
    last = len(lab.applied) - 1
    before = sum(max(1, *(len(steps(one, index)) for one in labs)) for index in range(last))
    return before + sum(one < row for one in steps(lab, last))


def make(values: Values) -> Scenario:
    """Return the scenario; the playhead is where an assertion has just fired, if one does."""
    text, keys = ops(values), tuple(key for key in (values["a"], values["b"]) if key != "none")
    return scenario(text, *keys, at=assertion_at(text, keys))


@lru_cache(maxsize=128)
def outcome(text: str, key: str) -> tuple[str, str]:
    """Return what becomes of folio 1 in the last operation, and whether that is "good", "bad" or neither."""
    lab = ran(text, key)
    if any(ASSERTION in name for name in lab.machine.bugs()):
        return "assertion fires", "bad"
    folio = next((one for one in state.folios(lab.machine) if one.id == 1), None)
    last = lab.applied[-1]
    if folio is not None:
        return ("queued", "") if folio.queue_place else ("not queued", "")
    if lab.costs(last.start, last.end)["qadd"]:
        return "queued, then freed", ""
    return "not queued, freed", ""


def cell(values: Values, key: str) -> Cell:
    """Return what becomes of the folio under a kernel, as a table's cell."""
    text = ops(values)
    said, mark = outcome(text, key)
    return linked(said, text, key, mark=mark)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what becomes of folios of each order, and of every part of an order-1 folio, under the patches."""
    by_order = tuple(
        (label(key), *(cell(dict(values) | {"order": number}, key) for number in ORDERS)) for key in SERIES
    )
    by_part = tuple(
        (label(key), *(cell({"order": 1, "part": part}, key) for _, part in PARTS)) for key in SERIES
    )
    what = next(name for name, part in PARTS if part == values["part"])
    return (
        Table(
            f"Unmapping {what} of a folio of order 0 to {ORDERS[-1]}",
            ("kernel", *(f"order {number}" for number in ORDERS)),
            by_order,
            "Computed by the model, now, with batched mmu_gather.",
        ),
        Table(
            "Unmapping a part of an order-1 folio",
            ("kernel", *(name for name, _ in PARTS)),
            by_part,
            "Computed by the model, now, with batched mmu_gather.",
            reds("run into the assertion"),
        ),
    )


def answer() -> tuple[int, str]:
    """Return what patch 1/3 does to an order-1 folio of which a page goes."""
    text = ops({"order": 1, "part": "page"})
    lab = ran(text, FIRST)
    [folio, _] = state.folios(lab.machine)
    fired = outcome(text, FIRST)[0] == "assertion fires"
    right = 2 if fired else 0 if folio.queue_place else 1
    return right, (
        f"{folio.pages_mapped} of {folio.mapcount.size} pages is still mapped, so 1/3 calls deferred_split_folio(). "
        f"The link of the queue, _deferred_list, lies in struct page {LINK} of a folio, counted from 0; an order-"
        f"{folio.order} folio has {folio.mapcount.size}. VM_BUG_ON_FOLIO({ASSERTION}), with CONFIG_DEBUG_VM, "
        "stops it before it touches the struct page behind."
    )


STORY = Story(
    "order-1",
    make,
    (kernel("a", FIRST), kernel("b", V4, none=True), order(1, 0, 4), PART),
    Question(
        "Patch 1/3 lets any large anonymous folio be queued once a part of it is unmapped. One page of an order-1 "
        "folio is unmapped. What happens?",
        (
            "it is queued like any other",
            "it is left alone, two pages are not worth a split",
            "an assertion fires in deferred_split_folio()",
        ),
        answer,
    ),
    numbers,
    left=("struct_pages", "transport"),
    right=("queue", "trace"),
)
