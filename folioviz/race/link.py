"""Links to a race: its name in the library, or what it is, and the schedule that is looked at.

``race=k1&schedule=1x12.0x18`` names a race of the library; ``race=own&kernel=v6.12&setup=mm;...&cpus=A | B`` holds any
other one. Reading is bounded and raises DocumentError or nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import msgspec

from folioviz import kernels
from folioviz.errors import DocumentError, FoliovizError, LimitError, shown
from folioviz.extras import version
from folioviz.files.documents import builtins_of
from folioviz.files.share import MAX_LINK, fields_of
from folioviz.race import document, schedule, words
from folioviz.race.document import RaceDocument
from folioviz.race.library import LIBRARY
from folioviz.race.memory import MAX_CPUS
from folioviz.race.race import LAWS
from folioviz.race.report import WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN: Final = "own"
"""What ``race`` says of one that is not in the library."""
BETWEEN: Final = " | "
"""What stands between the operations of one CPU and the next."""
MAX_TEXT: Final = 2_000
"""Characters of a setup, and of what all CPUs do."""
LINKED: Final = re.compile(r"(?:\?|^\s*)(race=[^\s<>\"']+)")
"""A link that stands alone, or in a sentence."""
EXAMPLE: Final = {"setup": "mm; mmap 1 0 64; fault 1 0 2; fork 1", "cpus": "dontneed 1 0 2 | munmap 2 0 4"}
"""The race of one's own that one begins with."""
USUAL: Final = RaceDocument(cpus=())
"""What a race is that says nothing."""


def fields(found: RaceDocument) -> dict[str, str]:
    """Return the fields of a link that brings a race and its schedule back."""
    name = name_of(found)
    played = {"schedule": found.schedule} if found.schedule else {}
    if name != OWN:
        return {"race": name, **played}
    told = {
        "kernel": found.kernel,
        "gather": found.mmu_gather if found.mmu_gather != USUAL.mmu_gather else "",
        "setup": found.setup,
        "cpus": BETWEEN.join(found.cpus),
        "laws": ",".join(found.laws),
        "without": ",".join(found.without),
    }
    return {"race": OWN, **{key: text for key, text in told.items() if text}, **played}


def name_of(found: RaceDocument) -> str:
    """Return the name of a race in the library, whatever its words and schedule; "own" for another one."""
    known = LIBRARY.get(found.title)
    same = known is not None and bare(document.of(known)) == bare(found)
    return found.title if same else OWN


def bare(found: RaceDocument) -> RaceDocument:
    """Return a race without its words and its schedule: two that are equal are the same."""
    return msgspec.structs.replace(found, title="", about="", schedule="")


def query(found: RaceDocument) -> str:
    """Return the query string that brings a race back, without its question mark.

    Raises:
        DocumentError: if it is longer than 8,000 characters; a file has room for more.
    """
    text = urlencode(fields(found))
    if len(text) > MAX_LINK:
        raise DocumentError(
            f"the link would be {len(text)} characters long: at most {MAX_LINK} work; save a file instead"
        )
    return text


def again(found: RaceDocument, more: str = "") -> str:
    """Return the command that opens a race anywhere, in lines of 72 columns, if a link can hold it, and our version.

    ``more`` are fields that say how it is looked at, each after an ``&``.
    """
    try:
        text = f"folioviz open '?{query(found)}{more}'"
    except DocumentError:
        text = ""
    lines = [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)]
    return "\n".join([*lines, f"folioviz {version('folioviz')}"])


def read(asked: Mapping[str, str]) -> RaceDocument | None:
    """Read the fields of a link; None if it asks for no race. Whether it can be played is seen when it is.

    Raises:
        DocumentError: naming what is wrong, the value and what is allowed.
    """
    if "race" not in asked:
        return None
    text = asked.get("schedule", "")
    if asked["race"] == OWN:
        found = own(asked)
    else:
        found = document.find(asked["race"]) if asked["race"] in LIBRARY else _unknown(asked["race"])
    schedule.parse(text, len(found.cpus))
    return msgspec.structs.replace(found, schedule=text)


def _unknown(name: str) -> RaceDocument:
    raise DocumentError(
        f"there is no race {shown(name, 40)}: it must be {OWN!r}, or a name that folioviz race lists"
    )


def own(asked: Mapping[str, str]) -> RaceDocument:
    """Read a race that is not in the library; one that says nothing is :data:`EXAMPLE`.

    Raises:
        DocumentError: naming what is wrong, the value and what is allowed.
    """
    if not (asked.get("cpus") or asked.get("setup")):
        asked = {**asked, **EXAMPLE}
    texts = [part.strip() for part in _text(asked, "cpus").split(BETWEEN.strip())]
    while texts and not texts[-1]:
        texts.pop()
    if not 1 <= len(texts) <= MAX_CPUS or not all(texts):
        raise DocumentError(
            f"cpus is {shown(asked.get('cpus', ''), 40)}: it must be what 1 to {MAX_CPUS} CPUs do, with | between them"
        )
    setup = _text(asked, "setup")
    for text in (setup, *texts):
        words.parse(text)
    mode = asked.get("gather") or USUAL.mmu_gather
    try:
        key = kernels.find(asked.get("kernel") or USUAL.kernel).key
        if mode not in kernels.GATHER_MODES:
            raise LimitError.of("gather", mode, " or ".join(kernels.GATHER_MODES))
    except FoliovizError as error:
        raise DocumentError(str(error)) from None
    laws, without = (tuple(filter(None, _text(asked, name).split(","))) for name in ("laws", "without"))
    return RaceDocument(tuple(texts), key, setup, mode, laws, without)


def checked(name: str, text: str) -> str:
    """Return a field of a race that is not in the library, if it is right whatever the others say.

    Raises:
        DocumentError: naming what is wrong, the value and what is allowed.
    """
    own({"cpus": "munmap 1 0 4", name: text})
    if unknown := [law for law in text.split(",") if name == "laws" and law and law not in LAWS]:
        raise DocumentError(f"laws is {shown(unknown[0], 40)}: it must be one of {', '.join(LAWS)}")
    return text


def _text(asked: Mapping[str, str], name: str) -> str:
    """Return a field that is not too long."""
    text = asked.get(name, "").strip()
    if len(text) > MAX_TEXT:
        raise DocumentError(f"{name} is {len(text)} characters long: it must be at most {MAX_TEXT}")
    return text


def fields_in(text: str) -> dict[str, str]:
    """Return the fields of the first link to a race in a text; none if it has none."""
    found = LINKED.search(text)
    return fields_of(found[1].rstrip(").,;")) if found else {}


def pasted(text: str) -> RaceDocument | None:
    """Return the race that a pasted text holds: a link, its query string, or a document; None if it holds none.

    Raises:
        DocumentError: if it holds one that is wrong.
    """
    if asked := fields_in(text):
        return read(asked)
    try:
        raw = builtins_of(text)
    except DocumentError:
        return None
    return document.loads(text) if isinstance(raw, dict) and "cpus" in raw else None
