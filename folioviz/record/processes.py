"""Real processes that do the acts of a recording, each when it is told to."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from folioviz.capture.form import PAGE
from folioviz.errors import LiveError
from folioviz.evidence.recordings.format import PROCESSES
from folioviz.evidence.recordings.scene import REGION_PAGES

if TYPE_CHECKING:
    from typing import Self

    from folioviz.evidence.recordings.grammar import Act

BASE: Final = 0x1000_0000_0000
"""The address of region a."""
WORKER: Final = Path(__file__).with_name("worker.py")
RIGHTS: Final = {"r": 1, "rw": 3, "none": 0}
"""What mprotect() gives -> its number."""
PATIENCE: Final = 60
"""Seconds in which an act must be done."""


class Processes:
    """The processes of a recording; use it in a ``with``: they end with it.

    Attributes:
        pids: letter -> pid, of those that are alive.
        starts: region -> its first virtual page number.
        pages: region -> how many pages it has.
    """

    def __init__(self) -> None:
        """Begin with the first process."""
        self.pids: dict[str, int] = {}
        self.starts: dict[str, int] = {}
        self.pages: dict[str, int] = {}
        self._commands: dict[str, int] = {}
        self._answers: dict[str, int] = {}
        theirs: list[int] = []
        for letter in PROCESSES:
            commands, self._commands[letter] = os.pipe()
            self._answers[letter], answers = os.pipe()
            theirs += [commands, answers]
        try:
            first = subprocess.Popen(
                [sys.executable, "-I", "-S", str(WORKER), *map(str, theirs)],
                pass_fds=theirs,
                stdin=subprocess.DEVNULL,
            )
        finally:
            for file in theirs:
                os.close(file)
        self._first = first
        self.pids[PROCESSES[0]] = first.pid

    def __enter__(self) -> Self:
        """Return the processes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let them end: without commands each does, and all are waited for."""
        ends = []
        for pid in self.pids.values():
            with suppress(ProcessLookupError):
                ends.append(os.pidfd_open(pid))
        for file in (*self._commands.values(), *self._answers.values()):
            os.close(file)
        for end in ends:
            select.select([end], [], [], PATIENCE)
            os.close(end)
        self._first.wait(PATIENCE)

    def do(self, act: Act) -> int:
        """Do an act, and return what the call returned, 0 or -errno.

        Raises:
            LiveError: if the process does not answer.
        """
        start, length = self._range(act)
        if act.word == "fork":
            pid = self._tell(act.process, "fork", PROCESSES.index(act.name))
            if pid > 0:
                self.pids[act.name] = pid
            return min(pid, 0)
        if act.word == "exit":
            self._end(act.process)
            return 0
        more: list[int] = []
        if act.word in {"touch", "read"}:
            more = [act.stride * PAGE]
        elif act.word == "mprotect":
            more = [RIGHTS[act.name]]
        elif act.word == "mremap":
            self._place(act.name, 0, act.value + act.end - act.start)
            more = [(self.starts[act.name] + act.value) * PAGE]
        return self._tell(act.process, act.word, start, length, *more)

    def has(self, region: str, page: int) -> bool:
        """Tell whether a virtual page is in a region."""
        return self.starts[region] <= page < self.starts[region] + self.pages[region]

    def _range(self, act: Act) -> tuple[int, int]:
        """Return an act's range as an address and a length in bytes."""
        if not act.region:
            return 0, 0
        if act.word == "map":
            self._place(act.region, act.value, act.end)
        return (self.starts[act.region] + act.start) * PAGE, (act.end - act.start) * PAGE

    def _place(self, region: str, shift: int, pages: int) -> None:
        """Give a region its place, as the model's translator of recordings does."""
        place = BASE // PAGE + (ord(region) - ord("a")) * REGION_PAGES + shift
        self.starts.setdefault(region, place)
        self.pages[region] = max(self.pages.get(region, 0), pages)

    def _tell(self, process: str, *command: int | str) -> int:
        """Send a command, and return its answer."""
        tell, answers = self._commands[process], self._answers[process]
        line = b""
        try:
            os.write(tell, (" ".join(map(str, command)) + "\n").encode())
            while not line.endswith(b"\n") and select.select([answers], [], [], PATIENCE)[0]:
                part = os.read(answers, 64)
                if not part:
                    break
                line += part
        except BrokenPipeError:
            pass
        if not line.endswith(b"\n"):
            raise LiveError(f"process {process} of the recording has ended by itself, or does not answer")
        return int(line)

    def _end(self, process: str) -> None:
        """End a process, and wait until its memory is gone."""
        pid = self.pids.pop(process)
        file = os.pidfd_open(pid)
        try:
            os.close(self._commands.pop(process))
            if not select.select([file], [], [], PATIENCE)[0]:
                raise LiveError(f"process {process} of the recording does not end")
        finally:
            os.close(file)
