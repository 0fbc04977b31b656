"""Write your own patch: the answer, the prepared patches, and the panel that tries them."""

from __future__ import annotations

import asyncio

import pytest

from folioviz.stories import find
from folioviz.stories.own_patch import PREPARED, short_effects
from folioviz.views import Story
from folioviz.views.story_panels.trial import Trial, source

STORY = find("own-patch")


def panel_of(story):
    """Return the story's panel."""
    return next(one for one in story.panels if isinstance(one, Trial))


def tried(story):
    """Let the panel try everything."""

    async def everything():
        story.events.heard({"click": "do:try"})
        await panel_of(story).work.task

    asyncio.run(everything())
    return panel_of(story)


def test_the_answer_is_computed():
    """No law breaks when nothing is queued, but fewer pages are freed."""
    right, because = STORY.question.answer()
    fewer = -sum(one.costs.get("pfree", 0) for one in short_effects("never"))

    assert STORY.question.options[right] == "every law still holds; memory is not given back"
    assert fewer > 0
    assert f"{fewer} fewer pages are freed" in because


@pytest.mark.parametrize("key", PREPARED)
def test_every_prepared_patch_shows_its_source(key):
    """All functions of its module, and nothing that it imports."""
    text = source([PREPARED[key][1]])

    assert text.startswith("def ")
    assert "import" not in text


@pytest.mark.slow
def test_a_reader_s_function_is_tried():
    """Its source is shown, and every scenario judged."""

    def deferred_split_folio(m, folio):
        """Do nothing."""

    panel = tried(Story("own-patch", deferred_split_folio))

    assert "Do nothing." in panel.screen._now["trialsource"][""]
    assert "tried" in panel.screen._now["trial"][""]
    assert not any(one.broken for one in panel.found)


def test_a_function_of_another_name_is_told():
    """Beside the button; nothing is tried."""

    def nothing(m):
        """Do nothing."""

    story = Story("own-patch", nothing)
    story.events.heard({"click": "do:try"})

    assert "no function nothing()" in panel_of(story).screen._now["trialgo"]["said"]
    assert panel_of(story).work.task is None
