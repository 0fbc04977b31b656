"""What is done to a recorded machine, or to a process from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.evidence.recordings.moves import moved
from folioviz.machine.memory import (
    LOWEST_QUEUED_ORDER,
)
from folioviz.machine.swap import MOST_SWAP_PAGES
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at
from folioviz.proc.smaps import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.ops.op import Op

SETTINGS: Final = {
    "shrink_underused": ops.Underused,
    "max_ptes_none": ops.MaxNone,
}


def do_migrate(t: Scene, act: Act) -> Iterator[Op]:
    """move_pages(): large folios move; shared ones with MPOL_MF_MOVE_ALL only."""
    where, shared = t.range_of(act), act.word == "migrateall"
    yield from moved(t.machine, t.release, *where, shared=shared)


do_migrateall = do_migrate


def do_dropcaches(t: Scene, act: Act) -> Iterator[Op]:
    """Run the shrinker, if it drops slab, too."""
    if act.value & 2:
        yield from t.reclaim.shrink()


def do_reclaim(t: Scene, act: Act) -> Iterator[Op]:
    """Reclaim memory."""
    yield from t.reclaim.reclaim(act.value // PAGE_SIZE)


def do_khugepaged(t: Scene, _act: Act) -> Iterator[Op]:
    """Let khugepaged scan for some seconds: what it does not collapse in its first pass it never does."""
    yield from t.khugepaged()


def do_rmcgroup(t: Scene, _act: Act) -> Iterator[Op]:
    """Remove the cgroup."""
    yield from t.reclaim.remove_cgroup()


def do_cgroup(t: Scene, _act: Act) -> Iterator[Op]:
    """Make a cgroup, and move the first process into it."""
    yield from t.reclaim.enter(t.mms["P"])


def do_uncgroup(t: Scene, _act: Act) -> Iterator[Op]:
    """Move the first process into the root's."""
    yield ops.Cgroup(t.mms["P"], 0)


def do_swapon(_t: Scene, _act: Act) -> Iterator[Op]:
    """Use swap space: the recordings' zram0, of 64 MiB."""
    yield ops.SwapOn(MOST_SWAP_PAGES)


def do_swapoff(_t: Scene, _act: Act) -> Iterator[Op]:
    """Bring everything back."""
    yield ops.SwapOff()


def do_split(t: Scene, act: Act) -> Iterator[Op]:
    """Split the large folios of a range one after the other, by address, as debugfs split_huge_pages does."""
    order = 0 if "folio_double_map" in t.machine.keeps else act.value  # v6.1 does not read it
    mm, vpn, pages = t.range_of(act)
    slot, machine = mm_slot(t.machine, mm), t.machine
    for page in range(vpn, vpn + pages):
        mapped = page_at(machine, slot, page)
        head = int(machine.page_folio[mapped]) if mapped >= 0 else -1
        if head >= 0 and machine.folio_order[head] >= max(LOWEST_QUEUED_ORDER, order + 1):
            yield ops.Split(int(machine.folio_id[head]), order)


def do_sysfs(t: Scene, act: Act) -> Iterator[Op]:
    """Write to a setting of transparent huge pages."""
    setting = SETTINGS.get(act.name.rpartition("/")[2])
    if setting is None:
        raise NotModelledError(f"the model has no setting {act.name}")
    yield setting(act.value)


def do_thp(t: Scene, act: Act) -> Iterator[Op]:
    """Allow folios of these orders at faults, and of no others."""
    yield from t.enable(t.thp, frozenset(map(int, act.name.split("+"))) - {0})


def do_compact(t: Scene, _act: Act) -> Iterator[Op]:
    """Compaction, and a cgroup that nobody is in, change nothing of what is modelled."""
    yield from ()


do_mkcgroup = do_compact
