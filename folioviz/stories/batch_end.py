"""Where does a batch end? At what the folio, the PTEs, the range or the mmu_gather allows."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine import journal as j
from folioviz.readout import state
from folioviz.stories.parts.batches import Batch, Found, read
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import (
    BASE,
    FIRST,
    V4,
    kernel,
    label,
    linked,
    order,
    ran,
    side_by_side,
)
from folioviz.stories.parts.results import told
from folioviz.stories.parts.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.lab import Lab
    from folioviz.readout.state import Vma
    from folioviz.stories.parts.parts import Values

FULL = "v6.5-rc3+v4full"
WAYS = {
    "nothing": "nothing",
    "next": "the next folio",
    "range": "the end of the range",
    "hole": "a hole",
    "copied": "a copied page",
    "vma": "a VMA edge",
    "table": "a page-table edge",
    "memory": "a full gather",
}
WAY = Choice(
    "way",
    "in the way",
    tuple((name, key) for key, name in WAYS.items()),
    "table",
    "what lies in the middle of the folio, or what the munmap meets there",
)
FOLIOS, ORDER = 640, 4
"""What fills a whole gather."""


def ops(way: str, size: int) -> str:
    """Return the operations: a folio of order ``size``, something in the way, and one munmap.

    A process moves half of a folio away and back for a VMA edge; VMAs never merge here.
    """
    n, half = 1 << size, 1 << size >> 1
    begin, end = f"mm; mmap 1 0 {max(128, 2 * n)}; fault 1 0 {size}", f"munmap 1 0 {n}"
    return {
        "nothing": f"{begin}; {end}",
        "next": f"{begin}; fault 1 {n} {size}; munmap 1 0 {2 * n}",
        "range": f"{begin}; munmap 1 0 {half}",
        "hole": f"{begin}; dontneed 1 {half} 1; {end}",
        "copied": f"{begin}; fork 1; write 1 {half}; {end}",
        "vma": f"{begin}; mremap 1 {half} {half} 1024; mremap 1 1024 {half} {half}; {end}",
        "table": f"{begin}; mremap 1 0 {n} {512 - half}; munmap 1 {512 - half} {n}",
        "memory": f"{begin}; glimit 0; {end}",
    }[way]


make = side_by_side(lambda values: ops(values["way"], values["order"]))


def ending(batch: Batch, vmas: Iterable[Vma]) -> str:
    """Return what ended a batch; ``vmas`` are those of its process when the operation began."""
    last = batch.vpn + batch.pages
    if batch.pages < batch.asked:
        return "the gather is full"
    if batch.reason != j.BATCH_RANGE_END:
        return {
            j.BATCH_FOLIO_END: "the folio ends",
            j.BATCH_TABLE_END: "the page table ends",
            j.BATCH_HOLE: "an empty PTE",
            j.BATCH_OTHER_PAGE: "another folio’s page",
        }.get(batch.reason, "one by one")
    return "the VMA ends" if any(vma.end == last for vma in vmas) else "the range ends"


class Run(NamedTuple):
    """One operation: its batches, why each of them ended, its costs."""

    found: Found
    endings: tuple[str, ...]
    costs: dict[str, int]


def run(lab: Lab, start: int, end: int) -> Run:
    """Return what an operation that has the rows ``[start, end)`` did."""
    found, back = read(lab, start, end), lab.cursor
    lab.seek(start)
    vmas = {mm: state.vmas(lab.machine, mm) for mm in {batch.mm for batch in found.batches}}
    lab.seek(back)
    endings = tuple(ending(batch, vmas[batch.mm]) for batch in found.batches)
    return Run(found, endings, lab.costs(start, end))


@lru_cache(maxsize=128)
def last(text: str, key: str) -> Run:
    """Return what the last operation does on a kernel."""
    lab = ran(text, key)
    return run(lab, lab.applied[-1].start, lab.applied[-1].end)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what one munmap costs per thing in the way; for a full gather, also one of the real size."""
    rows = []
    for way, name in WAYS.items():
        text = ops(way, values["order"])
        v4, others = last(text, V4), [last(text, key) for key in (BASE, FULL)]
        sizes = [batch.pages for batch in v4.found.batches]
        pages = f"{len(sizes)} × {sizes[0]}" if len(sizes) > 3 else " + ".join(map(str, sizes))
        why = next((said for said in v4.endings if said != "the folio ends"), v4.endings[0])
        visits, stays = v4.costs["qadd"], v4.costs["qadd"] - v4.costs["qdel"]
        queued = f"{visits}{', and it stays' if stays > 0 else ', for nothing' if visits else ''}"
        rows.append(
            (
                name,
                linked(pages, text, V4, FULL),
                why,
                linked(queued, text, FIRST, V4, mark="bad" if visits and stays <= 0 else ""),
                v4.costs["zround"],
                *(
                    linked(one.costs["thw"], text, key)
                    for one, key in zip((v4, *others), (V4, BASE, FULL), strict=True)
                ),
            )
        )
    columns = (
        "in the way",
        "batches of v4, in pages",
        "the first ends because",
        "queue visits",
        "rounds",
        "TLB flushes of v4",
        "of v6.5-rc3",
        "of v4, explicit full",
    )
    note = (
        "Computed by the model, now, for the last munmap. A hole queues the folio when it is made, before this munmap. "
        "The copy is a small folio, which v4 takes one by one, as before; the old page lives on in the child."
    )
    first = Table(f"One munmap, order {values['order']}", columns, tuple(rows), note)
    return (first, gather()) if values["way"] == "memory" else (first,)


@cache
def gather() -> Table:
    """Return what one munmap of 640 order-4 folios does, which are more pages than a gather holds."""
    pages = 1 << ORDER
    faults = "; ".join(f"fault 1 {place * pages} {ORDER}" for place in range(FOLIOS))
    text = f"mm; mmap 1 0 {FOLIOS * pages}; {faults}; munmap 1 0 {FOLIOS * pages}"
    rows = []
    for key in (BASE, FIRST, V4, FULL):
        costs, _, after = tally(text, key)
        folio, inside = divmod(after, pages)
        where = f"{after:,}: {inside} into folio {folio + 1}" if after else "never"
        shown = [f"{costs[name]:,}" for name in ("thw", "zround", "qadd")]
        rows.append((label(key), where, *shown))
    return Table(
        f"A gather of full size: {FOLIOS} order-{ORDER} folios, {FOLIOS * pages:,} pages, one munmap",
        ("kernel", "pages when it is full", "TLB flushes", "rounds", "queue visits"),
        tuple(rows),
        "Computed by the model, now: 8 slots in the mmu_gather itself, and 19 batches of 510.",
        told(2, what="TLB flushes, "),
    )


PAGES = 16
NOWHERE = "not at all"


def answer() -> tuple[int, str]:
    """Return after which page v4 queues a folio that lies across two page tables, and why."""
    found = last(ops("table", 4), V4)
    sizes = [batch.pages for batch in found.found.batches]
    before = [sum(sizes[: place + 1]) for place, batch in enumerate(found.found.batches) if batch.queued]
    visits, first = found.costs["qadd"], last(ops("nothing", 4), V4).costs["qadd"]
    return (before[0] - 1 if before else PAGES), (
        f"zap_pte_range() sees one page table at a time, so there are {len(sizes)} batches, of "
        f"{' and '.join(map(str, sizes))} pages. After the first the folio is partially mapped and goes on the queue, "
        f"after the last it is freed: {visits} visit for nothing. In one page table it would have been {first}."
    )


STORY = Story(
    "batch-end",
    make,
    (kernel("a", V4), kernel("b", BASE, none=True), WAY, order(4, 2, 6)),
    Question(
        "mremap has put an order-4 folio where its first half ends a page table and its second half begins the next. "
        "One munmap takes all of it down, page 0 first. Press the last page that goes before v4 puts the folio on the "
        "deferred split queue, if it does.",
        (*(f"page {place}" for place in range(PAGES)), NOWHERE),
        answer,
        pages=PAGES,
    ),
    numbers,
    left=("run", "transport"),
    right=("trace",),
    notice="left",
)
