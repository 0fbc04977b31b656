"""Where regions lie in the model's address space, which has 1 GiB: near each other, and where 2 MiB begin as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.errors import LimitError
from folioviz.machine.memory import HPAGE_PMD_NR, NR_VPNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.rebuild.state import Region


def places(regions: Mapping[str, Region]) -> tuple[dict[str, int], int]:
    """Return the first page of each region, and the first page behind all of them, at a 2 MiB boundary.

    Regions in the same 2 MiB or in neighbours keep their distance, for a folio may lie in both; those that are farther
    apart come nearer, with 2 MiB between them.

    Raises:
        LimitError: if they do not fit.
    """
    found: dict[str, int] = {}
    block, shift, last = 0, 0, None
    for name, (start, pages) in sorted(regions.items(), key=lambda item: item[1]):
        first, end = start // HPAGE_PMD_NR, -(-(start + max(pages, 1)) // HPAGE_PMD_NR)
        if last is None or first > last:
            shift = (block + (last is not None) - first) * HPAGE_PMD_NR
            last = end
        last = max(last, end)
        found[name] = start + shift
        block = last + shift // HPAGE_PMD_NR
    top = block * HPAGE_PMD_NR
    if top > NR_VPNS:
        raise LimitError.of(
            "the pages of address space of the regions", top, f"at most {NR_VPNS}; look at a part of them"
        )
    return found, top
