"""Take a capture: page tables are read, then what is known of their frames, then the page tables again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.capture import words
from folioviz.capture.captured import REGION, Capture
from folioviz.capture.folios import frames_of
from folioviz.capture.form import BLOCK, MAX_PROCESSES, About, Process
from folioviz.capture.huge import fits
from folioviz.capture.places import compacted
from folioviz.capture.resolve import Pages, resolve
from folioviz.capture.spans import EMPTY, OF_FILES, Span, region_of, spans_of, worth_keeping
from folioviz.errors import LimitError, LiveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.capture.words import Ranges, Scan, Source

DEDUCED: Final = ("mapcount", "folio", "offset", "order")
"""What is concluded: mapcounts are counted in page tables, folios told by compound heads and tails."""
STILL: Final = ~np.uint64(1 << words.SOFT_DIRTY)
"""The bits of a word of pagemap that stay as they are while a page stays where it is."""


def take(
    source: Source,
    processes: Sequence[Process],
    within: tuple[int, int] | None = None,
    *,
    addresses: bool = False,
    frozen: bool = False,
) -> Capture:
    """Read processes.

    Args:
        source: where from; its processes are these, in this order.
        processes: what is known of them.
        within: only what is at these virtual pages, ``[start, end)``.
        addresses: whether addresses and names are kept.
        frozen: whether they are stopped.

    Raises:
        LiveError: if none of them has any memory to read.
        LimitError: if there is more than a document holds.
    """
    if not 1 <= len(processes) <= MAX_PROCESSES:
        raise LimitError.of("the number of processes", len(processes), f"1 to {MAX_PROCESSES}")
    begun = time.monotonic()
    left_out: dict[str, int] = {}
    spans = spans_of(source, len(processes), within, left_out)
    if not spans:
        raise LiveError("there is no private memory to read: the process has ended, or has none there")
    found = _pagemap(source, spans)
    seen = words.bit(found, words.PRESENT) & ~words.bit(found, words.FILE)
    frames = frames_of(source, found[seen]) if source.privileged else None
    scans = [source.scan(span.process, span.start, span.end - span.start) for span in spans]
    again = _pagemap(source, spans)
    if found.any() and not again.any():
        raise LiveError("nothing is there any more: the process has ended, or runs another program")
    moved = (found ^ again) & STILL != 0
    lengths = np.array([span.end - span.start for span in spans])
    pages = Pages(
        found,
        moved,
        _zeros(spans, scans),
        np.concatenate(([0], np.cumsum(lengths))),
        np.array([span.process for span in spans], np.int32),
    )
    system = source.system()
    resolved = resolve(pages, frames, system.no_page_mapcount)
    runs, numbers = _renumbered(spans, resolved.runs, left_out)
    if resolved.of_files:
        left_out[OF_FILES] = resolved.of_files
    places = compacted((span.start, span.end) for span in spans)
    return Capture(
        About(
            release=system.release,
            version=system.version,
            thp=system.thp,
            sizes=dict(system.sizes),
            no_page_mapcount=resolved.no_page_mapcount,
            privileged=source.privileged,
            frozen=frozen,
            pmds=None not in scans,
            ksm=resolved.ksm,
            moved=int(moved.sum()),
            ms=int(1000 * (time.monotonic() - begun)),
            left_out=left_out,
            deduced=DEDUCED if source.privileged else (),
            memory=system.memory,
        ),
        tuple(processes),
        tuple(
            region_of(
                spans[index],
                places[spans[index].start],
                _pmds(runs[runs[:, REGION] == number], spans[index], scans[index]),
                addresses=addresses,
            )
            for index, number in numbers.items()
        ),
        runs,
        resolved.orders,
        resolved.foreign,
        resolved.unsure,
        system.vm,
        system.mthp,
        source.raw(resolved.heads[resolved.orders > 0]),
    )


def _pagemap(source: Source, spans: Sequence[Span]) -> np.ndarray:
    """Return the words of pagemap of all parts in a row."""
    return np.concatenate([source.pagemap(span.process, span.start, span.end - span.start) for span in spans])


def _zeros(spans: Sequence[Span], scans: Sequence[Scan | None]) -> np.ndarray:
    """Return where PAGEMAP_SCAN has the zero page, bool for each page of all parts in a row."""
    marked = np.zeros(sum(span.end - span.start for span in spans), bool)
    before = 0
    for span, scan in zip(spans, scans, strict=True):
        for first, pages in scan.zero if scan else ():
            marked[before + first - span.start : before + first - span.start + pages] = True
        before += span.end - span.start
    return marked


def _renumbered(
    spans: Sequence[Span], runs: np.ndarray, left_out: dict[str, int]
) -> tuple[np.ndarray, dict[int, int]]:
    """Leave out parts in which nothing was found, and return the runs, and index of a part -> number of its region."""
    holds = np.bincount(runs[:, REGION], minlength=len(spans) + 1)[1:] > 0
    numbers: dict[int, int] = {}
    for index, span in enumerate(spans):
        if holds[index] or worth_keeping(span):
            numbers[index] = len(numbers) + 1
        elif not span.vma.of_file:
            left_out[EMPTY] = left_out.get(EMPTY, 0) + span.end - span.start
    table = np.zeros(len(spans) + 1, np.int32)
    table[[index + 1 for index in numbers]] = [*numbers.values()]
    runs[:, REGION] = table[runs[:, REGION]]
    return runs, numbers


def _pmds(runs: np.ndarray, span: Span, scan: Scan | None) -> Ranges:
    """Return what PMDs map of a part, in its own pages: only where a whole folio of 512 pages, or the zero page, is."""
    found: Ranges = []
    for first, pages in scan.huge if scan else ():
        blocks = np.arange(max(first, span.start), min(first + pages, span.end), BLOCK)
        blocks = blocks[blocks % BLOCK == 0] - span.start
        for page in blocks[fits(runs, blocks)].tolist():
            if found and sum(found[-1]) == page:
                found[-1] = (found[-1][0], found[-1][1] + BLOCK)
            else:
                found.append((page, BLOCK))
    return found
