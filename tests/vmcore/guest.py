"""What the machine of tools/kernel_side.py does: lay memory out, capture it in two ways, print that, and wait."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.capture import layout

MID = 1 << 20
"""The part, in layout's count, that this process has for itself."""
SIZE = Path("/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled")


def lay_out():
    """Make 16 folios of 64 KiB, give parts of some back, and pin a page of one."""
    if SIZE.exists():
        SIZE.write_text("madvise", encoding="utf-8")
    layout.call("mmap", MID, 64, 256, layout.READ | layout.WRITE, layout.FIXED, -1, 0)
    layout.call("madvise", MID, 64, 256, layout.HUGEPAGE)
    layout.touch(MID, 64, 256)
    layout.call("madvise", MID, 64, 4, layout.DONTNEED)
    layout.call("madvise", MID, 64 + 23, 1, layout.DONTNEED)
    layout.call("mprotect", MID, 64 + 40, 3, layout.NONE)
    _, end = os.pipe()
    part = (ctypes.c_size_t * 2)(layout.BASE + MID * layout.STRIDE + (64 + 33) * layout.PAGE, layout.PAGE)
    if layout.libc.vmsplice(end, part, ctypes.c_size_t(1), 0) != layout.PAGE:
        raise OSError(ctypes.get_errno(), "vmsplice")


def say(*words):
    """Print a line at once."""
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main():
    """Lay out, capture, print, wait."""
    lay_out()
    program = [sys.executable, "-m", "tests.capture.layout"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said = json.loads(next(iter(process.stdout or ())))
        pids = [*map(str, said["pids"]), str(os.getpid())]
        for name, more in (("proc", []), ("kcore", ["--drgn", "--vmlinux", "/vmlinux"])):
            line = [
                sys.executable,
                "-m",
                "folioviz",
                "capture",
                *pids,
                "--range",
                sys.argv[1],
                *more,
                "-o",
                "-",
            ]
            start = time.monotonic()
            done = subprocess.run(line, check=True, stdout=subprocess.PIPE)
            say(f"{name}: {time.monotonic() - start:.0f} s")
            say(name, base64.b64encode(done.stdout).decode())
        say("pids", ",".join(pids))
        say("ready")
        signal.pause()


if __name__ == "__main__":
    main()
