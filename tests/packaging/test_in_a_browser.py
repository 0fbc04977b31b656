"""The code runs where Python has 32 bits, no processes, threads or timers, and less of the standard library.

What is taken away here is all but the 32 bits: `make test-32bit` has them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import narrow

ROOT = Path(__file__).parents[2]
LIMITED = ["-p", "tests.as_in_a_browser", "-p", "no:xdist", "-p", "no:cacheprovider", "--few", "1"]
SOME = [
    *("tests/laws/test_every_kernel.py", "tests/laws/test_some_kernels.py", "tests/compare/test_trial.py"),
    *("tests/capture/test_fixtures.py", "tests/capture/test_document.py", "tests/capture/test_state.py"),
    *("tests/views/machine_panels", "tests/views/story_panels/test_condition.py"),
]
ONE = "tests/stories/test_races.py::test_a_search_on_a_thread_finds_the_same_and_can_be_stopped"
EVERYTHING = """
import tests.as_in_a_browser
from importlib import import_module
from pathlib import Path
for path in sorted(Path("folioviz").rglob("*.py")):
    if path.name != "__main__.py" and path.parts[1] != "vmcore":  # what reads a kernel's memory, with drgn
        import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""
ASKING_TOO_MUCH = """
import os, signal, subprocess, threading
import numpy as np
import pytest

COUNTS = np.array([1, 2], np.int64)

@pytest.mark.parametrize("ask", [
    lambda: __import__("lzma"), lambda: __import__("llvmlite"), lambda: __import__("_multiprocessing"),
    lambda: threading.Thread(target=print).start(), lambda: subprocess.run(["true"]), os.fork,
    lambda: np.repeat([1, 2], COUNTS), lambda: np.repeat([1, 2], 2 * COUNTS + np.arange(2)),
    lambda: np.add.reduceat([1, 2, 3], COUNTS),
])
def test_it_fails(ask):
    with pytest.raises((ImportError, RuntimeError, OSError, TypeError)):
        ask()

def test_an_index_is_fine():
    assert np.repeat([1, 2], COUNTS.astype(np.intp)).tolist() == [1, 2, 2]
    assert np.add(1, 1) == 2
"""


def limited(*words):
    """Run Python at the top of the source tree; return its status and the last line."""
    done = subprocess.run(
        [sys.executable, *words], check=False, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.slow
def test_laws_trials_captures_and_searches_run_there():
    """Tests of these pass with what a browser's Python has."""
    status, said = limited("-m", "pytest", "-q", *LIMITED, *SOME, ONE)

    assert status == 0, said


def test_what_is_left_out_with_32_bits_is_there():
    """Folders, files and tests that `make test-32bit` passes over have these names."""
    texts = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))

    assert all((ROOT / "tests" / name).exists() for name in narrow.ELSEWHERE)
    assert all(f"def {name}(" in texts for name in narrow.ALSO_ELSEWHERE if name.startswith("test_"))


@pytest.mark.slow
def test_every_module_can_be_imported_there():
    """Nothing asks for what is not there before somebody wants it."""
    assert limited("-c", EVERYTHING) == (0, "")


def test_what_a_browser_lacks_is_noticed(tmp_path):
    """Modules, threads, processes, and counts that are wider than an index."""
    (tmp_path / "test_it.py").write_text(ASKING_TOO_MUCH, encoding="utf-8")
    status, said = limited("-m", "pytest", "-q", *LIMITED[:-2], "-c", "/dev/null", str(tmp_path))

    assert status == 0, said
    assert "10 passed" in said
