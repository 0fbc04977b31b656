"""Sentences about several: "Folio 4–10 is freed" becomes "Folios 4–10 are freed"."""

from __future__ import annotations

import re

SEVERAL = re.compile(r"\b([Ff]olio|[Pp]age|slot) (?=\d+[–…]\d)")
BATCHES = re.compile(r"^Batch(?= of .*\d[–…]\d)")
OF_EACH = re.compile(r"\b([Pp]age \d+ of (?:what was )?)folios ")
ABOUT_MANY = re.compile(r"\b([Ff]olios|[Pp]ages) \d+[–…]\d")
FOR_MANY = [
    (re.compile(pattern), plural)
    for pattern, plural in (
        (r"^(Folios \S+|Pages \S+ of (?:what was )?folios? \S+) is\b", r"\1 are"),
        (r"^(Folios \S+ (?:go|leave|stay|could not be split and go))e?s\b", r"\1"),
        (r"\b(it is a|it has)\b", lambda found: found[0].replace("it", "each", 1)),
        (r"\bnothing of it is\b", "nothing of them is"),
        (r"(?<!before )\bit is\b", "they are"),
        (r"\bthe folio was that it replaces\b", "the folios were that they replace"),
        (r"\b(all|most) of it\b", r"\1 of each"),
        (r"\bIts PMD is\b", "Their PMDs are"),
        (r"\bits mapping becomes\b", "their mappings become"),
        (r"\bthe folio ends\b", "each folio ends"),
        (r"(\d+) of its pages\b", r"\1 pages of each"),
        (r"(\d) (are|is) still mapped", r"\1 of each \2 still mapped"),
        (r"(\d+ (?:pages?|mappings?|references?)) (go|remain|move|beyond)", r"\1 each \2"),
        (r"\binto (\d+ folios)\b", r"into \1 each"),
        (r"\bto a new folio\b", "to new folios"),
        (r"\bwhat was folios\b", "what were folios"),
        (r"(?<!differs in )\bits\b", "their"),  # a PTE's
        (r"(?<!without )\bit\b(?! looks| is)", "them"),  # the mapping; the kernel
    )
]
"""What the words of a sentence become, in this order, where its folios or pages are several."""


def agree(text: str) -> str:
    """Return a text with its words made to agree with its numbers; one without "4–10" or "4…10" stays as it is."""
    text = BATCHES.sub("Batches", SEVERAL.sub(r"\1s ", text))
    text = OF_EACH.sub(r"\1each of folios ", text)
    if not ABOUT_MANY.search(text) or " each of folios " in text:
        return text
    for pattern, plural in FOR_MANY:
        text = pattern.sub(plural, text)
    return text
