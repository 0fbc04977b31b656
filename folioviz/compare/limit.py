"""A bound on the time of what may never return: a reader's own patch can hold a loop without an end."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from folioviz.errors import FoliovizError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

TOOL: Final = 4
"""Which of Python's tools watches jumps: none that debuggers, coverage or profilers have."""


class EndlessError(FoliovizError):
    """Something did not return in time."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Let what is in the block take so many seconds of this process's own time; a busy machine does not count.

    On the main thread a timer of the system ends it. Where there is none, as in a browser or on Windows, jumps are
    watched: no loop of a function that the block calls goes on without them. There is no bound off the main thread,
    where another bound runs, and without a timer before Python 3.12.

    Raises:
        EndlessError: in the midst of the block, when they are over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _timer(seconds):
            yield
    else:
        with _jumps(seconds):
            yield


def _over(seconds: float) -> EndlessError:
    """Return what is raised when they are over."""
    return EndlessError(f"it did not return within {seconds:g} s")


@contextmanager
def _timer(seconds: float) -> Iterator[None]:
    """Bound a block by a signal."""
    if signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise _over(seconds)

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def _jumps(seconds: float) -> Iterator[None]:
    """Bound a block by a look at the clock whenever it jumps."""
    if sys.version_info < (3, 12) or sys.monitoring.get_tool(TOOL):
        yield
        return
    watch, end = sys.monitoring, time.process_time() + seconds

    def jumped(_code: CodeType, _here: int, _there: int) -> None:
        if time.process_time() > end:
            watch.set_events(TOOL, 0)  # once: whatever cleans up may jump
            raise _over(seconds)

    watch.use_tool_id(TOOL, __name__)
    watch.register_callback(TOOL, watch.events.JUMP, jumped)
    watch.set_events(TOOL, watch.events.JUMP)
    try:
        yield
    finally:
        watch.set_events(TOOL, 0)
        watch.register_callback(TOOL, watch.events.JUMP, None)
        watch.free_tool_id(TOOL)
