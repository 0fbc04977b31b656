"""Files are opened once and read again and again; what is not there, or no more there, is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from folioviz.diagnosis import explain
from folioviz.diagnosis.words import CGROUP, CGROUP_V1, ROLLUP, SIZES, VMSTAT
from folioviz.errors import LiveError
from folioviz.watch import Counters
from tests.watch.conftest import NUMBERS

CGROUP_STAT = {"anon": 4 << 20, "shmem": 0, "inactive_anon": 6 << 20, "active_anon": 0, "unevictable": 0}
ON_LINUX = sys.platform.startswith("linux")


def test_a_sample_has_what_the_files_say_now(files):
    """A second one has what was written between; no file is opened again."""
    with Counters(root=files.root) as counters:
        first = counters.sample()
        opened = sorted(Path("/proc/self/fd").iterdir()) if ON_LINUX else None
        files.put("proc/vmstat", NUMBERS | {"nr_anon_pages": 900})
        files.size(64, "nr_anon", 12)
        second = counters.sample()

        assert opened is None or sorted(Path("/proc/self/fd").iterdir()) == opened
    assert (first.of[VMSTAT], second.of[VMSTAT]["nr_anon_pages"]) == (NUMBERS, 900)
    assert (first.of[SIZES]["64/nr_anon"], second.of[SIZES]["64/nr_anon"]) == (0, 12)
    assert first.at == 0 <= second.at


def test_the_estimate_is_the_one_of_a_paste(files):
    """The lists have 100 pages more than what is mapped; explain says the same of the file."""
    with Counters(root=files.root) as counters:
        held = counters.sample().ledger(VMSTAT).held

    assert held == explain(f"/proc/vmstat\n{(files.root / 'proc/vmstat').read_text()}").held
    assert held == (400, 400)


@pytest.mark.parametrize(
    ("tree", "name", "values", "kind", "held"),
    [
        ("sys/fs/cgroup", "web", CGROUP_STAT, CGROUP, 2 << 10),
        (
            "sys/fs/cgroup/memory",
            "/web/",
            {f"total_{'rss' if word == 'anon' else word}": now for word, now in CGROUP_STAT.items()},
            CGROUP_V1,
            2 << 10,
        ),
    ],
)
def test_a_cgroup_of_either_version_is_found_by_its_name(files, tree, name, values, kind, held):
    """Its estimate comes from its own numbers; of version 1 those with its children."""
    files.put(f"{tree}/web/memory.stat", values)
    with Counters(cgroup=name, root=files.root) as counters:
        sample = counters.sample()

    assert sample.kinds == [VMSTAT, kind]
    assert sample.ledger(kind).left == held


def test_what_is_not_there_is_named(files):
    """A process, a cgroup, a number that no process has, a way out of the tree."""
    cases = (
        ({"pid": 0}, "process 0: it must be 1 to 4194304"),
        ({"pid": 4_194_305}, "process 4194305: it must be 1 to"),
        ({"pid": 12}, "process 12: there is no "),
        ({"cgroup": "db"}, "cgroup 'db': there is no memory.stat in "),
        ({"cgroup": "../../proc"}, "cgroup '../../proc': there is no memory.stat in "),
    )
    files.put("proc/memory.stat", CGROUP_STAT)
    for asked, message in cases:
        with pytest.raises(LiveError) as caught:
            Counters(root=files.root, **asked)
        assert message in str(caught.value)


def test_a_file_that_may_not_be_read_is_named(files, monkeypatch):
    """It says that root may."""

    def refused(path, flags):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(LiveError, match=r"this user may not read .*vmstat; as root it can be read"):
        Counters(root=files.root)


def test_elsewhere_it_is_refused_in_words(files, monkeypatch):
    """On a Mac there is nothing to read."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(LiveError, match="counters of a running machine are Linux's: this is darwin"):
        Counters(root=files.root)


def test_a_cgroup_that_is_no_more_is_told(files):
    """What was open reads as nothing."""
    files.put("sys/fs/cgroup/web/memory.stat", CGROUP_STAT)
    with Counters(cgroup="web", root=files.root) as counters:
        counters.sample()
        files.put("sys/fs/cgroup/web/memory.stat", "")
        with pytest.raises(LiveError, match="cgroup 'web' is no more"):
            counters.sample()


def test_a_process_is_read_until_it_ends():
    """Its sums are those of smaps_rollup; afterwards that is told, and nothing else."""
    if not ON_LINUX:  # there is no such file: that this is said is tested above
        return
    child = subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=-1, stdout=-1)
    with child, Counters(pid=child.pid) as counters:
        child.stdout.readline()
        assert counters.sample().of[ROLLUP]["Rss"] > 1000
        child.kill()
        child.wait()
        with pytest.raises(LiveError, match=f"process {child.pid} has ended"):
            counters.sample()
