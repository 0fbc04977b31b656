"""A machine's files in a folder, whose numbers a test changes between samples."""

from __future__ import annotations

import pytest

NUMBERS = {
    "nr_inactive_anon": 1000,
    "nr_active_anon": 200,
    "nr_inactive_file": 300,
    "nr_active_file": 40,
    "nr_unevictable": 0,
    "nr_anon_pages": 1100,
    "nr_file_pages": 340,
    "nr_shmem": 0,
    "thp_split_page": 5,
    "thp_deferred_split_page": 7,
    "pgmigrate_success": 0,
}
SIZES = {2048: {"nr_anon": 2, "nr_anon_partially_mapped": 1, "split_deferred": 3}, 64: {"nr_anon": 0}, 16: {}}


class Files:
    """The files below a folder."""

    def __init__(self, root):
        self.root = root
        self.put("proc/vmstat", NUMBERS)
        for kib, values in SIZES.items():
            for word in ("nr_anon", "nr_anon_partially_mapped", "split_deferred"):
                self.size(kib, word, values.get(word, 0))

    def put(self, path, values):
        """Write a file of words and numbers, or a text, in place: whoever has it open reads what is new."""
        text = (
            values if isinstance(values, str) else "".join(f"{word} {now}\n" for word, now in values.items())
        )
        at = self.root / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, encoding="utf-8")

    def size(self, kib, word, value):
        """Write a statistic of a size."""
        self.put(f"sys/kernel/mm/transparent_hugepage/hugepages-{kib}kB/stats/{word}", f"{value}\n")


@pytest.fixture
def files(tmp_path):
    """Return a machine's files."""
    return Files(tmp_path)
