"""Where a counter of the kernel says something else than one thinks: said only when the numbers show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import amount, plural
from folioviz.diagnosis.page_size import pmd_kib
from folioviz.diagnosis.words import SIZES, VMSTAT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.watch.series import Series

BLIND: Final = (
    "The estimate needs no root. It counts what is pinned and mapped by nobody, too, lags behind by up to 125 pages a "
    "CPU, and with CONFIG_NO_PAGE_MAPCOUNT (v6.15 on) sees nothing of a folio as long as one of its pages is mapped."
)
"""What is true of every estimate."""


def notes(series: Series) -> list[str]:
    """Return what is to be said of the last sample's numbers."""
    return [*_pmd_only(series), *_marked(series), *_negative(series)]


def _pmd_only(series: Series) -> Iterator[str]:
    """Count what thp_deferred_split_page leaves out: deferred_split_folio() counts PMD order (mm/huge_memory.c)."""
    largest = pmd_kib(series.last.page_kib)
    smaller = sum(series.rose(SIZES, f"{kib}/split_deferred") for kib in series.sizes() if kib != largest)
    if smaller > 0:
        yield (
            f"{plural(smaller, 'folio')} smaller than {largest} kB were queued since the start: "
            "thp_deferred_split_page does not count them."
        )


def _marked(series: Series) -> Iterator[str]:
    """Compare the marked folios with what is held: each holds a page, or is mapped whole, as migration leaves some."""
    held = series.held()
    marked = sum(series.now(SIZES, f"{kib}/nr_anon_partially_mapped") or 0 for kib in series.sizes())
    least = marked * series.last.page_kib
    if held and marked and held[-1].high < least:
        yield (
            f"nr_anon_partially_mapped counts {plural(marked, 'folio')}, which hold {amount(least)} at least; the "
            f"lists show {amount(held[-1].high)}. Some are mapped whole, as after migration, or the estimate is blind."
        )


def _negative(series: Series) -> Iterator[str]:
    """Say how far the lists are behind: counters are summed up late, so that they may have less than what is mapped."""
    found = series.last.ledger(VMSTAT)
    if found is not None and not found.missing and found.left < 0:
        yield f"The lists have {amount(-found.left)} less than what is mapped: counters are summed up late."
