"""Privileges are dropped before anything is read, for good; and processes that were stopped go on in any case."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from folioviz.capture.freeze import frozen
from folioviz.capture.live import Live
from folioviz.capture.privilege import remaining
from folioviz.errors import LiveError
from tests.capture import layout

AFTER = """
import json, os, sys
from folioviz.capture import privilege, sums
from folioviz.capture.form import Process
from folioviz.capture.live import Live
from folioviz.capture.take import take

pids = [int(text) for text in sys.argv[1:]]
with Live(pids) as source:
    privilege.drop()
    refused = []
    for name, step in {
        "root": lambda: os.setresuid(0, 0, 0),
        "kpageflags": lambda: open("/proc/kpageflags", "rb").close(),
        "shadow": lambda: open("/etc/shadow", "rb").close(),
    }.items():
        try:
            step()
        except OSError:
            refused.append(name)
    capture = take(source, [Process(), Process(parent=1)], (0x100000000, 0x100004000))
    print(json.dumps({
        "left": privilege.remaining(),
        "ids": [*os.getresuid(), *os.getresgid(), *os.getgroups()],
        "refused": refused,
        "privileged": capture.about.privileged,
        "held": int(sums.by_region(capture).held.sum()),
    }))
"""


def run(*arguments, **more):
    """Run Python with arguments; return what it wrote."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, **more)


def test_frames_are_read_without_any_privilege(capsys):
    """As root: after the files are opened uid and gid are not 0, no capability is left, and no way back.

    As anybody else the same program runs, and has nothing to drop.
    """
    program = [sys.executable, str(Path(layout.__file__))]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        pids = json.loads(process.stdout.readline())["pids"]
        with Live(pids) as source:
            privileged = source.privileged
        seen = json.loads(run("-c", AFTER, *map(str, pids)).stdout)
        process.stdin.close()
    if os.geteuid():
        with capsys.disabled():
            sys.stdout.write("\nnot root: that privileges are dropped is not seen here\n")

    assert seen["left"] == ""
    assert 0 not in seen["ids"]
    assert "root" in seen["refused"]
    if Path("/proc/kpageflags").exists():
        assert "kpageflags" in seen["refused"]
    assert seen["privileged"] is privileged
    assert (seen["held"] > 0) is privileged or not privileged


def test_what_is_left_of_privileges_is_named():
    """A process that has not dropped any says which it has."""
    found = run("-c", "from folioviz.capture.privilege import remaining; print(remaining())").stdout.strip()

    assert found == remaining()
    assert "NoNewPrivs 0" in found
    assert ("Uid 0" in found) is (os.geteuid() == 0)


def state(pid):
    """Return the state of a process: S, R, T."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


@pytest.fixture
def cat():
    """Run a program that waits."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def until_it_runs(pid):
    """Wait until a process is not stopped any more."""
    end = time.monotonic() + 60
    while state(pid) == "T":
        assert time.monotonic() < end


def test_processes_are_stopped_and_continued(cat):
    """Stopped inside the block, running after it, also when it ends with an error."""
    with frozen([cat]):
        assert state(cat) == "T"
    until_it_runs(cat)

    with pytest.raises(ZeroDivisionError), frozen([cat]):
        _ = 1 / 0
    until_it_runs(cat)


def test_what_was_stopped_before_stays_so(cat):
    """A debugger's or a user's stop is not undone."""
    os.kill(cat, 19)
    with frozen([cat]):
        pass

    assert state(cat) == "T"


def test_a_reader_that_is_killed_leaves_nothing_stopped(cat):
    """SIGKILL while processes are stopped: the helper notices, and continues them."""
    code = (
        "import os, sys; from folioviz.capture.freeze import frozen\n"
        f"with frozen([{cat}]):\n    print('in', flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (-9, "in\n")
    until_it_runs(cat)


def test_a_process_that_cannot_be_stopped_is_named(cat):
    """All others go on."""
    with pytest.raises(LiveError, match=r"cannot stop process 4194305: "), frozen([cat, 4_194_305]):
        pass
    until_it_runs(cat)
