"""A scenario's operations as acts of a recording, and what of them a program cannot do: that is refused by its name.

Regions get letters and 128 MiB each, processes the letters of a recording. The size of a folio that an operation names
is allowed while it is written to, and no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import DocumentError
from folioviz.evidence.recordings.format import PROCESSES
from folioviz.evidence.recordings.scene import REGION_PAGES
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from folioviz.ops import ops
    from folioviz.ops.op import Op

REGIONS: Final = "abcdefgh"
RANGES: Final = {
    "munmap": "munmap",
    "dontneed": "dontneed",
    "dontneedlocked": "dontneed_locked",
    "free": "free",
    "cold": "cold",
    "pageout": "pageout",
    "guard": "guard",
    "unguard": "unguard",
    "mlock": "mlock",
    "munlock": "munlock",
    "collapse": "collapse",
    "touch": "touch",
    "read": "read",
    "protnone": "mprotect none",
}
"""Operations on a range -> the recording's word, and what stands behind the range."""
WRITES: Final = {"touch", "mlock", "read"}
"""Those of them that may bring pages."""
ALONE: Final = {
    "shrink": "the shrinker runs when the kernel needs memory",
    "split": "a kernel splits folios by itself, or through debugfs",
    "splitpmd": "a kernel splits a PMD on its way to something else",
    "migrate": "a machine of one node has nowhere to migrate to",
    "remap": "it is a migration that fails",
    "reclaim": "the kernel reclaims when it needs memory",
    "khugepaged": "khugepaged comes when it comes; collapse does what it does at once",
    "get": "no driver takes references here",
    "put": "no driver takes references here",
    "pin": "no buffer is registered here",
    "unpin": "no buffer is registered here",
    "glimit": "a program cannot let the kernel's allocations fail",
    "zero": "what pages hold is not written here",
    "swapon": "the machine's swap space is left alone",
    "swapoff": "the machine's swap space is left alone",
    "underused": "the machine's settings are left alone, but for the sizes of folios",
    "uffdmove": "no userfaultfd is made here",
    "cgroup": "the machine's cgroups are left alone",
    "rmcgroup": "the machine's cgroups are left alone",
    "maxnone": "the machine's settings are left alone, but for the sizes of folios",
}
"""Operations that no program does -> why."""
NO_WORD: Final = "recordings have no word for it"


class Place(NamedTuple):
    """A region: its letter, and its first page in the model."""

    letter: str
    start: int


class _Translator:
    """Turns operations into acts, in order."""

    def __init__(self) -> None:
        """Begin without processes."""
        self.letters: dict[int, str] = {}
        self.places: list[Place] = []
        self.pages: dict[str, int] = {}
        self.enabled: frozenset[int] = frozenset()
        self.allowed: frozenset[int] | None = None
        self.made = 0

    def acts(self, op: Op) -> Iterator[str]:
        """Yield the acts of an operation.

        Raises:
            DocumentError: saying why there is none.
        """
        if op.word in RANGES:
            if op.word in WRITES:
                yield from self._allow(self.enabled)
            yield self._on(RANGES[op.word], *_range(op))
        elif op.word in KINDS:
            yield from KINDS[op.word](self, op)
        else:
            raise DocumentError(ALONE.get(op.word, NO_WORD))

    def mm(self, _op: ops.Mm) -> Iterator[str]:
        """Begin with a process; only the first one comes without a fork."""
        if self.letters:
            raise DocumentError("all processes of a recording but the first are forked")
        self._process()
        yield from ()

    def enable(self, op: ops.Enabled) -> Iterator[str]:
        """Remember the sizes that a write may bring."""
        self.enabled = self.enabled | {op.order} if op.on else self.enabled - {op.order}
        yield from ()

    def fault(self, op: ops.Fault) -> Iterator[str]:
        """Write where nothing is, while that size alone is allowed."""
        yield from self._allow(frozenset({op.order}) - {0})
        yield self._on("touch", op.mm, op.vpn, 1 << op.order)

    def faultpmd(self, op: ops.FaultPmd) -> Iterator[str]:
        """Write where nothing is, while 2 MiB alone are allowed."""
        yield from self._allow(frozenset({HPAGE_PMD_ORDER}))
        yield self._on("touch", op.mm, op.vpn, HPAGE_PMD_NR)

    def write(self, op: ops.Write) -> Iterator[str]:
        """Write to a page."""
        yield from self._allow(self.enabled)
        yield self._on("touch", op.mm, op.vpn, 1)

    def fork(self, op: ops.Fork) -> Iterator[str]:
        """Fork."""
        parent = self._letter(op.mm)
        yield f"{parent} fork {self._process()}"

    def exit(self, op: ops.Exit) -> Iterator[str]:
        """End a process."""
        yield f"{self._letter(op.mm)} exit"

    def mprotect(self, op: ops.Mprotect) -> Iterator[str]:
        """Make pages read-only, or writable again."""
        yield self._on("mprotect rw" if op.writable else "mprotect r", *_range(op))

    def _process(self) -> str:
        """Give a new process its letter."""
        self.made += 1
        if self.made > len(PROCESSES):
            raise DocumentError(f"a recording has at most {len(PROCESSES)} processes")
        letter = PROCESSES[self.made - 1]
        self.letters[self.made] = letter
        return letter

    def _letter(self, mm: int) -> str:
        """Return a process's letter."""
        if mm not in self.letters:
            raise DocumentError(f"there is no process {mm}")
        return self.letters[mm]

    def _allow(self, orders: frozenset[int]) -> Iterator[str]:
        """Allow folios of these orders at faults, and of no others, unless they are already."""
        if orders != self.allowed:
            self.allowed = orders
            yield "thp " + ("+".join(map(str, sorted(orders))) or "0")

    def _new(self, vpn: int) -> Place:
        """Give a new region its letter."""
        if len(self.places) == len(REGIONS):
            raise DocumentError(f"a recording has at most {len(REGIONS)} regions")
        self.places.append(Place(REGIONS[len(self.places)], vpn))
        return self.places[-1]

    def _at(self, vpn: int, pages: int) -> Place | None:
        """Return the region that a range is in, None if there is none."""
        for place in self.places:
            if place.start <= vpn and vpn + pages <= place.start + self.pages[place.letter]:
                return place
        return None

    def mmap(self, op: ops.Mmap) -> Iterator[str]:
        """Make a VMA: a region of its own, that nothing else may touch."""
        letter = self._letter(op.mm)
        place = self._at(op.vpn, op.pages)
        if place is None or (place.start, self.pages[place.letter]) != (op.vpn, op.pages):
            for other in self.places:
                if op.vpn < other.start + self.pages[other.letter] and other.start < op.vpn + op.pages:
                    raise DocumentError(
                        f"pages {op.vpn} to {op.vpn + op.pages - 1} were a part of another region"
                    )
            place = self._new(op.vpn)
        shift = op.vpn % HPAGE_PMD_NR
        if op.pages > REGION_PAGES - shift:
            raise DocumentError(f"a region has at most {REGION_PAGES} pages")
        self.pages[place.letter] = op.pages
        yield f"{letter} map {place.letter} {op.pages}" + (f" +{shift}" if shift else "")

    def _on(self, words: str, mm: int, vpn: int, pages: int) -> str:
        """Return what is done to a range, which must be in one region."""
        place = self._at(vpn, pages)
        if place is None:
            raise DocumentError(f"pages {vpn} to {vpn + pages - 1} are not in one region")
        start = vpn - place.start
        word, *more = words.split()
        return " ".join([self._letter(mm), word, place.letter, str(start), str(start + pages), *more])

    def mremap(self, op: ops.Mremap) -> Iterator[str]:
        """Move a range, into a region or to where a new one begins."""
        source = self._on("mremap", *_range(op))
        place = self._at(op.to, op.pages)
        if place is None:
            place = self._new(op.to - op.to % HPAGE_PMD_NR)
            self.pages[place.letter] = op.to % HPAGE_PMD_NR + op.pages
        yield f"{source} {place.letter} {op.to - place.start}"


KINDS: Final[dict[str, Callable[..., Iterator[str]]]] = {
    "mm": _Translator.mm,
    "mmap": _Translator.mmap,
    "enabled": _Translator.enable,
    "fault": _Translator.fault,
    "faultpmd": _Translator.faultpmd,
    "write": _Translator.write,
    "fork": _Translator.fork,
    "exit": _Translator.exit,
    "mprotect": _Translator.mprotect,
    "mremap": _Translator.mremap,
}
"""Other operations -> what turns them into acts."""


def _range(op: Op) -> tuple[int, int, int]:
    """Return the process and the range of an operation."""
    mm, vpn, pages = (int(getattr(op, name)) for name in ("mm", "vpn", "pages"))
    return mm, vpn, pages


def acts_of(operations: Iterable[Op]) -> tuple[str, list[str]]:
    """Return the orders that are allowed at first, joined by +, and the acts of a scenario.

    Raises:
        DocumentError: naming the operation that a program cannot do, its place, and why.
    """
    translator = _Translator()
    found: list[str] = []
    for number, op in enumerate(operations, start=1):
        try:
            found += translator.acts(op)
        except DocumentError as error:
            raise DocumentError(f"operation {number}, {op.short()}, cannot be recorded: {error}") from None
    first = next((act for act in found if act.startswith("thp ")), "thp 0")
    if first in found:
        found.remove(first)  # nothing before it brings a folio
    return first.removeprefix("thp "), found
