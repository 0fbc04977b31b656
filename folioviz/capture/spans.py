"""Which parts of a process are read: private mappings, and of wide ones what is not empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture.form import BLOCK, MAX_PAGES, MAX_REGIONS, PAGE, Region
from folioviz.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.capture.words import Source, Vma

GAP: Final = 1 << 14
"""Pages, 64 MiB: where so many in a row hold nothing, they are cut out."""
WIDEST: Final = 1 << 28
"""Pages of a mapping, 1 TiB, of more than which none is read if the kernel cannot say where something is."""
NOT_MEMORY: Final = {"ht", "pf", "io"}
"""Words of VmFlags: hugetlb, and what has no struct page."""
EMPTY: Final = "address space with nothing in it"
OF_FILES: Final = "pages of files, and shared memory"
TOO_WIDE: Final = "mappings that are too wide to look for something in"
"""What is left out of a capture."""


class Span(NamedTuple):
    """Pages ``[start, end)`` of a mapping of a process, counted from 0, by virtual page numbers."""

    process: int
    vma: Vma
    start: int
    end: int


def spans_of(
    source: Source, processes: int, within: tuple[int, int] | None, left_out: dict[str, int]
) -> list[Span]:
    """Return what is to be read, by process and address; pages that are not are added to ``left_out``.

    Args:
        source: where from.
        processes: how many processes it has.
        within: only these virtual pages, ``[start, end)``.
        left_out: reason -> pages.

    Raises:
        LimitError: if it is more than a document holds.
    """
    low, high = within or (0, 1 << 64)
    found = []
    for process in range(processes):
        for vma in source.vmas(process):
            start, end = max(vma.start, low), min(vma.end, high)
            if (
                vma.rights[3] == "p"
                and not vma.name.startswith("[v")
                and not NOT_MEMORY & (vma.flags or set())
            ):
                found += [Span(process, vma, *part) for part in _parts(source, process, start, end, left_out)]
    pages = sum(span.end - span.start for span in found)
    if pages > MAX_PAGES or len(found) > MAX_REGIONS:
        raise LimitError(
            f"the processes have {pages} pages in {len(found)} mappings: a capture holds at most {MAX_PAGES} pages"
            f" (16 GiB) in {MAX_REGIONS}; --range A-B reads a part"
        )
    return found


def _parts(
    source: Source, process: int, start: int, end: int, left_out: dict[str, int]
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a mapping that are read: without its long empty stretches, ends at 2 MiB boundaries."""
    if end - start <= GAP:
        if start < end:
            yield start, end
        return
    ranges = source.populated(process, start, end - start)
    if ranges is None:
        if end - start <= WIDEST:
            yield start, end
        else:
            left_out[TOO_WIDE] = left_out.get(TOO_WIDE, 0) + end - start
        return
    low = np.maximum(ranges[:, 0] // BLOCK * BLOCK, start)
    high = np.minimum(-(-ranges.sum(axis=1) // BLOCK) * BLOCK, end)
    wide = np.flatnonzero(low[1:] - high[:-1] >= GAP)
    kept = 0
    if len(ranges):
        for first, last in zip(low[[0, *(wide + 1)]].tolist(), high[[*wide, -1]].tolist(), strict=True):
            yield first, last
            kept += last - first
    left_out[EMPTY] = left_out.get(EMPTY, 0) + end - start - kept


def worth_keeping(span: Span) -> bool:
    """Tell whether a part in which nothing was found is kept: a small one that is no file's, like a guard zone."""
    return not span.vma.of_file and span.end - span.start <= BLOCK


def region_of(span: Span, first: int, huge: Sequence[tuple[int, int]], *, addresses: bool) -> Region:
    """Return what the document says of a part.

    Args:
        span: the part.
        first: its place in the compacted address space.
        huge: [first page, pages] of what PMDs map.
        addresses: whether its address and its name are kept.
    """
    flags, name = span.vma.flags, span.vma.name
    return Region(
        process=span.process + 1,
        first=first,
        pages=span.end - span.start,
        rights=span.vma.rights,
        kind="file"
        if span.vma.of_file
        else "heap"
        if name == "[heap]"
        else "stack"
        if name == "[stack]"
        else "anonymous",
        advice=None if flags is None else "huge" if "hg" in flags else "nohuge" if "nh" in flags else "none",
        locked=None if flags is None else "lo" in flags,
        huge=tuple(huge),
        address=span.start * PAGE if addresses else None,
        name=_plain(name) if addresses else None,
    )


def _plain(name: str) -> str:
    """Return a name without what a document refuses: control characters and half characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:400]
