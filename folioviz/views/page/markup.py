"""HTML: text becomes a part of it only by being escaped, because :class:`~markupsafe.Markup` is a type of its own.

``Screen.put`` takes Markup alone, and mypy sees to that; Markup is made of literals alone, and ruff (S704) sees to
that; :func:`html` fills them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import LiteralString

EMPTY = Markup()
PLAIN = (Markup, int)
"""What need not be escaped: asking is faster than escaping it, and a step fills some hundred templates."""

BEHIND = re.compile(r'(<button class="fv-(?:term|link)"[^<>]*>[^<>]*</button>)([,.:;!?)’”]+)')
"""A button within a text, and what belongs to it."""


def html(template: LiteralString, *parts: object) -> Markup:
    """Return a template whose ``{}`` are filled with parts; one that is no Markup is escaped."""
    return Markup(template.format(*[part if isinstance(part, PLAIN) else escape(part) for part in parts]))


def joined(parts: Iterable[Markup]) -> Markup:
    """Return parts one after the other."""
    return EMPTY.join(parts)


def unbroken(words: Markup) -> Markup:
    """Return words in which no line begins with a comma: behind a button a browser may break it, whatever follows."""
    return Markup(BEHIND.sub(r'<span class="fv-unbroken">\1\2</span>', str(words)))


def truth(on: object) -> str:
    """Return what an attribute says of something that is so, or is not."""
    return "true" if on else "false"
