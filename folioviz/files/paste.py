"""Whatever a person pastes: operations, a document, a link, or a text of ours that holds one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError, shown
from folioviz.files import scenario, share
from folioviz.files.documents import text_of

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario

QUOTED: Final = re.compile(r"'[^'?]*\?((?:s|scenario)=[^']*)'")
"""A link between quotes, as our texts have it for a shell: it may be broken into lines."""
LINKED: Final = re.compile(r"(?:\?|^\s*)((?:s|scenario)=[^\s<>\"']+)")
"""A link that stands alone, or in a sentence: a whole address, or what follows its question mark."""
QUOTES: Final = re.compile(r"^[>\s|]+", re.MULTILINE)
"""What a mail program puts before the lines of what it answers."""


def link_in(text: str) -> str | None:
    """Return the query string of the first link in a text, without its question mark; None if it has none."""
    if found := QUOTED.search(text):
        return re.sub(r"\s+", "", QUOTES.sub("", found[1]))
    if found := LINKED.search(text):
        return found[1].rstrip(").,;")
    return None


def fields(text: str) -> dict[str, str]:
    """Return the fields of the first link in a text; none if it has none."""
    return share.fields_of(link_in(text))


def read(text: str | bytes) -> Scenario:
    """Read what somebody pasted.

    Args:
        text: operations in the short form, in as many lines as they like; YAML or JSON; a link, or its query string;
            or a report or mail of ours, which holds a link. Bytes are UTF-8.

    Raises:
        DocumentError: naming the place, the value and what is allowed; nothing else, whatever the text.
    """
    text = text_of(text)
    query = link_in(text)
    if query is not None:
        found = share.from_query(share.fields_of(query))
        if found is None:
            raise DocumentError(f"the link is {shown(query, 40)}: it must have a field scenario or s")
        return found
    lines = [line for _, line in scenario.short_lines(text.split("\n"))]
    if lines and scenario.SHORT.match(lines[0]):
        return scenario.from_builtins("; ".join(line.rstrip("; ") for line in lines))
    return scenario.loads(text)
