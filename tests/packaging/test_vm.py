"""`make test-vm`: what it needs is named, and what it puts into the machine is enough. `make test` boots nothing."""

from __future__ import annotations

import base64
import gzip
import re
import shutil
from pathlib import Path

import pytest

from folioviz.evidence.recordings.library import DATA
from tools import vm


def test_what_is_missing_is_named_with_the_line_that_installs_it(monkeypatch):
    """One line, for all that is missing."""
    monkeypatch.setattr(
        shutil, "which", lambda program: None if "qemu" in program or program == "cpio" else program
    )
    with pytest.raises(SystemExit) as left:
        vm.require()

    said = "vm: qemu-system-x86_64, cpio missing: apt-get install qemu-system-x86 cpio"
    assert str(left.value) == said


def test_the_core_is_taken_with_all_that_it_needs():
    """The core and pytest, and what they name; no widgets; each has files."""
    found = vm.needed()

    assert {"numpy", "msgspec", "typer", "rich", "pytest", "pluggy"} <= found
    assert not {"voila", "bqplot", "jupyterlab"} & found
    names = {name for package in found for _, name in vm.files_of([package])}
    assert {"numpy/__init__.py", "pytest/__init__.py"} <= names
    assert all((vm.ROOT / name).is_file() for name in vm.TESTS)


def test_a_recording_comes_back_over_the_serial_line():
    """It stands as base64 between two lines, and whoever reads along does not see it; without one that is said."""
    packed = gzip.compress(b'{"scenario": "front"}\n', mtime=0)
    lines = base64.encodebytes(packed).decode()

    assert vm.recorded(f"booting\n{vm.BEGIN}\n{lines}{vm.END}\noff") == packed
    for nothing in ("Kernel panic", f"{vm.BEGIN}\n{vm.END}"):
        with pytest.raises(SystemExit, match="has recorded nothing"):
            vm.recorded(nothing)


def test_what_moves_the_cursor_is_taken_out():
    """The firmware clears the screen of whoever reads along."""
    assert vm.CONTROL.sub("", "\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS\r") == "SeaBIOS"


@pytest.fixture
def machine(monkeypatch):
    """Let a machine print something, without one."""

    def prints(recording, *lines):
        packed = base64.encodebytes(gzip.compress(recording)).decode()
        printed = "\n".join([*lines, vm.BEGIN, packed + vm.END])
        monkeypatch.setattr(vm, "boot", lambda *_: printed)

    monkeypatch.setattr(vm, "require", lambda: None)
    monkeypatch.setattr(vm.debian, "vmlinuz", lambda *_: Path("vmlinuz-7.3.4"))
    monkeypatch.setattr(vm, "initramfs", lambda *_: Path(__file__))
    return prints


def test_it_fails_if_a_test_fails_or_anything_differs(machine, monkeypatch, tmp_path, capsys):
    """The recording stays if a name is given; a difference is printed with both values."""
    lines = gzip.decompress((DATA / "7.3.4.jsonl.gz").read_bytes()).splitlines(keepends=True)
    equal = b"".join(line for line in lines if b'"scenario":"b4_front"' in line)
    kept = tmp_path / "kept.jsonl.gz"
    monkeypatch.setattr("sys.argv", ["vm", "--recording", str(kept)])

    machine(equal, *vm.PASSED)
    vm.main()
    assert gzip.decompress(kept.read_bytes()) == equal
    machine(equal, vm.PASSED[1])
    with pytest.raises(SystemExit):
        vm.main()
    machine(equal.replace(b'"anon_fault_alloc":1', b'"anon_fault_alloc":3'), *vm.PASSED)
    with pytest.raises(SystemExit):
        vm.main()
    assert re.search(r"counters 64kB anon_fault_alloc +3 +1", capsys.readouterr().out)
