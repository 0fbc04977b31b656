"""Stop processes while they are read, and let them go on whatever happens to the reader.

A helper process stops them. It keeps the right to, which the reader gives up, and continues them as soon as the pipe to
the reader closes: when the reader says so, ends, or is killed. What was stopped before stays so.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from folioviz.errors import LiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HELPER: Final = """
import os, signal, sys, time
for name in ("SIGINT", "SIGHUP", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)

def states(pid):
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return {open(f"/proc/{pid}/task/{task}/stat").read().rpartition(")")[2].split()[0] for task in tasks}
    except OSError:
        return {*()}

stopped = []
try:
    for pid in map(int, sys.argv[1:]):
        try:
            handle = os.pidfd_open(pid)
            if states(pid) - set("TtZX"):
                signal.pidfd_send_signal(handle, signal.SIGSTOP)
                stopped.append(handle)
        except OSError as error:
            print(f"process {pid}: {error.strerror}", flush=True)
    end = time.monotonic() + 2
    for pid in sys.argv[1:]:
        while states(pid) - set("TtZX") and time.monotonic() < end:
            time.sleep(0.001)
        if states(pid) - set("TtZX"):
            print(f"process {pid}: it does not stop", flush=True)
    print(flush=True)
    sys.stdin.read()
finally:
    for handle in stopped:
        try:
            signal.pidfd_send_signal(handle, signal.SIGCONT)
        except OSError:
            pass
"""


@contextmanager
def frozen(pids: Sequence[int]) -> Iterator[None]:
    """Stop processes with SIGSTOP, and continue them at the end.

    Raises:
        LiveError: if one cannot be stopped; then all go on.
    """
    command = [sys.executable, "-I", "-S", "-c", HELPER, *map(str, pids)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as helper:
        if helper.stdin is None or helper.stdout is None:
            raise LiveError("the processes cannot be stopped: there is no pipe")
        try:
            refused = helper.stdout.readline().strip()
            if refused:
                raise LiveError(f"cannot stop {refused}")
            yield
        finally:
            helper.stdin.close()
            helper.wait()
