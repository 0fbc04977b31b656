"""The files in a paste: which lines are which file's, and the numbers in them.

A paste is lines, with whatever mail programs, loggers and shells put before them. A line of a file is told by its form
and its words, a file's beginning by a path, a word that is there already, or a word that only another file has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from folioviz.errors import DocumentError, shown

MAX_BYTES: Final = 4 << 20
"""The most that a paste may have: the smaps of a process with some 5,000 mappings."""
MAX_KIB: Final = 1 << 47
"""The most memory that a number may stand for: all that 57 bits address (128 PiB), in KiB."""

BEFORE: Final = re.compile(r"^(?:[>|]\s?)*(?:\s*(?:<\d>)?\[\s*\d+\.\d+\](?:\[[^\]]*\])?)?\s*")
"""What mail programs and the kernel's log put before a line."""
PATH: Final = re.compile(r"(\S*?\b(memory\.stat|vmstat)\b)(?::(?=\S))?")
"""A file's name: alone, in a heading or a command, or before each line as ``grep -H`` has it."""
PAIR: Final = re.compile(r"([a-z]\w*) (\S+)")
"""A line of memory.stat or vmstat."""


@dataclass
class Piece:
    """A file of a paste.

    Attributes:
        kind: "memory.stat" or "vmstat".
        title: how a sentence calls it.
        line: where it begins.
        values: its numbers, by the kernel's names, in the file's own unit.
    """

    kind: str
    title: str
    line: int
    values: dict[str, int] = field(default_factory=dict)


V2_ONLY: Final = frozenset(
    {
        "anon",
        "file",
        "kernel",
        "kernel_stack",
        "pagetables",
        "sec_pagetables",
        "percpu",
        "sock",
        "vmalloc",
        "shmem",
        "file_mapped",
        "file_dirty",
        "file_writeback",
        "anon_thp",
        "file_thp",
        "shmem_thp",
        "slab",
        "slab_reclaimable",
        "slab_unreclaimable",
    }
)
"""Words of a version 2 memory.stat that vmstat does not have."""
EITHER: Final = frozenset(
    {"inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "swapcached"}
)
"""Words of memory.stat of both versions."""
VMSTAT: Final = re.compile(
    "nr_|pg|thp_|workingset_|numa_|kswapd_|allocstall|compact_|swpin|zswp|drop_|unevictable_pgs"
)


def read(text: str) -> list[Piece]:
    """Return the files in a paste, in its order.

    Raises:
        DocumentError: if there are none, or a number is none; naming the line, the value and what is allowed.
    """
    found: list[Piece] = []
    now: Piece | None = None
    path = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = BEFORE.sub("", raw).rstrip()
        named = PATH.search(line)
        if named:
            if named[1] != path:
                path, now = named[1], None
            line = line[named.end() :] if named.start() == 0 else ""
        pair = PAIR.fullmatch(line)
        if pair is None:
            continue
        key, value = pair.groups()
        kind = kind_of(key, now.kind if now else "")
        if not kind:
            continue
        if now is None or now.kind != kind or key in now.values:
            now = Piece(kind, path, number)
            found.append(now)
        now.values[key] = whole(key, value, number)
    if not found:
        raise DocumentError(nothing_in(text))
    return titled(found)


def kind_of(key: str, now: str) -> str:
    """Return which file a line is from: by its word, or by the lines before it; "" if from none."""
    if key in V2_ONLY:
        return "memory.stat"
    if key in EITHER:
        return now if now == "memory.stat" else "memory.stat"
    if key.startswith("nr_"):
        return "vmstat"
    return now or ("vmstat" if VMSTAT.match(key) else "")


def whole(key: str, value: str, number: int) -> int:
    """Return a number of a file."""
    if not re.fullmatch("[0-9]{1,20}", value):
        raise DocumentError(
            f"line {number}: {key} is {shown(value)}: it must be a whole number, 0 to {2**64 - 1}"
        )
    return int(value)


def nothing_in(text: str) -> str:
    """Say that a paste holds no file that is known."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    begins = f"it begins {shown(first)}" if first else "it is empty"
    return f"the paste is no file that explain reads: {begins}; it reads memory.stat and /proc/vmstat"


def titled(found: list[Piece]) -> list[Piece]:
    """Give each file a name of its own: its path, or its kind and a number if there are several."""
    for piece in found:
        same = [one for one in found if (one.title or one.kind) == (piece.title or piece.kind)]
        if len(same) > 1:
            for place, one in enumerate(same, start=1):
                one.title = f"{one.title or one.kind} ({place})"
        else:
            piece.title = piece.title or piece.kind
    return found
