"""Random walks on disk: the second process reads in a blink what takes the first some seconds.

The file is named by a hash of all that decides what is in it: the kernel, its mode, and every source that a walk runs.
So a change never meets an old file. A folder that cannot be written, or is not there, means that each process walks.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from folioviz.compare.walk import Walk
from folioviz.engine import native

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCES: Final = ("compare", "kernels", "lab.py", "link.py", "machine", "mm", "ops", "rehearsal.py")
"""What a walk runs."""
DIGEST: Final = 32
MOST_FILES: Final = 8
"""So many are kept, the oldest go."""


def folder() -> Path:
    """Return where walks are kept: beside machine code."""
    return native.folder().parent / "walks"


@cache
def sources() -> str:
    """Return a hash of the sources that a walk runs."""
    top, found = Path(__file__).parents[1], sha256(sys.version.encode())
    for place in SOURCES:
        for file in sorted((top / place).rglob("*.py")) if (top / place).is_dir() else [top / place]:
            text = file.read_bytes()
            found.update(f"{file.relative_to(top)} {len(text)} ".encode() + text)
    return found.hexdigest()


def file_of(kernel: str, mmu_gather: str) -> Path:
    """Return the file of a kernel's walks."""
    name = sha256(f"{kernel} {mmu_gather} {sys.byteorder} {sources()}".encode()).hexdigest()
    return folder() / f"{name}.walks"


def read(kernel: str, mmu_gather: str) -> list[Walk]:
    """Return the walks of a kernel that are on disk, if they are whole; else none."""
    with suppress(OSError, msgspec.MsgspecError):
        data = file_of(kernel, mmu_gather).read_bytes()
        if sha256(data[DIGEST:]).digest() == data[:DIGEST]:
            return msgspec.msgpack.decode(data[DIGEST:], type=list[Walk])
    return []


def keep(kernel: str, mmu_gather: str, walks: Sequence[Walk]) -> None:
    """Write walks to disk, if that is possible; readers see all of them or nothing."""
    with suppress(OSError):
        place = file_of(kernel, mmu_gather)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        data = msgspec.msgpack.encode(walks)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(sha256(data).digest() + data)
        Path(file.name).replace(place)
        for old in sorted(place.parent.glob("*.walks"), key=lambda one: one.stat().st_mtime)[:-MOST_FILES]:
            old.unlink()
