"""What the server's log leaves out."""

from __future__ import annotations

import logging

import pytest

from folioviz.errors import LimitError
from folioviz.serving import log

LET_THROUGH = [
    ("Server", 'Received message of type "execute_request", which is not allowed. Ignoring.'),
    ("Server", "Blocking Cross Origin WebSocket Attempt.  Origin: x, Host: y"),
    ("tornado.access", "403 POST /voila/api/shutdown/x (127.0.0.1) 1.00ms"),
    ("tornado.access", "400 GET /voila/render/explorer.ipynb (127.0.0.1) 1.00ms"),
    ("tornado.access", "500 GET / (127.0.0.1) 1.00ms"),
    ("asyncio", "404 is no address here"),
]
LEFT_OUT = [
    ("Server", "Notebook 02-spurious-visit.ipynb is not trusted"),
    ("tornado.general", "404 GET /nothing (127.0.0.1): nothing is at /nothing"),
    ("tornado.access", "404 GET /nothing (127.0.0.1) 3.39ms"),
    (
        "tornado.general",
        "The websocket_ping_timeout (90000) cannot be longer than the websocket_ping_interval (30000).",
    ),
]


def record(name, text, level=logging.WARNING):
    """Make a message."""
    return logging.LogRecord(name, level, "", 0, text, (), None)


def test_what_is_refused_is_logged_and_what_is_harmless_is_not():
    """By logger and kind of message; an error is always told, whatever it says."""
    assert [log.needed(record(*one)) for one in LET_THROUGH] == [True] * len(LET_THROUGH)
    assert [log.needed(record(*one)) for one in LEFT_OUT] == [False] * len(LEFT_OUT)
    assert all(log.needed(record(*one, logging.ERROR)) for one in LEFT_OUT)


def test_the_level_is_asked_for_by_name(monkeypatch):
    """Warnings by default; an unknown name is told, with those that there are."""
    monkeypatch.delenv("FOLIOVIZ_LOG", raising=False)
    default = log.level()
    monkeypatch.setenv("FOLIOVIZ_LOG", "info")
    assert (default, log.level()) == (logging.WARNING, logging.INFO)
    monkeypatch.setenv("FOLIOVIZ_LOG", "loud")
    with pytest.raises(LimitError, match=r"FOLIOVIZ_LOG is .*loud.* warning, info, debug"):
        log.level()
