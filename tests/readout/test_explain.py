import re
import string

import pytest

from folioviz import Lab, parse_line
from folioviz.machine import journal
from folioviz.readout import state
from folioviz.readout.explain import COPIES, ERRORS, SENTENCES, decisions, failure, sentence, source_of
from tests.kernels.cases import done
from tests.kernels.readings import OF_PAGES
from tests.kernels.readings_of_vmas import OF_VMAS

CASES = OF_PAGES | OF_VMAS
FOLIO = "mm; mmap 1 0 64; fault 1 0 4; "


def reasons(kernel, text, mmu_gather="batched"):
    """Return [(reason, folio, detail)] of the last operation."""
    lab = Lab(kernel, mmu_gather)
    for op in parse_line(text):
        step = lab.apply(op)
    return [(d.reason, d.folio, d.detail) for d in decisions(lab, step.start, step.end)]


def test_every_reason_has_a_sentence():
    """Each reason code has its own sentence, and a sentence names at most the folio and the detail."""
    codes = range(journal.QUEUED, journal.COLLAPSE_SWAPPED + 1)

    assert set(codes) == set(SENTENCES)
    fields = {name for text in SENTENCES.values() for _, name, _, _ in string.Formatter().parse(text) if name}
    assert fields <= {"f", "d", "s", "are", "es", "es1", "where"}


ERRONEOUS = {
    journal.ENDED_AT_HOLE: "mm; mmap 1 0 8; mmap 1 16 8; mprotect 1 0 24 0",
    journal.PASSED_HOLE: "mm; mmap 1 0 8; mmap 1 16 8; free 1 0 24",
    journal.SIGNALLED: "mm; mmap 1 0 8; mmap 1 16 8; touch 1 0 24",
    journal.SIGNALLED_READING: "mm; mmap 1 0 8; mmap 1 16 8; read 1 0 24",
    journal.NOT_MOVED: "mm; mmap 1 0 8; mmap 1 16 8; mremap 1 0 24 100",
    journal.COLLAPSE_TOO_SMALL: "mm; mmap 1 8 64; fault 1 8 0; collapse 1 8 64",
    journal.COLLAPSE_NOT_THERE: "mm; mmap 1 8 1024; collapse 1 8 1024",
    journal.COLLAPSE_HELD: "mm; mmap 1 0 512; fault 1 8 0; get 1; collapse 1 0 512",
    journal.COLLAPSE_READ_ONLY: "mm; mmap 1 512 512; fault 1 520 0; mprotect 1 512 512 0; collapse 1 512 512",
    journal.MOVE_THERE: "mm; mmap 1 0 16; mmap 1 32 8; write 1 8; uffdmove 1 32 4 8",
    journal.MOVE_SHARED: "mm; mmap 1 0 16; mmap 1 32 8; write 1 8; fork 1; uffdmove 1 8 4 32",
    journal.MOVE_PINNED: "mm; mmap 1 0 16; mmap 1 32 8; write 1 8; pin 1 8 1; uffdmove 1 8 4 32",
    journal.MOVE_RETRIED: "mm; mmap 1 0 16; mmap 1 32 8; fault 1 8 2; get 1; uffdmove 1 8 4 32",
    journal.MOVE_HELD: "mm; mmap 1 0 16; mmap 1 32 8; fault 1 8 2; get 1; uffdmove 1 8 4 32",
    journal.MOVE_MARKER: "mm; mmap 1 0 16; mmap 1 32 8; guard 1 8 1; uffdmove 1 8 4 32",
}
V7_3 = {journal.MOVE_HELD, journal.MOVE_MARKER}
"""What only v7.3 says."""
FROM_512 = {journal.COLLAPSE_NOT_THERE, journal.COLLAPSE_READ_ONLY}
"""What is about 2 MiB."""


@pytest.mark.parametrize("reason", ERRORS)
def test_an_error_has_a_reason_that_names_its_page(reason):
    """The first page behind the VMA is what the call ends at; no folio is named."""
    lab = Lab("v7.3" if reason in V7_3 else "v6.12")
    for op in parse_line(ERRONEOUS[reason]):
        step = lab.apply(op)

    assert step.result < 0
    *others, why = decisions(lab, step.start, step.end)
    assert {one.reason for one in others} <= {journal.SPLIT_PINNED}
    assert (why.reason, why.folio, why.detail) == (reason, 0, 512 if reason in FROM_512 else 8)
    assert failure(lab.rows(-1)) == why.sentence.removesuffix(".")


@pytest.mark.parametrize("name", CASES)
def test_a_result_below_zero_has_a_reason_and_no_other_has(name):
    """Under every kernel of every case, each operation that returns an error says why, and only those do."""
    for key in CASES[name].kernels:
        lab = done(key, CASES[name].text)
        for place, step in enumerate(lab.applied):
            assert (step.result < 0) == bool(failure(lab.rows(place)))


def test_queued_once_then_already_queued():
    """1/3 queues at the first page of three, then finds the folio queued."""
    found = reasons("v6.5-rc3+v4.1", FOLIO + "dontneed 1 0 3")

    assert [(journal.QUEUED, 1, 15)] + [(journal.NOT_QUEUED_ALREADY, 1, 0)] * 2 == found


def test_base_names_the_order_as_the_reason():
    """v6.5-rc3 does not queue an order-4 folio, and the reason is its order, not that it is unmapped."""
    found = reasons("v6.5-rc3", FOLIO + "dontneed 1 0 1")

    assert [(journal.NOT_QUEUED_ORDER, 1, 4)] == found


@pytest.mark.parametrize("kernel", ["v6.9", "v6.10", "v6.12", "v7.3"])
def test_an_order_1_folio_has_a_reason_of_its_own(kernel):
    """Kernels that queue any order pass order 1 over, and say so; they do not ask for 2 MiB."""
    found = (journal.NOT_QUEUED_ORDER_1, 1, 2)

    assert found in reasons(kernel, "mm; mmap 1 0 64; fault 1 0 1; dontneed 1 0 1")
    assert sentence(*found) == (
        "Folio 1 is not queued although it is partially mapped: "
        "a folio of 2 pages has no room for the queue's link."
    )


@pytest.mark.parametrize("kernel", ["v6.1", "v6.5-rc3", "v6.8", "v7.3"])
def test_a_write_below_a_shared_pmd_splits_it(kernel):
    """Before the page is copied, the kernel says why the whole folio is not written in place."""
    found = reasons(kernel, "mm; mmap 1 0 512; faultpmd 1 0; fork 1; write 1 7")

    assert found[0] == (journal.COPIED_HUGE, 1, 2)
    assert found[-1][0] in COPIES or found[-2][0] in COPIES


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("dontneed 2 0 15; dontneed 1 0 16; write 2 15", journal.COPIED_LAST),
        ("write 1 3", journal.COPIED_SHARED),
        ("exit 2; get 1; write 1 3", journal.COPIED_HELD),
        ("exit 2; write 1 3", journal.REUSED_OWNER),
    ],
)
def test_v7_3_says_which_of_its_conditions_decides(text, reason):
    """The last mapping, others that may map it, references beside the mappings, or none of these."""
    assert reasons("v7.3", f"{FOLIO}fork 1; {text}")[0][0] == reason


def test_batches_say_where_they_end():
    """v4's batches end at a hole, at a copied page, at the range's end and at the folio's end."""
    hole = FOLIO + "dontneed 1 3 1; munmap 1 0 8"
    copied = FOLIO + "fork 1; write 1 3; munmap 1 0 16"
    whole = FOLIO + "munmap 1 0 64"
    batch = {journal.BATCH_HOLE, journal.BATCH_OTHER_PAGE, journal.BATCH_RANGE_END, journal.BATCH_FOLIO_END}

    def ends(text):
        return [(reason, n) for reason, _, n in reasons("v6.5-rc3+v4", text) if reason in batch]

    assert [(journal.BATCH_HOLE, 3), (journal.BATCH_RANGE_END, 4)] == ends(hole)
    assert [(journal.BATCH_OTHER_PAGE, 3), (journal.BATCH_FOLIO_END, 12)] == ends(copied)
    assert [(journal.BATCH_FOLIO_END, 16)] == ends(whole)


def test_flush_is_cut_in_v4_and_full_where_full():
    """v4 flushes because of its comparison; with the gather's pages withheld, v6.5-rc3 flushes because it is full."""
    assert (journal.FLUSH_CUT, 1, 16) in reasons("v6.5-rc3+v4", FOLIO + "munmap 1 0 64")
    assert (journal.FLUSH_FULL, 1, 7) in reasons("v6.5-rc3", FOLIO + "glimit 0; munmap 1 0 64")


def test_pins_unmapped_and_done_are_told_apart():
    """A split says whether it was done, refused for a pin, or refused because nothing is mapped."""
    assert (journal.SPLIT_PINNED, 1, 1) in reasons("v6.5-rc3", FOLIO + "get 1; split 1")
    assert (journal.SPLIT_UNMAPPED, 1, 0) in reasons("v6.5-rc3", FOLIO + "get 1; munmap 1 0 64; split 1")
    assert (journal.SPLIT_DONE, 1, 16) in reasons("v6.5-rc3", FOLIO + "split 1")


def test_write_is_reused_or_copied():
    """A shared page is copied; the last mapping of a folio is written in place."""
    assert (journal.COPIED, 1, 3) in reasons("v6.5-rc3", FOLIO + "fork 1; write 1 3")
    assert (journal.REUSED_LAST, 1, 0) in reasons(
        "v6.5-rc3", "mm; mmap 1 0 4; fault 1 0 0; fork 1; exit 2; write 1 0"
    )


def test_freed_mapped_is_told():
    """v3 without a gather frees a folio that is still mapped, and says so."""
    assert (journal.FREED_MAPPED, 1, 16) in reasons("v6.5-rc3+v3", FOLIO + "exit 1", "none")


def test_decisions_cite_function_and_patch():
    """A decision names the kernel function that made it and the patch that the function is from."""
    lab = Lab("v6.5-rc3+v4")
    for op in parse_line(FOLIO + "munmap 1 0 64"):
        lab.apply(op)
    cited = {(d.function, d.source) for d in decisions(lab)}

    assert ("__remove_rmap_finish()", "mm/rmap.c, v4 2/3") in cited
    assert ("zap_pte_range()", "mm/memory.c, v4 3/3") in cited


def test_what_is_split_or_moved_is_not_said_to_be_freed():
    """A folio whose mappings are migration entries for a moment is unmapped, and that is all that is said."""
    for kernel in ("v6.5-rc3+v4", "v6.10", "v6.12", "v7.3"):
        lab = Lab(kernel)
        for op in parse_line(FOLIO + "split 1"):
            step = lab.apply(op)
        told = [d for d in decisions(lab, step.start, step.end) if d.reason == journal.NOT_QUEUED_UNMAPPED]

        assert [d.sentence for d in told] == ["Folio 1 is not queued: nothing of it is mapped any more."]
        assert lab.costs(step.start, step.end)["pfree"] == 0


QUEUED_TWICE = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 2; "


@pytest.mark.parametrize("kernel", ["v6.1.0", "v6.1", "v6.5-rc3", "v6.8", "v6.9", "v6.10"])
@pytest.mark.parametrize(
    ("last", "where"), [("dontneed 1 2 1", "the queue"), ("shrink 1", "the shrinker's list")]
)
def test_a_queued_folio_is_on_one_list(kernel, last, where):
    """The shrinker takes what it looks at to a list of its own; which one it is, the machine says, too."""
    lab = Lab(kernel)
    for op in parse_line(QUEUED_TWICE + last):
        step = lab.apply(op)
    reasons = {journal.NOT_QUEUED_ALREADY, journal.QUEUED_LOCKED, journal.UNQUEUED_SPLIT}
    told = [d for d in decisions(lab, step.start, step.end) if d.reason in reasons]
    lists = ("the queue", "the shrinker's list")

    assert told
    for one in told:
        if one.reason != journal.UNQUEUED_SPLIT:
            lab.seek(one.row)
            folio = next(f for f in state.folios(lab.machine) if f.id == 1)
            assert (bool(folio.queue_place), folio.scanned) == (where == "the queue", where != "the queue")
        assert [name for name in lists if name in one.sentence] == [where]


@pytest.mark.parametrize("kernel", ["v6.12", "v7.3", "v7.3+no-page-mapcount"])
def test_a_flagged_folio_is_not_asked_about_again(kernel):
    """Since v6.12 the flag decides, wherever the folio is."""
    lab = Lab(kernel)
    for op in parse_line(QUEUED_TWICE + "dontneed 1 2 1"):
        step = lab.apply(op)
    told = decisions(lab, step.start, step.end)[-1]

    assert told.sentence == (
        "Folio 1 is not queued: PG_partially_mapped is set already, so split_queue_lock is not taken."
    )


def test_pages_that_are_not_counted_are_not_told():
    """Without page mapcounts a queued folio has fewer mappings than pages: how many pages are mapped nobody knows."""
    found = {}
    for kernel in ("v7.3", "v7.3+no-page-mapcount"):
        lab = Lab(kernel)
        for op in parse_line(FOLIO + "fork 1; dontneed 1 0 9; dontneed 2 0 8"):
            step = lab.apply(op)
        found[kernel] = [
            d.sentence for d in decisions(lab, step.start, step.end) if d.reason == journal.QUEUED
        ]
        folio = state.folios(lab.machine)[0]
        assert (folio.large_mapcount, folio.pages_mapped) == (14, 8)

    queued = "Folio 1 goes on the deferred split queue: "
    assert found == {
        "v7.3": [f"{queued}some of its pages lost their last mapping, while 8 are still mapped by PTE."],
        "v7.3+no-page-mapcount": [f"{queued}15 mappings remain, fewer than it has pages."],
    }


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("munmap 1 0 8", [(journal.BATCH_RANGE_END, 8)]),
        ("mremap 1 0 16 504; munmap 1 504 16", [(journal.BATCH_TABLE_END, 8), (journal.BATCH_FOLIO_END, 8)]),
    ],
)
@pytest.mark.parametrize("kernel", ["v6.5-rc3+v4", "v6.9", "v6.12", "v7.3"])
def test_a_batch_has_one_end(kernel, line, ends):
    """What was asked for, or the page table: the sentence names the one."""
    lab = Lab(kernel)
    for op in parse_line(FOLIO + line):
        step = lab.apply(op)
    told = [d for d in decisions(lab, step.start, step.end) if (d.reason, d.detail) in ends]

    assert [(d.reason, d.detail) for d in told] == ends
    assert all(" or " not in d.sentence for d in told)


def test_no_sentence_has_two_causes():
    """No decision is told with an "or"."""
    assert [text for text in SENTENCES.values() if re.search(r"\bor\b", text)] == []


@pytest.mark.parametrize("allowed", [0, 100, 299])
def test_the_zeros_of_an_underused_folio_are_all_counted(allowed):
    """The kernel stops at the first page too many; the sentence has the machine's number."""
    for kernel in ("v6.12", "v7.3"):
        lab = Lab(kernel)
        for op in parse_line(
            f"mm; mmap 1 0 2048; maxnone {allowed}; faultpmd 1 512; zero 1 100 300; shrink 1"
        ):
            zero = int(lab.machine.page_zero_filled.sum())
            step = lab.apply(op)
        (told,) = (
            d.sentence
            for d in decisions(lab, step.start, step.end)
            if d.reason == journal.SHRINK_FOUND_UNDERUSED
        )

        assert zero == lab.costs(step.start, step.end)["pfree"] == 300
        assert told == f"The shrinker treats folio 1 as underused: {zero} of its pages are zero-filled."


def test_own_patches_are_cited_as_such():
    """A reader's own function is cited as the reader's."""

    def deferred_split_folio(m, folio):
        pass

    lab = Lab("v6.5-rc3", patches=[deferred_split_folio])

    assert source_of(lab, "deferred_split_folio")[1].startswith("your patch")
