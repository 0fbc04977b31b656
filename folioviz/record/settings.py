"""The sizes of folios that this machine's kernel may bring, changed for a while and put back."""

from __future__ import annotations

import fcntl
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from folioviz.capture.system import THP, chosen
from folioviz.errors import LiveError
from folioviz.machine.memory import HPAGE_PMD_ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ORDERS: Final = range(2, 10)
"""The orders of folios that anonymous memory may have."""


class NoSizeError(LiveError):
    """An order that this kernel has no folios of."""


class Sizes:
    """The ``enabled`` files of the sizes that this kernel has: one file before v6.8, which had 2 MiB alone."""

    def __init__(self, folder: Path = THP) -> None:
        """Find them.

        Raises:
            LiveError: if there is none, or it cannot be read.
        """
        self.files = {order: folder / f"hugepages-{4 << order}kB" / "enabled" for order in ORDERS}
        self.files = {order: path for order, path in self.files.items() if path.exists()}
        if not self.files and (folder / "enabled").exists():
            self.files = {HPAGE_PMD_ORDER: folder / "enabled"}
        if not self.files:
            raise LiveError("this kernel has no switch for the sizes of folios: it has no THP")
        self.before = {order: chosen(path.read_text(encoding="utf-8")) for order, path in self.files.items()}

    def require(self, orders: Iterable[int]) -> None:
        """Refuse orders that the kernel does not have.

        Raises:
            NoSizeError: naming the smallest of them.
        """
        lacking = {*orders} - self.files.keys()
        if lacking:
            raise NoSizeError(f"this kernel has no folios of order {min(lacking)}")

    def allow(self, orders: Iterable[int]) -> None:
        """Let VMAs with MADV_HUGEPAGE get folios of these orders, and of no others.

        Raises:
            LiveError: if the kernel does not have one of them, or the files are not ours to write.
        """
        wanted = {*orders}
        self.require(wanted)
        for order, path in self.files.items():
            self._write(path, "madvise" if order in wanted else "never")

    def put_back(self) -> None:
        """Write what was there before."""
        for order, path in self.files.items():
            if setting := self.before[order]:
                self._write(path, setting)

    def _write(self, path: Path, setting: str) -> None:
        """Write a setting, unless it is there."""
        try:
            if chosen(path.read_text(encoding="utf-8")) != setting:
                path.write_text(setting, encoding="utf-8")
        except OSError as error:
            raise LiveError(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def sizes(folder: Path = THP) -> Iterator[Sizes]:
    """Give the sizes; whatever happens in the ``with``, also SIGTERM, they are afterwards as they were before.

    A second recorder waits until the first is done.

    Raises:
        LiveError: as :class:`Sizes`.
    """
    found = Sizes(folder)

    def ended(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    with next(iter(found.files.values())).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = Sizes(folder)  # nobody else changes them from here on
        old = signal.signal(signal.SIGTERM, ended)
        try:
            yield found
        finally:
            found.put_back()
            signal.signal(signal.SIGTERM, old)
