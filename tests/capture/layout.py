"""A program that lays out memory on purpose, forks, says what it has, and waits: ``python layout.py``.

Each part has 4 MiB of address space, from BASE on. A line of JSON has the pids of both processes, the parts that got a
folio of 2 MiB, whether there are guard markers, and whether the huge zero page came. It ends when its input does.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

PAGE, HUGE = 4096, 512
BASE, STRIDE = 0x1000_0000_0000, 4 << 20
NONE, READ, WRITE = 0, 1, 2
FIXED = 0x2 | 0x20 | 0x100000  # MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE
DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE, GUARD_INSTALL = 4, 8, 14, 15, 102
MREMAP = 1 | 2  # MREMAP_MAYMOVE | MREMAP_FIXED

WHOLE, FRONT, HOLE, PROTECTED, NO_ACCESS, MOVED, TARGET, LOCKED, GUARDED, ZERO = range(10)
SAME_HALF, OTHER_HALF, WRITTEN, SMALL, HUGE_ZERO, GIVEN_UP = range(10, 16)
PARTS = range(16)
LARGE = [
    WHOLE,
    FRONT,
    HOLE,
    PROTECTED,
    NO_ACCESS,
    MOVED,
    LOCKED,
    GUARDED,
    SAME_HALF,
    OTHER_HALF,
    WRITTEN,
    GIVEN_UP,
]
FORKED = [SAME_HALF, OTHER_HALF, WRITTEN]

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p


def call(name, part, page, pages, *more):
    """Call a function for pages of a part."""
    at = ctypes.c_void_p(BASE + part * STRIDE + page * PAGE)
    arguments = [one if isinstance(one, ctypes.c_void_p) else ctypes.c_long(one) for one in more]
    code = getattr(libc, name)(at, ctypes.c_size_t(pages * PAGE), *arguments)
    if code in {-1, 2**64 - 1}:
        raise OSError(ctypes.get_errno(), f"{name} of part {part}")


def touch(part, page, pages):
    """Write pages."""
    for one in range(page, page + pages):
        ctypes.memset(BASE + part * STRIDE + one * PAGE, 1, 1)


def huge():
    """Return the parts of which PMDs map 2 MiB of anonymous memory."""
    found, part = [], None
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if "-" in words[0] and not words[0].endswith(":"):
            part = (int(words[0].split("-")[0], 16) - BASE) // STRIDE
        elif words[0] == "AnonHugePages:" and words[1] == "2048" and part in PARTS:
            found.append(part)
    return found


def lay_out():
    """Make all parts but what follows a fork."""
    for part in (*LARGE, HUGE_ZERO):
        call("mmap", part, 0, HUGE, READ | WRITE, FIXED, -1, 0)
        call("madvise", part, 0, HUGE, HUGEPAGE)
    for part in LARGE:
        touch(part, 0, HUGE)
    got = huge()
    call("madvise", FRONT, 256, 256, DONTNEED)
    call("munmap", HOLE, 100, 50)
    call("mprotect", PROTECTED, 10, 10, READ)
    call("mprotect", NO_ACCESS, 0, HUGE, NONE)
    call("mremap", MOVED, 0, 256, 256 * PAGE, MREMAP, ctypes.c_void_p(BASE + TARGET * STRIDE + 3 * PAGE))
    call("mlock", LOCKED, 0, HUGE)
    guards = True
    try:
        call("madvise", GUARDED, 8, 4, GUARD_INSTALL)
    except OSError:
        guards = False
    call("madvise", GIVEN_UP, 0, HUGE, FREE)
    for part, pages in ((ZERO, 6), (SMALL, 50)):
        call("mmap", part, 3, pages, READ | WRITE, FIXED, -1, 0)
        call("madvise", part, 3, pages, NOHUGEPAGE)
    for page in range(3, 7):
        ctypes.string_at(BASE + ZERO * STRIDE + page * PAGE, 1)
    touch(ZERO, 8, 1)
    touch(SMALL, 3, 50)
    ctypes.string_at(BASE + HUGE_ZERO * STRIDE, 1)
    return got, guards


def child(ready, end):
    """Keep what is shared, with changes of its own, and wait."""
    for part in PARTS:
        if part not in FORKED:
            call("munmap", part, 0, STRIDE // PAGE)
    call("madvise", SAME_HALF, 256, 256, DONTNEED)
    call("madvise", OTHER_HALF, 256, 256, DONTNEED)
    touch(WRITTEN, 7, 1)
    os.write(ready, b"1")
    os.read(end, 1)
    os._exit(0)


def main():
    """Lay out, fork, report, wait."""
    got, guards = lay_out()
    ready, tell = os.pipe()
    end, keep = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(keep)
        child(tell, end)
    call("madvise", SAME_HALF, 256, 256, DONTNEED)
    call("madvise", OTHER_HALF, 0, 256, DONTNEED)
    os.read(ready, 1)
    sys.stdout.write(json.dumps({"pids": [os.getpid(), pid], "huge": got, "guards": guards}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    os.close(keep)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
