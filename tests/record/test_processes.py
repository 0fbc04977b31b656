"""Real processes do what acts say; nothing of this needs root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from folioviz.errors import LiveError
from folioviz.evidence.recordings.grammar import parse
from folioviz.record.processes import Processes


def run(processes, *acts):
    """Do acts, and return what came of each."""
    return [processes.do(parse(act)) for act in acts]


def rss(processes, letter):
    """Return the kB of its region that a process has."""
    text = Path(f"/proc/{processes.pids[letter]}/smaps").read_text()
    block = text[text.index(f"{processes.starts['a'] * 4096:x}-") :]
    return int(block[block.index("Rss:") + 4 :].split()[0])


def test_processes_do_what_they_are_told():
    """They write, fork, drop and end; what may not be written to is an error of the call, and no signal."""
    with Processes() as processes:
        done = run(
            processes, "P map a 64", "P touch a 0 16", "P fork C", "C touch a 0 64", "P dontneed a 0 8"
        )
        amounts = rss(processes, "P"), rss(processes, "C")
        more = run(
            processes,
            "P mprotect a 0 8 none",
            "P touch a 0 16",
            "P munmap a 8 16",
            "P read a 8 9",
            "P exit",
        )
        pids = dict(processes.pids)
        last = run(processes, "C mremap a 0 8 b 3", "C read b 3 11", "C touch a 0 1")

    assert done == [0] * 5
    assert amounts[0] >= 32
    assert amounts[1] == 256
    assert more == [0, -14, 0, -14, 0]
    assert [*pids] == ["C"]
    assert last == [0, 0, -14]
    assert not Path(f"/proc/{pids['C']}/smaps").exists() or not Path(f"/proc/{pids['C']}/smaps").read_bytes()


def test_a_process_that_is_gone_is_told():
    """Somebody else ended it."""
    with Processes() as processes:
        run(processes, "P map a 64")
        os.kill(processes.pids["P"], 9)
        with pytest.raises(LiveError, match="process P of the recording has ended by itself"):
            run(processes, "P touch a 0 16", "P touch a 0 16")
