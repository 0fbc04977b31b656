"""move_pages(): which folios of a range a kernel moves to the other node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


def moved(machine: Machine, release: Release, mm: int, vpn: int, pages: int, *, shared: bool) -> Iterator[Op]:
    """Yield what moves the folios of a range, one after the other, by address; of one that is split first, its pages.

    Args:
        machine: where they are.
        release: the recorded kernel.
        mm: the process.
        vpn: the first virtual page.
        pages: how many.
        shared: whether folios that others map move, too (MPOL_MF_MOVE_ALL).

    Raises:
        NotModelledError: if a large folio moves, and this release queues the new one otherwise than the model.
    """
    slot = mm_slot(machine, mm)
    found = ((place, page_at(machine, slot, place)) for place in range(vpn, vpn + pages))
    places: dict[int, int] = {}
    for place, page in found:
        if page >= 0:
            places.setdefault(int(machine.page_folio[page]), place)
    for head, place in places.items():
        # What is exclusive and pinned cannot be unmapped (folio_try_share_anon_rmap_pte(), include/linux/rmap.h).
        if machine.folio_pincount[head] or (not shared and maybe_shared(machine, head)):
            continue
        tails = range(head + 1, head + (1 << int(machine.folio_order[head])))
        if tails and not release.queues_what_moved:
            raise NotModelledError("this release does not queue the new folio, as the model does")
        yield ops.Migrate(int(machine.folio_id[head]))
        if (
            tails and not machine.folio_order[machine.page_folio[page_at(machine, slot, place)]]
        ):  # it was split
            small = [*(tails if release.moves_pages_upward else reversed(tails)), head]
            left = [int(machine.folio_id[page]) for page in small if machine.page_mapcount[page] >= 0]
            yield from map(ops.Migrate, left)


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
