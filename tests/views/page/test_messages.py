"""What Python and the browser say to each other is what static/messages.d.ts says: the type checker reads real ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from folioviz import parse_line
from folioviz.files import scenario
from folioviz.files.scenario import Scenario
from folioviz.views import Explorer, Machine
from folioviz.views.page.screen import OWN, STATIC
from tools import npm

ROOT = Path(__file__).parents[3]
PROCESSES = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 3; fork 1"
SCENARIO = scenario.dumps(Scenario(parse_line("mm; mmap 1 0 64"), "own", kernels=("v6.5-rc3",)))
REPORTS = {
    "seek": 3,
    "step": 1,
    "stride": 12,
    "click": "do:more",
    "key": "End",
    "select": [1, 0, 4],
    "zoom": [0, 32],
    "look": ["lane", 1, 0],
    "count": "refcount",
    "kernel": ["B", "v6.5-rc3"],
    "play": False,
    "check": SCENARIO,
    "operation": "munmap 1 0 8",
    "edit": ["delete", 9, ""],
    "find": "guard",
    "dofind": "munmap",
    "asked": "scan none",
    "gone": "abc",
    "open": SCENARIO,
    "looks": "?read=code",
    "name": "Here",
    "mark": "op.1",
    "turn": "folio.1",
    "have": -1,
}
"""A report of each kind, each of which changes something."""


def typescript(value):
    """Return what JSON and bytes are in TypeScript."""
    if isinstance(value, bytes):
        return f"new DataView(new ArrayBuffer({len(value)}))"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}: {typescript(one)}" for name, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(typescript, value))}]"
    return json.dumps(value)


@pytest.fixture
def complaints(tmp_path):
    """Return a function that checks lines of TypeScript that know our types, and returns what is wrong with them."""

    def complaints(*lines):
        types = "FromPython, Look, OfMachine, Reports, State, ToPython"
        known = f"import type {{ {types} }} from {json.dumps(str(STATIC / 'messages'))};"
        (tmp_path / "said.ts").write_text("\n".join([known, *lines]))
        config = {"extends": str(ROOT / "tsconfig.json"), "include": ["said.ts"]}
        config["compilerOptions"] = {"noUnusedLocals": False}
        (tmp_path / "tsconfig.json").write_text(json.dumps(config))
        tsc = ROOT / "node_modules/.bin/tsc"
        assert tsc.exists(), "no type checker: `make lint` brings it"
        _, env = npm.npm(os.environ)
        done = subprocess.run(
            [tsc, "-p", tmp_path], check=False, capture_output=True, text=True, cwd=tmp_path, env=env
        )
        assert done.returncode == 0 or done.stdout, done.stderr
        return done.stdout.splitlines()

    return complaints


@pytest.fixture
def talk(monkeypatch):
    """Return an explorer with a fork in it, and the list of what it sends from now on."""
    explorer = Explorer()
    explorer.session.run(parse_line(PROCESSES), "v6.5-rc3", "v6.5-rc3+v4", "batched")
    sent = []
    monkeypatch.setattr(explorer.screen, "send", lambda content, _buffers=None: sent.append(content))
    monkeypatch.setattr(explorer.screen, "send_state", lambda names: sent.append({"state": names}))
    return explorer, sent


def hear(explorer, report):
    """Let the browser say something."""
    explorer.screen._handle_custom_msg(report, [])


def test_what_python_sends_is_what_the_browser_expects(talk, complaints):
    """All that is said while everything is asked for: changes, tooltips, files; and the state at a view's start."""
    explorer, sent = talk
    whole = explorer.screen.get_state()
    for name, value in REPORTS.items():
        if name != "have":
            hear(explorer, {name: value})
    hear(explorer, {"click": "do:savescenario"})
    hear(explorer, {"click": "do:mail"})
    lines = [f"export const said{k}: FromPython = {typescript(one)};" for k, one in enumerate(sent)]
    state = {name: whole[name] for name in (*OWN, "heard")}
    lines.append(f"export const state: State = {typescript(state)};")

    assert {name for one in sent for name in one} == {
        "serial",
        "parts",
        "data",
        "binary",
        "tip",
        "file",
        "mail",
    }
    assert {re.sub(r"\d+", "N", name) for one in sent for name in one.get("binary", ())} == {
        "lane:N:A",
        "lane:N:B",
        "over:N",
    }
    assert complaints(*lines) == []


def test_what_the_browser_may_report_is_heard(talk, complaints):
    """Python does something at a report of each kind that the types allow; they allow no other kind."""
    explorer, sent = talk
    for name, value in REPORTS.items():
        explorer.transport.play_to(explorer.session.frame.last)
        sent.clear()
        hear(explorer, {name: value})

        assert sent, name
    assert complaints(f"export const reports: Reports = {typescript(REPORTS)};") == []


def test_what_a_running_machine_says_is_what_is_expected(complaints, monkeypatch):
    """Its changes, tooltips and files, its state, and what its page reports."""
    machine, sent = Machine(), []
    monkeypatch.setattr(machine.screen, "send", lambda content, _buffers=None: sent.append(content))
    state = {name: machine.screen.get_state()[name] for name in (*OWN, "heard")}
    reports = {"cell": [2, 3], "capture": "none\n"}
    asked = {"look": ["block", 1, 9], "click": "do:saveregions", "check": "{}"}
    for name, value in (reports | asked).items():
        machine.heard({name: value})
    lines = [f"export const said{k}: FromPython = {typescript(one)};" for k, one in enumerate(sent)]
    lines += [
        f"export const state: State = {typescript(state)};",
        f"export const reports: OfMachine = {typescript(reports)};",
        f"export const asked: Pick<Reports, 'look' | 'click' | 'check'> = {typescript(asked)};",
    ]

    assert {"serial", "tip", "file"} <= {name for one in sent for name in one}
    assert complaints(*lines) == []


WRONG = (
    ("FromPython", {"serial": 1, "parts": {}, "data": {}}),
    ("FromPython", {"serial": 1, "parts": {"a": {"set": {}}}, "data": {}, "binary": []}),
    ("FromPython", {"serial": 1, "parts": {}, "data": {"nothing": 1}, "binary": []}),
    ("FromPython", {"tip": None}),
    ("State", {"parts": {"a": {"": "<p></p>"}}, "data": {}, "serial": 0, "heard": []}),
    ("ToPython", {"seek": "3"}),
    ("ToPython", {"step": -1}),
    ("ToPython", {"kernel": ["C", "v6.5-rc3"]}),
    ("ToPython", {"look": ["lane", 1]}),
    ("ToPython", {"nothing": 1}),
    ("ToPython", {"numbers": 1}),
    ("ToPython", {"cell": [1]}),
    ("ToPython", {"look": ["block", 1]}),
)
"""(type, message that is none): each lacks something, has too much, or the wrong thing."""


def test_the_types_refuse_what_is_not_said(complaints):
    """The two tests above would notice each of these."""
    lines = [f"export const said{k}: {kind} = {typescript(one)};" for k, (kind, one) in enumerate(WRONG)]
    found = complaints(*lines)

    assert len({line.split(",")[0] for line in found if line.startswith("said.ts(")}) == len(WRONG), found
