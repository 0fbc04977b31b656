"""Where a text mentions a word of the glossary: each once, where it comes first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID: Final[dict[str, str]] = {
    "anonymous": "anonymous",
    "atomic": "atomics?",
    "batch": "(?<!gather )batch(?:es)?",
    "cow": "copy-on-write",
    "double": "PG_double_map",
    "entire": "_entire_mapcount",
    "entirely": "entirely mapped",
    "exclusive": "AnonExclusive",
    "flag": "PG_partially_mapped",
    "folio": "folios?",
    "gather": "mmu_gather|(?<=the )gather",
    "large": "_large_mapcount",
    "mapcount": "mapcounts?",
    "mapped": "_nr_pages_mapped",
    "mthp": "mTHPs?",
    "nopages": "(?:CONFIG_)?NO_PAGE_MAPCOUNT",
    "order": "order(?=[- ](?:[0-9]|n[^a-z]))",
    "page": "struct page",
    "partially": "partially mapped",
    "pin": "pins?|pinned",
    "pmd": "PMDs?",
    "pte": "PTEs?",
    "queue": "(?:deferred )?split queue",
    "refcount": "refcounts?",
    "rmap": "rmap",
    "rss": "RSS",
    "shrinker": "shrinker",
    "space": "address spaces?",
    "spurious": "spurious",
    "sqlock": "split_queue_lock",
    "tlb": "TLB",
    "underused": "underused",
    "vma": "VMAs?",
    "zap": "zaps?",
    "zero": "zero-filled",
}
"""Name in the glossary -> how prose says it. Words that prose also takes for something else are not in it: a row, a
patch, a round, what maps, what is split."""
APART: Final = r"(?<![\w./-])(?:{})(?![\w(/]|\.\w)"
"""Not within a name, a path or a subject line."""
ANY: Final = re.compile(
    APART.format("|".join(f"(?P<{name}>{said})" for name, said in SAID.items())), re.IGNORECASE
)


def mentions(text: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield a text piece by piece, each with the word of the glossary that it is, "" if it is none or one known.

    Args:
        text: plain text.
        known: the words that are not mentioned again; those that are found join them.
    """
    at = 0
    for found in ANY.finditer(text):
        name = found.lastgroup or ""
        if name in known:
            continue
        known.add(name)
        yield "", text[at : found.start()]
        yield name, found[0]
        at = found.end()
    yield "", text[at:]
