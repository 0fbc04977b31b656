"""What is no kernel's memory, or cannot be read, is refused in words; a dump is known by its notes."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.errors import LiveError

pytest.importorskip("drgn", reason="drgn is not installed: no kernel's memory is read")
from folioviz.vmcore import Memory, memory, tasks
from folioviz.vmcore.tasks import Tasks

X86_64, AARCH64 = 62, 183
NOTES = b"OSRELEASE=6.12.117-test\nPAGESIZE=4096\nKERNELOFFSET=0\nSYMBOL(swapper_pg_dir)=ffffffff82a0a000\n"


def dump(path, notes=NOTES, machine=X86_64, name=b"VMCOREINFO\0"):
    """Write a core file with one note and no memory."""
    note = struct.pack("<3I", 11, len(notes), 0) + name + b"\0" + notes + b"\0" * (-len(notes) % 4)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<2HI3QI6H", 4, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    path.write_bytes(head + struct.pack("<2I6Q", 4, 0, 120, 0, 0, len(note), len(note), 4) + note)
    return str(path)


def test_what_is_no_dump_is_refused(tmp_path):
    """A file that is none, one of another kind, one that is not there, and a process's."""
    (tmp_path / "text").write_text("no dump", encoding="utf-8")
    for path in (tmp_path / "text", tmp_path / "none", tmp_path):
        with pytest.raises(LiveError, match=f"{path}' cannot be read: "):
            Memory(str(path))
    with pytest.raises(LiveError, match=r"core' cannot be read: .*OSRELEASE"):
        Memory(dump(tmp_path / "core", b"PAGESIZE=4096\n"))
    with pytest.raises(LiveError, match=r"core' is not a Linux kernel's, or has no VMCOREINFO"):
        Memory(dump(tmp_path / "core", name=b"CORE\0\0\0\0\0\0\0"))


def test_another_architecture_is_refused(tmp_path):
    """Page tables of x86-64 alone are known."""
    with pytest.raises(LiveError, match="is of the architecture AARCH64: it must be X86_64"):
        Memory(dump(tmp_path / "core", machine=AARCH64))


def test_debugging_information_is_asked_for(tmp_path):
    """What is to be installed is named, with the kernel's release; another file than its vmlinux is refused."""
    (tmp_path / "vmlinux").write_text("no kernel", encoding="utf-8")
    core = dump(tmp_path / "core")
    with pytest.raises(LiveError, match=r"no debugging information for kernel 6\.12\.117-test") as told:
        Memory(core)
    with pytest.raises(LiveError, match=r"of kernel 6\.12\.117-test, and '.*vmlinux' is not its vmlinux"):
        Memory(core, str(tmp_path / "vmlinux"))

    assert "linux-image-6.12.117-test-dbg of Debian" in str(told.value)
    assert "--vmlinux FILE" in str(told.value)


@pytest.mark.parametrize(
    ("error", "said"), [(PermissionError(), "without root"), (FileNotFoundError(2, "kcore"), "kcore")]
)
def test_a_running_kernel_needs_root(monkeypatch, error, said):
    """Or has no /proc/kcore; the command says how, and leaves no file."""

    def refuse():
        raise error

    monkeypatch.setattr(memory, "Program", lambda: SimpleNamespace(set_kernel=refuse))
    with pytest.raises(LiveError, match=f"the memory of the running kernel cannot be read.*{said}"):
        Memory()


def test_the_command_refuses_what_is_no_dump(tmp_path):
    """With one line; so does --freeze, for what stands still."""
    words = ["capture", "1", "-o", str(tmp_path / "x.json.gz"), "--vmcore", str(tmp_path / "none")]
    done = CliRunner().invoke(app, words)
    still = CliRunner().invoke(app, [*words, "--freeze"])

    assert (done.exit_code, still.exit_code) == (2, 2)
    assert "cannot be read" in done.output
    assert "in a dump everything stands still" in still.output
    assert [*tmp_path.iterdir()] == []


def task(pid, parent, **more):
    """Return a task as drgn has it, as far as it is asked for."""
    number = SimpleNamespace(value_=lambda: pid)
    return SimpleNamespace(
        pid=number,
        tgid=number,
        real_parent=SimpleNamespace(tgid=parent),
        comm=SimpleNamespace(string_=lambda: b"x\xff"),
        **more,
    )


def test_processes_are_found(monkeypatch):
    """Parents before children, threads left out; a kernel thread has no memory, and what is not there is named."""
    every = {pid: task(pid, parent) for pid, parent in ((1, 0), (30, 10), (10, 1), (20, 10), (40, 30))}
    every[2] = task(2, 0, mm=SimpleNamespace(read_=lambda: None))
    every[31] = task(31, 10)
    every[31].tgid = every[30].pid
    monkeypatch.setattr(tasks, "for_each_task", lambda _: every.values())
    monkeypatch.setattr(tasks, "find_task", lambda _, pid: every.get(pid))
    monkeypatch.setattr(
        tasks, "int", lambda value: value.value_() if hasattr(value, "value_") else value, raising=False
    )
    found = Tasks(None)

    assert found.family([10]) == [10, 20, 30, 40]
    assert found.parent_of(40) == 30
    assert found.name_of(10) == "x�"
    with pytest.raises(LiveError, match="process 2 has no memory of its own"):
        found.mm(2)
    with pytest.raises(LiveError, match="there is no process 77"):
        found.mm(77)
