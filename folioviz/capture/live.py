"""A running kernel as a source of words: files are opened while there are privileges, and read without any."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import re
import struct
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture import system, words
from folioviz.capture.form import PAGE
from folioviz.capture.words import Scan, System, Vma
from folioviz.errors import LiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self


HEADER: Final = re.compile(
    rb"^(?:([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][ps]) [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ (\d+) *(.*)|VmFlags:(.*))$",
    re.MULTILINE,
)
"""A mapping's first and last line in smaps."""
ENDED: Final = {errno.ESRCH, errno.ENOENT}
PAGEMAP_SCAN: Final = 0xC0606610
PAGE_IS_PRESENT: Final = 1 << 3
PAGE_IS_SWAPPED: Final = 1 << 4
PAGE_IS_PFNZERO: Final = 1 << 5
PAGE_IS_HUGE: Final = 1 << 6
SCAN_REGIONS: Final = 4096
"""So many ranges are asked for at once."""
CHUNK: Final = 1 << 20


class Opened(NamedTuple):
    """The files of a process."""

    pid: int
    pagemap: int
    smaps: int


class Live:
    """Some processes of this machine; close it, or use it in a ``with``."""

    def __init__(self, pids: Sequence[int]) -> None:
        """Open the files.

        Raises:
            LiveError: off Linux, with other pages than of 4 KiB, or if a process is not there or not ours to read.
        """
        refuse_elsewhere()
        self._processes: list[Opened] = []
        self._frames: tuple[int, int] | None = None
        try:
            for pid in pids:
                self._processes.append(_opened(pid))
            self._frames = _frames()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    def close(self) -> None:
        """Close the files."""
        for file in (fd for opened in self._processes for fd in opened[1:]):
            os.close(file)
        self._processes = []
        self.close_frames()

    def close_frames(self) -> None:
        """Close the files of frames, and see from now on what an ordinary user sees."""
        for file in self._frames or ():
            os.close(file)
        self._frames = None

    @property
    def privileged(self) -> bool:
        """Whether frames, and what is known of them, are to be seen."""
        return self._frames is not None

    def system(self) -> System:
        """Return what is known of the machine."""
        return system.system()

    def vmas(self, process: int) -> list[Vma]:
        """Return the mappings of a process by address; none if it has ended."""
        parts, offset, file = [], 0, self._processes[process].smaps
        try:
            while part := os.pread(file, CHUNK, offset):
                parts.append(part)
                offset += len(part)
        except OSError as error:
            if error.errno not in ENDED:
                raise
        return mappings(b"".join(parts))

    def pagemap(self, process: int, start: int, pages: int) -> np.ndarray:
        """Return the words of pagemap from a virtual page on, uint64; zeros where there are none any more."""
        found = np.zeros(pages, np.uint64)
        _read(self._processes[process].pagemap, found, start * 8)
        return found

    def populated(self, process: int, start: int, pages: int) -> np.ndarray | None:
        """Return where something is, by PAGEMAP_SCAN: int64 of (first page, pages); None if there is no such call."""
        found = self._scan(process, start, pages, PAGE_IS_PRESENT | PAGE_IS_SWAPPED)
        return None if found is None else found[:, :2]

    def scan(self, process: int, start: int, pages: int) -> Scan | None:
        """Return what PAGEMAP_SCAN says; None if the kernel has no such call."""
        found = self._scan(process, start, pages, PAGE_IS_HUGE | PAGE_IS_PFNZERO)
        if found is None:
            return None
        kinds = (PAGE_IS_HUGE, PAGE_IS_PFNZERO)
        return Scan(*([(f, n) for f, n, kind in found.tolist() if kind & which] for which in kinds))

    def flags(self, spans: np.ndarray) -> np.ndarray:
        """Return the words of kpageflags of spans of frames one after the other, uint64."""
        return self._of_frames(0, spans)

    def counts(self, spans: np.ndarray) -> np.ndarray:
        """Return the words of kpagecount of spans of frames one after the other, uint64."""
        return self._of_frames(1, spans)

    def raw(self, _heads: np.ndarray, /) -> dict[str, np.ndarray]:
        """Return nothing: /proc does not tell."""
        return {}

    def _of_frames(self, which: int, spans: np.ndarray) -> np.ndarray:
        """Read one of the files of frames."""
        if self._frames is None:
            raise LiveError("frames are not to be seen without privileges")
        file, at = self._frames[which], 0
        found = np.zeros(int((spans[:, 1] - spans[:, 0]).sum()), np.uint64)
        for first, end in spans.tolist():
            _read(file, found[at : at + end - first], first * 8)
            at += end - first
        return found

    def _scan(self, process: int, start: int, pages: int, kinds: int) -> np.ndarray | None:
        """Return the ranges that are of any of these kinds, int64 of (first page, pages, kinds)."""
        parts = []
        at, end = start * PAGE, (start + pages) * PAGE
        answer = np.zeros((SCAN_REGIONS, 3), np.uint64)
        while at < end:
            ask = bytearray(
                struct.pack("12Q", 96, 0, at, end, 0, answer.ctypes.data, SCAN_REGIONS, 0, 0, 0, kinds, kinds)
            )
            try:
                number = fcntl.ioctl(self._processes[process].pagemap, PAGEMAP_SCAN, ask)
            except OSError as error:
                if error.errno in ENDED:
                    break
                return None
            parts.append(answer[:number].astype(np.int64))
            reached = struct.unpack_from("Q", ask, 32)[0]
            if reached <= at:
                break
            at = reached
        found = np.concatenate([np.zeros((0, 3), np.int64), *parts])
        found[:, :2] //= PAGE
        found[:, 1] -= found[:, 0]
        return found


def refuse_elsewhere() -> None:
    """Refuse machines that have no such files, or pages of another size.

    Raises:
        LiveError: saying which.
    """
    if sys.platform != "linux":
        raise LiveError(f"this is {sys.platform}: a capture reads /proc, as Linux alone has it")
    size = mmap.PAGESIZE
    if size != PAGE:
        raise LiveError(f"pages of this machine have {size} bytes: they must have {PAGE}, as the model's")


def mappings(smaps: bytes) -> list[Vma]:
    """Return the mappings that smaps lists."""
    found: list[Vma] = []
    for hit in HEADER.finditer(smaps):
        start, end, rights, inode, name, flags = hit.groups()
        if start is None:
            if found:
                found[-1] = found[-1]._replace(flags=frozenset(flags.decode("ascii", "replace").split()))
            continue
        text = name.decode("utf-8", "replace")
        found.append(Vma(int(start, 16) // PAGE, int(end, 16) // PAGE, rights.decode(), text, inode != b"0"))
    return found


def family(pids: Iterable[int]) -> list[int]:
    """Return processes and everything that they have forked, parents before children, but for what has ended since."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and _has_memory(path):
            children.setdefault(parent_of(int(path.name)), []).append(int(path.name))
    found = [*dict.fromkeys(pids)]
    for pid in found:
        found += sorted(child for child in children.get(pid, ()) if child not in found)
    return found


def parent_of(pid: int) -> int:
    """Return the process that a process belongs to; 0 if there is none, or the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(text.rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _has_memory(process: Path) -> bool:
    """Tell whether a process has memory of its own: one that has ended, and is not waited for yet, has none."""
    with suppress(OSError):
        return not (process / "statm").read_text(encoding="ascii").startswith("0 ")
    return False


def name_of(pid: int) -> str:
    """Return a process's name, '' if it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _opened(pid: int) -> Opened:
    """Open the files of a process, both of the same one."""
    with ExitStack() as stack:
        try:
            with ExitStack() as aside:
                folder = _kept(aside, f"/proc/{pid}")
                pagemap, smaps = (_kept(stack, name, folder) for name in ("pagemap", "smaps"))
            empty = not os.pread(smaps, 1, 0)
        except OSError as error:
            if error.errno in ENDED:
                raise LiveError(f"there is no process {pid}") from None
            raise LiveError(f"process {pid} cannot be read: {error.strerror}") from None
        if empty:
            raise LiveError(f"process {pid} has no memory of its own: it has ended, or is the kernel's")
        stack.pop_all()
    return Opened(pid, pagemap, smaps)


def _frames() -> tuple[int, int] | None:
    """Open the files of frames; None without the privilege to see which frame a page is in, or if there are none."""
    with ExitStack() as stack, suppress(OSError):
        files = _kept(stack, "/proc/kpageflags"), _kept(stack, "/proc/kpagecount")
        if _own_frame():
            stack.pop_all()
            return files
    return None


def _kept(stack: ExitStack, name: str, folder: int | None = None) -> int:
    """Open a file that a stack closes."""
    file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    stack.callback(os.close, file)
    return file


def _own_frame() -> int:
    """Return the frame of a page of this process; 0 if it is not to be seen."""
    page = mmap.mmap(-1, PAGE)
    page[0] = 1
    word = np.zeros(1, np.uint64)
    here = ctypes.c_char.from_buffer(page)
    with Path("/proc/self/pagemap").open("rb") as file:
        _read(file.fileno(), word, ctypes.addressof(here) // PAGE * 8)
    return int(word[0] & words.FRAME)


def _read(file: int, found: np.ndarray, offset: int) -> None:
    """Fill an array from a file, as far as there is something."""
    rest = memoryview(found.view(np.uint8).data)
    try:
        while rest and (number := os.preadv(file, [rest], offset)):
            rest, offset = rest[number:], offset + number
    except OSError as error:
        if error.errno not in ENDED:
            raise
