"""What this machine takes for one munmap of 64 MiB, each page written before."""

from __future__ import annotations

import ctypes
import mmap
import time
from pathlib import Path
from typing import Final

PAGE: Final = 4096
HUGE: Final = 2 << 20
PAGES: Final = (64 << 20) // PAGE
SIZE: Final = PAGES * PAGE


def munmap(*, huge: bool, by_ptes: bool) -> float | None:
    """Return CPU ns for each page, or None if this machine gives no 2 MiB folios.

    Args:
        huge: whether 2 MiB folios are asked for (MADV_HUGEPAGE); without, all are of order 0.
        by_ptes: whether an mprotect() of one page splits each PMD first.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    memory = mmap.mmap(-1, SIZE + HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_HUGEPAGE if huge else mmap.MADV_NOHUGEPAGE)
    start = -(-ctypes.addressof(ctypes.c_char.from_buffer(memory)) // HUGE) * HUGE
    ctypes.memset(start, 1, SIZE)
    if huge and _huge() < SIZE:
        return None
    if by_ptes:
        for at in range(start, start + SIZE, HUGE):
            _done(libc.mprotect(ctypes.c_void_p(at), ctypes.c_size_t(PAGE), mmap.PROT_READ))
    before = time.process_time_ns()
    _done(libc.munmap(ctypes.c_void_p(start), ctypes.c_size_t(SIZE)))
    return (time.process_time_ns() - before) / PAGES


def _done(code: int) -> None:
    """Raise OSError if a system call failed."""
    if code:
        raise OSError(ctypes.get_errno(), "mprotect or munmap")


def _huge() -> int:
    """Return how many bytes of this process PMDs map."""
    with Path("/proc/self/smaps_rollup").open(encoding="ascii") as file:
        return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("AnonHugePages:"))
