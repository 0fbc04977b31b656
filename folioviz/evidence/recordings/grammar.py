"""What a recorded step did: ``P touch a 0 16`` and its like, read into an :class:`Act`."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from folioviz.errors import DocumentError, shown
from folioviz.evidence.recordings.format import MAX_VPAGE, PROCESSES

RANGE: Final = "R FROM TO"
USAGE: Final = {
    "map": "R PAGES [+SHIFT] [nohuge]",
    "touch": f"{RANGE} [STRIDE]",
    "dontneed": f"{RANGE} [STRIDE]",
    "munmap": RANGE,
    "mprotect": f"{RANGE} RIGHTS",
    "fork": "CHILD",
    "exit": "",
    "mremap": f"{RANGE} R AT",
    "mlock": RANGE,
    "munlock": RANGE,
    "free": RANGE,
    "cold": RANGE,
    "pageout": RANGE,
    "read": RANGE,
    "guard": RANGE,
    "unguard": RANGE,
    "huge": RANGE,
    "pin": RANGE,
    "unpin": "",
    "gup": RANGE,
    "ungup": "",
    "migrate": f"{RANGE} NODE",
    "migrateall": f"{RANGE} NODE",
    "dontneed_locked": RANGE,
    "collapse": RANGE,
    "uffdmove": f"{RANGE} R AT",
}
"""What a process does, and what that takes."""
MACHINE_USAGE: Final = {
    "dropcaches": "WHAT",
    "compact": "",
    "cgroup": "",
    "mkcgroup": "",
    "uncgroup": "",
    "rmcgroup": "",
    "swapon": "",
    "swapoff": "",
    "reclaim": "BYTES",
    "khugepaged": "SECONDS",
    "sysfs": "NAME VALUE",
    "split": f"P {RANGE} [ORDER]",
    "thp": "ORDERS",
}
"""What is done to the machine, or to a process from outside."""


class Act(NamedTuple):
    """One step's operation.

    Attributes:
        word: what is done.
        known: whether it is one of those above, in that form; if not, nothing more is read.
        process: who does it, or to whom it is done; '' if there is no process.
        region: the region's letter.
        start: the first page.
        end: the page after the last one.
        stride: n for every nth page.
        value: a number: map's shift, mremap's place, what dropcaches drops, the value of sysfs, the order of split,
            the node of migrate.
        name: the child of fork, the rights of mprotect (r, rw or none), the other region of mremap, the name of
            sysfs, thp's orders; of map, "nohuge" if the region has no MADV_HUGEPAGE.
        why: why the form is not known, '' if it is the word or if it is known.
    """

    word: str
    known: bool = True
    process: str = ""
    region: str = ""
    start: int = 0
    end: int = 0
    stride: int = 1
    value: int = 0
    name: str = ""
    why: str = ""


class FormError(DocumentError):
    """A word that is known, with arguments that are not."""


def read(text: str) -> Act:
    """Read a step's operation; a form of a word that is not known is an act that is not known.

    Raises:
        DocumentError: if it is no operation at all.
    """
    try:
        return parse(text)
    except FormError as error:
        first, *more = text.split()
        process = first if first in tuple(PROCESSES) else ""
        return Act(more[0] if process else first, known=False, process=process, why=str(error))


def parse(text: str) -> Act:
    """Read a step's operation.

    Raises:
        FormError: naming the operation, the argument and what may stand there.
        DocumentError: if it is no operation at all.
    """
    words = text.split()
    process = words.pop(0) if words and words[0] in tuple(PROCESSES) else ""
    word = words.pop(0) if words else ""
    table = USAGE if process else MACHINE_USAGE
    if word not in table:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", word):
            raise DocumentError(f"op is {shown(text)}: it must be [PROCESS] WORD and arguments")
        return Act(word, known=False, process=process)
    usage = table[word]
    kinds = usage.replace("[", "").replace("]", "").split()
    least = len([kind for kind in usage.split() if not kind.startswith("[")])
    if not least <= len(words) <= len(kinds):
        raise FormError(f"op is {shown(text)}: it must be {f'{word} {usage}'.strip()}")
    if "nohuge" in words and "+SHIFT" in kinds and len(words) < len(kinds):
        kinds.remove("+SHIFT")
    fields: dict[str, Any] = {"word": word, "process": process}
    for kind, argument in zip(kinds, words, strict=False):
        _take(fields, kind, argument, text)
    act = Act(**fields)
    if "FROM" in usage and act.end <= act.start:
        raise FormError(f"op is {shown(text)}: the range {act.start} to {act.end} is empty")
    return act


def _take(fields: dict[str, Any], kind: str, argument: str, text: str) -> None:
    """Put one argument into the fields of an act."""
    field, pattern, high = {
        "R": ("name" if "region" in fields else "region", r"[a-h]", 0),
        "P": ("process", f"[{PROCESSES}]", 0),
        "CHILD": ("name", f"[{PROCESSES[1:]}]", 0),
        "RIGHTS": ("name", r"r|rw|none", 0),
        "NAME": ("name", r"[A-Za-z0-9_./-]{1,60}", 0),
        "PAGES": ("end", r"\d{1,6}", MAX_VPAGE),
        "FROM": ("start", r"\d{1,6}", MAX_VPAGE),
        "TO": ("end", r"\d{1,6}", MAX_VPAGE),
        "STRIDE": ("stride", r"\d{1,6}", MAX_VPAGE),
        "AT": ("value", r"\d{1,6}", MAX_VPAGE),
        "+SHIFT": ("value", r"\+\d{1,6}", 511),
        "ORDERS": ("name", r"\d(\+\d)*", 0),
        "ORDER": ("value", r"\d", 9),
        "NODE": ("value", r"\d{1,2}", 63),
        "nohuge": ("name", r"nohuge", 0),
        "WHAT": ("value", r"[123]", 3),
        "SECONDS": ("value", r"\d{1,3}", 999),
        "BYTES": ("value", r"\d{1,12}", 10**12),
        "VALUE": ("value", r"\d{1,9}", 10**9),
    }[kind]
    if not re.fullmatch(pattern, argument):
        raise FormError(
            f"op is {shown(text)}: {kind.strip('+')} is {shown(argument)}, not of the form {pattern}"
        )
    value = int(argument) if high else argument
    if isinstance(value, int) and not int(kind in {"PAGES", "STRIDE"}) <= value <= high:
        raise FormError(f"op is {shown(text)}: {kind.strip('+')} is {value}, it must be at most {high}")
    fields[field] = value
