"""Run the quick tests where Python is as narrow as in a browser: 32 bits, no processes, threads or timers.

``python -m tools.narrow`` (make test-32bit) begins with Pyodide, which is Python in WebAssembly, under Node.js. What
it lacks must be what tests/as_in_a_browser.py takes away. Where a numpy for it can be had, from PyPI or with
``--distribution FOLDER`` (Pyodide's own archive, unpacked), it runs the tests. Where there is none, that is said, and a
Python of Debian's i386 port runs them, in a fresh root: this needs root and the programs of :data:`NEEDED`.

``--root FOLDER`` keeps that root, and takes it again. What follows are pytest's words, in place of all quick tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.container import LENT, Stage, do, within
from tools.npm import npm

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
LITE = ROOT / "lite"
NEEDED = ("chroot", "debootstrap", "mount", "unshare")
PLATFORM = "pyemscripten_2026_0_wasm32"
"""What wheels for the Pyodide of lite/package.json are called."""
PYTHON = "3.14"
"""Its Python."""
COMPILED = ("markupsafe", "numpy", "pandas", "pyyaml")
"""What is compiled, and (in November 2026) in Pyodide's own distribution alone; msgspec is on PyPI."""
PYTEST = ("hypothesis", "iniconfig", "pluggy", "pytest", "simpy", "sortedcontainers")
DEBIAN = ("python3-venv", "python3-dev", "python3-numpy", "python3-pandas", "gcc", "libc6-dev")
"""What has no i386 wheel and is not compiled in seconds, and a compiler for what is."""
TESTS = ("hypothesis", "pytest", "simpy")
QUICK = ("-m", "not browser and not slow", "--few", "2")
ELSEWHERE = (
    *(
        "browser",
        "engine",
        "examples",
        "mutations",
        "notebooks",
        "packaging",
        "recipes",
        "serving",
        "test_cli.py",
        "test_docs.py",
        "vmcore",
    ),
    *("capture/test_live.py", "capture/test_privilege.py", "contention/test_command.py"),
    *(
        "evidence/recordings/test_more.py",
        "evidence/recordings/test_reading.py",
        "evidence/test_operations.py",
    ),
    *("rebuild/test_recorded.py", "record/test_processes.py"),
    *("stories/test_made_whole.py", "stories/test_still_spurious.py"),
    *("sweep/test_command.py", "sweep/test_pool.py", "watch/test_live.py"),
    *("views/page/test_colours.py", "views/page/test_messages.py", "views/page/test_modules.py"),
    *("views/page/test_selectors.py",),
)
"""Tests of source text, and of what a browser lacks: a compiler, servers, Node.js, processes, xz, drgn."""
ALSO_ELSEWHERE = (
    *("compiled", "parquet", "scheduler"),
    "test_a_bar_is_shown_where_somebody_sees_it",
    "test_a_few_cells_need_no_processes",
    "test_a_file_that_cannot_be_written_is_named",
    "test_a_process_is_read_until_it_ends",
    "test_a_program_that_loses_memory_is_captured",
    "test_a_range_of_addresses_is_captured",
    "test_a_reader_s_function_is_tried",
    "test_a_template_that_is_no_literal_is_refused",
    "test_bash_takes_what_is_printed_for_it",
    "test_both_engines_leave_the_same_records",
    "test_importing_folioviz_loads_no_widget_library",
    "test_others_can_read_them",
    "test_random_scenarios_are_the_same_whatever_runs",
    "test_the_example_gives_what_it_says",
    "test_the_timer_of_another_is_left_alone",
    "test_what_finds_no_room_is_told_again",
    "test_what_is_no_file_is_refused",
    "test_what_runs_is_known",
)
"""Single tests of the same: of machine code, processes, threads, terminals and Parquet."""
DONE = "venv/.done"
PLUGIN = ("-p", "tests.as_in_a_browser", "-p", "no:xdist", "-p", "no:cacheprovider", "-q")


def say(message: str) -> None:
    """Write a line."""
    print(f"narrow: {message}", flush=True)


def printed(*command: str | Path) -> list[str]:
    """Return what a command prints, as words."""
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout.split()


def unpack(folder: Path, wheels: Iterable[Path]) -> None:
    """Unpack wheels, where Pyodide looks for modules."""
    for path in wheels:
        with zipfile.ZipFile(path) as packed:
            packed.extractall(folder / "site")


def fetched(folder: Path, *words: str) -> bool:
    """Get packages as wheels for Pyodide, and unpack them; tell whether all could be had."""
    asked = ["--no-deps", "--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp"]
    asked += ["--abi", "cp314", "--abi", "none", "--platform", PLATFORM, "--platform", "any"]
    with TemporaryDirectory(dir=folder) as name:
        pip = [sys.executable, "-m", "pip", "download", "-qq", "--dest", name, *asked, *words]
        if subprocess.run(pip, check=False, capture_output=True).returncode:
            return False
        unpack(folder, Path(name).glob("*.whl"))
    return True


def compiled(folder: Path, distribution: Path | None) -> bool:
    """Get what is compiled, from PyPI or out of Pyodide's distribution; tell whether all of it could be had."""
    if distribution is None:
        return fetched(folder, *COMPILED)
    unpack(folder, [path for name in COMPILED for path in distribution.glob(f"{name}-*.whl")])
    return all(list(distribution.glob(f"{name}-*.whl")) for name in COMPILED)


def lacking(folder: Path) -> list[str]:
    """Return what is wrong with what tests/as_in_a_browser.py takes away; inner parts of modules need not be."""
    lacks = LITE / "lacks.py"
    here = set(printed(sys.executable, lacks))
    there = set(printed("node", folder / "python.mjs", folder / "site", lacks.relative_to(ROOT)))
    taken = set(printed(sys.executable, "-c", "from tests.as_in_a_browser import LACKING; print(*LACKING)"))
    say(f"Pyodide lacks {', '.join(sorted(there - here))}")
    return [
        *(
            f"Pyodide lacks {name}, and it is not taken away"
            for name in sorted(there - here - taken)
            if name[0] != "_"
        ),
        *(f"Pyodide has {name}, and it is taken away" for name in sorted(taken - there)),
    ]


def in_pyodide(folder: Path, distribution: Path | None, words: list[str]) -> int | None:
    """Run tests in Pyodide; return their status, or None if there is no numpy for it."""
    for name in ("package.json", "package-lock.json", "python.mjs"):
        shutil.copy(LITE / name, folder)
    shutil.copy(ROOT / ".npmrc", folder)
    (folder / "site").mkdir()
    command, env = npm(os.environ)
    subprocess.run([*command, "ci", "--silent"], check=True, cwd=folder, env=env)
    if wrong := lacking(folder):
        for line in wrong:
            say(line)
        return 1
    if not fetched(folder, "--require-hashes", "-r", str(LITE / "lock.txt")) or not fetched(folder, *PYTEST):
        say("what needs no compiler cannot be had for it")
        return 1
    if not compiled(folder, distribution):
        return None
    say("the tests run in Pyodide")
    node = ["node", str(folder / "python.mjs"), str(folder / "site"), "lite/tests.py"]
    return subprocess.run([*node, *words], check=False, cwd=ROOT).returncode


def in_debian(root: Path, words: list[str]) -> int:
    """Run tests with a Python of 32 bits; return their status."""
    stage = Stage(str(root))
    stage.env |= {"HOME": "/root", "PYTHONDONTWRITEBYTECODE": "1"}
    python = "/venv/bin/python"
    lent = [path for path in LENT if Path(path).is_file()]
    shell = " && ".join(
        (
            f"mount -t proc proc {root}/proc",
            f"mount --rbind /dev {root}/dev",
            f"mount --bind -o ro {ROOT} {root}/src",
            *(f"mount --bind -o ro {path} {root}{path}" for path in lent),
            'exec "$@"',
        )
    )

    def run(*command: str) -> int:
        ours = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        inner = within(Stage(stage.root, ours | stage.env, folder="/src"), [*command], "0")
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", shell, "sh", *inner], check=False
        ).returncode

    if not (root / "src").exists():
        say("makes a root of Debian's i386 port; takes a minute or two")
        do("debootstrap", "--arch=i386", "--variant=minbase", f"--include={','.join(DEBIAN)}", "trixie", root)
        (root / "src").mkdir()
    for path in lent:
        (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (root / path[1:]).touch()
    if not (root / DONE).exists():
        made = run("python3", "-m", "venv", "--clear", "--system-site-packages", "/venv")
        if made or run(python, "-m", "pip", "install", "-qq", "/src[views]", *TESTS):
            return 1
        (root / DONE).touch()
    return run(python, "-m", "pytest", *words)


def main() -> int:
    """Run the tests; return 1 if anything fails."""
    parser = argparse.ArgumentParser(description="Run the quick tests with a Python of 32 bits.")
    parser.add_argument("--root", type=Path, help="a folder that keeps the root of Debian's i386 port")
    parser.add_argument("--distribution", type=Path, help="Pyodide's distribution, unpacked: it has a numpy")
    asked, words = parser.parse_known_args()
    left = [f"--ignore=tests/{name}" for name in ELSEWHERE]
    words = [*PLUGIN, *(words or [*QUICK, *left, "-k", f"not ({' or '.join(ALSO_ELSEWHERE)})", "tests"])]
    with TemporaryDirectory(prefix="folioviz-narrow-") as name:
        folder = Path(name)
        done = in_pyodide(folder, asked.distribution, words)
        if done is not None:
            return done
        say(f"no numpy for {PLATFORM} can be had here: Debian's i386 port runs the tests instead")
        absent = [name for name in NEEDED if shutil.which(name) is None]
        if absent or os.geteuid() != 0:
            say(f"needs root, and {', '.join(absent or NEEDED)}")
            return 1
        return in_debian(asked.root or folder / "root", words)


if __name__ == "__main__":
    sys.exit(main())
