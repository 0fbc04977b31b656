"""The buttons for what later kernels can do: folio sizes, settings, advice, migration, zero-filled pages."""

from __future__ import annotations

from folioviz.ops import ops
from folioviz.views.session.action import Action, Chosen

SIZES = range(2, 10)
"""Orders that /sys/kernel/mm/transparent_hugepage/hugepages-*kB/enabled knows."""


def _size(order: int) -> Action:
    """Return the switch of a folio size."""
    text = f"{4 << order}K" if order < 8 else f"{(4 << order) >> 10}M"

    def make(c: Chosen) -> ops.Operation:
        return ops.Enabled(order, int(not c.sizes >> order & 1))

    return Action(
        f"size{order}",
        text,
        f"hugepages-{4 << order}kB/enabled: whether a fault may make folios of order {order}",
        make,
        3,
        lambda c: bool(c.sizes >> order & 1),
    )


LATER: tuple[Action, ...] = (
    Action(
        "touch",
        "Touch",
        "write to each selected page in turn; what is not mapped is faulted in by the sizes that are enabled",
        lambda c: ops.Touch(c.mm, c.lo, c.pages),
        0,
    ),
    Action(
        "readonly",
        "Read-only",
        "mprotect(PROT_READ) on the selected pages",
        lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 0),
        0,
    ),
    Action(
        "writable",
        "Writable",
        "mprotect(PROT_READ | PROT_WRITE) on the selected pages",
        lambda c: ops.Mprotect(c.mm, c.lo, c.pages, 1),
        0,
    ),
    Action(
        "free",
        "MADV_FREE",
        "the contents of the selected pages may go: a folio of which they are a part is split",
        lambda c: ops.Free(c.mm, c.lo, c.pages),
        0,
    ),
    Action(
        "cold",
        "MADV_COLD",
        "the selected pages will not be used soon: a folio of which they are a part is split",
        lambda c: ops.Cold(c.mm, c.lo, c.pages),
        0,
    ),
    Action(
        "zero",
        "Zero-fill",
        "say that the selected pages of the folio at the first of them hold nothing but zeros; "
        "where none is mapped, all pages of the folio in focus",
        lambda c: ops.Zero(*c.empty),
        2,
    ),
    Action("migrate", "Migrate", "move the folio in focus to other pages", lambda c: ops.Migrate(c.folio), 2),
    Action(
        "remap",
        "Fail to migrate",
        "unmap the folio in focus by migration entries and map it again, as a migration that fails does",
        lambda c: ops.Remap(c.folio),
        2,
    ),
    *map(_size, SIZES),
    Action(
        "underused",
        "shrink_underused",
        "whether a 2 MiB folio is queued as it is faulted in, so that the shrinker can find it underused",
        lambda c: ops.Underused(int(not c.early)),
        3,
        lambda c: bool(c.early),
    ),
    Action(
        "maxnone",
        "Set max_ptes_none",
        "set khugepaged/max_ptes_none to the number beside this button: a folio with more zero-filled pages "
        "is underused; with 511, none is",
        lambda c: ops.MaxNone(c.none),
        3,
    ),
)
"""Actions of :mod:`folioviz.ops.ops_later`."""
