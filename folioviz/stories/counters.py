"""What do the counters count? One folio, mapped in several ways, and what its four counters then hold."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.machine.memory import COMPOUND_MAPPED, HPAGE_PMD_NR
from folioviz.readout import state
from folioviz.readout.runs import runs
from folioviz.readout.words import minus
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import BASE, linked, order, ran, scenario
from folioviz.stories.parts.results import told

if TYPE_CHECKING:
    import numpy as np

    from folioviz.files.scenario import Scenario
    from folioviz.readout.state import Folio
    from folioviz.stories.parts.parts import Values

SHOWN_RUNS = 3
END = 2**31 - 1
"""A position after everything."""

BY_PTE = "mm; mmap 1 0 {area}; fault 1 0 {order}"
BY_PMD = f"mm; mmap 1 0 {HPAGE_PMD_NR}; faultpmd 1 0"
WAYS = {
    "pte": ("by PTEs", BY_PTE),
    "part": ("by PTEs, half of it", BY_PTE + "; dontneed 1 0 {half}"),
    "fork": ("by PTEs of two processes", BY_PTE + "; fork 1"),
    "halves": (
        "by PTEs of two processes, half by each",
        BY_PTE + "; fork 1; dontneed 1 0 {half}; dontneed 2 {half} {half}",
    ),
    "pmd": ("by a PMD", BY_PMD),
    "pmds": ("by PMDs of two processes", BY_PMD + "; fork 1"),
    "both": ("by a PMD, and by PTEs of a child", BY_PMD + "; fork 1; splitpmd 2 0"),
    "some": (
        "by a PMD, and half of it by PTEs of a child",
        BY_PMD + f"; fork 1; splitpmd 2 0; dontneed 2 0 {HPAGE_PMD_NR // 2}",
    ),
}
"""Way -> how a reader calls it, and its operations."""

HOW = Choice(
    "how",
    "mapped",
    tuple((text, key) for key, (text, _) in WAYS.items()),
    "both",
    "who maps the folio, and how; a PMD maps order 9 only",
)


def ops(values: Values) -> str:
    """Return the operations that map a folio in the way chosen; a PMD maps order 9, whatever order is chosen."""
    size = values["order"]
    return WAYS[values["how"]][1].format(area=max(64, 1 << size), order=size, half=1 << size >> 1)


def make(values: Values) -> Scenario:
    """Return the scenario: v6.5-rc3 alone, at its end."""
    return scenario(ops(values), BASE, at=END)


@lru_cache(maxsize=256)
def folio_after(text: str) -> Folio | None:
    """Return the first folio after some operations, None if there is none."""
    return next(iter(state.folios(ran(text, BASE).machine)), None)


def raw(number: int) -> str:
    """Return a counter's raw value: in hexadecimal where bit 23 counts."""
    return f"{number:#x}" if number >= COMPOUND_MAPPED else minus(number)


def mapcounts(values: np.ndarray) -> str:
    """Return the raw ``_mapcount`` of the pages of a folio, run by run."""
    found = runs(values)
    shown = [f"{raw(value)} ×{pages}" for value, pages in found[:SHOWN_RUNS]]
    return ", ".join(shown) + (" …" if len(found) > SHOWN_RUNS else "")


def counters(folio: Folio) -> tuple[object, ...]:
    """Return what a folio's counters hold."""
    return (
        mapcounts(folio.mapcount),
        raw(folio.entire_mapcount),
        raw(folio.nr_pages_mapped),
        folio.total_mapcount,
        folio.refcount,
        folio.pages_mapped,
    )


NAMES = (
    "_mapcount, raw",
    "_entire_mapcount, raw",
    "_nr_pages_mapped",
    "total_mapcount()",
    "refcount",
    "pages mapped",
)
NONE = ("–",) * len(NAMES)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return the counters after each operation of the way chosen, and those of every way."""
    parts = ops(values).split("; ")
    steps: list[tuple[object, ...]] = []
    for done in range(1, len(parts) + 1):
        folio = folio_after("; ".join(parts[:done]))
        steps.append((f"{done} · {parts[done - 1]}", *(counters(folio) if folio else NONE)))
    ways: list[tuple[object, ...]] = []
    for key, (name, _) in WAYS.items():
        text = ops({**values, "how": key})
        folio = folio_after(text)
        cells = counters(folio) if folio else NONE
        size = folio.order if folio else values["order"]
        ways.append((f"{name} (order {size})", *(linked(cell, text, BASE) for cell in cells)))
    return (
        Table(f"Operation by operation: mapped {WAYS[values['how']][0]}", ("after", *NAMES), tuple(steps)),
        Table(
            "Every way",
            ("mapped", *NAMES),
            tuple(ways),
            f"Computed by the model, now. A raw _mapcount is the number of mappings minus one. {COMPOUND_MAPPED:#x} in "
            "_nr_pages_mapped says that at least one PMD maps the folio; the rest counts pages that a PTE maps.",
            told(NAMES.index("_nr_pages_mapped") + 1, slice(2, 5), "_nr_pages_mapped, "),
        ),
    )


GUESSES = ("15", "16", "31", "32")


def answer() -> tuple[int, str]:
    """Return the ``_nr_pages_mapped`` of a folio that two processes map, and where the mappings are counted."""
    folio = folio_after(ops({"how": "fork", "order": 4}))
    if folio is None:
        return 0, ""
    return GUESSES.index(str(folio.nr_pages_mapped)), (
        f"It is {folio.nr_pages_mapped}: it counts pages that at least one PTE maps, not mappings. The "
        f"{folio.total_mapcount} mappings are counted page by page, in {folio.mapcount.size} _mapcounts that are "
        f"{folio.mapcount[0]} each, one less than the number of mappings. Fork leaves _nr_pages_mapped alone."
    )


STORY = Story(
    "counters",
    make,
    (HOW, replace(order(4, low=1), label="order, if by PTEs")),
    Question(
        "A process has an order-4 folio, all sixteen pages mapped by PTEs, and forks: now two processes map all of "
        "it. What is the folio’s _nr_pages_mapped?",
        GUESSES,
        answer,
        case={"how": "fork"},
    ),
    numbers,
    left=("decoder", "lanes", "transport"),
    right=("folios",),
    actions=("fork", "splitpmd", "dontneed", "get", "put", "exit"),
)
