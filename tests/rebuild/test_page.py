"""docs/rebuild.md says what is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "rebuild.md").read_text(encoding="utf-8")
SAID = re.compile(r"^(\S.*?)  # ([\[('].*)$", re.MULTILINE)


def test_the_example_gives_what_it_says():
    """Its lines run, and what stands behind a # is what comes of them."""
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    values = [value for _, value in SAID.findall(code)]
    printing = SAID.sub(r"print(repr((\1)))", code)
    done = subprocess.run([sys.executable, "-c", printing], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == values
    assert len(values) == 3
