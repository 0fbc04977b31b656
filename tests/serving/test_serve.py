"""The servers' settings, and query strings."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from voila.app import Voila
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from folioviz import extras
from folioviz.errors import LimitError, MissingError
from folioviz.serving import forks, serve
from folioviz.serving.server import server


def test_a_page_that_is_not_preheated_knows_its_query(monkeypatch):
    """Voila puts the query string into the kernel's environment; in JupyterLab there is none."""
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    monkeypatch.delenv("QUERY_STRING", raising=False)
    before = serve.query()
    monkeypatch.setenv("VOILA_PREHEAT", "False")
    monkeypatch.setenv("QUERY_STRING", "step=3")

    assert [{}, {"step": "3"}] == [before, serve.query()]


def test_a_preheated_page_without_a_server_asks_for_nothing(monkeypatch):
    """If Voila cannot be reached, the page opens as it is."""
    monkeypatch.setenv("VOILA_PREHEAT", "True")
    monkeypatch.setenv("VOILA_APP_PORT", "1")

    assert serve.query() == {}


@pytest.mark.parametrize("value", ["-1", "51", "two", "", "1e1", "9" * 20])
def test_an_impossible_pool_is_told(tmp_path, monkeypatch, value):
    """The message names the variable, the value and the bound."""
    monkeypatch.setenv("FOLIOVIZ_POOL", value)
    with pytest.raises(LimitError, match=r"FOLIOVIZ_POOL is .* 0 to 50"):
        serve.voila_settings(tmp_path)


def test_the_explorer_alone_is_kept_ready(tmp_path, monkeypatch):
    """Two kernels by default, as many as asked for otherwise; none for the other notebooks."""
    monkeypatch.delenv("FOLIOVIZ_POOL", raising=False)
    first = serve.voila_settings(tmp_path)["VoilaKernelManager"]["kernel_pools_config"]
    monkeypatch.setenv("FOLIOVIZ_POOL", "5")
    then = serve.voila_settings(tmp_path)["VoilaKernelManager"]["kernel_pools_config"]

    assert first == {"default": {"pool_size": 0}, "explorer.ipynb": {"pool_size": 2}}
    assert then["explorer.ipynb"] == {"pool_size": 5}


@pytest.mark.parametrize(
    ("path", "base"), [("/", "/"), ("//", "/"), ("/x", "/x/"), ("/user/ann%40b.org/", "/user/ann%40b.org/")]
)
def test_a_base_has_a_slash_at_both_ends(path, base):
    """As Voila wants it, however it is given."""
    assert serve.base_of(path) == base


@pytest.mark.parametrize(
    "path", ["", "x", "/a//b", "/../x", "/a b", "/a?b", "/<b>", "/ä", "/a\n", "/" + "x" * 200]
)
def test_a_path_that_is_no_base_is_told(path):
    """The message names the option, the value and what is allowed, before anything is looked for."""
    with pytest.raises(LimitError, match=r"--base-url is .*: it must be a path like /user/ann/"):
        serve.serve("127.0.0.1", 0, browser=False, base=path)


def test_what_is_not_installed_is_told(monkeypatch):
    """Each server names its packages and the extra that brings them, before it looks at anything else."""
    monkeypatch.setitem(extras.MODULES, "serve", ("json", "no_such_package"))
    monkeypatch.setitem(extras.MODULES, "lab", ("no_such_lab", "json"))
    with pytest.raises(MissingError, match=r"serve needs no_such_package: pip install 'folioviz\[serve\]'"):
        serve.serve("127.0.0.1", 0, browser=False)
    with pytest.raises(MissingError, match=r"lab needs no_such_lab: pip install 'folioviz\[lab\]'"):
        serve.check("lab", "127.0.0.1", 0)


@pytest.mark.parametrize("start", ["serve", "lab"])
def test_a_server_starts_without_grammars_that_it_does_not_need(start, tmp_path, monkeypatch):
    """The module that compiles them as it is imported is not there; jsonschema does without."""
    told = []

    class Server:
        @staticmethod
        def launch_instance(**_more):
            with pytest.raises(ImportError) as caught:
                import_module("rfc3987_syntax")
            told.append(caught.value.name)

    monkeypatch.setitem(sys.modules, "rfc3987_syntax", None)
    monkeypatch.delitem(sys.modules, "rfc3987_syntax")
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", SimpleNamespace(LabApp=Server))
    monkeypatch.setattr("folioviz.serving.server.server", lambda *_: Server)
    monkeypatch.setattr(forks, "possible", lambda: False)
    for path in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        monkeypatch.setenv(path, "")
    more = {"root": False} if start == "lab" else {}
    getattr(serve, start)("127.0.0.1", 0, browser=False, folder=tmp_path, **more)

    assert told == ["rfc3987_syntax"]


def test_no_message_to_a_page_waits_for_the_one_before(monkeypatch):
    """Sockets send small messages at once (TCP_NODELAY), as the server's own handler for pages opens them."""
    done = []

    async def opens(_self, kernel):
        done.append(kernel)

    monkeypatch.setattr(VoilaKernelWebsocketHandler, "open", opens)
    monkeypatch.setattr(Voila, "init_handlers", lambda _self: [("/kernel", VoilaKernelWebsocketHandler, {})])
    running = server(1, {})()
    running.app = SimpleNamespace(listen=None, add_transform=lambda _: None)
    running.server_url, running.voila_configuration = "/", None
    (kind,) = [one[1] for one in running.init_handlers() if one[0] == "/kernel"]
    handler = object.__new__(kind)
    handler.set_nodelay = done.append
    asyncio.run(handler.open("this kernel"))

    assert done == [True, "this kernel"]
