"""The files in a paste, and the numbers in them.

A file begins where a path says so, where a word comes a second time, or where a word comes that only another file has.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis import words
from folioviz.diagnosis.words import CGROUP, CGROUP_V1, DUMP, MEMINFO, ROLLUP, SIZES, SMAPS, THPMAPS, VMSTAT
from folioviz.errors import DocumentError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.diagnosis.lines import Line

MAX_PIECES: Final = 100
"""The most files that a paste may have."""
MAX_NUMBER: Final = 2**64 - 1
"""The largest number that the kernel prints."""
MAX_MEMORY: Final = 1 << 57
"""The most bytes of memory that a number may stand for: what 57 bits address."""
UNITS: Final = {CGROUP: 1, CGROUP_V1: 1, MEMINFO: 1 << 10, SMAPS: 1 << 10, ROLLUP: 1 << 10, THPMAPS: 1 << 10}
"""Kind of file -> bytes that 1 stands for in it; what is not here counts pages, folios or events."""
EVENTS: Final = re.compile("(total_)?(workingset_|pg|thp_|zswp|numa_|swpin|swpout|hierarchical_).*")
"""Words of memory.stat that count events, or limits, which may be as large as can be."""
MAX_COUNTER: Final = 2**31
"""A page's counters have 32 bits, with a sign."""
MAX_ORDER: Final = 30

MAPPING: Final = re.compile(
    r"(\d{10}: )?([0-9a-f]{4,16})-[0-9a-f]{4,16} [r-][w-][x-][ps] [0-9a-f]{8,16} (.*)"
)
AMOUNT: Final = re.compile(r"([A-Za-z][\w()-]{0,60}): *(\S{1,60})(?: kB)?(?: *\( *\d{1,3}%\))?")
PAIR: Final = re.compile(r"([a-z]\w{0,60}):? +(\S{1,60})")
SIZE: Final = re.compile(r"hugepages-([1-9]\d{0,8})kB(?:/stats)?(?:/(\w+))?\Z")
STATISTIC: Final = re.compile(r"(?:(\w{1,60})[: ] *)?(\S{1,60})")
PAGE: Final = re.compile(r"page: ?(?:\S{1,40} )?(refcount:.*)")
HEAD: Final = re.compile(r"head: ?(?:\S{1,40} )?(order:.*)")
FLAGS: Final = re.compile(r"(anon |ksm )?flags: 0x[0-9a-f]{1,16}\((.*)\)")
ZONE: Final = re.compile(r"Node \d+, zone ")
"""How /proc/zoneinfo begins; its lines look like those of /proc/vmstat."""
SWAP_CACHE: Final = "owner_priv_1"
"""How the flag PG_swapcache is printed: by the name of the bit that it shares."""
COUNTER: Final = re.compile(r"([a-z_]{1,30}):(-?\d{1,20})\b")
NUMERIC: Final = re.compile(r"[-+]?[\d.,]+(e[+-]?\d+)?[kKMGTPi]*B?")
"""What is meant to be a number; prose is left alone."""


@dataclass
class Piece:
    """A file of a paste.

    Attributes:
        kind: one of ``words.KINDS``.
        line: where it begins, counted from 1.
        path: what the paste calls it; "" if it does not say.
        title: how a sentence calls it; no other file of the paste is called so.
        values: its numbers by the kernel's words, in the file's own unit: of smaps and thpmaps the sums of all
            mappings; of the size statistics as "64/nr_anon"; of a page dump as "refcount", "head mapcount" and "anon".
        words: of smaps, those of each mapping.
        start: of smaps, where the last mapping begins.
    """

    kind: str
    line: int
    path: str = ""
    title: str = ""
    values: dict[str, int] = field(default_factory=dict)
    words: list[set[str]] = field(default_factory=list)
    start: int = -1


def read(lines: Iterable[Line]) -> list[Piece]:
    """Return the files in a paste, in its order.

    Raises:
        DocumentError: if there are too many, or a number is none; naming the line, the value and what is allowed.
    """
    reader = Reader()
    for line in lines:
        if ZONE.match(line.text):
            raise DocumentError(
                f"line {line.number} is of zoneinfo, which counts one node: paste /proc/vmstat"
            )
        reader.take(line)
        if len(reader.pieces) > MAX_PIECES:
            raise DocumentError(
                f"line {line.number} begins file {len(reader.pieces)} of the paste: it may have {MAX_PIECES}"
            )
    found = [piece for piece in reader.pieces if piece.values]
    for piece in found:
        whole(piece)
    return titled(found)


class Reader:
    """Reads one paste, a line after the other.

    Attributes:
        pieces: the files so far.
    """

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    @property
    def now(self) -> Piece | None:
        """The file that is being read."""
        return self.pieces[-1] if self.pieces else None

    def take(self, line: Line) -> None:
        """Read a line, if it is one of a file that is known."""
        for form in (self.mapping, self.dump, self.size, self.amount, self.pair):
            if line.text and form(line):
                return

    def begin(self, kind: str, line: Line) -> Piece:
        """Begin a file."""
        self.pieces.append(Piece(kind, line.number, line.path))
        return self.pieces[-1]

    def kind(self, line: Line) -> str:
        """Return the kind of the file that is being read, if a line may be from it, or what its path tells, or ""."""
        if self.now and self.now.path == line.path:
            return self.now.kind
        return next((kind for kind in (VMSTAT, MEMINFO, ROLLUP, SMAPS) if line.path.endswith(kind)), "")

    def piece(self, kind: str, line: Line) -> Piece:
        """Return the file of a kind that a line belongs to."""
        now = self.now
        return now if now and now.kind == kind and now.path == line.path else self.begin(kind, line)

    def put(self, kind: str, line: Line, word: str, value: int) -> None:
        """Put a number into the file that it is from; a word that is there already begins the next one."""
        now = self.piece(kind, line)
        if word in now.values:
            now = self.begin(kind, line)
        now.values[word] = value

    def mapping(self, line: Line) -> bool:
        """Read the head of a mapping; addresses ascend in a process."""
        found = MAPPING.fullmatch(line.text)
        if found is None:
            return False
        start = int(found[2], 16)
        of_smaps = ROLLUP if found[3].endswith("[rollup]") else SMAPS
        kind = THPMAPS if found[1] else of_smaps
        now = self.piece(kind, line)
        if kind != THPMAPS and start <= now.start:
            now = self.begin(kind, line)
        now.start = start
        now.words.append(set())
        return True

    def amount(self, line: Line) -> bool:
        """Read a line of smaps, thpmaps or meminfo."""
        found = AMOUNT.fullmatch(line.text)
        now = self.now
        kind = words.of_amount(found[1], self.kind(line)) if found else ""
        if not found or not kind or not NUMERIC.fullmatch(found[2]):
            return False
        word, value = found[1], amount(line, found[1], found[2], UNITS[kind])
        if (
            now
            and now.path == line.path
            and words.undecided(now.kind, set(now.values))
            and word in now.values
        ):
            now.kind = kind = SMAPS  # a word of smaps and meminfo that is there twice: picked out of smaps
        if kind not in {SMAPS, THPMAPS}:
            self.put(kind, line, word, value)
            return True
        now = self.piece(kind, line)
        if word.endswith("PageSize"):
            value = min(value, now.values.get(word, value))
        else:
            value += now.values.get(word, 0)
        now.values[word] = value
        if now.words:
            now.words[-1].add(word)
        return True

    def pair(self, line: Line) -> bool:
        """Read a line of memory.stat or vmstat."""
        found = PAIR.fullmatch(line.text)
        kind = words.of_pair(found[1], self.kind(line)) if found else ""
        if not found or not kind or not NUMERIC.fullmatch(found[2]):
            return False
        word, now = found[1], self.now
        if kind == CGROUP_V1 and now and now.path == line.path and words.undecided(now.kind, set(now.values)):
            now.kind = kind  # what came before is of both versions
        unit = 4096 if word.startswith("nr_") else UNITS.get(kind, 0)
        self.put(kind, line, word, amount(line, word, found[2], 0 if EVENTS.fullmatch(word) else unit))
        return True

    def size(self, line: Line) -> bool:
        """Read a statistic of a folio size, whose path is before it or above it."""
        path, found = SIZE.search(line.path), STATISTIC.fullmatch(line.text)
        word = (found[1] or (path and path[2])) if found else None
        if not path or not found or not word or word not in words.OF_SIZE or not NUMERIC.fullmatch(found[2]):
            return False
        key = f"{int(path[1])}/{word}"
        value = amount(line, word, found[2], int(path[1]) << 10 if word.startswith("nr_") else 0)
        now = self.now
        if now is None or now.kind != SIZES or key in now.values:
            now = self.begin(SIZES, line)
        now.values[key] = value
        return True

    def dump(self, line: Line) -> bool:
        """Read a line of a page dump."""
        now = self.now if self.now and self.now.kind == DUMP else None
        if page := PAGE.match(line.text):
            self.begin(DUMP, line).values.update(counters(line, page[1]))
        elif now and (head := HEAD.match(line.text)):
            now.values.update({f"head {word}": value for word, value in counters(line, head[1]).items()})
        elif now and (flags := FLAGS.match(line.text)):
            now.values["anon"] = int(flags[1] is not None)
            now.values["swapcache"] = int(SWAP_CACHE in flags[2].split("|"))
        else:
            return line.text.startswith(("raw: ", "head: ", "memcg:", "page dumped because"))
        return True


def amount(line: Line, word: str, text: str, unit: int) -> int:
    """Return a number of a file.

    Args:
        line: where it stands.
        word: its name.
        text: its digits.
        unit: how many bytes 1 stands for; 0 if it counts no memory.
    """
    limit = MAX_MEMORY // unit if unit else MAX_NUMBER
    if re.fullmatch("[0-9]{1,20}", text) and int(text) <= limit:
        return int(text)
    raise DocumentError(
        f"line {line.number}: {word} is {shown(text)}: it must be a whole number from 0 to {limit}"
    )


def counters(line: Line, text: str) -> dict[str, int]:
    """Return the counters in a line of a page dump."""
    found = {word: int(digits) for word, digits in COUNTER.findall(text)}
    for word, value in found.items():
        if not -MAX_COUNTER <= value < MAX_COUNTER or (word == "order" and not 0 <= value <= MAX_ORDER):
            allowed = f"0 to {MAX_ORDER}" if word == "order" else f"{-MAX_COUNTER} to {MAX_COUNTER - 1}"
            raise DocumentError(f"line {line.number}: {word} is {value}: it must be {allowed}")
    return found


def whole(piece: Piece) -> None:
    """Check that the last mapping of smaps has what all others have: else the paste was cut off in it.

    Raises:
        DocumentError: naming the word.
    """
    if piece.kind != SMAPS or len(piece.words) < 2:
        return
    lacks = set.intersection(*piece.words[:-1]) - piece.words[-1]
    if lacks:
        raise DocumentError(
            f"the last mapping of smaps, at {piece.start:x}, has no {min(lacks)}, which all others have: "
            "the paste is cut off, and must be whole"
        )


def titled(found: list[Piece]) -> list[Piece]:
    """Give each file a name of its own: its path or its kind, and a number if there are several."""
    names = [name_of(piece) for piece in found]
    total, seen = Counter(names), Counter[str]()
    for piece, name in zip(found, names, strict=True):
        seen[name] += 1
        piece.title = name if total[name] == 1 else f"{name} ({seen[name]})"
    return found


def name_of(piece: Piece) -> str:
    """Return what a file is called: by its path, without what only the shell needs."""
    named = piece.kind in {CGROUP, CGROUP_V1, SMAPS, ROLLUP} or "/node/" in piece.path  # or a node's vmstat
    if named and "/" in piece.path.strip("/"):
        return shown(piece.path, 100).strip("'")
    return piece.kind
