"""What the server says: its address, and then what somebody must act on."""

from __future__ import annotations

import logging
import os
import re

from folioviz.errors import LimitError

LEVELS = {"warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}
HARMLESS = {
    "Server": (
        r"Notebook \S+ is not trusted$",  # nothing of it is shown before it has run
        r"404 ",  # an address that is none: the visitor is told
    ),
    "tornado.access": (r"404 ",),
    "tornado.general": (
        r"404 ",
        # Jupyter's default; a shorter one ends connections whose last pong is as old as the pause between two pings.
        r"The websocket_ping_timeout \(\d+\) cannot be longer",
    ),
}
"""Logger -> beginnings of warnings that are no fault and ask for nothing; all other warnings are let through."""


def level() -> int:
    """Return from which level on messages are shown, as FOLIOVIZ_LOG says it: "warning" by default.

    Raises:
        LimitError: if it is none.
    """
    asked = os.environ.get("FOLIOVIZ_LOG", "warning")
    if asked not in LEVELS:
        raise LimitError.of("FOLIOVIZ_LOG", asked, f"one of {', '.join(LEVELS)}")
    return LEVELS[asked]


def needed(record: logging.LogRecord) -> bool:
    """Tell whether somebody may have to act on a message."""
    if record.levelno != logging.WARNING:
        return True
    text = record.getMessage()
    return not any(re.match(one, text) for one in HARMLESS.get(record.name, ()))


def quieten() -> None:
    """Drop what is harmless from what the server's own loggers say."""
    for name in HARMLESS:
        logger = logging.getLogger(name)
        if needed not in logger.filters:
            logger.addFilter(needed)
