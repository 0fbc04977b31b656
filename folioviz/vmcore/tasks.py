"""The processes of a kernel, and their mappings, as its own memory has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drgn import FaultError
from drgn.helpers.linux.mm import for_each_vma, vma_name
from drgn.helpers.linux.pid import find_task, for_each_task

from folioviz.capture.form import PAGE
from folioviz.capture.words import Vma
from folioviz.errors import LiveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drgn import Object, Program

READ, WRITE, EXEC, MAYSHARE = 0x1, 0x2, 0x4, 0x80
"""Bits of ``vm_flags``, include/linux/mm.h of v6.1 to v7.3."""
WORDS: Final = {
    "pf": 0x400,
    "lo": 0x2000,
    "io": 0x4000,
    "ht": 0x40_0000,
    "hg": 0x2000_0000,
    "nh": 0x4000_0000,
}
"""What smaps calls those of them that a capture asks for."""


class Tasks:
    """The processes of a kernel by their pids, as the first namespace counts them."""

    def __init__(self, program: Program) -> None:
        """Take the kernel."""
        self._program = program

    def mm(self, pid: int) -> Object:
        """Return a process's mm_struct.

        Raises:
            LiveError: if there is no such process, or it has no memory.
        """
        mm = self._task(pid).mm.read_()
        if not mm:
            raise LiveError(f"process {pid} has no memory of its own: it has ended, or is the kernel's")
        return mm

    def name_of(self, pid: int) -> str:
        """Return a process's name."""
        name: bytes = self._task(pid).comm.string_()
        return name.decode("utf-8", "replace")

    def parent_of(self, pid: int) -> int:
        """Return the process that a process belongs to; 0 if there is none."""
        return int(self._task(pid).real_parent.tgid)

    def family(self, pids: Iterable[int]) -> list[int]:
        """Return processes and everything that they have forked, parents before children."""
        children: dict[int, list[int]] = {}
        for task in for_each_task(self._program):
            if task.pid.value_() == task.tgid.value_():
                children.setdefault(int(task.real_parent.tgid), []).append(int(task.pid))
        found = [*dict.fromkeys(pids)]
        for pid in found:
            found += sorted(child for child in children.get(pid, ()) if child not in found)
        return found

    def _task(self, pid: int) -> Object:
        """Return the task of a process.

        Raises:
            LiveError: if there is none.
        """
        task = find_task(self._program, pid)
        if not task:
            raise LiveError(f"there is no process {pid}")
        return task


def vmas_of(mm: Object) -> list[Vma]:
    """Return the mappings of a process by address."""
    found = []
    for vma in for_each_vma(mm):
        flags = int(vma.vm_flags)
        letters = "".join(
            letter if flags & bit else "-" for letter, bit in (("r", READ), ("w", WRITE), ("x", EXEC))
        )
        found.append(
            Vma(
                int(vma.vm_start) // PAGE,
                int(vma.vm_end) // PAGE,
                letters + ("s" if flags & MAYSHARE else "p"),
                _name(vma),
                bool(vma.vm_file),
                frozenset(word for word, bit in WORDS.items() if flags & bit),
            )
        )
    return found


def _name(vma: Object) -> str:
    """Return what a mapping is called; '?' if its name was on a page that is not in the dump."""
    try:
        return vma_name(vma).decode("utf-8", "replace")
    except FaultError:
        return "?"
