"""Read recordings from files: plain, gzip or xz, a bounded number of bytes, in the order of their lines."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from folioviz.errors import DocumentError, shown
from folioviz.evidence.recordings.fields import told
from folioviz.evidence.recordings.format import About, Skipped, Step, decoded
from folioviz.files.documents import open_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE: Final = 64 << 20
"""Most bytes of one line, unpacked."""
MAX_FILE: Final = 512 << 20
"""Most bytes of one file, unpacked."""


class Recording(NamedTuple):
    """One scenario on one kernel: what is known of the run, and its steps in order.

    ``skip`` says why the kernel could not run it, and then there are no steps. ``fields`` are those that its file has
    (:mod:`folioviz.evidence.recordings.fields`); None: it tells of everything.
    """

    about: About
    steps: tuple[Step, ...]
    skip: str = ""
    fields: frozenset[str] | None = None


def lines_of(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of a file that may be packed; empty lines are left out.

    Raises:
        DocumentError: if it cannot be read or unpacked, or is too long.
    """
    with open_document(path) as file:
        head = file.peek(6)[:6] if hasattr(file, "peek") else b""
        total = 0
        packed, faults = _unpacked(file, head)
        try:
            with packed as plain:
                number = 0
                while line := plain.readline(MAX_LINE + 1):
                    number += 1
                    total += len(line)
                    if len(line) > MAX_LINE or total > MAX_FILE:
                        raise DocumentError(
                            f"line {number}: the file is longer than {MAX_FILE >> 20} MiB, or this line than"
                            f" {MAX_LINE >> 20} MiB"
                        )
                    if line.strip():
                        yield number, line
        except faults as error:
            raise DocumentError(f"the file cannot be unpacked: {shown(str(error), 100)}") from None


def _unpacked(file: BinaryIO, head: bytes) -> tuple[BinaryIO, tuple[type[Exception], ...]]:
    """Return a stream of a file's bytes, unpacked as its first bytes say, and the errors of one that is damaged.

    Raises:
        DocumentError: if it is packed with xz, and this Python cannot unpack that, as some in a browser.
    """
    if head.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=file)), (EOFError, zlib.error, gzip.BadGzipFile)
    if head.startswith(b"\xfd7zXZ\x00"):
        try:
            import lzma
        except ImportError:
            raise DocumentError(
                "the file is packed with xz, and this Python has no lzma: pack it with gzip"
            ) from None
        return cast("BinaryIO", lzma.LZMAFile(file)), (EOFError, lzma.LZMAError)
    return file, ()


def recordings(lines: Iterator[tuple[int, bytes]]) -> Iterator[Recording]:
    """Yield the recordings that lines hold, one scenario after the other; each knows the fields that it has itself.

    Raises:
        DocumentError: naming the line, the field, the value and what may stand there.
    """
    about: About | None = None
    steps: list[Step] = []
    skip = ""
    for number, line in lines:
        try:
            entry = decoded(line)
            if isinstance(entry, About):
                if about is not None:
                    yield Recording(about, tuple(steps), skip, told(steps))
                about, steps, skip = entry, [], ""
                continue
            _follows(about, steps, entry, skip)
        except DocumentError as error:
            raise DocumentError(f"line {number}: {error}") from None
        if isinstance(entry, Step):
            steps.append(entry)
        else:
            skip = entry.skip or "no reason given"
    if about is None:
        raise DocumentError("the file holds no recording: its first line must have a release")
    yield Recording(about, tuple(steps), skip, told(steps))


def _follows(about: About | None, steps: list[Step], entry: Step | Skipped, skip: str) -> None:
    """Check that a line belongs to the scenario before it and is its next one."""
    what = f"step {entry.i}" if isinstance(entry, Step) else "a skip"
    name = shown(entry.scenario)
    if about is None:
        raise DocumentError(f"{what} of {name} comes before any line with a release")
    if entry.scenario != about.scenario:
        raise DocumentError(f"{what} is of {name}: the scenario under way is {shown(about.scenario)}")
    if skip or (isinstance(entry, Skipped) and steps):
        raise DocumentError(f"{what} of {name}: a scenario that was skipped has no steps")
    if isinstance(entry, Step) and entry.i != len(steps):
        raise DocumentError(f"i is {entry.i}: the next step of {name} is {len(steps)}")
