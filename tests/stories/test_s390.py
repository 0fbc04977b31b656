"""How does v3 free a folio on s390? The numbers that the story tells."""

from __future__ import annotations

import pytest

from folioviz.stories import find
from folioviz.stories.s390 import V3, freed, ops, window

STORY = find("s390")
EXIT = ops(STORY.values)


def test_the_answer_is_computed():
    """The sixteenth put frees a folio of which all sixteen pages are mapped."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "while all sixteen pages are still mapped"
    assert "refcount to 0, and 16 pages" in because


@pytest.mark.parametrize("order", [0, 2, 4])
@pytest.mark.parametrize("held", ["nobody", "fork", "get"])
def test_only_v3_alone_without_a_gather_frees_what_is_mapped(order, held):
    """Order 0, too; another process or a pin saves it."""
    text = ops(STORY.values | {"order": order, "held": held})

    assert bool(freed(text, V3, "none")) == (held == "nobody")
    assert not freed(text, V3, "batched")
    assert not freed(text, "v6.5-rc3+v4", "none")


def test_v4_still_has_the_window_and_the_base_has_not():
    """Mappings outnumber references in v4 without a gather, never in the base, never with a gather."""
    assert window(EXIT, "v6.5-rc3+v4", "none") == (29, 34)
    assert [window(EXIT, key, "batched")[0] for key in ("v6.5-rc3", V3, "v6.5-rc3+v4")] == [0, 0, 0]
    assert window(EXIT, "v6.5-rc3", "none") == (0, 32)
