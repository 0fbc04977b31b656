"""move_pages(): which folios of a range a kernel moves to the other node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.machine.memory import LOWEST_QUEUED_ORDER
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


BY_PMD: Final = "a PMD maps the folio that moves, and PMD migration entries are not modelled"
SINGLE: Final = "single pages move, and the model moves large folios only"


def moved(machine: Machine, release: Release, mm: int, vpn: int, pages: int, *, shared: bool) -> Iterator[Op]:
    """Yield what moves the folios of a range, one after the other, by address.

    Args:
        machine: where they are.
        release: the recorded kernel.
        mm: the process.
        vpn: the first virtual page.
        pages: how many.
        shared: whether folios that others map move, too (MPOL_MF_MOVE_ALL).

    Raises:
        NotModelledError: if a page that stands alone would move, also one of a folio that was split before it could, or
            a folio that a PMD maps; or if this release does something else.
    """
    slot = mm_slot(machine, mm)
    found = ((page, page_at(machine, slot, page)) for page in range(vpn, vpn + pages))
    places: dict[int, int] = {}
    for place, page in found:
        if page >= 0:
            places.setdefault(int(machine.page_folio[page]), place)
    for head, place in places.items():
        own = int(machine.folio_id[head])
        # What is exclusive and pinned cannot be unmapped (folio_try_share_anon_rmap_pte(), include/linux/rmap.h).
        if machine.folio_pincount[head] or (not shared and maybe_shared(machine, head)):
            continue
        if machine.folio_order[head] < LOWEST_QUEUED_ORDER:
            raise NotModelledError(SINGLE)
        if machine.folio_entire_mapcount[head] >= 0:
            raise NotModelledError(BY_PMD)
        if not release.queues_what_moved:
            raise NotModelledError("this release does not queue the new folio, as the model does")
        yield ops.Migrate(own)
        if not machine.folio_order[machine.page_folio[page_at(machine, slot, place)]]:
            raise NotModelledError(SINGLE)


def maybe_shared(machine: Machine, head: int) -> bool:
    """Guess whether others map a folio, as add_folio_for_migration() does, mm/migrate.c.

    From v6.15 on a folio knows its owners; before, more mappings than pages are a sign, or two of the first page.
    """
    if "folio_mm_ids_shared" in machine.keeps and machine.folio_order[head]:
        return bool(machine.folio_mm_ids_shared[head])
    by_ptes, by_pmd = int(machine.page_mapcount[head]) + 1, int(machine.folio_entire_mapcount[head]) + 1
    if not machine.folio_order[head]:
        return by_ptes > 1
    pages = 1 << int(machine.folio_order[head])
    times = by_pmd + int((machine.page_mapcount[head : head + pages] + 1).sum())
    return times > 1 and (by_pmd > 0 or times > pages or by_ptes > 1)
