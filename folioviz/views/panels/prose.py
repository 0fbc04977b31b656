"""Prose: the little Markdown in which stories are told, as HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup, escape

from folioviz.views.page.markup import html, joined, unbroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Press: TypeAlias = Callable[[str, str], Markup]
    Say: TypeAlias = Callable[[str], Markup]

INLINE = re.compile(r"`([^`]+)`|\*\*(.+?)\*\*|\*(.+?)\*|\[([^\[\]]+)\]\(([^()\s]+)\)")
FOLDED = re.compile(r"> \*\*(.+?)\*\* (.*)", re.DOTALL)


def prose(text: str, press: Press, say: Say = escape) -> Markup:
    """Return Markdown as HTML: headings, paragraphs, lists, ``code``, **bold**, *italic*, and links.

    A paragraph that is quoted and begins with bold words is folded below these words.

    Args:
        text: the Markdown.
        press: makes a link's HTML from its text and its target.
        say: makes the HTML of plain text that is neither a heading nor code nor a link.
    """
    return unbroken(joined(block(part, press, say) for part in text.strip().split("\n\n")))


def block(text: str, press: Press, say: Say) -> Markup:
    """Return a heading, a list, what is folded, or a paragraph."""
    if text.startswith("## "):
        return html("<h2>{}</h2>", inline(text[3:], press, escape))
    if text.startswith("- "):
        items = (html("<li>{}</li>", inline(item, press, say)) for item in text[2:].split("\n- "))
        return html("<ul>{}</ul>", joined(items))
    if folded := FOLDED.fullmatch(text):
        title, body = folded.groups()
        return html("<details><summary>{}</summary><p>{}</p></details>", title, inline(body, press, say))
    return html("<p>{}</p>", inline(text, press, say))


def inline(text: str, press: Press, say: Say) -> Markup:
    """Return a line of text with what is marked in it."""
    return joined(_pieces(text, press, say))


def _pieces(text: str, press: Press, say: Say) -> Iterator[Markup]:
    """Yield what is between the marks, and what they mark."""
    at = 0
    for found in INLINE.finditer(text):
        yield say(text[at : found.start()])
        at = found.end()
        code, strong, soft, said, target = found.groups()
        if code:
            yield html("<code>{}</code>", code)
        elif strong:
            yield html("<b>{}</b>", inline(strong, press, say))
        elif soft:
            yield html("<i>{}</i>", inline(soft, press, say))
        else:
            yield press(said, target)
    yield say(text[at:])
