from __future__ import annotations

import pytest
from distributed import Client, LocalCluster

import folioviz
from folioviz.errors import FoliovizError
from folioviz.sweep import pool
from tests.sweep.patches import PAGES, killer

WORDS = {"kernels": ["v6.9", "v7.3"], "orders": 4, "parameters": {"pages": "1-12"}}


@pytest.fixture(scope="module")
def plain():
    """Return what a plain loop finds."""
    return folioviz.sweep(PAGES, **WORDS, jobs=1).rows


def test_two_workers_find_what_a_loop_finds(plain):
    """The same rows in the same order."""
    assert folioviz.sweep(PAGES, **WORDS, jobs=2).rows == plain


@pytest.mark.slow
def test_a_patch_that_no_module_has_runs_in_workers(tmp_path):
    """Also where it has ended a worker in the middle: the table is that of a loop."""
    marker = tmp_path / "once"
    patches = [killer(marker)]
    found = folioviz.sweep(PAGES, **WORDS, patches=patches, jobs=2)

    assert marker.exists()
    assert found.rows == folioviz.sweep(PAGES, **WORDS, patches=patches, jobs=1).rows
    assert found.without_result == []


@pytest.mark.slow
def test_a_cell_that_ends_its_worker_each_time_is_a_failed_row():
    """All others are done."""
    words = {"kernels": "v7.3", "orders": 4, "parameters": {"pages": "6-8"}}
    found = folioviz.sweep(PAGES, **words, patches=[killer()], jobs=2)
    lost = [row for row in found.rows if row["pages"] == 7]

    assert found.complete
    assert found.without_result == lost
    assert {row["error"] for row in lost} == {
        f"it ended its worker each of {pool.TRIES} times: killed, or out of memory"
    }
    assert lost[0]["operations"].endswith("dontneed 1 0 7")


class Workers:
    """A client whose workers answer as they are told to."""

    def __init__(self, **answers):
        self.answers = answers

    def submit(self, function, **words):
        """Take a call."""
        return self

    def exception(self, seconds):
        """Say that it has been done, if somebody is there to do it."""
        if not self.answers:
            raise TimeoutError

    def run(self, function, on_error):
        """Return what each says."""
        return self.answers


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({}, "no worker for"),
        ({"one": folioviz.__version__, "two": ImportError("none")}, "at two cannot load folioviz: none"),
        ({"one": "0.0.9"}, "at one has 0.0.9; folioviz 0"),
    ],
)
def test_workers_have_this_folioviz_or_nothing_runs(answers, why):
    """Which worker, and what it has."""
    with pytest.raises(FoliovizError, match=why):
        pool.check_workers(Workers(**answers))


@pytest.mark.slow
def test_a_cluster_finds_what_a_loop_finds(plain, tmp_path):
    """By its scheduler's address, and by a client when a worker is killed in the middle; never in this process."""
    marker = tmp_path / "once"
    one_worker = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(**one_worker) as cluster:
        assert folioviz.sweep(PAGES, **WORDS, client=cluster.scheduler_address).rows == plain
        with Client(cluster) as client:
            found = folioviz.sweep(PAGES, **WORDS, patches=[killer(marker)], client=client)

    assert marker.exists()
    assert found.complete
    assert found.without_result == []
