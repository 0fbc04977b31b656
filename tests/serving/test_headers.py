"""What answers tell a browser, and who may show pages in a frame."""

from __future__ import annotations

import pytest

from folioviz.errors import LimitError
from folioviz.serving.headers import frames, headers


def policy(others):
    """Return directive -> sources of the policy."""
    lines = headers(others)["Content-Security-Policy"].split("; ")
    return {name: rest.split() for name, _, rest in (line.partition(" ") for line in lines)}


def test_nothing_comes_from_another_server_and_no_text_becomes_code():
    """Only the server itself, what a page holds already and what it makes are sources; none is a host or a scheme."""
    sources = {one for name, found in policy("").items() for one in found}

    assert sources == {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    assert policy("")["default-src"] == ["'self'"]


@pytest.mark.parametrize("asked", ["", "*", "https://example.org http://*.example.org:8000"])
def test_who_may_frame_is_set_by_the_operator(monkeypatch, asked):
    """The server itself always may; nobody else by default, everybody with *, or the origins that are named."""
    monkeypatch.setenv("FOLIOVIZ_FRAMES", f" {asked} ")

    assert policy(frames())["frame-ancestors"] == ["'self'", *asked.split()]


@pytest.mark.parametrize(
    "asked", ["https://example.org; script-src *", "example.org", "* *", "'unsafe-inline'", "http://a " * 21]
)
def test_what_is_no_origin_is_told(monkeypatch, asked):
    """It could change the rest of the policy; the message names the variable, the value and what is allowed."""
    monkeypatch.setenv("FOLIOVIZ_FRAMES", asked)
    with pytest.raises(LimitError, match=r"FOLIOVIZ_FRAMES is .*: it must be \* or at most 20 origins"):
        frames()
