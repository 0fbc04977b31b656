"""Give up every privilege, and see that none is left. What was opened before can still be read."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

from folioviz.errors import LiveError

NOBODY: Final = 65534
PR_SET_KEEPCAPS: Final = 8
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
CAPABILITY_VERSION_3: Final = 0x20080522
MOST_CAPABILITIES: Final = 64
NONE_LEFT: Final = ("CapInh", "CapPrm", "CapEff", "CapAmb")


def invoker() -> tuple[int, int] | None:
    """Return the user and the group that called sudo; None if nobody did."""
    if os.geteuid() != 0:
        return None
    ids = [os.environ.get(name, "") for name in ("SUDO_UID", "SUDO_GID")]
    if not all(text.isascii() and text.isdigit() and 0 < int(text) < 2**32 - 1 for text in ids):
        return None
    return int(ids[0]), int(ids[1])


def drop() -> None:
    """Become the user who called sudo, or nobody, for good: no capability is left, and none can be gained.

    Raises:
        LiveError: if something is left all the same.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        user, group = invoker() or (NOBODY, NOBODY)
        for capability in range(MOST_CAPABILITIES):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        libc.prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)
        try:
            os.setgroups([])
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
        except OSError as error:
            raise LiveError(f"privileges could not be dropped: {error.strerror}") from None
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    left = remaining()
    if left:
        raise LiveError(f"privileges could not be dropped: {left} of this process")


def remaining() -> str:
    """Return which privileges this process has, '' if none: root's ids, capabilities, or a way to gain some."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    )
    found = [f"{name} {status[name].strip()}" for name in NONE_LEFT if int(status.get(name, "0"), 16)]
    found += [f"{name} 0" for name in ("Uid", "Gid") if "0" in status[name].split()]
    found += [] if status["NoNewPrivs"].strip() == "1" else ["NoNewPrivs 0"]
    return ", ".join(found)


def sudo_line(arguments: list[str]) -> str:
    """Return the command line that runs folioviz as root with the same arguments."""
    import shlex

    return shlex.join(["sudo", sys.executable, "-m", "folioviz", *arguments])
