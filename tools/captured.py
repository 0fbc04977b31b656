"""Make the captures that folioviz brings: ``sudo python -m tools.captured [NAME ...]`` on a machine with Linux.

The example of *A running machine* is a small service, made on purpose: memory that an allocator gives back in parts, an
arena of 64 KiB folios, a forked saver that writes to some of what it shares, and small pages. While it comes, folios of
64 KiB are allowed to those who ask for them; then the setting is as it was. The others are the programs of examples/,
captured where they wait.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from folioviz.capture import write
from folioviz.capture.form import Process
from folioviz.capture.live import Live
from folioviz.capture.take import take
from folioviz.stories.parts.programs import PROGRAMS
from folioviz.stories.parts.programs_seen import CAPTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture import Capture

ROOT = Path(__file__).parents[1]
OUT = ROOT / "folioviz" / "views" / "machine_panels" / "example.json.gz"
SERVICE = "example"
ENABLED = Path("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled")
PAGE, BLOCK, SMALL = 4096, 2 << 20, 64 << 10
BASE = 0x2000_0000_0000
FIXED = 0x2 | 0x20 | 0x100000  # MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE
READ_WRITE = 3
DONTNEED, DONTFORK, HUGEPAGE, NOHUGEPAGE = 4, 10, 14, 15
HEAP, ARENA, TABLE, PLAIN = (
    (BASE + place * (256 << 20), size << 20) for place, size in enumerate((96, 32, 64, 12))
)
"""(address, bytes) of the service's parts."""

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p


def call(name: str, at: int, size: int, *more: int) -> None:
    """Call a function of memory.

    Raises:
        OSError: if it fails.
    """
    arguments = (ctypes.c_void_p(at), ctypes.c_size_t(size), *map(ctypes.c_long, more))
    if getattr(libc, name)(*arguments) in {-1, 2**64 - 1}:
        raise OSError(ctypes.get_errno(), name)


def touch(at: int, size: int) -> None:
    """Write to every page."""
    for one in range(at, at + size, PAGE):
        ctypes.memset(one, 1, 1)


def lay_out() -> None:
    """Make the service's memory, and give parts of it back."""
    chance = np.random.default_rng(7)
    for (at, size), advice in ((HEAP, HUGEPAGE), (ARENA, HUGEPAGE), (TABLE, HUGEPAGE), (PLAIN, NOHUGEPAGE)):
        call("mmap", at, size, READ_WRITE, FIXED, -1, 0)
        call("madvise", at, size, advice)
    touch(*HEAP)
    touch(*TABLE)
    call("madvise", *ARENA, NOHUGEPAGE)
    for at in range(ARENA[0], ARENA[0] + ARENA[1], BLOCK):
        touch(at, PAGE)  # where a page is, no PMD maps 2 MiB
    call("madvise", *ARENA, HUGEPAGE)
    with allowed():
        touch(*ARENA)
    touch(*PLAIN)
    for at in range(HEAP[0], HEAP[0] + HEAP[1], BLOCK):
        if chance.random() < 0.45:
            pages = int(chance.choice((64, 128, 200, 256, 384, 500)))
            call("madvise", at + int(chance.integers(512 - pages)) * PAGE, pages * PAGE, DONTNEED)
    for at in range(ARENA[0], ARENA[0] + ARENA[1], SMALL):
        if chance.random() < 0.4:
            call("madvise", at, int(chance.integers(1, 14)) * PAGE, DONTNEED)
    for at, size in (HEAP, ARENA, PLAIN):
        call("madvise", at, size, DONTFORK)


@contextmanager
def allowed() -> Iterator[None]:
    """Allow folios of 64 KiB to those who ask for them."""
    text = ENABLED.read_text(encoding="ascii")
    before = text[text.index("[") + 1 : text.index("]")]
    try:
        ENABLED.write_text("madvise", encoding="ascii")
        yield
    finally:
        ENABLED.write_text(before, encoding="ascii")


def keep(found: Capture, out: Path) -> None:
    """Write a capture, without what names this machine's kernel more closely than its release."""
    about = msgspec.structs.replace(found.about, release=found.about.release.partition("-")[0], version="")
    out.write_bytes(write(replace(found, about=about)))


def capture_service() -> None:
    """Write the example."""
    lay_out()
    child = os.fork()
    if child == 0:
        touch(TABLE[0] + 40 * BLOCK // 2, 3 * BLOCK // 2)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    try:
        os.waitpid(child, os.WUNTRACED)
        with Live([os.getpid(), child]) as source:
            within = BASE // PAGE, (PLAIN[0] + PLAIN[1]) // PAGE
            keep(take(source, [Process(), Process(parent=1)], within), OUT)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def arena_of(pid: int) -> tuple[int, int]:
    """Return the virtual pages ``[start, end)`` for which a process has asked for huge pages."""
    text = Path(f"/proc/{pid}/smaps").read_text(encoding="ascii", errors="replace")
    found = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (?:.*\n(?![0-9a-f]+-))*?VmFlags:.* hg", text, re.MULTILINE)
    return int(found[0][0], 16) // PAGE, int(found[-1][1], 16) // PAGE


def capture_program(name: str) -> None:
    """Write what a program of examples/ has where it waits."""
    words = [sys.executable, str(ROOT / "examples" / f"{name}.py")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        for line in program.stdout or ():
            if line.startswith("Enter ends it"):
                with Live([program.pid]) as source:
                    keep(take(source, [Process()], arena_of(program.pid)), CAPTURES / f"{name}.json.gz")
                break
        program.communicate("\n")


def main() -> None:
    """Write those that are named, or all."""
    for name in sys.argv[1:] or [SERVICE, *PROGRAMS]:
        if name == SERVICE:
            capture_service()
        else:
            capture_program(name)


if __name__ == "__main__":
    main()
