"""Walks on disk: the next process reads them, a change or damage never meets them, and no folder is no fault."""

from __future__ import annotations

import pytest

from folioviz.compare import kept_walks, walks
from folioviz.engine import native

KERNEL = ("v6.5-rc3+v4", "batched")


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """Keep walks in a folder of the test's own, from three on; return what forgets those of this process."""
    monkeypatch.setenv(native.FOLDER, str(tmp_path))
    monkeypatch.setattr(walks, "MANY", 3)
    walks._kept.cache_clear()
    yield walks._kept.cache_clear
    walks._kept.cache_clear()


def test_the_next_process_reads_what_the_first_walked(empty, monkeypatch):
    """All of it, without walking; of another kernel or mode there is nothing."""
    first = list(walks.at_random(*KERNEL, 4))
    empty()
    monkeypatch.setattr(walks, "Walker", None)

    assert list(walks.at_random(*KERNEL, 4)) == first
    assert kept_walks.read("v6.5-rc3+v4", "none") == []
    assert kept_walks.read("v6.5-rc3", "batched") == []


def test_few_are_not_worth_a_file(empty):
    """Nor what is on disk already."""
    list(walks.at_random(*KERNEL, 2))
    assert not kept_walks.folder().exists()
    list(walks.at_random(*KERNEL, 3))
    file = kept_walks.file_of(*KERNEL)
    file.unlink()
    list(walks.at_random(*KERNEL, 3))

    assert not file.exists()


def test_a_change_of_a_source_never_meets_an_old_file(empty, monkeypatch):
    """The name is another."""
    before = kept_walks.file_of(*KERNEL)
    monkeypatch.setattr(kept_walks, "sources", lambda: "others")

    assert kept_walks.file_of(*KERNEL) != before


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 100])
def test_a_damaged_file_is_none(empty, damage):
    """It is walked again, and the file is whole afterwards."""
    first = list(walks.at_random(*KERNEL, 3))
    file = kept_walks.file_of(*KERNEL)
    file.write_bytes(damage)
    empty()

    assert list(walks.at_random(*KERNEL, 3)) == first
    assert kept_walks.read(*KERNEL) == first


def test_where_nothing_can_be_written_each_process_walks(empty, monkeypatch, tmp_path):
    """A file stands where the folder would be."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(native.FOLDER, str(tmp_path / "file"))

    assert len(list(walks.at_random(*KERNEL, 3))) == 3
    assert kept_walks.read(*KERNEL) == []


def test_old_files_go(empty, monkeypatch):
    """The newest stay."""
    monkeypatch.setattr(kept_walks, "MOST_FILES", 2)
    for mode in ("a", "b", "c", "d"):
        kept_walks.keep("kernel", mode, [])

    assert len(list(kept_walks.folder().iterdir())) == 2
