"""The bound on time: it ends what has no end, and leaves all else alone."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import nullcontext

import pytest

from folioviz.compare.limit import EndlessError, limit


def forever():
    """Never return."""
    while True:
        pass


def test_a_loop_without_an_end_is_ended():
    """And the timer is off afterwards, with the handler that was there before."""
    before = signal.getsignal(signal.SIGVTALRM)
    with pytest.raises(EndlessError, match=r"within 0\.05 s"), limit(0.05):
        forever()

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGVTALRM) == before


def test_what_fails_fails_as_it_would():
    """Nothing is hidden, and the timer is off."""
    with pytest.raises(ZeroDivisionError), limit(5):
        raise ZeroDivisionError

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_the_timer_of_another_is_left_alone():
    """Within a bound there is no other one; off the main thread there is none."""
    seen = []
    with limit(5):
        handler = signal.getsignal(signal.SIGVTALRM)
        with limit(0.01):
            seen.append(signal.getsignal(signal.SIGVTALRM) == handler)
        seen.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 1)

    def elsewhere():
        with limit(0.01):
            seen.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert seen == [True, True, True]


def test_where_there_is_no_timer_jumps_are_watched(monkeypatch):
    """As in a browser: an inner bound counts no more than with a timer; older Pythons than 3.12 have no bound then."""
    monkeypatch.delattr(signal, "setitimer", raising=False)
    end = time.process_time() + 0.1
    watched = sys.version_info >= (3, 12)

    def long():
        while time.process_time() < end:
            pass

    with pytest.raises(EndlessError) if watched else nullcontext(), limit(0.02), limit(0.001):
        long()

    assert (time.process_time() < end) == watched
    with limit(5):
        assert not watched or sys.monitoring.get_tool(4)
    assert not watched or sys.monitoring.get_tool(4) is None
