"""Pieces of HTML that many panels have, and addresses as people write them."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from folioviz.machine.memory import NR_VPNS, PAGE_SHIFT, VM_START, address_of
from folioviz.views.page.markup import html, joined

IDENTIFIER = re.compile(r"([A-Za-z]*_\w+)")
"""A name of the kernel's, which no capital letters may spoil."""

PAGE = re.compile(r"0x[0-9a-f]{1,16}|[0-9]{1,6}")
"""How a page is typed."""


def term(name: str, text: str) -> Markup:
    """Return a word that opens what the glossary says of it: by a pointer, by a press, or with the focus."""
    return html('<button class="fv-term" data-term="{}">{}</button>', name, text)


def heading(text: str, note: str = "", about: str = "") -> Markup:
    """Return a panel's heading; the note stands beside it in lower case; ``about`` is the word that explains it."""
    parts = IDENTIFIER.split(text)  # a name of the kernel's between any two others
    words = (html("<code>{}</code>", part) if place % 2 else escape(part) for place, part in enumerate(parts))
    title = joined(words)
    title = term(about, title) if about else title
    return html("<h2>{}{}</h2>", title, html(" <small>{}</small>", note) if note else "")


def badge(text: str, kind: str, why: str = "", about: str = "") -> Markup:
    """Return a state badge; the kind is a class of the style sheet, ``about`` the word that explains it."""
    if about:
        return html(
            '<button class="fv-badge fv-term fv-{}" data-term="{}" title="{}">{}</button>',
            kind,
            about,
            why or text,
            text,
        )
    return html('<span class="fv-badge fv-{}" title="{}">{}</span>', kind, why or text, text)


def side_name(name: str, label: str) -> Markup:
    """Return a kernel's name in its side's colour."""
    return html('<b class="fv-{}">{} · {}</b>', name, name, label)


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
