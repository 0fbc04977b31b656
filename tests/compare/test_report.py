from __future__ import annotations

import contextlib
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz import KERNELS
from folioviz.compare.compare import compare
from folioviz.compare.report import even_runs, joined, report, run_text
from folioviz.errors import KernelError, OperationError
from folioviz.files.scenario import Scenario, find, library, loads
from folioviz.ops.ops import parse_line
from folioviz.readout.describe import MAX_LINES, WIDTH

CHEAP = [name for name in library() if name != "gather-overflow"]


def widest(text):
    """Return the length of the longest line."""
    return max(map(len, text.split("\n")))


def section(text, title):
    """Return the lines of one part of a report, without its title."""
    (part,) = [part for part in text.split("\n\n") if part.startswith(title)]
    return part.split("\n")[1:]


@settings(max_examples=max(10, settings.default.max_examples // 4))
@given(
    st.sampled_from(CHEAP),
    st.lists(st.sampled_from(list(KERNELS)), min_size=1, unique=True),
    st.sampled_from(["batched", "none"]),
)
def test_no_line_is_wider_than_72_columns(name, keys, mmu_gather):
    """Any scenario of the library under any kernels in any mode: every line has at most 72 characters."""
    text = ""
    with contextlib.suppress(OperationError):  # none of them can do it: v6.1 has no order-4 folios
        text = report(find(name), keys, mmu_gather)

    assert widest(text) <= WIDTH == 72


@pytest.mark.parametrize(
    ("name", "mmu_gather"),
    [
        pytest.param(
            name, mode, marks=pytest.mark.slow if mode == "none" or name.startswith("gather-") else ()
        )
        for name in library()
        for mode in ("batched", "none")
    ],
)
def test_no_line_is_wider_under_all_kernels_at_once(name, mmu_gather):
    """All kernels beside each other still fit, for every scenario."""
    text = report(find(name), list(KERNELS), mmu_gather)

    assert widest(text) <= WIDTH
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=120))
def test_no_title_makes_a_line_wider(text):
    """Whatever words a person writes, without spaces or with many, they are broken at 72 characters."""
    assert widest(report(Scenario((), title=text, about=text * 3))) <= WIDTH


def test_the_same_input_gives_the_same_text():
    """A report says nothing that changes from run to run."""
    assert report(find("back")) == report(find("back"))


def test_a_report_says_what_was_done_and_what_it_cost():
    """Title, operations, costs, the difference and the reasons of the simplest scenario, as the model has them."""
    text = report(find("whole-folio"))

    assert section(text, "Operations") == [
        "  1        mm",
        "  2        mmap 1 0 64",
        "  3        fault 1 0 4",
        "  4        munmap 1 0 64",
    ]
    assert "  split_queue_lock taken         2   0" in section(text, "Cost of all operations")
    assert section(text, "Differences")[0] == "  4  munmap 1 0 64"
    assert section(text, "Differences")[-1] == "     thp_deferred_split_page A 1, B 0"
    assert any("goes on the deferred split queue" in line for line in section(text, "Reasons"))
    assert "Bugs" not in text


def test_a_report_says_in_a_sentence_what_it_came_to():
    """One kernel alone, or the first beside each of the others; the costs below say the same."""
    ops = parse_line("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8")
    pair = section(report(Scenario(ops, kernels=("v6.5-rc3+v4.1", "v6.5-rc3+v4"))), "In short")
    alone = section(report(Scenario(ops, kernels=("v6.5-rc3",))), "In short")
    three = section(report(Scenario(ops, kernels=("v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4"))), "In short")

    assert " ".join("\n".join(pair).split()).startswith(
        "both queue folio 1, split_queue_lock taken once each; B has 1 more"
    )
    assert " ".join("\n".join(alone).split()).startswith("queues no folio, 8 atomics on _nr_pages_mapped")
    assert [line.split()[0] for line in three if line.startswith("  A")] == ["A", "A"]
    assert "C has 1 more forced flush" in " ".join("\n".join(three).split())


def test_a_report_names_the_bug_and_shows_the_state_before_it():
    """Under v3 on s390: which bugs, in which operation, and the sixteen mapped pages that are about to be freed."""
    text = report(find("s390-and-v3"))

    assert section(text, "Bugs")[0] == "  A hits a kernel bug in operation 4 (exit 1): free_mapped, then uaf."
    assert section(text, "State at the end")[0] == "  A before operation 4"
    assert "    folio 1: order 4, refcount 16; 16 of 16 pages mapped;" in section(text, "State at the end")
    assert any('"Bad page state' in line for line in section(text, "Reasons"))


def test_reasons_that_matter_come_first():
    """That it is queued stands above that its batch ended where it ends, and above that it was freed."""
    lines = " ".join(" ".join(section(report(find("whole-folio"), ["p1"]), "Reasons")).split())
    places = [
        lines.index(words) for words in ("goes on the deferred split queue", "queueing it gained nothing")
    ]

    assert max(places) < min(
        lines.index(words) for words in ("is on the queue already", "Folio 1 is freed: its last")
    )


def test_each_kernel_has_its_costs_however_many_they_are():
    """Below the kernels that fit side by side come the next ones, each with the costs of its own run."""
    found, keys = find("fork-one-side"), list(KERNELS)
    lines = section(report(found, keys), "Cost of all operations")
    heads = [place for place, line in enumerate(lines) if line.startswith("   ")]
    told = {}
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        (row,) = [line for line in lines[head:end] if "reference puts" in line]
        told |= dict(zip(lines[head].split(), map(int, row.split()[2:]), strict=True))

    assert len(heads) > 1
    assert list(told) == [chr(ord("A") + place) for place in range(len(keys))]
    assert list(told.values()) == [total.get("rput", 0) for total in compare(found.ops, keys).totals]


def test_kernels_that_agree_share_their_lines():
    """Equal states and reasons are told once, for all kernels that have them."""
    text = report(find("pmd-and-pte"))

    assert section(text, "State at the end")[0] == "  A, B, C"
    assert sum("folio 1" in line for line in section(text, "State at the end")) == 1


def test_the_kernels_may_be_chosen():
    """The reader's kernels and mode come before the scenario's own; a single kernel has no differences."""
    text = report(find("front"), ["p12"], "none")

    assert section(text, "Kernels")[0] == "  A  v4 1-2/3"
    assert "Kernels (mmu_gather: none (s390))" in text
    assert "Differences" not in text


def test_a_refusal_under_one_kernel_is_told():
    """An operation that only one kernel can do is named with the reason."""
    one = loads("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5; shrink 1; get 6")
    text = report(one, ["base", "p1"])

    assert section(text, "Bugs, refusals and errors") == [
        "  A cannot do operation 6 (get 6): there is no folio 6: the ids given so",
        "    far are 1 to 1.",
    ]


def test_a_split_differs_in_one_line():
    """v6.12 maps the zero page where v6.10 keeps 512 pages of zeros: one line tells of all of them."""
    text = report(loads("mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 512; split 1"), ["v6.10", "v6.12"])
    lines = section(text, "Differences")

    assert "     folios 1-512 A live, B -" in lines
    assert sum("folio" in line for line in lines) == 1


@pytest.mark.parametrize("name", library())
def test_no_difference_is_lost_as_they_are_joined(name):
    """What is told of folios 1-3, 7 is the same for each of them; nothing is left out or told twice."""
    found = library()[name]
    for one in compare(found.ops, found.kernels, found.mmu_gather).operations:
        told = []
        for what, values in map(msgspec.structs.astuple, joined(one.state)):
            names = re.fullmatch(r"folios? ([-\d, ]*\d)(.*)", what)
            spans = [span.split("-") for span in names[1].split(", ")] if names else []
            ids = [folio for span in spans for folio in range(int(span[0]), int(span[-1]) + 1)]
            told += [(f"folio {folio}{names[2]}", values) for folio in ids] if names else [(what, values)]

        assert sorted(told, key=str) == sorted(map(msgspec.structs.astuple, one.state), key=str)


def test_an_error_is_told_once_for_all_that_have_it():
    """mprotect() ends at a hole under both kernels; only A's mremap() takes no second VMA."""
    one = loads("mm; mmap 1 0 8; mmap 1 16 8; mprotect 1 0 24 0; mremap 1 0 24 100")
    text = report(one, ["v6.12", "v7.3"])

    assert section(text, "Bugs, refusals and errors") == [
        "  A and B end operation 4 (mprotect 1 0 24 0) with an error. No VMA has",
        "    page 8: mprotect() ends there with -ENOMEM; what comes before it is",
        "    done.",
        "  A ends operation 5 (mremap 1 0 24 100) with an error. The VMA ends at",
        "    page 8, before the range: mremap() returns -EFAULT; what was at the",
        "    destination is unmapped.",
    ]
    assert "mprotect()" not in "".join(section(text, "In short"))


def test_bad_input_is_an_error():
    """An unknown kernel, and an operation that no kernel can do."""
    with pytest.raises(KernelError):
        report(find("front"), ["v7"])
    with pytest.raises(OperationError, match="operation 1"):
        report(loads("fork 1"))


def test_long_lists_are_cut_and_counted():
    """Of a list of hundreds of lines only the first are printed, and how many more there are."""
    ops = "mm; mmap 1 0 4096; " + "; ".join(f"fault 1 {(place * place) % 4096} 0" for place in range(64))
    lines = section(report(loads(ops), ["base"]), "Operations")

    assert lines[-1] == f"  ... and {66 - MAX_LINES} more lines"
    assert len(lines) == MAX_LINES + 1


def test_four_even_operations_are_one_line():
    """Three are not worth it, and those that advance unevenly are told apart."""
    ops = parse_line("mm; mmap 1 0 64; fault 1 0 0; fault 1 1 0; fault 1 2 0; fault 1 3 0")
    uneven = parse_line("fault 1 0 0; fault 1 1 0; fault 1 2 0; fault 1 3 0; fault 1 5 0")

    assert list(even_runs(ops[2:])) == [(0, 4)]
    assert list(even_runs(ops[3:])) == [(0, 1), (1, 2), (2, 3)]
    assert list(even_runs(uneven)) == [(0, 4), (4, 5)]


def test_even_runs_of_operations_are_one_line():
    """Operations that advance evenly are told as the first and the last; short runs and uneven ones are not."""
    ops = find("sixty-four-folios").ops

    assert [(0, 1), (1, 2), (2, 66), (66, 67)] == list(even_runs(ops))
    assert run_text(ops, 2, 66) == ("3-66", "fault 1 0 4 ... fault 1 1008 4")
    assert [(0, 1), (1, 2), (2, 3)] == list(even_runs(loads("mm; mm; mm").ops))


@given(st.lists(st.sampled_from(["mm", "fork 1", "fork 2", "fork 3", "fork 4", "fork 5"]), max_size=30))
def test_even_runs_cover_every_operation_once(texts):
    """Runs follow each other without a gap, and each can be told by its first and last operation."""
    ops = loads("; ".join(texts)).ops if texts else ()
    runs = list(even_runs(ops))

    assert [place for start, end in runs for place in range(start, end)] == list(range(len(ops)))
    for start, end in runs:
        pairs = zip(ops[start:end], ops[start + 1 : end], strict=False)
        steps = {
            (type(b), *(y - x for x, y in zip(*map(msgspec.structs.astuple, (a, b)), strict=True)))
            for a, b in pairs
        }
        assert len(steps) <= 1
