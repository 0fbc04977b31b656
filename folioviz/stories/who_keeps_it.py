"""Fork, copy-on-write, exit: who keeps the folio? Two processes share it; the last mapping of a page decides."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine import journal
from folioviz.readout import explain, state
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
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
from folioviz.stories.parts.results import reds

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Cell, Values

DEEDS = (
    ("does nothing", "nothing"),
    ("drops the first half", "first"),
    ("drops the second half", "second"),
    ("drops all of it", "all"),
    ("writes the first page", "write"),
    ("writes every page", "every"),
    ("exits", "exit"),
)
"""What a process may do; it drops pages with MADV_DONTNEED."""
PARENT, CHILD = 1, 2
NAMES = {PARENT: "parent", CHILD: "child"}


class Outcome(NamedTuple):
    """What has become of the shared folio, and of memory.

    Attributes:
        queued_by: which process's operation queued it: PARENT, CHILD, or 0 if neither.
        queued: whether it is on the queue in the end.
        alive: whether it lives in the end.
        mapped: how many of its pages are mapped then.
        copies: pages copied on write.
        reused: pages written in place.
        held: pages that all folios hold in the end.
        locks: how often split_queue_lock was taken.
    """

    queued_by: int
    queued: bool
    alive: bool
    mapped: int
    copies: int
    reused: int
    held: int
    locks: int


def deed(what: str, mm: int, size: int) -> list[str]:
    """Return the operations of one process."""
    half = max(1, size // 2)
    return {
        "nothing": [],
        "first": [f"dontneed {mm} 0 {half}"],
        "second": [f"dontneed {mm} {size // 2} {half}"],
        "all": [f"dontneed {mm} 0 {size}"],
        "write": [f"write {mm} 0"],
        "every": [f"write {mm} {page}" for page in range(size)],
        "exit": [f"exit {mm}"],
    }[what]


def ops(values: Values) -> str:
    """Return the operations: a folio, a fork, and what each process does, the one that begins first."""
    size = 1 << values["order"]
    deeds = [deed(values["parent"], PARENT, size), deed(values["child"], CHILD, size)]
    if values["begins"] == "child":
        deeds.reverse()
    return "; ".join([f"mm; mmap 1 0 64; fault 1 0 {values['order']}; fork 1", *deeds[0], *deeds[1]])


make = side_by_side(ops)


@lru_cache(maxsize=1024)
def outcome(text: str, key: str) -> Outcome:
    """Return what some operations lead to under a kernel."""
    lab = ran(text, key)
    whys = explain.decisions(lab)
    rows = [why.row for why in whys if why.reason == journal.QUEUED and why.folio == 1]
    by = getattr(lab.applied[lab.op_at(rows[0] + 1)].op, "mm", 0) if rows else 0
    folios = state.folios(lab.machine)
    folio = next((one for one in folios if one.id == 1), None)
    reasons = [why.reason for why in whys]
    return Outcome(
        by,
        bool(folio and folio.queue_place),
        folio is not None,
        folio.pages_mapped if folio else 0,
        sum(reason in explain.COPIES for reason in reasons),
        sum(reason in explain.REUSES for reason in reasons),
        sum(1 << one.order for one in folios),
        lab.costs()["sqlock"],
    )


def who(found: Outcome) -> tuple[str, str]:
    """Return who has queued the folio in words, and "bad" if it gained nothing."""
    if not found.queued_by:
        return ("nobody" if found.alive else "nobody, freed"), ""
    name = f"the {NAMES[found.queued_by]}"
    return (name, "") if found.queued else (f"{name}, then freed", "bad")


def matrix(values: Values) -> tuple[tuple[object, ...], ...]:
    """Return who queues the folio for every pair of deeds, under the v4 series."""
    rows = []
    for name, parent in DEEDS:
        row: list[object] = [f"parent {name}"]
        for _, child in DEEDS:
            text = ops(dict(values) | {"parent": parent, "child": child})
            found = outcome(text, V4)
            said, mark = who(found)
            more = f" · {found.held}" + (f" ({found.copies})" if found.copies else "")
            row.append(linked(said + more, text, V4, mark=mark))
        rows.append(tuple(row))
    return tuple(rows)


def kernel_row(text: str, key: str) -> tuple[object, ...]:
    """Return what the chosen deeds lead to under one kernel."""
    found = outcome(text, key)
    said, mark = who(found)
    queue: Cell = linked(said, text, key, mark=mark)
    mapped = found.mapped if found.alive else "freed"
    return (label(key), queue, found.locks, mapped, found.copies, found.reused, found.held)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return the outcome under each kernel, and that of every pair of deeds."""
    text = ops(values)
    chosen = Table(
        "What you have chosen, under each kernel",
        (
            "kernel",
            "queued by",
            cost_name("sqlock"),
            "pages of the folio mapped",
            "pages copied",
            "written in place",
            "pages held in the end",
        ),
        tuple(kernel_row(text, key) for key in SERIES),
    )
    pairs = Table(
        f"Who queues an order-{values['order']} folio under the v4 series, the {values['begins']} acting first",
        ("", *(f"child {name}" for name, _ in DEEDS)),
        matrix(values),
        "Computed by the model, now. After the dot: pages that all folios hold in the end; in brackets: pages copied.",
        reds("pairs queue it for nothing"),
    )
    return chosen, pairs


def answer() -> tuple[int, str]:
    """Return whether the folio is queued when both drop the same half, and when they drop different ones."""
    values = STORY.values | {"order": 4, "parent": "first", "begins": "parent"}
    same, other = (outcome(ops(values | {"child": child}), V4) for child in ("first", "second"))
    size = 1 << values["order"]
    right = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[
        same.queued, other.queued
    ]
    return right, (
        f"Different halves leave {other.mapped} of {size} pages mapped, each by one process, although neither maps the "
        f"whole folio. The same half leaves {same.mapped} mapped; the other {size - same.mapped} have lost their last "
        f"mapping, and the {NAMES.get(same.queued_by, 'kernel')}, who comes second, queues the folio. What counts is "
        "the last mapping of a page, not what a process maps."
    )


def deeds_of(name: str, value: str) -> Choice:
    """Return the choice of what a process does."""
    number = next(number for number, who_ in NAMES.items() if who_ == name)
    return Choice(name, f"{name}, process {number}", DEEDS, value, f"what the {name} does after the fork")


ORDERS = order(4, 0, 5)
STORY = Story(
    "who-keeps-it",
    make,
    (
        kernel("a", V4),
        kernel("b", "none", none=True),
        deeds_of("parent", "first"),
        deeds_of("child", "first"),
        Choice(
            "begins",
            "first comes",
            (("the parent", "parent"), ("the child", "child")),
            "parent",
            "who acts before the other",
        ),
        replace(
            ORDERS,
            options=tuple(one for one in ORDERS.options if one[1] != 1),
            tooltip="the folio has 2**order pages; order 1 has a story of its own",
        ),
    ),
    Question(
        "After fork(), parent and child share a folio of 16 pages. The parent drops the first half with MADV_DONTNEED, "
        "then the child drops either the same half or the other one. When does v4 queue the folio?",
        (
            "in both cases",
            "only when both drop the same half",
            "only when they drop different halves",
            "in neither case",
        ),
        answer,
        asked=2,
    ),
    numbers,
    left=("lanes", "folios", "transport"),
    right=("queue", "trace"),
    actions=("write", "dontneed", "exit", "shrink"),
    notice="left",
)
