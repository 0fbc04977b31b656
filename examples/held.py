"""What the examples share: huge pages, what smaps says of them, and a wait for whoever looks.

The programs run on Linux with Python's own library, as any user. Each prints what it does and what the kernel says, and
waits at its end, so that ``folioviz capture PID`` can be run beside it; ``--no-wait`` ends it at once.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from pathlib import Path

PAGE = mmap.PAGESIZE
HUGE = 2 << 20
PROT_NONE, PROT_WRITE = 0, mmap.PROT_READ | mmap.PROT_WRITE
_libc = ctypes.CDLL(None, use_errno=True)


class Arena:
    """Anonymous memory whose 2 MiB blocks may become huge pages.

    Attributes:
        size: bytes of it, a multiple of 2 MiB.
        at: its address, a multiple of 2 MiB.
    """

    def __init__(self, size: int) -> None:
        """Map it, and ask for huge pages; nothing is written yet."""
        self.size = size
        self._map = mmap.mmap(-1, size + HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        self._skip = -start % HUGE
        self.at = start + self._skip
        self._map.madvise(mmap.MADV_HUGEPAGE, self._skip, size)

    def write(self, start: int = 0, size: int = -1) -> None:
        """Write a byte to each page of a part, or of all."""
        for at in range(start, start + (self.size if size < 0 else size), PAGE):
            self._map[self._skip + at] = 1

    def give_back(self, start: int, size: int) -> None:
        """Give a part back to the kernel: MADV_DONTNEED."""
        self._map.madvise(mmap.MADV_DONTNEED, self._skip + start, size)

    def forbid(self, start: int, size: int) -> None:
        """Let nobody touch a part: mprotect(PROT_NONE)."""
        at, length = ctypes.c_void_p(self.at + start), ctypes.c_size_t(size)
        if _libc.mprotect(at, length, ctypes.c_int(PROT_NONE)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def kib(self) -> dict[str, int]:
        """Return what smaps says of it: Rss and AnonHugePages, in KiB, summed over its mappings."""
        found, inside = {"Rss": 0, "AnonHugePages": 0}, False
        for line in Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace").splitlines():
            word, *rest = line.split()
            if "-" in word and not word.endswith(":"):
                start, end = (int(part, 16) for part in word.split("-"))
                inside = start < self.at + self.size and end > self.at
            elif inside and word[:-1] in found:
                found[word[:-1]] += int(rest[0])
        return found


def tell(what: str, arena: Arena) -> None:
    """Print a step, and what smaps says after it."""
    kib = arena.kib()
    print(f"{what}: Rss {kib['Rss']:,} KiB, of it huge {kib['AnonHugePages']:,} KiB", flush=True)


def wait(*pids: int) -> None:
    """Say how to look at these processes, and wait until the input ends or somebody presses Enter."""
    names = " ".join(map(str, pids or (os.getpid(),)))
    print(f"Look at it:  sudo folioviz capture {names} -o capture.json.gz", flush=True)
    if "--no-wait" not in sys.argv:
        print("Enter ends it.", flush=True)
        sys.stdin.readline()
