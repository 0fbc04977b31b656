"""The buttons: what each is called, says and does, and the rows in which they stand."""

from __future__ import annotations

from folioviz.ops import ops
from folioviz.views.session.action import Action, Chosen, Row

SIZES = range(2, 10)
"""Orders that /sys/kernel/mm/transparent_hugepage/hugepages-*kB/enabled knows."""

SIZED = "sizes at a fault"
"""What the switches of sizes stand under."""
INTENTS = {
    "mapping": "map",
    "write": "write",
    "give_back": "give back",
    "share": "share",
    "machine": "machine",
    SIZED: "sizes",
}
"""Room of operations, or what buttons stand under -> its heading; in the order of the screen."""


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


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "fault",
            "Fault in",
            "fault in a folio of the chosen order, or of the largest below that fits; every page is written",
            lambda c: ops.Fault(c.mm, c.lo, c.order),
            row="pages",
            asks=("order",),
        ),
        Action(
            "faultpmd",
            "Fault PMD",
            "fault in a 2 MiB folio at the first selected page, mapped by one PMD, every page written",
            lambda c: ops.FaultPmd(c.mm, c.lo),
            row="pages",
        ),
        Action(
            "write",
            "Write",
            "write to the first selected page: fault in, reuse or copy (copy-on-write)",
            lambda c: ops.Write(c.mm, c.lo),
            row="pages",
        ),
        Action(
            "munmap",
            "munmap",
            "unmap the selected pages: their VMA goes, too",
            lambda c: ops.Munmap(c.mm, c.lo, c.pages),
            row="pages",
        ),
        Action(
            "dontneed",
            "MADV_DONTNEED",
            "zap the selected pages: the VMA stays",
            lambda c: ops.Dontneed(c.mm, c.lo, c.pages),
            row="pages",
        ),
        Action(
            "mmap",
            "mmap",
            "make an anonymous VMA of the selected pages",
            lambda c: ops.Mmap(c.mm, c.lo, c.pages),
            row="process",
        ),
        Action(
            "splitpmd",
            "Split PMD",
            "map the 2 MiB folio at the first selected page by 512 PTEs instead of its PMD",
            lambda c: ops.SplitPmd(c.mm, c.lo),
            row="pages",
        ),
        Action(
            "mremap",
            "mremap to",
            "move the selected pages to the address beside this button",
            lambda c: ops.Mremap(c.mm, c.lo, c.pages, c.asked["target"]),
            row="roomy",
            asks=("target",),
        ),
        Action(
            "dontunmap",
            "MREMAP_DONTUNMAP to",
            "move the selected pages to the address beside this button, but leave their VMA empty where it is "
            "(MREMAP_DONTUNMAP)",
            lambda c: ops.Dontunmap(c.mm, c.lo, c.pages, c.asked["target"]),
            asks=("target",),
        ),
        Action(
            "fork",
            "fork",
            "copy the selected process, sharing its pages",
            lambda c: ops.Fork(c.mm),
            row="process",
        ),
        Action(
            "dontfork",
            "MADV_DONTFORK",
            "fork leaves the selected pages out",
            lambda c: ops.Dontfork(c.mm, c.lo, c.pages),
        ),
        Action(
            "dofork",
            "MADV_DOFORK",
            "fork copies the selected pages again",
            lambda c: ops.Dofork(c.mm, c.lo, c.pages),
        ),
        Action(
            "exit",
            "exit",
            "end the selected process",
            lambda c: ops.Exit(c.mm),
            row="process",
        ),
        Action(
            "mm",
            "New process",
            "make a process without memory",
            lambda _: ops.Mm(),
            row="process",
        ),
        Action(
            "get",
            "Get",
            "take a plain reference on the folio in focus, as a driver would",
            lambda c: ops.Get(c.folio),
            row="roomy",
        ),
        Action(
            "put",
            "Put",
            "drop a reference that Get took",
            lambda c: ops.Put(c.folio),
            row="roomy",
        ),
        Action(
            "pin",
            "FOLL_PIN",
            "pin the selected pages for a device that writes to them, as a registered buffer does; fork copies them",
            lambda c: ops.Pin(c.mm, c.lo, c.pages),
        ),
        Action("unpin", "Unpin", "drop one FOLL_PIN of the folio in focus", lambda c: ops.Unpin(c.folio)),
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
            "touch",
            "Touch",
            "write to each selected page in turn; what is not mapped is faulted in by the sizes that are enabled",
            lambda c: ops.Touch(c.mm, c.lo, c.pages),
            row="pages",
        ),
        Action(
            "readonly",
            "Read-only",
            "mprotect(PROT_READ) on the selected pages",
            lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 0),
        ),
        Action(
            "writable",
            "Writable",
            "mprotect(PROT_READ | PROT_WRITE) on the selected pages",
            lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 1),
        ),
        Action(
            "protnone",
            "No access",
            "mprotect(PROT_NONE) on the selected pages: they stay mapped, and a touch is a SIGSEGV",
            lambda c: ops.Protnone(c.mm, c.lo, c.pages),
        ),
        Action(
            "mlock",
            "mlock",
            "lock the selected pages: they are faulted in, and may not be reclaimed",
            lambda c: ops.Mlock(c.mm, c.lo, c.pages),
        ),
        Action(
            "munlock",
            "munlock",
            "unlock the selected pages: they stay",
            lambda c: ops.Munlock(c.mm, c.lo, c.pages),
        ),
        Action(
            "dontneedlocked",
            "MADV_DONTNEED_LOCKED",
            "MADV_DONTNEED_LOCKED on the selected pages: they go, locked or not",
            lambda c: ops.DontneedLocked(c.mm, c.lo, c.pages),
        ),
        Action(
            "free",
            "MADV_FREE",
            "the contents of the selected pages may go: a folio of which they are a part is split",
            lambda c: ops.Free(c.mm, c.lo, c.pages),
        ),
        Action(
            "cold",
            "MADV_COLD",
            "the selected pages will not be used soon: a folio of which they are a part is split",
            lambda c: ops.Cold(c.mm, c.lo, c.pages),
        ),
        Action(
            "guard",
            "Guard",
            "MADV_GUARD_INSTALL on the selected pages: what is mapped goes, and a touch is a SIGSEGV from then on",
            lambda c: ops.Guard(c.mm, c.lo, c.pages),
        ),
        Action(
            "unguard",
            "Unguard",
            "MADV_GUARD_REMOVE on the selected pages: their markers go",
            lambda c: ops.Unguard(c.mm, c.lo, c.pages),
        ),
        Action(
            "pageout",
            "MADV_PAGEOUT",
            "swap the selected pages out: a folio of which they are a part is split, one that is shared is left alone",
            lambda c: ops.Pageout(c.mm, c.lo, c.pages),
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
        Action(
            "zero",
            "Zero-fill",
            "say that the selected pages of the folio at the first of them hold nothing but zeros; "
            "where none is mapped, all pages of the folio in focus",
            lambda c: ops.Zero(*c.empty),
        ),
        Action(
            "migrate", "Migrate", "move the folio in focus to other pages", lambda c: ops.Migrate(c.folio)
        ),
        Action(
            "remap",
            "Fail to migrate",
            "unmap the folio in focus by migration entries and map it again, as a migration that fails does",
            lambda c: ops.Remap(c.folio),
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
}


def standing(row: Row) -> tuple[Action, ...]:
    """Return the buttons of a row, or, for "", those that only a search finds; by what they are for."""
    order = list(INTENTS)
    there = [action for action in ACTIONS.values() if action.row == row]
    return tuple(sorted(there, key=lambda one: order.index(one.under or one.intent)))
