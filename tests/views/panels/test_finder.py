"""The search for operations: what it finds, shows, asks and does."""

from __future__ import annotations

import re

import pytest

from folioviz import parse_line
from folioviz.ops.ops import WORDS
from folioviz.views import Explorer
from folioviz.views.session.actions import ACTIONS, standing
from folioviz.views.session.finding import found


@pytest.fixture(scope="module")
def explorer():
    """Return an explorer with a folio under a kernel without guard markers, and one with them; the search is open."""
    made = Explorer()
    made.session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4"), "v6.12", "v7.3")
    made.session.seek(made.session.history.axis.last)
    made.events.heard({"key": "/"})
    return made


def parts(explorer, start):
    """Return what stands in the slots whose name begins so."""
    return {
        name: "".join(map(str, pieces.values()))
        for name, pieces in explorer.screen._now.items()
        if name.startswith(start) and pieces
    }


def names(text):
    """Return the buttons in some HTML."""
    return re.findall(r'data-fv="act:(\w+)"', text)


def test_every_operation_is_found_by_its_word_and_its_kernel_function():
    """The word first; a label, MADV_, and words of what it does, too; nothing finds nothing."""
    for name, action in ACTIONS.items():
        assert name in found(action.kind.__name__)
        assert name in found(f"{action.kind.call}()")
        assert name in found(action.label)
    assert {action.kind.__name__.lower() for action in ACTIONS.values()} == set(WORDS) - {"glimit"}
    assert found("guard")[0] == "guard"
    assert {"dontneed", "free", "cold", "dontfork"} <= set(found("madv_"))
    assert {"pin", "unpin"} <= set(found("PIN"))
    assert found("give back")
    assert found("") == found("  ") == found("no such thing") == []


def test_it_shows_what_stands_in_no_row_by_what_it_is_for(explorer):
    """Each once, with its heading; shut, it is empty."""
    explorer.events.heard({"find": ""})
    shown = parts(explorer, "under:")
    assert sorted(names("".join(shown.values()))) == sorted(one.name for one in standing(""))
    assert "guard" in names(shown["under:give_back"])
    assert "migrate" in names(shown["under:machine"])

    explorer.events.heard({"key": "Escape"})
    assert parts(explorer, "under:") == {}
    explorer.events.heard({"key": "/"})
    assert parts(explorer, "under:") == shown


def test_what_no_kernel_has_is_listed_last_with_the_reason(explorer):
    """Greyed, in words; under a kernel that has it, it says what it does and what it calls."""
    explorer.session.choose(1, "v6.10")
    explorer.events.heard({"find": "guard"})
    last = parts(explorer, "found")["found"]
    assert "MADV_GUARD_INSTALL came with v6.13" in last
    assert re.search(r'data-fv="act:guard"[^>]* disabled', last)
    explorer.session.choose(1, "v7.3")
    assert "madvise_guard()" in parts(explorer, "found")["found"]
    assert names(parts(explorer, "found")["found"])[:2] == ["guard", "unguard"]


def test_a_search_does_the_first_that_it_finds(explorer):
    """What it asks for is typed beside it; what cannot be done says why, and nothing happens."""
    explorer.events.heard({"asked": "into 2"})
    explorer.events.heard({"dofind": "split to"})
    assert explorer.session.frame.ops[-1].short() == "split 1 2"

    done = len(explorer.session.frame.ops)
    explorer.events.heard({"dofind": "unpin"})
    assert len(explorer.session.frame.ops) == done
    assert explorer.session.messages["operations"]
    explorer.events.heard({"dofind": "no such thing"})
    explorer.events.heard({"find": "mergeable"})
    assert len(explorer.session.frame.ops) == done
    assert parts(explorer, "finds")


@pytest.mark.parametrize(
    "typed", ["into 9", "into -1", "into", "scan 0", "scan 1e3", "none 512", "target 0x1"]
)
def test_what_cannot_be_typed_changes_nothing(explorer, typed):
    """A sentence names it, and a name of no field is ignored."""
    before = explorer.session.frame.chosen
    explorer.events.heard({"asked": typed})
    assert explorer.session.messages
    explorer.events.heard({"asked": "nothing 3"})
    assert explorer.session.frame.chosen == before
