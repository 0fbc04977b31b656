"""The sentence of an operation: every word of it equals what the machine did."""

from __future__ import annotations

import re

import pytest

from folioviz.compare import sentence as sentences
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.sentence import TOLD, account, sentence, verdict
from folioviz.errors import OperationError
from folioviz.files import scenario
from folioviz.kernels import KERNELS
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import queue

PAIRS = (
    ("v6.5-rc3", "v6.5-rc3+v4.1"),
    ("v6.5-rc3+v4.1", "v6.5-rc3+v4"),
    ("v6.1.0", "v7.3"),
    ("v6.8", "v6.12"),
    ("v7.3", "v7.3+no-page-mapcount"),
)
NAMES = {noun: name for name in TOLD for noun in (COSTS[name].words, COSTS[name].one)}
TIMES = {"once": 1, "twice": 2}


def told(line, *keys, mmu_gather="batched", say=sentence):
    """Return the sentence of a line's last operation, without its subject."""
    labs = [Lab(key, mmu_gather) for key in keys]
    for op in parse_line(line):
        steps = [lab.apply(op) for lab in labs]
    sides = zip(labs, "AB", steps, strict=False)
    return say([account(lab, name, step.start, step.end) for lab, name, step in sides])


P1, V4 = "v6.5-rc3+v4.1", "v6.5-rc3+v4"
FOLIO = "mm; mmap 1 0 64; fault 1 0 4; "


@pytest.mark.parametrize(
    ("line", "keys", "words"),
    [
        (
            FOLIO + "munmap 1 0 64",
            ("v6.5-rc3+v4.1", "v6.5-rc3+v4"),
            (
                "A queues folio 1 for nothing (then freed), split_queue_lock taken twice; B queues no folio; "
                "B has 1 more forced flush and 15 fewer atomics on _nr_pages_mapped."
            ),
        ),
        (
            FOLIO + "munmap 1 0 8",
            ("v6.5-rc3+v4.1", "v6.5-rc3+v4"),
            (
                "both queue folio 1, split_queue_lock taken once each; "
                "B has 1 more forced flush and 7 fewer atomics on _nr_pages_mapped."
            ),
        ),
        (
            FOLIO + "munmap 1 0 8",
            ("v6.5-rc3+v4",),
            (
                "queues folio 1, split_queue_lock taken once, "
                "1 atomic on _nr_pages_mapped, 1 forced flush, 1 TLB flush executed."
            ),
        ),
        (FOLIO + "fork 1", ("v6.12", "v6.12"), "neither queues a folio; the rest costs the same."),
        (
            FOLIO + "dontneed 1 0 8; munmap 1 8 56",
            ("v6.12", "v7.3"),
            (
                "both take folio 1 off the queue, split_queue_lock taken once each; "
                "B has 1 fewer atomic on _large_mapcount."
            ),
        ),
    ],
)
def test_the_words_of_some_operations(line, keys, words):
    """What reviewers ask first, word for word."""
    assert told(line, *keys) == words


@pytest.mark.parametrize(
    ("line", "keys", "words"),
    [
        ("munmap 1 0 64", (P1, V4), "A queues folio 1 for nothing (then freed); B queues no folio"),
        ("munmap 1 0 8", (P1, V4), "both queue folio 1; B has 1 more forced flush"),
        ("munmap 1 0 8", (V4,), "queues folio 1"),
        ("fork 1", ("v6.12", "v6.12"), "neither queues a folio; the rest costs the same"),
    ],
)
def test_a_title_has_the_shortest_of_it(line, keys, words):
    """The queue, and what weighs most beside it where both do the same to it."""
    assert told(FOLIO + line, *keys, say=verdict) == words


def test_a_bug_comes_first():
    """v3 on s390 frees a folio that is mapped: nothing else of that operation is worth comparing."""
    words = told(FOLIO + "munmap 1 0 64", "v6.5-rc3+v3", "v6.5-rc3+v4", mmu_gather="none")

    assert words == "A hits a kernel bug (free_mapped, uaf); B queues no folio."


@pytest.mark.parametrize(("count", "said"), [(1, "folio 1"), (3, "folios 1, 2 and 3"), (4, "4 folios")])
def test_few_folios_are_named(count, said):
    """Three are; of more it is told how many they are."""
    faults = "; ".join(f"fault 1 {place * 16} 4" for place in range(count))

    assert told(f"mm; mmap 1 0 64; {faults}; exit 1", P1).startswith(f"queues {said} for nothing")


def queued(lab):
    """Return the ids of the folios on a lab's queue."""
    return {int(lab.machine.folio_id[head]) for head in queue(lab.machine)}


def checked(words, accounts, before, after):
    """Compare what a sentence of two kernels says with costs and queues; return how many facts it held."""
    facts = 0
    if any(one.bugs or one.refused for one in accounts):
        for one in accounts:
            assert (f"{one.name} hits a kernel bug" in words) == bool(one.bugs and not one.refused)
            facts += 1
        return facts
    a, b = accounts
    for number, which, noun in re.findall(r"([\d,]+) (more|fewer) ([^,.;]*?)(?=,| and |\.)", words):
        by = int(number.replace(",", ""))
        name = NAMES[noun]
        assert b.costs[name] - a.costs[name] == (by if which == "more" else -by)
        assert name in a.known & b.known
        facts += 1
    for one, was, now in zip(accounts, before, after, strict=True):
        assert set(one.queued) - set(one.wasted) >= now - was
        assert was - now <= set(one.left) | set(one.queued)
        queues = re.search(rf"{one.name} queues ([^;(]*?)(?: for nothing|;|,|\.| and takes)", words)
        if queues and queues[1] != "no folio" and len(one.queued) <= sentences.LONG:
            assert [int(n) for n in re.findall(r"\d+", queues[1])] == list(one.queued)
            facts += 1
        if queues and queues[1] == "no folio":
            assert not one.queued
            facts += 1
    locks = re.search(r"split_queue_lock taken (\S+)(?: times)? each", words)
    if locks:
        assert {one.costs["sqlock"] for one in accounts} == {
            TIMES.get(locks[1]) or int(locks[1].replace(",", ""))
        }
        facts += 1
    if "neither" in words:
        assert not a.queued
        assert not b.queued
    return facts + words.startswith("both")


def walked(ops, keys, mmu_gather, sizes=None):
    """Do operations under two kernels and check each one's sentence; return how many facts were told."""
    labs = [Lab(key, mmu_gather, sizes=sizes) for key in keys]
    facts = 0
    for op in ops:
        before = [queued(lab) for lab in labs]
        accounts = []
        for lab, name in zip(labs, "AB", strict=True):
            try:
                step = lab.apply(op)
                accounts.append(account(lab, name, step.start, step.end))
            except OperationError as error:
                accounts.append(account(lab, name, lab.cursor, lab.cursor, str(error)))
        facts += checked(sentence(accounts), accounts, before, [queued(lab) for lab in labs])
        if any(lab.machine.bug[0] for lab in labs):
            break
    return facts


@pytest.mark.parametrize("name", scenario.library())
def test_every_scenario_is_told_as_it_was(name):
    """The scenarios of the library, under their first and last kernel and under pairs that differ much."""
    found = scenario.library()[name]
    pairs = {(found.kernels[0], found.kernels[-1]), ("v6.5-rc3+v4.1", "v6.5-rc3+v4")}
    pairs |= {("v6.8", "v7.3")} if all(key in KERNELS for key in ("v6.8", "v7.3")) else set()
    facts = sum(walked(found.ops, pair, found.mmu_gather) for pair in pairs)

    assert facts > 0


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
@pytest.mark.parametrize("seed", range(4))
def test_random_operations_are_told_as_they_were(pair, seed):
    """Operations that nobody chose."""
    facts = walked(wander(seed, 60, "v6.5-rc3+v4"), pair, "batched", SIZES)

    assert facts > 0
