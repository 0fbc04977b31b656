"""Patches that no other process could import, as those of a notebook's cell."""

from __future__ import annotations

import os
import signal

PAGES = "mm; mmap 1 0 64; fault 1 0 {order}; dontneed 1 0 {pages}"


def killer(marker=None):
    """Return a patch that ends its process at the seventh page: each time, or once and then leaves a marker."""
    kill, process, number = os.kill, os.getpid, signal.SIGKILL

    def madvise_dontneed(m, mm, start, end):
        if end == 7 and not (marker and marker.exists()):
            if marker:
                marker.touch()
            kill(process(), number)
        return 0

    return madvise_dontneed


def raiser():
    """Return a patch that raises at the second page."""

    def madvise_dontneed(m, mm, start, end):
        return 1 // (end - 2)

    return madvise_dontneed


def keeper():
    """Return a patch that drops no reference."""

    def folio_put(m, folio):
        return 0

    return folio_put
