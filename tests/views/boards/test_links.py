"""Links: what is wrong with one is told on the page, and the rest of it is followed."""

from __future__ import annotations

import pytest

from folioviz.views import Explorer, Story


@pytest.mark.parametrize(
    ("link", "kernels", "told"),
    [
        (
            "?a=v9.9",
            ["v6.5-rc3+v4.1", "v6.5-rc3+v4"],
            "Not all of this link can be shown: a: no kernel 'v9.9'",
        ),
        ("?scenario=front&a=v6.8&b=zz", ["v6.8", "v6.5-rc3+v4.1"], "b: no kernel 'zz'"),
        (
            "?s=nonsense",
            ["v6.5-rc3+v4.1", "v6.5-rc3+v4"],
            "This link cannot be opened: the link's s is 'nonsense'",
        ),
        ("?a=v6.8&theme=dark", ["v6.8"], ""),
    ],
)
def test_the_explorer_follows_what_it_can(link, kernels, told):
    """Each fault is named where the scenario is; what is right is shown."""
    frame = Explorer(link=link).session.frame

    assert [side.kernel.key for side in frame.sides] == kernels
    assert told in frame.messages.get("scenario", "")
    assert bool(told) == bool(frame.messages)


def test_a_story_follows_what_it_can():
    """A value that a choice does not have, and a step that is none, are named; the other choices are made."""
    story = Story("batch-end", link="?a=v9.9&order=2&at=1e3")
    said = story.session.frame.messages["scenario"]

    assert story.values == story.story.values | {"order": 2}
    assert "the choice a is 'v9.9': it must be one of v6.5-rc3, " in said
    assert "at is '1e3': it must be a whole number from 0 to" in said


def test_work_of_another_tab_is_named():
    """An address whose work is not there changes nothing, and says so; a name that is no text is ignored."""
    explorer = Explorer(link="?kept=abc&at=3")
    before = explorer.session.frame
    explorer.events.heard({"gone": ["abc"]})
    assert explorer.session.frame is before
    explorer.events.heard({"gone": "abc" * 100})

    assert explorer.session.frame.ops == before.ops
    assert explorer.session.frame.messages["scenario"].startswith(
        "This address cannot be opened: kept is 'abc"
    )
    assert len(explorer.session.frame.messages["scenario"]) < 250
