"""The compacted address space: regions in their order, at their places in 2 MiB blocks, and no wide gap between them.

So a document tells neither addresses nor how far things are from each other, and a capture fits the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.capture.form import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterable


def compacted(spans: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return where each span of pages begins in the compacted address space.

    A gap of less than 2 * 512 pages stays; a wider one becomes 512 to 1,023 pages. What is at one address in several
    processes is at one place. The first span begins in the first block.

    Args:
        spans: ``[start, end)`` in virtual page numbers, of all processes together; they may overlap.

    Returns:
        start -> place.
    """
    found: dict[int, int] = {}
    shift, reached = 0, None
    for start, end in sorted(set(spans)):
        if reached is None:
            shift, reached = start - start % BLOCK, end
        gap = start - reached
        if gap >= 2 * BLOCK:
            shift += gap - BLOCK - gap % BLOCK
        found[start] = start - shift
        reached = max(reached, end)
    return found
