"""The counters that a recording compares: read before and after each step, and so from files that stay open."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from folioviz.capture.system import THP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

VMSTAT: Final = (
    *("thp_deferred_split_page", "thp_split_page", "thp_split_page_failed", "thp_split_pmd"),
    *("thp_underused_split_page", "thp_fault_alloc", "nr_anon_transparent_hugepages"),
    *("pswpin", "pswpout", "thp_swpout", "thp_swpout_fallback", "swpin_zero", "swpout_zero"),
)
"""What of /proc/vmstat is compared."""
STATS: Final = (
    *("split", "split_failed", "split_deferred", "nr_anon", "nr_anon_partially_mapped", "anon_fault_alloc"),
    *("swpout", "swpout_fallback", "swpin"),
)
"""What of the sizes' statistics is compared."""
LINES: Final = re.compile(rf"^({'|'.join(VMSTAT)}) (\d+)$".encode(), re.MULTILINE)
MOST_DIGITS: Final = 32


class Values(NamedTuple):
    """What counters say at one time.

    Attributes:
        vm: /proc/vmstat, by name.
        mthp: the statistics by size, "64kB", and name.
    """

    vm: dict[str, int]
    mthp: dict[str, dict[str, int]]


class Counters:
    """The counters that this kernel has; use it in a ``with``, which closes their files."""

    def __init__(self, thp: Path = THP, vmstat: Path = Path("/proc/vmstat")) -> None:
        """Open the statistics; there are none before v6.8."""
        self._open = ExitStack()
        self._vmstat = vmstat
        self._files = {
            folder.parent.name.removeprefix("hugepages-"): {
                name: self._open.enter_context((folder / name).open("rb", buffering=0)).fileno()
                for name in STATS
                if (folder / name).exists()
            }
            for folder in sorted(thp.glob("hugepages-*kB/stats"))
        }

    def __enter__(self) -> Self:
        """Return the counters."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._open.close()

    def read(self) -> Values:
        """Return what they say now."""
        return Values(
            {name.decode(): int(number) for name, number in LINES.findall(self._vmstat.read_bytes())},
            {
                size: {name: int(os.pread(file, MOST_DIGITS, 0)) for name, file in files.items()}
                for size, files in self._files.items()
            },
        )


def changes(before: Values, after: Values, *, whole: bool) -> dict[str, Any]:
    """Return how much counters changed, by the keys of a recording: of the first step all, of others those that did."""

    def differences(old: Mapping[str, int], new: Mapping[str, int]) -> dict[str, int]:
        found = {name: value - old[name] for name, value in new.items()}
        return {name: value for name, value in found.items() if value or whole}

    mthp = {size: differences(before.mthp[size], stats) for size, stats in after.mthp.items()}
    return {
        "vm": differences(before.vm, after.vm),
        "mthp": {size: stats for size, stats in mthp.items() if stats},
    }
