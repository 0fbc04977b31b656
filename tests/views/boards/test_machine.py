"""The dashboard of a running machine: what a browser says changes what is looked at, or is told, or is ignored."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError
from folioviz.views import Machine
from folioviz.views.page.screen import style
from tests.boards import on_page
from tests.views.machine_panels import captures

REFUSED = ("svc.json.gz\n", "svc.json.gz\n!!", "svc.json.gz\nAAAA", "", "\n")


@pytest.fixture
def machine():
    """Return the dashboard as a visitor has it at first."""
    return Machine()


def test_a_newcomer_sees_an_example_and_how_to_make_ones_own(machine):
    """It says that it is one, in one sentence with the command."""
    page = on_page(machine)

    assert "an example capture" in page["what"]
    assert (
        "An example. Yours: <code>sudo folioviz capture PID -o FILE</code>, then drop FILE here."
        in page["figures"]
    )
    assert all(page[name] for name in ("heat", "regions", "chosen", "folios", "counters", "legend", "menus"))


def test_a_file_that_is_dropped_is_shown(machine):
    """All of the page is of it, and nothing says that it is an example."""
    machine.heard({"capture": captures.sent()})
    page = on_page(machine)

    assert "svc.json.gz" in page["what"]
    assert "An example" not in page["figures"]
    assert "1.64 MiB" in page["figures"]
    assert "Region 2, block 1" in page["chosen"]
    assert 'data-cells="96*1,416*0"' in page["folios"]
    assert machine.screen._data["captured"] == "svc.json.gz"


@pytest.mark.parametrize("text", REFUSED)
def test_a_bad_file_changes_nothing_and_is_told(machine, text):
    """Neither what is shown nor what is selected; the sentence goes when it is sent away."""
    machine.heard({"cell": [2, 3]})
    before = on_page(machine)
    machine.heard({"capture": text})
    page = on_page(machine)

    assert "Not opened: " in page["said"]
    assert page | {"said": ""} == before | {"said": ""}
    machine.heard({"key": "Escape"})
    assert "Not opened" not in on_page(machine)["said"]


def test_cells_regions_and_orders_are_selected(machine):
    """By cell, by name, by key of the menu; the link holds it."""
    machine.heard({"cell": [2, 3]})
    cell = on_page(machine)["chosen"]
    machine.heard({"click": "region:1"})
    machine.heard({"click": "do:address"})

    assert "Region 2, block 3" in cell
    assert ">Region 1<" in on_page(machine)["chosen"]
    assert machine.screen._data["link"]["query"].startswith("at=1&sort=address")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"cell": [True, 0]},
        {"cell": [1]},
        {"cell": "1.1"},
        {"click": "region:" + "9" * 99},
        {"click": "region:²"},
        {"click": "do:"},
        {"click": "act:munmap"},
        {"look": ["block", 1, None]},
        {"look": ["card", "A", 1.5, 0]},
        {"look": []},
        {"capture": 1},
        {"key": "x"},
    ],
)
def test_what_is_not_understood_is_ignored(machine, content):
    """Nothing is shown otherwise than before, and nothing is raised."""
    before = machine.screen.get_state()
    machine.heard(content)

    assert machine.screen.get_state() == before


def test_a_cell_that_is_not_there_is_told(machine):
    """With what there is."""
    machine.heard({"cell": [99, 0]})

    assert "the region is 99: it must be 1 to 5" in on_page(machine)["said"]


def test_files_are_saved(machine, monkeypatch):
    """Regions, blocks and the capture itself, which opens again."""
    files = {}
    monkeypatch.setattr(
        machine.screen, "send", lambda content, buffers=(): files.update({content.get("file"): buffers})
    )
    for name in ("regions", "blocks", "capture"):
        machine.heard({"click": f"do:save{name}"})

    assert files["regions.csv"][0].startswith(b"region,process,pages")
    assert files["blocks.csv"][0].startswith(b"region,block,first_page")
    assert captures.read(files["capture.json.gz"][0]).about == machine.look.taken.capture.about


def test_a_notebook_shows_a_file_of_its_own(tmp_path):
    """By its path; one that is no capture is refused at once."""
    (tmp_path / "svc.json.gz").write_bytes(captures.data())
    (tmp_path / "bad").write_text("no")

    assert "svc.json.gz" in on_page(Machine(tmp_path / "svc.json.gz"))["what"]
    with pytest.raises(DocumentError, match="bad"):
        Machine(tmp_path / "bad")


def test_hostile_names_are_text(machine):
    """A file's name stays text wherever it stands."""
    machine.heard({"capture": captures.sent(name="<img src=x onerror=alert(1)>")})

    assert "<img" not in "".join(on_page(machine).values())
    assert "&lt;img" in on_page(machine)["what"]


def test_each_order_has_a_colour_of_its_own():
    """Ten variables, no two alike."""
    sheet = style()
    import re

    found = re.findall(r"--fv-order-(\d): ([^;]+);", sheet)

    assert [order for order, _ in found] == [str(order) for order in range(10)]
    assert len({value for _, value in found}) == 10
