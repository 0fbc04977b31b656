"""The process that kernels are forked from: it has run a notebook once, so that a fork of it has nothing to load.

``python -m folioviz.serving.mould NOTEBOOK`` is started by :mod:`folioviz.serving.forks`, and asked through a socket
that is its standard input: a line of JSON, an :class:`Order`, for each kernel. It answers with the kernel's process, as
number and as descriptor, and ends when the socket does. Its kernels end with it.
"""

from __future__ import annotations

import code
import gc
import json
import os
import signal
import socket
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TypedDict

AHEAD = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
)
"""What every kernel loads before it runs anything."""


class Order(TypedDict):
    """What a kernel is started with."""

    argv: list[str]
    env: dict[str, str]
    cwd: str


class _Quiet(code.InteractiveInterpreter):
    """Runs code, and stops at what goes wrong without a word: the kernel itself will say it."""

    failed = False

    def showtraceback(self) -> None:
        """Note that it went wrong."""
        self.failed = True


def rehearse(notebook: Path) -> None:
    """Load what a kernel needs, and run a notebook's code until something goes wrong; no widget of it stays."""
    for name in AHEAD:
        with suppress(ImportError):
            import_module(name)
    runs = _Quiet({"__name__": "__main__"})
    unheard = StringIO()
    wrong = suppress(OSError, ValueError, KeyError, TypeError, SyntaxError)
    with wrong, redirect_stdout(unheard), redirect_stderr(unheard):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code" and not runs.failed:
                runs.runcode(compile("".join(cell["source"]), str(notebook), "exec"))
    if widgets := sys.modules.get("ipywidgets"):
        widgets.Widget.close_all()
    runs.locals.clear()
    gc.collect()
    gc.freeze()  # what is here is shared with the forks: no collection is to write on it


def become(order: Order) -> None:
    """Run the kernel that was asked for, in this process, until it ends."""
    parent = os.getppid()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ |= order["env"]
    # It ends with the mould, and the mould with the server. JPY_PARENT_PID would say so, but was read long ago.
    sys.argv = [*order["argv"], f"--IPKernelApp.parent_handle={parent}"]
    if (
        "ipywidgets" in sys.modules
    ):  # when it was loaded there was no kernel that it could have told what it answers
        sys.argv += ["--InteractiveShellApp.extensions=ipywidgets"]
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


def serve(line: socket.socket) -> Order | None:
    """Fork for each order that comes; return it in the fork, and None in the mould when there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that have ended
    orders = line.makefile("rb")
    for text in orders:
        pid = os.fork()
        if pid == 0:
            orders.close()
            line.close()
            order: Order = json.loads(text)
            return order
        handles = []
        with suppress(ProcessLookupError):  # it has ended at once
            handles.append(os.pidfd_open(pid))
        socket.send_fds(line, [pid.to_bytes(8, "big")], handles)
        for handle in handles:
            os.close(handle)
    return None


def main() -> None:
    """Load, then fork."""
    line = socket.socket(fileno=os.dup(0))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    rehearse(Path(sys.argv[1]))
    if threading.active_count() > 1:
        sys.exit("mould: a notebook has started threads, which do not survive a fork")
    order = serve(line)
    if order:
        become(order)


if __name__ == "__main__":
    main()
