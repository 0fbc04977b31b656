"""What Python lacks in a browser is taken away here, so that a test finds who asks for it; a plugin of pytest.

    python -m pytest -p tests.as_in_a_browser -p no:xdist tests/laws

WebAssembly has no processes, no threads and no timers, and Pyodide leaves out some of the standard library: of which,
`make test-32bit` asks Pyodide. An index has 32 bits there, so numpy refuses counts of 64: here int64 becomes the other
type of 64 bits, which numpy tells apart from an index, and what would refuse it there refuses it here. What numpy makes
of such a number may look like an index again: with true 32 bits more is found.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.machinery import PathFinder
from threading import Thread

import numpy as np

LACKING = {
    *("_curses", "_dbm", "_gdbm", "_hashlib", "_multiprocessing", "_posixshmem", "_tkinter", "_uuid"),
    *("grp", "pydoc_data", "pwd", "turtledemo"),
    *("curses", "dbm", "ensurepip", "readline", "resource", "syslog", "tkinter", "turtle", "venv"),
}
"""What the standard library of Pyodide 314 does not have."""
ONCE_LACKING = {"_lzma", "_sqlite3", "_ssl", "lzma", "sqlite3", "ssl"}
"""What earlier ones bring on request only."""
NO_WHEEL = {
    "distributed",
    "jupyterlab",
    "llvmlite",
    "numba",
    "pyarrow",
    "voila",
    "websockets",
    "zmq",
}
"""Packages that are not made for it."""
ABSENT = LACKING | ONCE_LACKING | NO_WHEEL


class Seeing(PathFinder):
    """Finds no module that a browser's Python lacks."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        """Look for all others."""
        return None if name.partition(".")[0] in ABSENT else super().find_spec(name, path, target)


def no_thread(thread):
    """Fail as Thread.start() does there."""
    raise RuntimeError("can't start new thread")


def no_process(*_, **__):
    """Fail as whatever starts a process does there."""
    raise OSError("emscripten does not support processes.")


def checked(function, *places):
    """Return a function of numpy that takes indices of the size of a pointer only, in some of its arguments."""

    def call(*given, **named):
        for place in places:
            if place < len(given) and np.asarray(given[place]).dtype.char == "q":
                raise TypeError(
                    "Cannot cast array data from dtype('int64') to dtype('int32') according to the rule 'safe'"
                )
        return function(*given, **named)

    return call


class Add:
    """np.add, whose reduceat() looks at its indices."""

    def __init__(self, add):
        self.add, self.reduceat = add, checked(add.reduceat, 1)

    def __getattr__(self, name):
        return getattr(self.add, name)

    def __call__(self, *given, **named):
        """Add."""
        return self.add(*given, **named)


for name in ABSENT & set(sys.modules):
    del sys.modules[name]
sys.meta_path[:] = [Seeing if one is PathFinder else one for one in sys.meta_path]
Thread.start = no_thread
os.fork = subprocess.Popen.__init__ = no_process
if sys.version_info >= (3, 12):  # older ones end no loop without it
    del signal.setitimer
if np.intp(0).itemsize == 8:
    np.int64 = np.longlong
    np.repeat, np.bincount = checked(np.repeat, 1), checked(np.bincount, 0)
    np.put, np.choose, np.add = checked(np.put, 1), checked(np.choose, 0), Add(np.add)
