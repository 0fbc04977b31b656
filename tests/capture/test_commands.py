"""`folioviz capture` and `folioviz look`: what they write and print, and what they refuse."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from folioviz.capture import load, sums, write
from folioviz.capture.form import Process
from folioviz.capture.report import amount, report
from folioviz.capture.take import take
from folioviz.cli import app
from tests.capture.fixture import NAMES, Fixture
from tests.capture.test_fixtures import HELD_KIB
from tests.recipes.following import ROOT


def command(*words):
    """Run the command in a process of its own: as root it drops its privileges."""
    line = [sys.executable, "-m", "folioviz", *map(str, words)]
    return subprocess.run(line, check=False, capture_output=True, text=True)


@pytest.fixture
def allocator():
    """Give the process of the example that gives back 15 of 16 pages."""
    line = [sys.executable, ROOT / "examples" / "allocator.py"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said = []
        while "Enter ends it." not in said:
            said.append(process.stdout.readline().strip())
        process.huge = int(said[0].split()[-2].replace(",", "")) // 2048
        yield process
        process.stdin.close()


def test_a_program_that_loses_memory_is_captured(allocator, tmp_path):
    """As root: 15 of 16 pages of huge pages are held and mapped by nobody. Else: what is mapped.

    khugepaged may meanwhile have filled some 2 MiB again, whole.
    """
    file = tmp_path / "capture.json.gz"
    done = command("capture", allocator.pid, "-o", file)

    assert done.returncode == 0, done.stderr
    found = load(file)
    [region] = [n for n, one in enumerate(found.regions) if one.advice == "huge"]
    mapped, held = (int(one[region]) for one in (sums.by_region(found).mapped, sums.by_region(found).held))
    filled, rest = divmod(mapped - 16 * 32, 480)
    assert rest == 0
    if found.about.privileged:
        assert held in {480 * huge for huge in range(allocator.huge - filled, allocator.huge + 1)}
        assert f"{amount(held)} held, mapped by nobody" in done.stderr
    else:
        assert held == 0
        assert "as root it can: sudo" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_range_of_addresses_is_captured(allocator, tmp_path):
    """Nothing but what is there; and where nothing is, it is said, and what the file had stays."""
    file = tmp_path / "capture.json.gz"
    file.write_text("what was there")
    done = command("capture", allocator.pid, "--range", "1000-2000", "-o", file)

    assert done.returncode == 2
    assert "there is no private memory to read" in done.stderr
    assert file.read_text() == "what was there"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["capture", "0", "-o", "FILE"], "the process is 0: it must be 1 to 4194304"),
        (["capture", "4194305", "-o", "FILE"], "the process is 4194305: it must be 1 to 4194304"),
        (["capture", "4194304", "-o", "FILE"], "there is no process 4194304"),
        (["capture", "1", "--range", "9-1", "-o", "FILE"], "--range is '9-1': it must be two addresses"),
        (["capture", "1", "--range", "zz", "-o", "FILE"], "--range is 'zz': it must be two addresses"),
        (["look", "README.md"], "the capture is not JSON"),
        (["look", "FILE"], "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(words, said, tmp_path):
    """Status 2, the thing, the value and the bound; no file is made."""
    file = tmp_path / "none.json.gz"
    done = CliRunner().invoke(app, [str(file) if word == "FILE" else word for word in words])

    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    """Before anything is read."""
    done = command("capture", os.getpid(), "-o", tmp_path / "none" / "capture.json.gz")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("none/capture.json.gz': No such file or directory")
    assert "cannot write" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_look_fits_72_columns_and_begins_with_what_holds_most(name, tmp_path):
    """Figures, notes and regions, those first that hold most; the sum is the fixture's."""
    made = take(Fixture(name), [Process(), Process(parent=1)])
    file = tmp_path / "capture.json.gz"
    file.write_bytes(write(made))
    done = CliRunner().invoke(app, ["look", str(file), "--all"])
    lines = done.stdout.splitlines()

    assert (done.exit_code, done.stderr) == (0, "")
    assert max(map(len, lines)) <= 72
    assert f"{'held, mapped by nobody':<28}{amount(HELD_KIB // 4):>12}" in done.stdout
    held = sums.by_region(made).held
    first = lines.index(next(line for line in lines if line.startswith("region")))
    order = [int(line.split()[0]) - 1 for line in lines[first + 1 :]]
    assert [int(held[n]) for n in order] == sorted(held.tolist(), reverse=True)
    assert ("CONFIG_NO_PAGE_MAPCOUNT" in done.stdout) == ("no_page_mapcount" in name)
    assert "2 processes" in lines[0] + lines[1]


def test_of_many_regions_the_first_are_listed():
    """The rest is one line with its sums."""
    made = take(Fixture(NAMES[0]), [Process(), Process(parent=1)])
    short, long = report(made).splitlines(), report(made, everything=True).splitlines()

    assert len(made.regions) > 20
    assert short[:-1] == long[: len(short) - 1]
    assert short[-1].startswith(f"... and {len(made.regions) - 20} more: ")


def test_what_an_ordinary_user_sees_is_marked():
    """No folios, and no number for what is held."""
    fixture = Fixture(NAMES[0])
    fixture.privileged = False
    made = take(fixture, [Process(), Process(parent=1)])
    said = " ".join(report(made).split())

    assert "Read without privileges: no folio, order or mapcount is known" in said
    assert "held, mapped by nobody" not in said
