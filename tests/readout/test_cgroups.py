"""Which queue a folio is on is told: in descriptions, in records, by decisions."""

from __future__ import annotations

import pytest

from folioviz.lab import Lab
from folioviz.machine.journal import QUEUE_LEFT, QUEUE_REPARENTED
from folioviz.ops.ops import parse_line
from folioviz.readout import state
from folioviz.readout.cgroups import cgroups
from folioviz.readout.describe import machine_lines
from folioviz.readout.records import Recorder

ROOTS = "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4; "
LEFT = f"{ROOTS}cgroup 1 1; fault 1 16 4; fault 1 32 3; dontneed 1 17 18; fork 1; cgroup 1 2; cgroup 2 0; rmcgroup 1"


@pytest.mark.parametrize(
    ("key", "queues"),
    [
        ("v6.12", ["    split queue: 1", "    split queue of cgroup 1, which was removed: 2 3"]),
        ("v7.3", ["    split queue: 2 3 1"]),
    ],
)
def test_a_description_has_every_queue(after, key, queues):
    """And says of processes and folios which cgroup is theirs, if it is not the root."""
    lines = machine_lines(after(LEFT, key).machine)

    assert [line for line in lines if "split queue:" in line or "split queue of" in line] == queues
    processes = [line.strip() for line in lines if "VMA" in line or ": rss" in line or "; rss" in line]
    assert [line.partition(";")[0] for line in processes] == ["process 1: in cgroup 2", "process 2: rss 18"]
    assert "of cgroup 1" in "\n".join(lines) or key == "v7.3"


@pytest.mark.parametrize("engine", ["python", "compiled"])
@pytest.mark.parametrize(("key", "queued"), [("v6.12", [1, -1, 2, 3]), ("v7.3", [2, 3, 1])])
def test_a_record_tells_queues_apart(key, queued, engine):
    """Plain Python and machine code: behind -1 is what cgroup 1 has queued."""
    recorder = Recorder(Lab(key, calls=False, engine=engine))

    assert recorder.run(parse_line(LEFT))[-1]["Q"] == queued


@pytest.mark.parametrize(("key", "reason"), [("v6.12", QUEUE_LEFT), ("v7.3", QUEUE_REPARENTED)])
def test_removing_a_cgroup_tells_of_each_folio_that_it_has_queued(after, reasons, key, reason):
    """Head first, with the cgroup."""
    assert reasons(after(LEFT, key)) == [(reason, 2, 1), (reason, 3, 1)]


@pytest.mark.parametrize(
    ("key", "of", "passed_over"), [("v6.8", [0, 1, 1], True), ("v7.3", [0, 0, 0], False)]
)
def test_a_folio_of_a_removed_cgroup_is_the_parents_if_that_took_it_over(after, key, of, passed_over):
    """And its place on the queue is counted there."""
    machine = after(LEFT, key).machine
    found, folios = cgroups(machine), state.folios(machine)

    assert found.members == {1: 2}
    assert [found.of(folio) for folio in folios] == of
    assert found.passed_over(1) == passed_over
    assert [folio.queue_place for folio in folios] == ([1, 1, 2] if passed_over else [3, 1, 2])
