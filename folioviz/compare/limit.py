"""A bound on the time of what may never return: a reader's own patch can hold a loop without an end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from folioviz.errors import FoliovizError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class EndlessError(FoliovizError):
    """Something did not return in time."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Let what is in the block take so many seconds of this process's own time; a busy machine does not count.

    Where there is no such timer (off the main thread, on Windows), or another one runs, there is no bound.

    Raises:
        EndlessError: in the midst of the block, when they are over.
    """
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not able or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise EndlessError(f"it did not return within {seconds:g} s")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
