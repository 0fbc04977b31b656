"""tools/chromium.py, with scripts in the place of browsers."""

from __future__ import annotations

import pytest

from tools import chromium


@pytest.fixture
def put(tmp_path):
    """Return a function that puts a browser that starts, or does not, on a PATH of its own."""

    def put(name, *, starts):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho Chromium 1.2.3\nexit {0 if starts else 1}\n")
        path.chmod(0o755)
        return str(path)

    return put


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Nothing is downloaded or installed here."""
    monkeypatch.setattr(chromium, "playwrights_own", lambda: None)
    monkeypatch.setattr(chromium, "debians", lambda _env: None)


def test_the_named_browser_comes_first(put, tmp_path):
    """CHROMIUM wins over one on the PATH."""
    put("chromium", starts=True)
    named = put("mine", starts=True)

    assert chromium.chromium({"CHROMIUM": named, "PATH": str(tmp_path)}) == named


def test_a_named_browser_that_does_not_start_is_not_replaced(put, tmp_path, capsys):
    """Whoever names a browser is told that it is broken, and does not get another."""
    put("chromium", starts=True)
    named = put("mine", starts=False)

    assert chromium.chromium({"CHROMIUM": named, "PATH": str(tmp_path)}) is None
    assert "which does not start" in capsys.readouterr().err


def test_a_stub_on_the_path_is_passed_over(put, tmp_path):
    """Of the names on the PATH the first that starts is taken."""
    put("chromium", starts=False)
    second = put("chromium-browser", starts=True)

    assert chromium.chromium({"PATH": str(tmp_path)}) == second


def test_without_a_browser_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    """With none found and none to be had: status 1, advice on standard error, nothing on standard output."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert chromium.main() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "set CHROMIUM to the path of one" in err
