"""Pieces of HTML. Everything that goes between tags or into an attribute passes through :func:`esc`."""

from __future__ import annotations

import re
from html import escape

from folioviz.machine.memory import NR_VPNS, PAGE_SHIFT, VM_START, address_of

IDENTIFIER = re.compile(r"([A-Za-z]*_\w+)")
"""A name of the kernel's, which no capital letters may spoil."""

PAGE = re.compile(r"0x[0-9a-f]{1,16}|[0-9]{1,6}")
"""How a page is typed."""


def esc(value: object) -> str:
    """Return text that is safe between tags and in quoted attributes."""
    return escape(str(value), quote=True)


def heading(text: str, note: str = "") -> str:
    """Return a panel's heading; the note stands beside it in lower case."""
    words = IDENTIFIER.sub(r"<code>\1</code>", esc(text))
    return f"<h2>{words}{f' <small>{esc(note)}</small>' if note else ''}</h2>"


def badge(text: str, kind: str, why: str = "") -> str:
    """Return a state badge; the kind is a class of the style sheet."""
    return f'<span class="fv-badge fv-{kind}" title="{esc(why or text)}">{esc(text)}</span>'


def side_name(name: str, label: str) -> str:
    """Return a kernel's name in its side's colour."""
    return f'<b class="fv-{name}">{name} · {esc(label)}</b>'


def address(vpn: int) -> str:
    """Return a page's virtual address in hexadecimal."""
    return f"{address_of(vpn):#x}"


def vpn_of(text: str) -> int | None:
    """Return the virtual page that a person typed, as a hexadecimal address or a page number; None if neither."""
    text = text.strip().lower()
    if not PAGE.fullmatch(text):
        return None
    value = int(text, 0 if text.startswith("0x") else 10)
    if text.startswith("0x"):
        value, inside = divmod(value - VM_START, 1 << PAGE_SHIFT)
        if inside:
            return None
    return value if 0 <= value < NR_VPNS else None
