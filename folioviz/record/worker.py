"""A real process that does what it is told, and its children: run as a program of its own, without folioviz.

    python -I -S worker.py COMMANDS ANSWERS COMMANDS ANSWERS ...

takes for each process that there may be the descriptors of two pipes; it is the first process, and forks the others. A
command is one line, a word and numbers, with addresses and lengths in bytes; its answer is one number: what the call
returned, or -errno. A process ends when its commands do. It imports little, so that it begins soon.
"""

from __future__ import annotations

import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 4096
READ, WRITE = 1, 2
FIXED = 0x2 | 0x20 | 0x100000  # MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE
MOVE = 1 | 2  # MREMAP_MAYMOVE | MREMAP_FIXED
HUGE = 14
ADVICE = {
    "dontneed": 4,
    "free": 8,
    "cold": 20,
    "pageout": 21,
    "dontneed_locked": 24,
    "collapse": 25,
    "guard": 102,
    "unguard": 103,
}
"""Word -> number of the advice of madvise()."""

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p


class Worker:
    """One process.

    Attributes:
        number: which process it is; 0 is the first.
        pipes: for each process the descriptors of its commands and of its answers.
        byte: a file of one byte, which is written to pages, and over which pages are read.
    """

    def __init__(self, pipes: list[tuple[int, int]]) -> None:
        """Begin as the first process."""
        self.number = 0
        self.pipes = pipes
        self.byte = os.memfd_create("byte")
        os.write(self.byte, b"\x01")

    def run(self) -> None:
        """Do what is told, until nothing more comes."""
        while line := self._line():
            word, *numbers = line.decode().split()
            done = self._do(word, *map(int, numbers))
            os.write(self.pipes[self.number][1], b"%d\n" % done)

    def _line(self) -> bytes:
        """Return the next command; no byte more than it is read, for a child reads from a pipe of its own."""
        line = b""
        while not line.endswith(b"\n"):
            part = os.read(self.pipes[self.number][0], 1)
            if not part:
                return b""
            line += part
        return line

    def _do(self, word: str, *numbers: int) -> int:
        """Do one thing, and return what came of it."""
        if word in ADVICE:
            return call("madvise", *numbers, ADVICE[word])
        own: dict[str, Callable[..., int]] = {
            "fork": self._fork,
            "map": self._map,
            "touch": self._touch,
            "read": self._read,
            "mremap": lambda start, length, to: call(word, start, length, length, MOVE, to),
        }
        return own[word](*numbers) if word in own else call(word, *numbers)

    def _map(self, start: int, length: int) -> int:
        """Make a VMA that wants huge pages."""
        done = call("mmap", start, length, READ | WRITE, FIXED, -1, 0)
        return done or call("madvise", start, length, HUGE)

    def _touch(self, *numbers: int) -> int:
        """Write to pages."""
        return self._each("pread", *numbers)

    def _read(self, *numbers: int) -> int:
        """Read pages."""
        return self._each("pwrite", *numbers)

    def _each(self, name: str, start: int, length: int, step: int) -> int:
        """Move a byte between the file and each page by a system call: what may not be is an error, and no signal."""
        for at in range(start, start + length, step):
            if getattr(libc, name)(self.byte, ctypes.c_void_p(at), ctypes.c_size_t(1), ctypes.c_long(0)) != 1:
                return -ctypes.get_errno()
        return 0

    def _fork(self, number: int) -> int:
        """Fork, and return the child's pid; the child goes on with commands of its own."""
        pid = os.fork()
        if pid == 0:
            self.number = number
            self.run()
            os._exit(0)
        return pid


def call(name: str, *arguments: int) -> int:
    """Call a function of the C library; return 0, or -errno."""
    code = getattr(libc, name)(*(ctypes.c_long(one) for one in arguments))
    return -ctypes.get_errno() if code in {-1, 2**64 - 1} else 0


def main() -> None:
    """Be the first process."""
    files = [int(text) for text in sys.argv[1:]]
    Worker([*zip(files[::2], files[1::2], strict=True)]).run()


if __name__ == "__main__":
    main()
