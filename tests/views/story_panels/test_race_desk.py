"""The desk of a race: what its map, its lanes and its verdict show, and what a hand can do there."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from folioviz.machine import journal
from folioviz.race import document
from folioviz.race.library import LIBRARY
from folioviz.stories import races
from folioviz.stories.parts import searches
from folioviz.views import Story
from folioviz.views.panels import race_lanes, race_map
from folioviz.views.story_panels.race_desk import RaceDesk
from tests.boards import on_page

BAD = "1x22.0x32.1x8"
"""A schedule of k1b that breaks a law."""


def shown(board):
    """Return the text of the slots on the page."""
    return {name: " ".join(text.striptags().split()) for name, text in on_page(board).items()}


def row_now(board):
    """Return the lane's row that is done last."""
    rows = [row for row in board.screen._now["racesteps"].values() if "aria-current" in row]
    return rows[0].striptags() if rows else ""


def told(link, name="k1b"):
    """Return the story that a link asks for, at a race that was searched before: nothing goes on by itself."""
    searches.explored(searches.of(name))
    return Story("races", link=link)


@pytest.fixture
def desk():
    """Return the story at the candidate, with the schedule that breaks a law."""
    return told(f"?race=k1b&schedule={BAD}")


def test_the_verdict_is_what_the_search_found(desk):
    """Complete, states, schedules, laws and odds; the assumptions; and that it is a candidate."""
    found, page = searches.explored(searches.of("k1b")), shown(desk)
    laws = page["racelaws"]

    assert f"{races.scientific(found.schedules)} schedules in {found.states:,} states" in page["racehead"]
    assert f"{len(found.violations)} laws are broken" in page["racehead"]
    assert races.CANDIDATE in page["racehead"]
    assert all(one.law in laws for one in found.violations)
    for assumed in (
        "Sequentially consistent",
        "no interrupts",
        "no memory cgroups",
        "one node",
        "64-bit hash",
    ):
        assert assumed in page["raceassumed"]
    assert page["raceend"].startswith(found.violations[0].law)


def test_lanes_have_a_row_for_each_step(desk):
    """In order, each of its CPU, and what a write changes; the last one is where it stands."""
    history = document.of(LIBRARY["k1b"]).race().play(BAD)
    rows = [row for row in desk.screen._now["racesteps"].values() if "do:lane" in row]

    assert len(rows) == len(history.steps)
    for row, step in zip(rows, history.steps, strict=True):
        assert f"--cpu:{step.cpu}" in row
        assert f"<code>{step.thing}</code>" in row
    assert "_refcount[0] 4 → 5" in rows[3].striptags()
    assert row_now(desk).startswith(str(len(rows)))


@pytest.mark.parametrize("name", ["k1b", "k3", "owners-unlocked", "references-v3"])
def test_each_change_is_in_memory_after_its_step(name):
    """What a row says that a step writes is in memory then, and was not before; in the end all of it is done."""
    found = searches.explored(searches.of(name))
    history = document.of(LIBRARY[name]).race().play(found.violations[0].schedule)
    lanes = race_lanes.Lanes(history)
    told = 0
    for number, (step, change) in enumerate(zip(history.steps, lanes.changes, strict=True), start=1):
        if not change or number == len(history.steps):
            continue
        before, after = (int(part.replace("−", "-")) for part in change.split(" → "))
        rows = history.journal[lanes.rows[number - 1] : lanes.rows[number]]
        kind, address, old, new = rows[-1].tolist()
        assert (old, new) == (before, after)
        assert kind < journal.WHY
        history.seek(lanes.rows[number])
        assert int(history.machine.mem[address]) == after
        assert step.thing == race_lanes._thing(*history.many.where(address))
        told += 1

    assert told > 2
    assert lanes.rows == sorted(lanes.rows)
    assert lanes.rows[-1] == len(history.journal)


def test_the_map_has_the_chance_of_every_state():
    """Each cell has the shade of its chance; where no state is, nothing is drawn."""
    found = searches.explored(searches.of("k1b"))
    drawn = race_map.drawn(found)
    cells = {}
    for shade, path in re.findall(r'class="fv-odds-(\d)" d="([^"]+)"', drawn.drawing):
        for x, y, size in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path):
            cells |= {(at, int(y)): int(shade) for at in range(int(x), int(x) + int(size))}

    assert cells == {place: race_map.level(cell.odds) for place, cell in found.map().items()}
    assert [race_map.level(odds) for odds in (0, 1e-9, 0.001, 0.005, 0.1, 0.3, 0.6, 1)] == [
        0,
        1,
        1,
        2,
        3,
        4,
        5,
        5,
    ]


@pytest.mark.slow
def test_steps_go_on_and_back(desk):
    """Buttons, keys, a row, the next turn; the folio's counters are those of the moment; two rows change."""
    desk.events.heard({"key": "Home"})
    assert "step 0 of" in shown(desk)["racelanehead"]
    assert row_now(desk) == ""
    desk.events.heard({"click": "do:laneturn"})
    assert "refcount 5 · mapcount 4 · not partially mapped" in shown(desk)["racefacts"]
    before = dict(desk.screen._now["racesteps"])
    desk.events.heard({"key": "ArrowRight"})
    now = desk.screen._now["racesteps"]
    assert len([key for key in now if now[key] != before[key]]) == 2
    desk.events.heard({"click": "do:lane4"})
    assert row_now(desk).startswith("4")
    desk.events.heard({"key": "ArrowLeft"})
    assert row_now(desk).startswith("3")
    again = told(f"?race=k1b&schedule={BAD}&step={desk._named(desk.session.frame)['step']}")
    assert shown(again) == shown(desk)
    steps = document.of(LIBRARY["k1b"]).race().play(BAD).steps
    turn = next(at for at, step in enumerate(steps) if step.cpu != steps[0].cpu)
    call = next(
        at for at in range(turn + 1, len(steps)) if steps[at].functions[:1] != steps[turn].functions[:1]
    )
    for key, done in (("Shift+ArrowRight", turn), (".", call), (",", turn), ("Shift+ArrowLeft", 0)):
        desk.events.heard({"key": key})
        assert (key, desk.values["step"]) == (key, str(done))
    desk.events.heard({"key": "End"})
    assert "partially mapped · on no list" in shown(desk)["racefacts"]


def test_schedules_can_be_asked_for(desk):
    """A random one that breaks a law, the fewest preemptions, one after the other, a law's own: each is in the link."""
    found = searches.explored(searches.of("k1b"))
    desk.events.heard({"click": "do:bad"})
    assert desk.values["schedule"] not in {"", BAD}
    assert shown(desk)["raceend"].partition("Nodes of lists")[0] in found.laws
    desk.events.heard({"click": "do:fewest"})
    assert desk.values["schedule"] == found.violations[0].schedule
    desk.events.heard({"click": "do:law1"})
    assert desk.values["schedule"] == found.violations[1].schedule
    desk.events.heard({"click": "do:serial"})
    first = desk.values["schedule"]
    assert shown(desk)["raceend"].startswith("No law is broken.")
    desk.events.heard({"click": "do:serial"})
    assert (first[0], desk.values["schedule"][0]) == ("0", "1")
    assert desk._named(desk.session.frame) == {"race": "k1b", "schedule": desk.values["schedule"]}


def test_the_staircase_is_led_through_a_place(desk):
    """The schedule goes there, and the step is that place's; what is no place changes nothing."""
    x, y = max(searches.explored(searches.of("k1b")).map(), key=lambda place: (min(place), place))
    desk.events.heard({"race": f"{x}.{y}"})
    line = desk.screen._now["racemap"]["line"]
    assert f"{x}.5 {y}.5" in line
    assert f"CPU 0 has done {x} of its steps here, CPU 1 {y}" in line
    before = desk.values
    for text in ("", "x", "10", "10.20.3", "-1.2", "99999999999.1", "20.0", "²." + "1"):
        desk.events.heard({"race": text})
    desk.events.heard({"race": [f"{x}.{y}"]})
    assert desk.values == before


@pytest.mark.slow
def test_where_there_is_no_map_the_page_says_so():
    """One CPU has none; nor is anything broken by a race that is right."""
    alone, clean = (told(f"?race={name}", name) for name in ("v3-s390", "k1b-fixed"))

    assert shown(alone)["racemap"] == "One CPU has no map: the lanes show the schedule."
    assert "free_mapped" in shown(alone)["raceend"]
    assert "No law is broken." in shown(clean)["racehead"]
    assert shown(clean)["racelaws"] == ""
    buttons = Markup().join(clean.screen._now["racego"].values())
    assert re.findall(r'data-fv="do:(\w+)"[^>]* disabled', buttons) == ["bad", "fewest", "racestop"]


@pytest.mark.parametrize(
    ("link", "where", "said"),
    [
        ("?race=nope", "story", "the choice race is 'nope'"),
        ("?race=k1b&schedule=9x", "story", "'9x' in a schedule: it must be like 1x12"),
        ("?race=k1b&schedule=3x1", "racelanehead", "CPU 3 in a schedule: there are CPUs 0 to 1"),
        ("?race=k1b&schedule=0x999", "racelanehead", "CPU 0 is done after 32 steps"),
        ("?race=k1b&schedule=1x5.0x99", "racelanehead", "waits for split_queue_lock[0]"),
        (f"?race=k1b&schedule={BAD}&step=-1", "story", "step is '-1'"),
        ("?schedule=%3Cscript%3E", "story", "&lt;script&gt;"),
    ],
)
def test_a_hostile_link_is_refused_in_words(link, where, said):
    """What is wrong is named; a schedule that can be played is shown in its place."""
    board = told(link, "k1b" if "k1b" in link else "k1")

    assert said in str(on_page(board)[where]).replace("&#39;", "'")
    assert len(board.screen._now["racesteps"]) > 10


@pytest.mark.slow
def test_a_search_that_is_stopped_says_so(desk):
    """How many states it came to, and that not all is covered; Cancel tells the search, and it can be begun again."""
    [panel] = [panel for panel in desk.panels if isinstance(panel, RaceDesk)]
    panel.found, panel.search = None, searches.Search(searches.of("k1b"))
    panel.redraw()
    assert "Every schedule is tried: 0 states so far" in shown(desk)["racehead"]
    assert "drawn when the search has ended" in shown(desk)["racemap"]
    desk.events.heard({"click": "do:racestop"})
    assert panel.search.enough

    panel._take(document.of(LIBRARY["k1b"]).race().explore(states=100))
    panel.redraw()
    assert "Stopped at 100 states: not every schedule is covered." in shown(desk)["racehead"]
    desk.events.heard({"click": "do:raceagain"})
    panel.redraw()
    assert "Complete:" in shown(desk)["racehead"]


@pytest.mark.slow
def test_all_races_are_in_the_table():
    """Each with its kernel; a race that was searched has its numbers; a name chooses it."""
    searches.explored(searches.of("k3"))
    board = told("?race=k1b")
    table = str(on_page(board)["racestable"])

    assert all(f">{name}</button>" in table for name in LIBRARY)
    row = table.split(">k1b</button>")[1].split("</tr>", maxsplit=1)[0]
    assert races.CANDIDATE in row
    assert "602" in row
    board.events.heard({"click": f"do:race{[*LIBRARY].index('k3')}"})
    assert board.values == board.story.values | {"race": "k3"}
