"""Which scenario is the smallest of the same shape as a paste: the best of what its files tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.diagnosis import shape
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER

if TYPE_CHECKING:
    from folioviz.diagnosis.case import Case
    from folioviz.diagnosis.findings import Offer

FOLIOS: Final = {1 << order for order in range(1, HPAGE_PMD_ORDER + 1)}
"""Pages of the folios that a scenario can have."""


def offer(case: Case) -> Offer | None:
    """Return the smallest scenario of the same shape."""
    return _of_dumps(case) or _of_sizes(case) or _of_ledger(case) or _of_maps(case) or _of_processes(case)


def _of_dumps(case: Case) -> Offer | None:
    """Return the first dumped folio that can be made."""
    for one in case.dumps:
        order = one.pages.bit_length() - 1
        if one.anon and one.mapped and one.pages in FOLIOS:
            return shape.one_folio(
                order,
                one.mapped,
                one.pmds or 0,
                one.mappings or one.mapped,
                max(one.others or 0, 0),
                f"As many of its pages are mapped as in {one.piece.title}.",
            )
    return None


def _of_sizes(case: Case) -> Offer | None:
    """Return one or two folios of the size of which most memory is marked."""
    found = case.sizes
    fit = [row for row in found.marked if found.pages(row) in FOLIOS] if found else []
    if not found or not fit:
        return None
    row = max(fit, key=lambda row: (row.partial or 0) * row.kib)
    pages = found.pages(row)
    every = sum((one.partial or 0) * one.kib for one in found.marked)
    main = case.main
    held = main.held.high if main else 0
    if main and main is case.of_machine and 0 < held < every:
        mapped = shape.pages_mapped(every - held, held, pages)
        why = "Of the folios that are marked, the same share is mapped."
    elif main and held:
        mapped = shape.pages_mapped(main.kib["anon"], held, pages)
        why = f"Of the anonymous memory that {main.piece.title} holds, the same share is mapped."
    else:
        mapped = pages // 2
        why = "How many of the pages are mapped is not told: half of them stand for it."
    return shape.partly_mapped(pages.bit_length() - 1, mapped, min(row.partial or 1, 2), why)


def _of_ledger(case: Case) -> Offer | None:
    """Return a 2 MiB folio of which the same share is mapped."""
    if not case.main or not case.main.held.high:
        return None
    mapped = shape.pages_mapped(case.main.kib["anon"], case.main.held.high, HPAGE_PMD_NR)
    why = f"Of the anonymous memory that {case.main.piece.title} holds, the same share is mapped."
    return shape.partly_mapped(HPAGE_PMD_ORDER, mapped, 1, why)


def _of_maps(case: Case) -> Offer | None:
    """Return a 2 MiB folio that is mapped in part."""
    if not any(one.partial for one in case.maps):
        return None
    why = "thpmaps does not tell how much of a folio is mapped: half of it stands for it."
    return shape.partly_mapped(HPAGE_PMD_ORDER, HPAGE_PMD_NR // 2, 1, why)


def _of_processes(case: Case) -> Offer | None:
    """Return folios that are mapped as the process's are."""
    for one in case.processes:
        huge, anon = one.kib("AnonHugePages"), one.kib("Anonymous")
        if huge and anon and huge <= anon:
            return shape.pmd_mapped(
                huge / anon, "About the same share of the anonymous memory is mapped by PMDs."
            )
    return None
