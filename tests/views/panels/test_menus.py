"""Share and export: links and files of what is on the screen, and opening them again."""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest
from typer.testing import CliRunner

from folioviz import parse_line
from folioviz.cli import app
from folioviz.compare.mail import mail
from folioviz.files import scenario
from folioviz.views import Explorer
from folioviz.views.panels.links import shown
from folioviz.views.panels.menus import FILES

A, B = "v6.5-rc3+v4.1", "v6.5-rc3+v4"
OWN = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 3; fork 1"


@pytest.fixture
def explorer():
    """Return an explorer with operations of its own, somewhere in the middle."""
    made = Explorer()
    made.session.run(parse_line(OWN), "v6.5-rc3", A, "none")
    made.session.seek(70)
    return made


def saved(explorer, what, monkeypatch):
    """Return the (name, text) of the file that a button saves."""
    sent = []
    monkeypatch.setattr(
        explorer.screen, "send", lambda content, buffers=None: sent.append((content, buffers))
    )
    explorer.events.heard({"click": f"do:save{what}"})
    [(content, [data])] = [(content, buffers) for content, buffers in sent if "file" in content]
    return content["file"], data.decode()


def moment(explorer):
    """Return what a link or a file must bring back."""
    return shown(explorer.session.frame)


def test_a_link_reopens_kernels_operations_and_step(explorer):
    """The browser adds the position to the link that it was given; a whole address works, too."""
    query = f"{explorer.screen._data['link']['query']}&at={explorer.session.history.position}"

    assert moment(Explorer(link=query)) == moment(explorer)
    assert moment(Explorer(link=f"https://example.org/x?{query}")) == moment(explorer)


def test_the_link_of_a_scenario_names_it():
    """What is of the library needs no packing, as long as nothing else was done."""
    explorer = Explorer(link="scenario=order-1&a=v6.5-rc3&at=12")
    before = explorer.screen._data["link"]["query"]
    explorer.events.heard({"click": "act:mm"})
    explorer.events.heard({"click": "do:branch"})

    assert before == "scenario=order-1&a=v6.5-rc3&b=none"
    assert explorer.screen._data["link"]["query"].startswith("s=")


def test_a_link_that_cannot_be_opened_says_why():
    """The explorer opens as ever, with the reason below its bar."""
    explorer = Explorer(link="?s=broken")

    assert "This link cannot be opened: the link&#39;s s is" in explorer.bar.said.value
    assert explorer.session.opened.name == "first-look"


def test_a_history_too_long_for_a_link_says_so(explorer):
    """There is no link then, but a reason."""
    explorer.session.run(
        parse_line("; ".join(["mm", *(f"mmap 1 {n * 7919 % 262144} 1" for n in range(1900))])), A
    )

    assert explorer.screen._data["link"]["query"] == ""
    assert "save a file instead" in explorer.screen._data["link"]["why"]


def test_the_link_is_sent_only_when_it_changes(explorer, monkeypatch):
    """A step of the playhead sends none."""
    sent = []
    monkeypatch.setattr(explorer.screen, "send", lambda content, buffers=None: sent.append(content))
    explorer.session.step(1)

    assert sent
    assert all("link" not in content["data"] for content in sent)


def test_a_saved_scenario_opens_again(explorer, monkeypatch):
    """The file holds kernels, mode, operations and the playhead."""
    name, text = saved(explorer, "scenario", monkeypatch)
    other = Explorer()
    other.events.heard({"open": text})

    assert name == "scenario.yaml"
    assert scenario.loads(text) == moment(explorer) == moment(other)


def test_the_report_is_of_all_that_was_done(explorer, monkeypatch):
    """72 columns at most, both kernels."""
    name, text = saved(explorer, "report", monkeypatch)

    assert name == "report.txt"
    assert max(map(len, text.splitlines())) <= 72
    assert "fork 1" in text
    assert all(label in text for label in ("A  v6.5-rc3", "B  v4 1/3"))


def test_the_folios_are_those_of_this_step(explorer, monkeypatch):
    """A page dump of every folio of every kernel."""
    _, text = saved(explorer, "folios", monkeypatch)
    sides = explorer.session.frame.sides

    assert text.count("\n# folio ") == text.count("\npage:folio") == sum(len(side.folios) for side in sides)
    assert all(f"# {side.kernel.label}, after row {side.row}" in text for side in sides)


def test_the_trace_is_of_what_the_timeline_shows(explorer, monkeypatch):
    """The operation under the playhead, or the whole history."""
    _, one = saved(explorer, "trace", monkeypatch)
    explorer.session.selection.show_whole(True)
    _, everything = saved(explorer, "trace", monkeypatch)
    operations = [
        {row["operation"] for row in csv.DictReader(io.StringIO(text))} for text in (one, everything)
    ]

    assert operations == [{str(explorer.session.frame.index + 1)}, {"1", "2", "3", "4", "5"}]
    assert {row["kernel"] for row in csv.DictReader(io.StringIO(one))} == {"v6.5-rc3", A}


@pytest.mark.parametrize("what", FILES)
def test_nothing_to_save_is_no_error(what, monkeypatch):
    """At the very beginning of an empty history every file can be made."""
    explorer = Explorer()
    explorer.session.run((), A, B)

    assert saved(explorer, what, monkeypatch)[0] == FILES[what][0]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("ops: [melt 1 0]", "ops"),
        ("{", "not JSON"),
        ("ops: " + "x" * 300_000, "262144 bytes"),
        ("kernels: [a]\nops: [mm]", "no kernel"),
        ("\x00\x01", "not YAML"),
        ("", "the document is"),
    ],
    ids=["an operation", "half", "too long", "a kernel", "bytes", "nothing"],
)
def test_a_file_that_is_no_scenario_changes_nothing(explorer, document, reason):
    """The reason stands below the bar."""
    before = moment(explorer)
    explorer.events.heard({"open": document})

    assert reason in explorer.session.messages["scenario"]
    assert moment(explorer) == before


@pytest.mark.parametrize(
    "content", [{"open": 3}, {"open": None}, {"open": ["x"]}, {"click": "do:savenothing"}]
)
def test_what_is_no_text_is_ignored(explorer, content):
    """A browser can send anything."""
    before = moment(explorer)
    explorer.events.heard(content)

    assert moment(explorer) == before
    assert explorer.session.messages == {}


def test_choosing_the_others_kernel_swaps_them(explorer):
    """The same kernel twice would compare nothing."""
    explorer.session.choose(0, A)

    assert explorer.session.history.kernels == (A, "v6.5-rc3")


def test_the_command_for_a_shell_works_as_it_is_printed(explorer):
    """What echo prints goes to `folioviz run`, with its options: the same kernels and costs as on the screen."""
    shell = explorer.screen.get_state()["data"]["link"]["shell"]
    text, _, command = shell.removeprefix("echo '").partition("' | ")
    words = shlex.split(command)
    done = CliRunner().invoke(app, [*words[1:], "--format", "json"], input=text)
    found = json.loads(done.output)

    assert words[0] == "folioviz"
    assert found["kernels"] == ["v6.5-rc3", A]
    assert found["mmu_gather"] == "none"
    assert [one["op"] for one in found["steps"]] == OWN.split("; ")


def test_a_pasted_text_is_told_and_changes_nothing(explorer):
    """What it holds, or what is wrong with it, stands in the menu; the history is what it was."""
    before = moment(explorer)
    for text, said in (
        ("", "Nothing yet"),
        ("mm; mmap 1 0", "operation 2: &#39;mmap 1 0&#39; has 2 arguments"),
        (OWN, "5 operations under v4 1/3 and v4, mmu_gather batched"),
        (mail(shown(explorer.session.frame)), "5 operations under v6.5-rc3 and v4 1/3, mmu_gather none"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("Rss:  2048 kB\nPss:  2048 kB\nAnonHugePages:  2048 kB", "no operations: <a"),
    ):
        explorer.events.heard({"check": text})
        assert said in explorer.screen._now["pasted"][""]
    assert moment(explorer) == before


def test_the_page_is_called_by_what_it_shows(explorer):
    """Its title names the kernels and what all came to; a caption below a picture names the last operations."""
    link = explorer.screen.get_state()["data"]["link"]

    told = "A queues no folio; B queues folio 1"
    assert link["title"] == f"your own operations · v6.5-rc3 | v4 1/3: {told} – folioviz"
    assert link["caption"].endswith(f"mmu_gather none · {OWN}")
