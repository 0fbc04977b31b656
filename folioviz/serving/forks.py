"""Kernels that are forked instead of started, where the system can: a visitor's costs a fifth of the time then.

A kernel that is started loads Python, the widgets and the model's machine code anew: most of a second of computing, and
90 MiB. One that is forked from :mod:`folioviz.serving.mould` has it all, and shares the memory with the others.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from folioviz.serving.mould import Order

LAUNCHER = ["-m", "ipykernel_launcher"]


class Forked:
    """A kernel that is nobody's child here: what subprocess.Popen is for one that is."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int) -> None:
        self.pid = pid
        self._handle = handle
        self._over = select.poll()
        self._over.register(handle, select.POLLIN)

    def __del__(self) -> None:
        """Give the descriptor back."""
        os.close(self._handle)

    def poll(self) -> int | None:
        """Return None while it runs, then 0: what it ended with, only its parent knows."""
        return 0 if self._over.poll(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended.

        Raises:
            TimeoutExpired: if it has not after so many seconds.
        """
        if not self._over.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(LAUNCHER, timeout or 0)
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Mould:
    """The process that kernels are forked from. It loads beside what the server does."""

    def __init__(self, notebook: Path) -> None:
        self._lock = Lock()
        self._line, its = socket.socketpair()
        # As kernels are started: a debugger warns of modules that are frozen, in the server's log.
        words = [sys.executable, "-P", "-Xfrozen_modules=off", "-m", "folioviz.serving.mould", str(notebook)]
        with its:
            # Ctrl+C is the server's business, and a kernel that was found in the server's folder would be a surprise.
            self._process = subprocess.Popen(words, stdin=its.fileno(), start_new_session=True)

    def fork(self, order: Order) -> Forked:
        """Return a new kernel; the first one comes when all is loaded.

        Raises:
            OSError: if there is none, because the mould, or the kernel, has ended.
        """
        with self._lock:
            self._line.sendall(json.dumps(order).encode() + b"\n")
            pid, handles, *_ = socket.recv_fds(self._line, 8, 1)
        if not handles:
            raise OSError("nothing was forked")
        return Forked(int.from_bytes(pid, "big"), handles[0])

    def end(self) -> None:
        """Let it end, and with it its kernels."""
        self._line.close()
        self._process.wait()


def possible() -> bool:
    """Tell whether this system has descriptors of processes: Linux since 5.3."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def use(mould: Mould) -> None:
    """Let every kernel of this server that can be forked be forked."""
    from jupyter_client.provisioning.factory import KernelProvisionerFactory
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    class Forking(LocalProvisioner):
        """Forks a kernel of this Python; any other is started, and one whose mould has ended."""

        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            """Have one."""
            if cmd[1:3] != LAUNCHER:
                return await super().launch_kernel(cmd, **kwargs)
            folder = str(kwargs.get("cwd") or Path.cwd())
            order: Order = {"argv": cmd[2:], "env": kwargs["env"], "cwd": folder}
            try:
                forked: Any = await asyncio.to_thread(mould.fork, order)
            except OSError as error:
                self.log.warning("A kernel is started, not forked: %s", error)
                return await super().launch_kernel(cmd, **kwargs)
            self.process, self.pid, self.pgid, self.cwd = forked, forked.pid, forked.pid, folder
            return self.connection_info

    class Factory(KernelProvisionerFactory):
        """Makes provisioners."""

        def create_provisioner_instance(self, kernel_id: str, kernel_spec: Any, parent: Any) -> Any:
            """Make ours in the place of Jupyter's own."""
            found = super().create_provisioner_instance(kernel_id, kernel_spec, parent)
            if type(found) is LocalProvisioner:
                return Forking(kernel_id=kernel_id, kernel_spec=kernel_spec, parent=parent)
            return found

    Factory.instance()
