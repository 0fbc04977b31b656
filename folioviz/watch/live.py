"""Samples at even times, until somebody says that it is enough."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from folioviz.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.watch.counters import Counters, Sample

SHORTEST: Final = 0.05
LONGEST: Final = 3600.0
MOST: Final = 10**9
"""Seconds between two samples at least and at most, and the most samples."""


def samples(counters: Counters, every: float, count: int | None, ended: threading.Event) -> Iterator[Sample]:
    """Yield a sample at once, and then one in each interval; a late one does not make the next ones late.

    Args:
        counters: what is read.
        every: seconds between two, SHORTEST to LONGEST.
        count: how many; None: until ``ended`` is set.
        ended: set by whoever wants no more.

    Raises:
        LimitError: naming the number and its bounds.
        LiveError: if what is read is no more.
    """
    if not SHORTEST <= every <= LONGEST:
        raise LimitError.of("seconds between two samples", every, f"{SHORTEST:g} to {LONGEST:g}")
    if count is not None and not 1 <= count <= MOST:
        raise LimitError.of("number of samples", count, f"1 to {MOST}")
    begun, taken = time.monotonic(), 0
    while taken != count and not ended.wait(max(begun + taken * every - time.monotonic(), 0)):
        yield counters.sample()
        taken += 1


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """Return what SIGINT and SIGTERM set; afterwards they do what they did before."""
    ended = threading.Event()
    before = {one: signal.signal(one, lambda *_: ended.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for one, what in before.items():
            signal.signal(one, what)
