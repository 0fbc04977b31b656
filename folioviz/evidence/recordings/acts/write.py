"""What brings pages in a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, PMD_HUGE
from folioviz.mm.headers import find_vma, pmd_index
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.ops.op import Op


def do_touch(t: Scene, act: Act) -> Iterator[Op]:
    """Write to pages, by the sizes that its region may have."""
    allowed = t.thp
    if (act.process, act.region) in t.small:
        yield from t.enable(allowed, frozenset())
    for part in t.strided(act):
        yield from write(t, *part)
    yield from t.enable(t.thp, allowed)


def do_read(t: Scene, act: Act) -> Iterator[Op]:
    """Read pages, by the sizes that its region may have."""
    allowed = t.thp
    if (act.process, act.region) in t.small:
        yield from t.enable(allowed, frozenset())
    for part in t.strided(act):
        yield ops.Read(*part)
    yield from t.enable(t.thp, allowed)


def do_collapse(t: Scene, act: Act) -> Iterator[Op]:
    """MADV_COLLAPSE: what there is becomes huge, whatever sizes are enabled."""
    yield ops.Collapse(*t.range_of(act))


def write(t: Scene, mm: int, vpn: int, pages: int) -> Iterator[Op]:
    """Write to pages in order; a kernel that chooses sizes by itself is left to it."""
    if "thp_enabled" in t.machine.keeps:
        yield ops.Touch(mm, vpn, pages)
        return
    slot = mm_slot(t.machine, mm)
    for page in range(vpn, vpn + pages):
        if HPAGE_PMD_ORDER in t.thp and huge_fits(t, slot, page):
            yield ops.FaultPmd(mm, page & ~(HPAGE_PMD_NR - 1))
        elif not t.machine.pmd[pmd_index(slot, page)] & PMD_HUGE or page == vpn:
            yield ops.Write(mm, page)


def huge_fits(t: Scene, slot: int, vpn: int) -> bool:
    """Tell whether a page's whole 2 MiB are in one VMA and nothing is there."""
    machine, first = t.machine, vpn & ~(HPAGE_PMD_NR - 1)
    vma = find_vma(machine, slot, vpn)
    inside = vma >= 0 and machine.vma_start[vma] <= first and first + HPAGE_PMD_NR <= machine.vma_end[vma]
    return bool(inside and not machine.pmd[pmd_index(slot, vpn)])
