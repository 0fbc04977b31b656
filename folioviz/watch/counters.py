"""The files of a machine that are read again and again: opened once, so that a sample costs a read of each.

None of them needs root: ``/proc/vmstat``, the statistics of each folio size (v6.10 on), memory.stat of a cgroup, and
smaps_rollup of one's own process.
"""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from folioviz.diagnosis.ledger import ledger
from folioviz.diagnosis.pieces import Piece
from folioviz.diagnosis.words import CGROUP, CGROUP_V1, ROLLUP, SIZES, VMSTAT
from folioviz.errors import LiveError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from folioviz.diagnosis.ledger import Ledger

ROOT: Final = Path("/")
SIZE_STATS: Final = "sys/kernel/mm/transparent_hugepage/hugepages-*kB/stats"
CGROUPS: Final = ("sys/fs/cgroup", "sys/fs/cgroup/memory")
"""Where cgroups are, of version 2, and of version 1 beside it."""
MOST_BYTES: Final = 1 << 16
"""The most that is read of a file; /proc/vmstat and memory.stat have some 5 KiB."""
MOST_PID: Final = 1 << 22
"""The most that a process id can be: PID_MAX_LIMIT in include/linux/threads.h."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the files said at one time.

    Attributes:
        at: seconds since the first sample, by the machine's steady clock.
        when: seconds since 1970.
        of: kind of file, as :mod:`folioviz.diagnosis.words` calls it -> word -> number, in the file's own unit; of the
            statistics as "64/nr_anon".
        page_kib: the size of a page in KiB.
    """

    at: float
    when: float
    of: Mapping[str, Mapping[str, int]]
    page_kib: int = 4

    def ledger(self, kind: str) -> Ledger | None:
        """Return the numbers from which held memory is estimated; None where that file is not read."""
        values = self.of.get(kind)
        return ledger(Piece(kind, 1, title=kind, values=dict(values)), self.page_kib) if values else None

    @property
    def kinds(self) -> list[str]:
        """The kinds of files from which held memory can be estimated, the machine's first."""
        return [kind for kind in (VMSTAT, CGROUP, CGROUP_V1) if kind in self.of]


@dataclass
class Counters:
    """The files, open. Close them, or use it in a ``with``.

    Attributes:
        pid: the process whose smaps_rollup is read, or None.
        cgroup: the cgroup whose memory.stat is read, as it was asked for, or None.
        root: where the files are: "/".
        files: those that are open: the word of a file that is one number, or ""; its kind; its descriptor.
    """

    pid: int | None = None
    cgroup: str | None = None
    root: Path = ROOT
    files: list[tuple[str, str, int]] = field(default_factory=list, init=False, repr=False)
    _started: float | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Open them.

        Raises:
            LiveError: where there is no Linux, no such process or cgroup, or no right to read it.
        """
        if not sys.platform.startswith("linux"):
            raise LiveError(f"counters of a running machine are Linux's: this is {sys.platform}")
        try:
            self._open("", VMSTAT, self.root / "proc/vmstat", "this machine's counters")
            for folder in sorted(self.root.glob(SIZE_STATS), key=_kib):
                for path in sorted(folder.iterdir()):
                    self._open(f"{_kib(folder)}/{path.name}", SIZES, path, "the statistics of a folio size")
            if self.cgroup is not None:
                self._open("", CGROUP, memory_stat(self.cgroup, self.root), f"cgroup {shown(self.cgroup)}")
            if self.pid is not None:
                self._open("", ROLLUP, self._rollup(self.pid), f"process {self.pid}")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the files."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close them."""
        self.close()

    def close(self) -> None:
        """Close the files."""
        while self.files:
            os.close(self.files.pop()[2])

    def sample(self) -> Sample:
        """Read them all once; some 0.3 ms of CPU, and for a process what the kernel takes to walk its page tables.

        Raises:
            LiveError: if the process has ended, or the cgroup is no more.
        """
        now = time.monotonic()
        self._started = now if self._started is None else self._started
        of: dict[str, dict[str, int]] = {}
        for word, kind, fd in self.files:
            data = self._read(kind, fd)
            if word:
                of.setdefault(kind, {})[word] = int(data)
            elif kind == ROLLUP:
                of[kind] = dict(_amounts(data))
            else:
                parts = data.split()
                values = dict(zip(map(bytes.decode, parts[::2]), map(int, parts[1::2]), strict=True))
                of[CGROUP_V1 if kind == CGROUP and "total_rss" in values else kind] = values
        return Sample(now - self._started, time.time(), of, os.sysconf("SC_PAGE_SIZE") >> 10)

    def _open(self, word: str, kind: str, path: Path, what: str) -> None:
        """Open a file; ``what`` says in an error whose it is."""
        try:
            self.files.append((word, kind, os.open(path, os.O_RDONLY | os.O_CLOEXEC)))
        except FileNotFoundError:
            raise LiveError(f"{what}: there is no {path}") from None
        except PermissionError:
            raise LiveError(f"{what}: this user may not read {path}; as root it can be read") from None
        except OSError as error:
            raise LiveError(f"{what}: {path}: {error.strerror}") from None

    def _rollup(self, pid: int) -> Path:
        """Return where a process's sums are."""
        if not 1 <= pid <= MOST_PID:
            raise LiveError(f"process {pid}: it must be 1 to {MOST_PID}")
        return self.root / "proc" / str(pid) / "smaps_rollup"

    def _read(self, kind: str, fd: int) -> bytes:
        """Read a file from its beginning."""
        with suppress(OSError):
            if data := os.pread(fd, MOST_BYTES, 0):
                return data
        if kind == ROLLUP:
            raise LiveError(f"process {self.pid} has ended, or runs another program now")
        gone = f"cgroup {shown(self.cgroup)}" if kind == CGROUP else f"a file of {kind}"
        raise LiveError(f"{gone} is no more")


def memory_stat(cgroup: str, root: Path = ROOT) -> Path:
    """Return a cgroup's memory.stat.

    Args:
        cgroup: its path from the top of the tree, as systemd-cgls prints it, or the path of its folder.
        root: where the files are.

    Raises:
        LiveError: if there is none; it names the places.
    """
    asked = Path(cgroup)
    places = [root / tree / cgroup.strip("/") for tree in CGROUPS]
    if asked.is_absolute() and asked.is_relative_to(root / CGROUPS[0]):
        places = [asked]
    for place in places:
        if ".." not in place.parts and (place / "memory.stat").is_file():
            return place / "memory.stat"
    raise LiveError(f"cgroup {shown(cgroup)}: there is no memory.stat in {' or '.join(map(str, places))}")


def _kib(folder: Path) -> int:
    """Return the size that a folder of statistics is of, in KiB."""
    found = re.search(r"hugepages-(\d{1,9})kB", str(folder))
    return int(found[1]) if found else 0


def _amounts(data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the words of smaps_rollup, with their KiB."""
    for line in data.decode().splitlines()[1:]:
        word, _, rest = line.partition(":")
        yield word, int(rest.split()[0])
