"""The programs of examples/ run, and lose what they say they lose."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.recipes.following import ROOT

RSS = {
    "allocator": [32_768, 32_768 // 16],
    "stacks": [8 * 2048, 8 * 2048, 8 * 64],
    "saver": [32_768] * 3,
}
"""What smaps says after each step, in KiB."""


@pytest.mark.parametrize("name", RSS)
def test_a_program_runs_and_ends(name):
    """What is mapped is what its text says, with huge pages and without; it names the command that captures it."""
    words = [sys.executable, "-W", "error", ROOT / "examples" / f"{name}.py", "--no-wait"]
    done = subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    found = re.findall(r"Rss ([\d,]+) KiB", done.stdout)
    assert [int(kib.replace(",", "")) for kib in found] == RSS[name]
    assert re.search(r"^Look at it:  sudo folioviz capture \d+ -o \S+$", done.stdout, re.MULTILINE)
    assert done.stderr == ""
