"""What people paste that is not read here: what it is, and what to paste instead."""

from __future__ import annotations

import re
from typing import Final

from folioviz.errors import shown

READ: Final = (
    "explain reads smaps, smaps_rollup, memory.stat, /proc/vmstat, /proc/meminfo, hugepages-*kB/stats, "
    "what thpmaps prints, and page dumps of the kernel's log"
)
CGROUP: Final = "memory.stat of its cgroup"
MACHINE: Final = "/proc/vmstat or /proc/meminfo"
FORMS: Final = (
    (r"\s*<", "HTML or XML", "the text of the file itself"),
    (r"\s*(\{\s*[\"}]|\[\s*([\"\[{\]]|-?\d+\s*[,\]]))", "JSON", CGROUP),
    (r"#\s*(HELP|TYPE) ", "a page of metrics", CGROUP),
    (r"(?m)^\s*total +used +free", "what free prints", MACHINE),
    (r"(?m)^\s*top - ", "what top prints", "/proc/PID/smaps_rollup"),
    (r"(?m)^\s*procs -+memory", "what the program vmstat prints", "the file /proc/vmstat"),
    (r"(?m)^\s*(USER +PID|PID +USER|PID +TTY)\b", "what ps or top prints", "/proc/PID/smaps_rollup"),
    (r"(?m)^CONTAINER ID", "what a container's statistics print", CGROUP),
    (r"(?m)^Vm(Peak|Size|RSS):", "/proc/PID/status", "/proc/PID/smaps_rollup"),
    (r"(?m)^Node \d+ \w", "a node's meminfo, or zoneinfo", "/proc/vmstat"),
)
"""Pattern -> what has that form, and what to paste instead."""


def refusal(text: str) -> str:
    """Say what a paste is in which nothing was found that is read here."""
    if not text.strip():
        return f"the paste is empty: {READ}"
    for pattern, what, instead in FORMS:
        if re.match(pattern, text) or ("(?m)" in pattern and re.search(pattern, text)):
            return f"the paste is {what}: paste {instead}"
    first = next(line.strip() for line in text.splitlines() if line.strip())
    return f"the paste begins {shown(first)}, which no file does that is read here: {READ}"
