"""A schedule as text: ``1x12.0x18.1x4`` lets CPU 1 do 12 steps, CPU 0 then 18, and CPU 1 four more.

A step is one event on memory that other CPUs could see. So a text depends on the kernel, the setup and the operations
alone, and not on what a search has learned.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

PART: Final = re.compile(r"([0-9])x([0-9]{1,6})")
MAX_PARTS: Final = 10_000


def parse(text: str, cpus: int) -> list[tuple[int, int]]:
    """Read a schedule: runs of (CPU, steps).

    Raises:
        DocumentError: naming the part that is none, or a CPU that is not there.
    """
    runs = []
    parts = text.split(".") if text else []
    if len(parts) > MAX_PARTS:
        raise DocumentError(f"a schedule has at most {MAX_PARTS} parts: this has {len(parts)}")
    for part in parts:
        found = PART.fullmatch(part)
        if found is None:
            raise DocumentError(f"{shown(part)} in a schedule: it must be like 1x12, CPU 1 for 12 steps")
        cpu, steps = int(found[1]), int(found[2])
        if cpu >= cpus:
            raise DocumentError(f"CPU {cpu} in a schedule: there are CPUs 0 to {cpus - 1}")
        runs.append((cpu, steps))
    return runs


def text(steps: Iterable[tuple[int, int]]) -> str:
    """Write runs of (CPU, steps); neighbours of one CPU are joined."""
    joined = (
        (cpu, sum(number for _, number in runs)) for cpu, runs in groupby(steps, key=lambda one: one[0])
    )
    return ".".join(f"{cpu}x{number}" for cpu, number in joined if number)
