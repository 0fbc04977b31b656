"""Samples at even times, and an end that is clean."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import threading

import pytest

from folioviz.errors import LimitError
from folioviz.watch import Counters
from folioviz.watch.live import samples, until_told

ON_LINUX = sys.platform.startswith("linux")


def test_as_many_samples_as_are_asked_for(files):
    """The first one comes at once, and the last one ends it."""
    with Counters(root=files.root) as counters:
        found = list(samples(counters, 0.05, 3, threading.Event()))

    assert len(found) == 3
    assert found[1].at - found[0].at >= 0.04


def test_it_ends_when_somebody_says_so(files):
    """In the middle of a long wait."""
    ended = threading.Event()
    with Counters(root=files.root) as counters:
        found = []
        for one in samples(counters, 3600, None, ended):
            found.append(one)
            ended.set()

    assert len(found) == 1


def test_a_signal_says_so_and_is_given_back():
    """Afterwards Ctrl-C does what it did before."""
    before = signal.getsignal(signal.SIGINT)
    with until_told() as ended:
        os.kill(os.getpid(), signal.SIGINT)
        assert ended.wait(10)

    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(("every", "count"), [(0.0, None), (3601.0, None), (float("nan"), None), (1.0, 0)])
def test_numbers_outside_their_bounds_are_refused(files, every, count):
    """The message has the number and the bounds."""
    with Counters(root=files.root) as counters, pytest.raises(LimitError, match=r"must be (0\.05|1) to"):
        next(samples(counters, every, count, threading.Event()))


def test_the_command_stops_cleanly_with_a_whole_line(tmp_path):
    """CSV to a pipe, a line at a time; SIGTERM ends it with status 0."""
    if not ON_LINUX:  # refused in words, as test_counters.py shows
        return
    command = [sys.executable, "-m", "folioviz", "watch", "--csv", "-", "--every", "0.05"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as done:
        head = [done.stdout.readline() for _ in range(3)]
        done.send_signal(signal.SIGTERM)
        rest, errors = done.communicate()

    assert (done.returncode, errors) == (0, "")
    rows = list(csv.reader([*head, *rest.splitlines()]))
    assert len({len(row) for row in rows}) == 1
    assert rows[0][:2] == ["time", "seconds"]
