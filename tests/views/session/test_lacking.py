"""Why a button is off under every kernel on the screen: which kernels have what it does."""

from __future__ import annotations

import pytest

from folioviz.errors import OperationError
from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.ops.ops import WORDS, parse_line
from folioviz.views.panels.controls import act
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.lacking import RELEASES, where, why
from folioviz.views.session.session import Session


def has(key, kind):
    """Tell whether the functions that a lab runs are those of an operation, too."""
    return kind.call in Lab(key).linked.sources


@pytest.mark.parametrize("word", WORDS)
def test_the_releases_that_have_an_operation_are_named(word):
    """As labs have it: from the first of the last run on, and those before one by one."""
    kind = WORDS[word]
    told = where(kind.call)
    named = {key for key in RELEASES if f"under {key}" in told}
    later = [key for key in RELEASES if f"from {key} on" in told]

    assert {key for key in RELEASES if has(key, kind)} == named | {
        key for key in RELEASES if later and RELEASES.index(key) >= RELEASES.index(later[0])
    }
    assert len(later) == 1
    assert {*RELEASES} == {key for key in KERNELS if "+" not in key and not key.endswith(".0")}


def test_a_button_says_where_the_model_has_it():
    """In words, also within an operation; what can be done now says what it does."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"), "v6.5-rc3", "v6.5-rc3+v4")
    for position in (session.history.axis.last, session.history.axis.begins[3] + 3):
        session.seek(position)
        touch, guard = str(act(session.frame, "touch")), str(act(session.frame, "guard"))
        assert "Not with these kernels: the model has it under v6.1 and from v6.8 on" in touch
        assert why(ACTIONS["guard"].kind) == "MADV_GUARD_INSTALL came with v6.13"
        assert "Not with these kernels: MADV_GUARD_INSTALL came with v6.13" in guard
        assert not any("after this" in text or "was modelled" in text for text in (touch, guard))
        assert "disabled" in touch
    assert "Not with" not in str(act(session.frame, "dontneed"))


def test_half_a_screen_says_it_at_once():
    """What one of two kernels does not have is so before, in and after any operation."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16"), "v6.5-rc3", "v7.3")
    session.seek(session.history.axis.begins[3] + 3)
    said = session.frame.halves["size4"]

    assert said
    assert "after this operation" not in said
    with pytest.raises(OperationError, match="has no touch"):
        Lab("v6.5-rc3").apply(WORDS["touch"](1, 0, 1))
