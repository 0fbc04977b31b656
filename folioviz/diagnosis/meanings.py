"""Numbers with what their names mean: by the table of the files that the model prints itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.findings import Number
from folioviz.diagnosis.words import CGROUP, ROLLUP, SIZES, SMAPS, VMSTAT
from folioviz.proc.names import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.proc.names import FileName

FILES: Final[Mapping[str, FileName]] = {
    CGROUP: "memory.stat",
    VMSTAT: "vmstat",
    SMAPS: "smaps",
    ROLLUP: "smaps_rollup",
    SIZES: "stats",
}
"""Kind of file -> what the table calls it."""


def number(kind: str, title: str, word: str, kib: int) -> Number:
    """Return a number of a kind of file with what it means, if the table has it."""
    file = FILES.get(kind)
    row = BY_NAME.get((file, word)) if file else None
    return Number(title, word, kib, row.meaning if row else "")
