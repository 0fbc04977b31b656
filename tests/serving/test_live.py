"""Who sees the machine that serves: whoever started the server with --live, and nobody else."""

from __future__ import annotations

import os

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.errors import LimitError
from folioviz.serving import live, serve
from folioviz.views import Machine
from folioviz.views.machine_panels import live as panel
from tests.boards import on_page


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    """Begin without a token, and leave none behind."""
    monkeypatch.setenv(live.NAME, "")
    monkeypatch.delenv(live.NAME)


@pytest.fixture
def started(monkeypatch):
    """Return what starts a server that ends at once, and what its kernels and its printed address know then."""
    known = []

    class Ended:
        def launch_instance(self, **_):
            known.append(os.environ.get(live.NAME))

    def server(_visitors, _later, page="", _framers=""):
        known.append(page)
        return Ended()

    monkeypatch.setattr("folioviz.serving.server.server", server)
    monkeypatch.setattr(serve.forks, "possible", lambda: False)
    monkeypatch.setattr(serve, "check", lambda *_: None)
    for path in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        monkeypatch.setenv(path, os.environ.get(path, ""))

    def start(**how):
        known.clear()
        serve.serve(how.pop("ip", "localhost"), 1, browser=False, **how)
        return known

    return start


def test_the_kernels_and_the_one_who_started_it_know_the_token(started):
    """It is a new one each time, and no other page has it."""
    tokens = []
    for _ in range(2):
        page, token = started(live=True)
        tokens.append(token)
        assert page == f"voila/render/running-machine.ipynb?live={token}"

    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 32


def test_without_live_no_kernel_knows_a_token(started, monkeypatch):
    """Not even one that the environment of the server had."""
    monkeypatch.setenv(live.NAME, "from elsewhere")

    assert started() == ["", None]


@pytest.mark.parametrize("ip", ["::", "*", "", "192.0.2.1", "no such name"])
def test_it_is_refused_where_others_reach_the_server(started, ip):
    """The message names the option, the value and what is allowed; no token is made."""
    with pytest.raises(LimitError, match=r"--ip is .*with --live"):
        started(live=True, ip=ip)

    assert live.NAME not in os.environ


@pytest.mark.parametrize("ip", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_is_near(ip):
    """By name and by number."""
    assert live.near(ip)


@pytest.mark.parametrize(
    "fields", [{}, {"live": ""}, {"live": "other"}, {"live": "tokeñ"}, {"live": "token "}]
)
def test_a_page_without_the_token_knows_of_no_machine(monkeypatch, fields):
    """Nothing of it is on the page, and no message of a visitor's gets at it."""
    monkeypatch.setenv(live.NAME, "token")
    machine = Machine()
    machine.follow(fields)
    before = machine.screen.get_state()
    for click in ("do:tick", "do:processes", f"pid:{os.getpid()}"):
        machine.heard({"click": click})

    assert machine.live is None
    assert machine.screen.get_state() == before
    assert not {"live", "livehead", "processes"} & set(on_page(machine))


def test_where_no_token_was_made_none_is_right(monkeypatch):
    """Neither an empty one nor a missing one."""
    assert not live.allowed({"live": ""})
    monkeypatch.setenv(live.NAME, "")
    assert not live.allowed({"live": ""})
    assert not live.allowed({})


@pytest.fixture
def mine(monkeypatch):
    """Return a page whose address has the token; time stands still."""
    monkeypatch.setenv(live.NAME, "token")
    now = [0.0]
    monkeypatch.setattr(panel.time, "monotonic", lambda: now[0])
    machine = Machine()
    machine.follow({"live": "token"})
    return machine, now


def test_with_the_token_counters_tick(mine):
    """One sample a second, no more however often a page asks; the kernel's words, and what the estimate is blind to."""
    machine, now = mine
    taken = machine.live.series.taken
    for _ in range(5):
        machine.heard({"click": "do:tick"})
    same = machine.live.series.taken
    now[0] += 1
    machine.heard({"click": "do:tick"})
    page = on_page(machine)

    assert (same - taken, machine.live.series.taken - same) == (0, 1)
    assert machine.screen._data["ticked"] == machine.live.series.taken
    assert "data-ticks" in page["livehead"]
    assert "<polyline" in page["live"]
    assert "The estimate needs no root" in page["live"]


def test_ones_own_processes_are_listed_and_captured(mine):
    """The page then shows the memory of the one that was pressed; one that is not listed is refused in words."""
    machine, _ = mine
    machine.live.processes = [panel.Listed(os.getpid(), "<me>", 1)]
    machine.heard({"click": f"pid:{os.getpid()}"})
    captured = on_page(machine)
    machine.heard({"click": "pid:1234567"})

    assert f"&lt;me&gt; ({os.getpid()})" in captured["what"]
    assert machine.look.taken.regions.mapped.sum() > 1000
    assert "process 1234567 is not in the list" in on_page(machine)["said"]


def test_only_ones_own_processes_are_listed(tmp_path):
    """By anonymous memory; threads of the kernel, which have none, and what ends meanwhile are left out."""
    for pid, text in ((7, "RssAnon:\t 40 kB\n"), (8, "RssAnon:\t 80 kB\n"), (9, "Name: kthread\n")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "status").write_text(text)
    (tmp_path / "10").mkdir()

    assert [(one.pid, one.pages) for one in panel.processes(tmp_path)] == [(8, 20), (7, 10)]


def test_a_machine_without_linux_says_so(monkeypatch):
    """The page stays as it was, with a sentence."""
    monkeypatch.setenv(live.NAME, "token")
    monkeypatch.setattr("folioviz.watch.counters.sys.platform", "darwin")
    machine = Machine()
    machine.follow({"live": "token"})

    assert machine.live is None
    assert "this is darwin" in on_page(machine)["said"]


def test_the_command_hands_it_on(monkeypatch):
    """`folioviz serve --live` asks for it; without, nobody does."""
    asked = []
    monkeypatch.setattr(serve, "serve", lambda *_, **more: asked.append(more["live"]))
    for words in (["serve"], ["serve", "--live"]):
        CliRunner().invoke(app, words)

    assert asked == [False, True]
