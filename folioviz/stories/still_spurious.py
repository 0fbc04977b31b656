"""Are whole folios still queued today? One that goes, or moves, in parts is queued on the way."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz import kernels
from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.ops.ops import parse_line
from folioviz.readout import counters, state
from folioviz.readout.words import times
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import kernel, label, linked, order, scenario
from folioviz.stories.parts.results import reds, told
from folioviz.stories.parts.still_seen import LEFT, SEEN

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

TODAY, BEFORE = "v7.3", "v6.8"
CASES = {
    "whole": "munmap, no edge",
    "vma": "munmap, VMA edge",
    "table": "munmap, table edge",
    "split": "split",
    "remap": "failed migration",
    "migrate": "migration",
    "again": "second migration",
}
CUT = ("vma", "table")
"""The cases in which an edge cuts the folio."""
EDGES = {
    "start": "at its first page",
    "one": "after one page",
    "half": "in the middle",
    "last": "before its last page",
    "end": "after its last page",
}
FAR = 1536
"""The 2 MiB border that cuts the folio once mremap has moved it."""
NO_MPROTECT = ("series", "never")
"""Eras whose kernels have no mprotect here."""


class Visit(NamedTuple):
    """What the last operation did to the queue, or why it cannot be done.

    Attributes:
        locks: how often split_queue_lock was taken.
        events: how often a folio was counted as partially mapped; before v6.12, as queued.
        result: what the operation returned.
        stays: whether a folio is flagged in the end, or queued where there is no flag.
        refused: why it cannot be done, or "".
    """

    locks: int = 0
    events: int = 0
    result: int = 0
    stays: bool = False
    refused: str = ""


def edge_pages(edge: str, size: int) -> int:
    """Return how many pages of a folio lie below the edge."""
    pages = 1 << size
    return {"start": 0, "one": 1, "half": pages // 2, "last": pages - 1, "end": pages}[edge]


def folio(size: int) -> str:
    """Return how a folio comes to be mapped by PTEs; one of 2 MiB by a PMD that is split."""
    fault = "faultpmd 1 0; splitpmd 1 0" if size == HPAGE_PMD_ORDER else f"fault 1 0 {size}"
    return f"mm; mmap 1 0 1024; {fault}"


def ops(case: str, size: int, edge: str = "half", *, mprotect: bool = True) -> str:
    """Return the operations, the last of which is the one that counts.

    Without mprotect, a VMA edge is made by moving what lies below it away and back: VMAs do not merge then.
    """
    pages, below = 1 << size, edge_pages(edge, size)
    there = FAR - below
    cut = f"mprotect 1 0 {below} 0; " if mprotect else f"mremap 1 0 {below} 2048; mremap 1 2048 {below} 0; "
    last = {
        "whole": f"munmap 1 0 {pages}",
        "vma": f"{cut if below else ''}munmap 1 0 {pages}",
        "table": f"mremap 1 0 {pages} {there}; munmap 1 {there} {pages}",
        "split": "split 1",
        "remap": "remap 1",
        "migrate": "migrate 1",
        "again": "migrate 1; migrate 2",
    }[case]
    return f"{folio(size)}; {last}"


def has_mprotect(key: str) -> bool:
    """Tell whether a kernel has mprotect here."""
    return kernels.find(key).era not in NO_MPROTECT


def make(values: Values) -> Scenario:
    """Return the scenario; a VMA edge is made by mprotect if all kernels that are shown have it."""
    keys = [key for key in (values["a"], values["b"]) if key != "none"]
    mprotect = all(map(has_mprotect, keys))
    return scenario(ops(values["case"], values["order"], values["edge"], mprotect=mprotect), *keys)


def events(lab: Lab) -> int:
    """Return how often a folio has been counted: split_deferred of all sizes, else thp_deferred_split_page."""
    if lab.machine.mthp_stat.size:
        return sum(stats["split_deferred"] for stats in counters.size_stats(lab.machine).values())
    return counters.counters(lab.machine)["thp_deferred_split_page"]


@lru_cache(maxsize=2048)
def visit(text: str, key: str) -> Visit:
    """Return what the last operation of a text does to the queue."""
    lab = Lab(key)
    *first, last = parse_line(text)
    try:
        for op in first:
            lab.apply(op)
        before = events(lab)
        step = lab.apply(last)
    except OperationError as error:
        return Visit(refused=str(error))
    stays = any(one.queue_place and one.flagged != 0 for one in state.folios(lab.machine))
    return Visit(lab.costs(step.start, step.end)["sqlock"], events(lab) - before, step.result, stays)


def text_for(case: str, size: int, edge: str, key: str) -> str:
    """Return the operations of a case as a kernel can do them."""
    return ops(case, size, edge, mprotect=has_mprotect(key))


def cell(case: str, size: int, edge: str, key: str) -> Cell:
    """Return what a case costs under a kernel: split_queue_lock taken / events, and what is left; a dash for none."""
    text = text_for(case, size, edge, key)
    found = visit(text, key)
    if found.refused:
        return Cell("–")
    said = f"{found.locks} / {found.events}" + (", stays" if found.stays and case != "again" else "")
    if case == "again":
        said += ", split" if found.result else ", moves"
    return linked(
        said, text, key, mark="bad" if found.events or (case == "again" and found.result) else "good"
    )


def size_for(size: int, key: str) -> int:
    """Return the order of the folio that a kernel is asked about: v6.1 has none between one page and 2 MiB."""
    orders = kernels.find(key).orders
    return size if size in orders or size == HPAGE_PMD_ORDER else HPAGE_PMD_ORDER


def grid(size: int, edge: str) -> Table:
    """Return every case under every kernel."""
    rows = []
    for key in kernels.KERNELS:
        own = size_for(size, key)
        name = label(key) + (", 2 MiB" if own != size else "")
        rows.append((name, *(cell(case, own, edge, key) for case in CASES)))
    return Table(
        f"One operation on a healthy, fully mapped order-{size} folio: split_queue_lock taken / folios counted",
        ("kernel", *CASES.values()),
        tuple(rows),
        "Computed by the model, now: how often split_queue_lock is taken, and how often a folio is counted as "
        "partially mapped (split_deferred; thp_deferred_split_page before v6.10). Red: counted for nothing. “stays”: "
        "all pages are mapped again, and the folio is still flagged, or queued where there is no flag. –: not "
        "modelled for this kernel: migration before v6.8. v6.1 has no folio between one page and 2 MiB. "
        "v6.5-rc3 queues 2 MiB folios only.",
    )


def edges(size: int, keys: tuple[str, ...]) -> Table:
    """Return the cuts for every place of the edge, under the kernels that are shown."""
    rows = []
    for key in keys:
        own = size_for(size, key)
        for case in CUT:
            name = f"{label(key)}, {CASES[case].removeprefix('munmap, ')}"
            rows.append((name, *(cell(case, own, edge, key) for edge in EDGES)))
    return Table(
        "Where the edge lies: split_queue_lock taken / folios counted",
        ("", *EDGES.values()),
        tuple(rows),
        "Computed by the model, now. A batch ends at the edge only if the edge is inside the folio.",
        reds("count it for nothing"),
    )


def moved(size: int) -> Table:
    """Return what a migration leaves, and what the next one does with that."""
    rows = []
    for key in ("v6.8", "v6.9", "v6.10", "v6.12", TODAY, "v7.3+no-page-mapcount"):
        text = ops("migrate", size)
        lab = Lab(key)
        for op in parse_line(text):
            lab.apply(op)
        new = state.folios(lab.machine)[0]
        flag = {None: "not kept", 0: "clear"}.get(new.flagged, "set")
        healthy = linked(flag, text, key, mark="bad" if new.flagged else "")
        again = ops("again", size)
        split = visit(again, key).result == 1
        then = linked("is split" if split else "moves", again, key, mark="bad" if split else "good")
        mapped, placed = f"{new.pages_mapped} of {1 << size}", "yes" if new.queue_place else "no"
        stats = counters.size_stats(lab.machine).get(size, {}) if new.flagged is not None else {}
        rows.append((label(key), mapped, placed, healthy, stats.get("nr_anon_partially_mapped", "–"), then))
    return Table(
        f"A healthy order-{size} folio is migrated, and then once more",
        (
            "kernel",
            "new folio’s pages mapped",
            "on the queue",
            "PG_partially_mapped",
            "nr_anon_partially_mapped",
            "next migration",
        ),
        tuple(rows),
        "Computed by the model, now. No folio is partially mapped, so the counter should be 0. v6.12 is 6.12.117, "
        "which has v7.1’s requeueing by a backport; running kernels are in the next table.",
        told(5, slice(0, None, 5), "next migration, "),
    )


def numbers(values: Values) -> tuple[Table, ...]:
    """Return every case under every kernel, every place of the edge, what a migration leaves, and what was seen."""
    size, keys = (
        values["order"],
        tuple(dict.fromkeys(key for key in (values["a"], values["b"]) if key != "none")),
    )
    return (grid(size, values["edge"]), edges(size, keys), moved(size), LEFT, SEEN)


def answer() -> tuple[int, str]:
    """Return which kernels count a 2 MiB folio that goes as a whole across a VMA edge."""
    size = HPAGE_PMD_ORDER
    cut, whole = (
        {key: visit(text_for(case, size, "half", key), key) for key in kernels.KERNELS}
        for case in ("vma", "whole")
    )
    counted = [key for key, found in cut.items() if found.events]
    spared = [key for key, found in whole.items() if not found.events]
    right = 2 if len(counted) == len(cut) else 0 if not counted else 1
    return right, (
        f"{len(counted)} of {len(cut)} kernels do. A batch ends where its VMA ends: when the first half has gone, "
        f"{1 << size >> 1} pages are still mapped, and the folio is queued or flagged; then the rest goes, and it is "
        f"freed. {TODAY} counts {cut[TODAY].events} and takes split_queue_lock {times(cut[TODAY].locks)}. Without "
        f"the edge {len(spared)} of the {len(whole)} kernels count nothing."
    )


STORY = Story(
    "still-spurious",
    make,
    (
        Choice(
            "case",
            "what happens",
            tuple((name, key) for key, name in CASES.items()),
            "vma",
            "to the whole folio",
        ),
        Choice(
            "edge",
            "the edge",
            tuple((name, key) for key, name in EDGES.items()),
            "half",
            "where a VMA or a page table ends, if one does",
        ),
        replace(order(4, 2), tooltip="the folio has 2**order pages; v6.1 has 2 MiB folios only"),
        kernel("a", TODAY, kernels.KERNELS),
        kernel("b", BEFORE, kernels.KERNELS, none=True),
    ),
    Question(
        "Half of a 2 MiB folio, mapped by PTEs, is read-only: two VMAs share it. One munmap takes all of it. Which "
        "kernels count it as partially mapped on the way?",
        ("none: all of it goes", "only those that unmap page by page", "all of them"),
        answer,
        case={"case": "vma", "order": HPAGE_PMD_ORDER},
    ),
    numbers,
    left=("visit", "lanes", "folios", "transport"),
    right=("queue", "trace"),
)
