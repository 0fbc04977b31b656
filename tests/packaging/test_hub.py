"""The two files of docs/serving.md for a JupyterHub, which `make test-hub` starts one with."""

from __future__ import annotations

import os
import runpy
import shlex
import subprocess
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.serving import serve
from tools import hub


def test_the_page_has_both_files_and_no_other():
    """Each is a block whose first comment is its name; with one gone, or named otherwise, there would be no hub."""
    assert list(hub.files()) == [hub.CONFIG, hub.SCRIPT]


def test_the_configuration_starts_the_script_with_settings_that_folioviz_takes(tmp_path, monkeypatch):
    """The spawner's command is the script's name, and what it sets are settings within their bounds."""
    spawner = SimpleNamespace()
    (tmp_path / hub.CONFIG).write_text(hub.files()[hub.CONFIG], encoding="utf-8")
    runpy.run_path(str(tmp_path / hub.CONFIG), {"c": SimpleNamespace(Spawner=spawner)})
    for name, value in spawner.environment.items():
        monkeypatch.setenv(name, value)
    found = serve.voila_settings(tmp_path)["VoilaKernelManager"]["kernel_pools_config"]

    assert spawner.cmd == [hub.SCRIPT]
    assert str(found[serve.FIRST]["pool_size"]) == spawner.environment.pop("FOLIOVIZ_POOL")
    assert str(serve.setting("FOLIOVIZ_STORIES", 1, 0, 10)) == spawner.environment.pop("FOLIOVIZ_STORIES")
    assert str(serve.setting("FOLIOVIZ_VISITORS", 40, 1, 1000)) == spawner.environment.pop(
        "FOLIOVIZ_VISITORS"
    )
    assert not spawner.environment


@pytest.mark.parametrize("prefix", ["/user/ann/", "/hub/user/ann%40b.org/"])
def test_the_script_calls_folioviz_with_what_it_knows(tmp_path, monkeypatch, prefix):
    """The user's path arrives whole at the command behind the dashes, which takes it."""
    for name, text in (
        (hub.SCRIPT, hub.files()[hub.SCRIPT]),
        ("jupyter-standaloneproxy", '#!/bin/sh\nprintf "%s\\n" "$@"\n'),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "JUPYTERHUB_SERVICE_PREFIX": prefix}
    done = subprocess.run([tmp_path / hub.SCRIPT], check=True, capture_output=True, text=True, env=env)
    words = done.stdout.split()
    called, asked = words[words.index("--") + 1 :], []
    monkeypatch.setattr(serve, "serve", lambda *given, **named: asked.append((given, named)))
    told = CliRunner().invoke(app, [word.format(port=1234) for word in called[1:]])

    assert (called[0], told.exit_code) == ("folioviz", 0), shlex.join(words)
    assert asked == [(("127.0.0.1", 1234), {"browser": False, "base": prefix, "live": False})]
