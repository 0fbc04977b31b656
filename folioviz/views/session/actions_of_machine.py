"""The buttons of what the kernel does by itself, or is told by its administrator."""

from __future__ import annotations

from folioviz.ops import ops
from folioviz.views.session.action import Action, Chosen

SIZES = range(2, 10)
"""Orders that /sys/kernel/mm/transparent_hugepage/hugepages-*kB/enabled knows."""
SIZED = "sizes at a fault"
"""What the switches of sizes stand under."""


def switch(order: int) -> Action:
    """Return the switch of a folio size."""
    text = f"{4 << order}K" if order < 8 else f"{(4 << order) >> 10}M"

    def make(c: Chosen) -> ops.Operation:
        return ops.Enabled(order, int(not c.sizes >> order & 1))

    return Action(
        f"size{order}",
        text,
        f"hugepages-{4 << order}kB/enabled: whether a fault may make folios of order {order}",
        make,
        lambda c: bool(c.sizes >> order & 1),
        under=SIZED,
    )


OF_MACHINE = (
    Action(
        "splitpmd",
        "Split PMD",
        "map the 2 MiB folio at the first selected page by 512 PTEs instead of its PMD",
        lambda c: ops.SplitPmd(c.mm, c.lo),
        row="pages",
    ),
    Action(
        "split",
        "Split to order",
        "split the folio in focus into folios of this order, 0 for pages, as debugfs split_huge_pages asks for",
        lambda c: ops.Split(c.folio, c.asked["into"]),
        row="roomy",
        asks=("into",),
    ),
    Action(
        "shrink",
        "Run shrinker",
        "run the deferred split shrinker over up to so many folios of the queue",
        lambda c: ops.Shrink(c.asked["scan"]),
        row="roomy",
        asks=("scan",),
    ),
    Action(
        "swapon",
        "swapon",
        "give the machine swap space of so many pages, on a device as quick as zram",
        lambda c: ops.SwapOn(c.asked["swap"]),
        asks=("swap",),
    ),
    Action(
        "swapoff",
        "swapoff",
        "bring all that is swapped out back, page by page, and take the swap space away",
        lambda _: ops.SwapOff(),
    ),
    Action(
        "reclaim",
        "Reclaim",
        "swap the folio in focus out, whoever maps it, as memory pressure does",
        lambda c: ops.Reclaim(c.folio),
    ),
    Action("migrate", "Migrate", "move the folio in focus to other pages", lambda c: ops.Migrate(c.folio)),
    Action(
        "remap",
        "Fail to migrate",
        "unmap the folio in focus by migration entries and map it again, as a migration that fails does",
        lambda c: ops.Remap(c.folio),
    ),
    Action(
        "khugepaged",
        "khugepaged",
        "let khugepaged pass over the selected process once",
        lambda c: ops.Khugepaged(c.mm),
    ),
    Action(
        "cgroup",
        "Into cgroup",
        "move the selected process into this cgroup: what it faults in from now on is charged there, and waits on "
        "that cgroup's queue; 0 is the root",
        lambda c: ops.Cgroup(c.mm, c.asked["cgroup"]),
        asks=("cgroup",),
    ),
    Action(
        "rmcgroup",
        "Remove cgroup",
        "remove this cgroup, which no process may be in: up to v6.18 what it has queued is never visited again",
        lambda c: ops.Rmcgroup(c.asked["cgroup"]),
        asks=("cgroup",),
    ),
    *map(switch, SIZES),
    Action(
        "underused",
        "shrink_underused",
        "whether a 2 MiB folio is queued as it is faulted in, so that the shrinker can find it underused",
        lambda c: ops.Underused(int(not c.early)),
        lambda c: bool(c.early),
    ),
    Action(
        "maxnone",
        "max_ptes_none to",
        "set khugepaged/max_ptes_none to the number beside this button: a folio with more zero-filled pages "
        "is underused; with 511, none is",
        lambda c: ops.MaxNone(c.asked["none"]),
        asks=("none",),
    ),
)
