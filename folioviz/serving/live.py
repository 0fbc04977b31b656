"""Who may see the machine on which the dashboards are served: whoever has started the server with ``--live``.

The server makes up a token and tells it to its kernels alone, in their environment, and to the person who started it,
in the address that it prints. A page whose address has it shows the machine; every other page knows of none.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from typing import TYPE_CHECKING, Final

from folioviz.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME: Final = "FOLIOVIZ_LIVE"
"""The variable of a kernel's environment that holds the token; only a server of ours sets it."""
FIELD: Final = "live"
"""The field of an address that holds it."""
PAGE: Final = "running-machine.ipynb"
"""The notebook that shows the machine."""
BYTES: Final = 24


def forget() -> None:
    """Let no kernel that is started from now on know a token, whoever has set one."""
    os.environ.pop(NAME, None)


def begin(ip: str) -> str:
    """Make up a token for the kernels that are started from now on; return the page's address below the server's.

    Raises:
        LimitError: if the server would listen to other machines.
    """
    if not near(ip):
        raise LimitError.of(
            "--ip", ip, "localhost, 127.0.0.1 or ::1 with --live: nobody else may see this machine"
        )
    token = secrets.token_urlsafe(BYTES)
    os.environ[NAME] = token
    return f"voila/render/{PAGE}?{FIELD}={token}"


def near(ip: str) -> bool:
    """Tell whether an address, or all that a name stands for, is of this machine alone."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(ip, None)}
        return bool(ip) and all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)
    except (OSError, ValueError):
        return False


def allowed(fields: Mapping[str, str]) -> bool:
    """Tell whether an address has the token that this kernel was told."""
    token, asked = os.environ.get(NAME, ""), fields.get(FIELD, "")
    return bool(token) and secrets.compare_digest(token.encode(), asked.encode("utf-8", "replace"))
