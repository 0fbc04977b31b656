"""Where the lanes have something to show: all pages that were ever mapped, and the gaps between them that are cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.memory import NR_VPNS
from folioviz.ops import ops as kinds
from folioviz.views.session.selection import GRAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.ops.op import Op

LEAST_PAGES = 64
"""Lanes that are not zoomed show at least so many pages; a gap of no more is never cut."""


def areas(ops: Sequence[Op]) -> list[tuple[int, int]]:
    """Return the pages [first, after last) that operations have mapped in any process, ascending and apart."""
    ranges = [(op.vpn, op.vpn + op.pages) for op in ops if isinstance(op, kinds.Mmap)]
    ranges += [(op.to, op.to + op.pages) for op in ops if isinstance(op, kinds.Mremap | kinds.Dontunmap)]
    found: list[tuple[int, int]] = []
    for lo, hi in sorted(one for one in ranges if 0 <= one[0] < one[1] <= NR_VPNS):
        if found and lo <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], hi)
        else:
            found.append((lo, hi))
    return found


def whole(found: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the pages that hold all areas."""
    lo = found[0][0] // GRAIN * GRAIN if found else 0
    hi = found[-1][1] if found else 0
    hi = int(np.ceil(max(hi, lo + LEAST_PAGES) / GRAIN)) * GRAIN
    return (lo, hi) if hi <= NR_VPNS else (max(0, NR_VPNS - LEAST_PAGES), NR_VPNS)


def breaks(found: Sequence[tuple[int, int]], view: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return the gaps between areas, of those in a view, beside which the areas would be slivers.

    Such a gap is longer than half of what the areas have there.
    """
    seen = [(max(lo, view[0]), min(hi, view[1])) for lo, hi in found if lo < view[1] and hi > view[0]]
    least = max(LEAST_PAGES, sum(hi - lo for lo, hi in seen) // 2)
    return tuple((end, start) for (_, end), (start, _) in pairwise(seen) if start - end > least)
