"""A process that has so many MiB of anonymous memory, whole or with one page of sixteen given back, and waits.

    python benchmarks/_memory.py MIB ADVICE HOLES

``madvise`` says of which folios it is: the benchmark sets up what the kernel makes of the advice.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

BASE = 0x2000_0000_0000
MAP_FIXED_NOREPLACE = 0x100000
RUN, GIVEN_BACK = 16, 5
"""Of so many pages in a row, this one is given back."""


def main() -> None:
    """Map, write, give back, say so, wait for the end of the input."""
    size, advice, holes = int(sys.argv[1]) << 20, int(sys.argv[2]), int(sys.argv[3])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *(ctypes.c_int,) * 3, ctypes.c_long)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_FIXED_NOREPLACE
    if libc.mmap(BASE, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0) != BASE:
        sys.exit("cannot map the memory")
    libc.madvise(BASE, size, advice)
    memory = (ctypes.c_char * size).from_address(BASE)
    for page in range(0, size, mmap.PAGESIZE):
        memory[page] = b"1"
    if holes:
        for page in range(GIVEN_BACK, size // mmap.PAGESIZE, RUN):
            libc.madvise(BASE + page * mmap.PAGESIZE, mmap.PAGESIZE, mmap.MADV_DONTNEED)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
