"""Amounts of memory in few letters: figures and tables have little room; exact ones are a tooltip away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.views.page.markup import EMPTY, html

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE_KIB: Final = 4
UNITS: Final = (("GiB", 1 << 20), ("MiB", 1 << 10))
LONG: Final = 100
"""From so many on, a unit's decimals say nothing."""


def memory(pages: int) -> str:
    """Return pages of 4 KiB as memory: exact in KiB below 1 MiB, then in at least three digits."""
    kib = int(pages) * PAGE_KIB
    for unit, size in UNITS:
        if kib >= size:
            value = kib / size
            digits = 0 if kib % size == 0 or value >= LONG else 1 if value >= LONG // 10 else 2
            return f"{value:,.{digits}f} {unit}"
    return f"{kib} KiB" if kib else "0"


def exact(pages: int) -> str:
    """Return pages of 4 KiB in full."""
    return f"{int(pages):,} pages, {int(pages) * PAGE_KIB:,} KiB"


def amount(pages: int, kind: str = "") -> Markup:
    """Return an amount whose tooltip is exact; ``kind`` is a class of the style sheet for what is not 0."""
    on = html(' class="{}"', kind) if kind and pages else EMPTY
    return html('<span{} title="{}">{}</span>', on, exact(pages), memory(pages))


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent: what is not 0 is never shown as 0, nor is less than all as all."""
    if not part or not whole:
        return "0 %"
    value = 100 * part / whole
    if value < 1:
        return "<1 %"
    return f"{min(round(value), 99) if part < whole else 100} %"
