"""Rules of what is said: each broken one makes a sentence, a report, a mail or a number false, and is noticed."""

from __future__ import annotations

import pytest

from folioviz.compare import columns, mail, report, sentence
from folioviz.readout import words
from folioviz.views.panels import summary
from folioviz.views.player.track import Track
from tests.compare import test_mail, test_report, test_sentence
from tests.mutations.turning import Turned, is_noticed
from tests.readout import test_words
from tests.views.panels import test_summary


def sentences():
    """Require the sentences that are written down word for word, titles, and one of a bug."""
    tests = test_sentence
    for test in (
        tests.test_the_words_of_some_operations,
        tests.test_a_title_has_the_shortest_of_it,
        tests.test_few_folios_are_named,
    ):
        for case in test.pytestmark[0].args[1]:
            test(*case)
    test_sentence.test_a_bug_comes_first()


def history():
    """Require that what came so far is the sum, and the sentence on the screen the operation's."""
    test_summary.test_what_came_so_far_is_the_sum("first-look")
    test_summary.test_every_explorer_has_the_sentence("one-page-at-a-time")
    test_summary.test_the_sentence_is_of_the_operation_under_the_playhead("front")
    test_summary.test_nothing_done_is_said_so()
    test_summary.test_what_is_queued_for_nothing_later_is_told()


def reports():
    """Require what some reports say."""
    test_report.test_a_report_says_what_was_done_and_what_it_cost()
    test_report.test_a_report_says_in_a_sentence_what_it_came_to()
    test_report.test_even_runs_of_operations_are_one_line()
    test_report.test_four_even_operations_are_one_line()
    test_report.test_kernels_that_agree_share_their_lines()


def mails():
    """Require that the rows of mails are true, and how many there are."""
    for name in ("first-look", "one-page-at-a-time"):
        test_mail.test_it_is_narrow_short_and_true(name)
    test_mail.test_all_that_differs_is_told_or_counted("first-look")


def numbers():
    """Require the numbers in words."""
    test_words.test_numbers_are_written_as_people_read_them()


SAID = {
    "what is freed was queued for nothing": Turned(
        sentence.account, "if folio in freed", "if folio not in freed", sentences,
    ),
    "what was on the queue and is not has left it": Turned(
        sentence.account, "folio not in after and", "folio in after and", sentences,
    ),
    "a bug that had fired before is not told again": Turned(
        sentence.account, "& ~int(bits[0, 2])", "& int(bits[0, 2])", sentences,
    ),
    "one operation of the history is left out": Turned(
        sentence.together, "sum(one.costs[name] for one in accounts)", "sum(one.costs[name] for one in accounts[:-1])",
        history,
    ),
    "the history ends one operation short": Turned(
        Track.so_far, "count : index + 1]", "count : max(index, 1)]", history,
    ),
    "what was queued for nothing after the first operation": Turned(
        sentence.together, "in accounts for folio in one.wasted", "in accounts[:1] for folio in one.wasted",
        history,
    ),
    "one of a cost is told, too": Turned(
        sentence.__dict__["_alone"], "if one.costs[name]]", "if one.costs[name] > 1]", sentences,
    ),
    "who hits no bug has a sentence as well": Turned(
        sentence.__dict__["_pair"], "if one not in odd", "if one in odd", sentences,
    ),
    "a sentence that fits tells two differences": Turned(
        sentence.__dict__["_pair"], "< FITS", "> FITS", sentences,
    ),
    "both do the same to the queue": Turned(
        sentence.__dict__["_both_queues"], "!=", "==", sentences,
    ),
    "both take the lock as often": Turned(
        sentence.__dict__["_both_locks"], "==", "!=", sentences,
    ),
    "all that was queued was queued for nothing": Turned(
        sentence.__dict__["_queues"], "one.wasted == one.queued", "one.wasted != one.queued", sentences,
    ),
    "so many folios are named": Turned(
        sentence.__dict__["_folios"], "> LONG", ">= LONG", sentences,
    ),
    "the last folio is named": Turned(
        sentence.__dict__["_folios"], "ids[-1]", "ids[0]", sentences,
    ),
    "B is told beside A": Turned(
        sentence.__dict__["_difference"], "b.costs[name] - a.costs[name]", "a.costs[name] - b.costs[name]", sentences,
    ),
    "what weighs most comes first": Turned(
        sentence.__dict__["_difference"], "found[:most]", "found[-most:]", sentences,
    ),
    "more is not fewer": Turned(
        sentence.__dict__["_more"], "by > 0", "by < 0", sentences,
    ),
    "a title says whether the queue differs": Turned(
        sentence.verdict, "!=", "==", sentences,
    ),
    "the sentence is the operation's, not the history's": Turned(
        summary.words, "frame.told", "frame.so_far", history,
    ),
    "nothing done is said so": Turned(
        summary.words, "is None", "is not None", history,
    ),
    "the history stands below the operation": Turned(
        summary.Summary.update, "else frame.so_far}", "else frame.told}", history,
    ),
    "each other kernel stands beside the first": Turned(
        report.__dict__["_short"], "[accounts[0], other]", "[other, accounts[0]]", reports,
    ),
    "the first kernel is not its own neighbour": Turned(
        report.__dict__["_short"], "in accounts[1:]", "in accounts", reports,
    ),
    "a report has each kernel's costs in its column": Turned(
        columns.columns, "for value in row[part])", "for value in row[part][::-1])",
        reports,
    ),
    "operations are counted from 1": Turned(
        report.__dict__["_differences"], "start=1", "start=0", reports,
    ),
    "a value stands with its kernel": Turned(
        report.__dict__["_difference"], "zip(letters, values", "zip(letters[::-1], values", reports,
    ),
    "few even operations are not one line": Turned(
        report.even_runs, ">= RUN", "> RUN", reports,
    ),
    "a mail has what differs": Turned(
        mail.differing, "a.costs[name] != b.costs[name]", "a.costs[name] == b.costs[name]", mails,
    ),
    "a mail has A before B": Turned(
        mail.differing, "{a.costs[name]:>8} {b.costs[name]:>8}", "{b.costs[name]:>8} {a.costs[name]:>8}", mails,
    ),
    "a mail counts what it leaves out": Turned(
        mail.differing, "len(names) - most", "len(names) - most - 1", mails,
    ),
    "one is not several": Turned(words.count, "number == 1", "number == 2", numbers),
    "twice is twice": Turned(words.times, '2: "twice"', '3: "twice"', numbers),
    "more has a plus": Turned(words.signed, ":+,", ":,", numbers),
    "the last one is one before the end": Turned(words.dashed, "{end - 1}", "{end}", numbers),
    "1,024 KiB are a MiB": Turned(words.size, "< 1024", "<= 1024", numbers),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_is_held_to_its_rule(name, request):
    """The tests of the words pass, and one of them fails once the rule is turned round."""
    is_noticed(SAID[name], request)
