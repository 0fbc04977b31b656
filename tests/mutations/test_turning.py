"""A rule that is turned round is there, and the test that has to tell is one that tells."""

from __future__ import annotations

import pytest

from folioviz.compare import report
from folioviz.readout import words
from tests.mutations.turning import Turned, is_noticed
from tests.readout import test_words

NUMBERS = test_words.test_numbers_are_written_as_people_read_them


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            Turned(words.count, "number == 7", "number == 2", NUMBERS),
            r"count\(\) has changed: no single 'number == 7'",
        ),
        (Turned(words.count, "number", "n", NUMBERS), r"count\(\) has changed: no single 'number'"),
        (Turned(report, "RUN", report.RUN, NUMBERS), f"RUN is {report.RUN} already"),
        (Turned({"a": "b"}, "a", ("c", "d"), NUMBERS), "the text of 'a' has changed: no single 'c'"),
    ],
)
def test_a_rule_that_is_not_there_fails(rule, message, request):
    """Whoever rewrites a function has to look at what was said of it: nothing passes in silence."""
    with pytest.raises(AssertionError, match=message):
        is_noticed(rule, request)


def test_a_test_that_does_not_tell_fails(request):
    """A rule that nobody looks at is no rule; afterwards the function is what it was."""
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        is_noticed(Turned(report.joined, "folio[2])", "'')", NUMBERS), request)
    is_noticed(Turned(words.count, "number == 1", "number == 2", NUMBERS), request)
    NUMBERS()
