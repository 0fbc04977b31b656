"""What do the counters count? One folio, mapped in several ways, and what its four counters then hold."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.machine.memory import COMPOUND_MAPPED, HPAGE_PMD_NR
from folioviz.readout import state
from folioviz.readout.runs import runs
from folioviz.readout.words import minus
from folioviz.stories.parts.parts import Choice, Drawn, Question, Story, Table
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
    "gone": ("by PTEs of a child, after its parent’s munmap", BY_PTE + "; fork 1; munmap 1 0 {area}"),
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


GUESSES = {
    (32, 16): "from 32 down to 16",
    (16, 0): "from 16 down to 0",
    (16, 16): "it stays at 16",
    (32, 32): "it stays at 32",
}
"""What it is before and after -> how that is told."""
CASE = {"how": "gone", "order": 4}
COLUMNS = 33
"""At so many steps of the munmap a value may be drawn."""


@lru_cache(maxsize=1)
def over_munmap() -> tuple[Folio, ...]:
    """Return the folio at evenly spaced steps of the parent's munmap, its beginning and its end among them."""
    lab = ran(ops(CASE), BASE)
    munmap, found = lab.applied[-1], []
    for column in range(COLUMNS):
        lab.seek(munmap.start + column * (munmap.end - munmap.start) // (COLUMNS - 1))
        found.append(state.folios(lab.machine)[0])
    return tuple(found)


def drawn() -> Drawn:
    """Return its ``_nr_pages_mapped`` there."""
    values = tuple(folio.nr_pages_mapped for folio in over_munmap())
    return Drawn("_nr_pages_mapped", 2 * over_munmap()[0].mapcount.size, values)


def answer() -> tuple[int, str]:
    """Return where ``_nr_pages_mapped`` goes while one of two processes unmaps a folio, and what is counted where."""
    first, last = over_munmap()[0], over_munmap()[-1]
    right = list(GUESSES).index((first.nr_pages_mapped, last.nr_pages_mapped))
    return right, (
        f"It is {first.nr_pages_mapped} at first and {last.nr_pages_mapped} at last: it counts pages that at least one "
        f"PTE maps, not mappings, and the child maps every page still. The {first.total_mapcount} mappings are counted "
        f"page by page: each of the {first.mapcount.size} _mapcounts goes from {first.mapcount[0]} to "
        f"{last.mapcount[0]}, one less than the number of mappings, and the refcount from {first.refcount} to "
        f"{last.refcount}."
    )


STORY = Story(
    "counters",
    make,
    (HOW, replace(order(4, low=1), label="order, if by PTEs")),
    Question(
        "A process has an order-4 folio, all sixteen pages mapped by PTEs, and forks: now two processes map all of "
        "it. Then one munmap takes the parent’s sixteen PTEs down. Where does the folio’s _nr_pages_mapped go?",
        tuple(GUESSES.values()),
        answer,
        case={"how": CASE["how"]},
        drawn=drawn,
        hints=("mapped",),
    ),
    numbers,
    left=("decoder", "lanes", "transport"),
    right=("folios",),
    actions=("fork", "splitpmd", "dontneed", "get", "put", "exit"),
)
