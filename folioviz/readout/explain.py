"""Decisions as sentences: why a folio was queued, a batch ended, a flush was forced, a split refused, a page copied."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.kernels.kernel import followed
from folioviz.machine import journal as j
from folioviz.readout.functions import file_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FunctionType

    from folioviz.lab import Lab


class Decision(NamedTuple):
    """A decision of the kernel.

    Attributes:
        row: the journal row at which it was made (the machine after ``row + 1`` rows has made it).
        reason: its code, one of :mod:`folioviz.machine.journal`'s.
        folio: the folio's id.
        detail: one number, whose meaning depends on the reason.
        sentence: what was decided and why.
        function: the kernel function that decided, "" if none did.
        source: the file of the kernel, and the release or patch.
    """

    row: int
    reason: int
    folio: int
    detail: int
    sentence: str
    function: str
    source: str


BASE = "v6.5-rc3"
OWN = "folioviz's own"


SENTENCES: dict[int, str] = {
    j.QUEUED: "Folio {f} goes on the deferred split queue: some of its pages lost their last mapping, "
    "while {d} {are} still mapped by PTE.",
    j.NOT_QUEUED_STILL_MAPPED: "Folio {f} is not queued: every page that was unmapped here is still mapped elsewhere.",
    j.NOT_QUEUED_PMD_MAPPED: "Folio {f} is not queued: a PMD still maps all of it, whatever happens to its PTEs.",
    j.NOT_QUEUED_SMALL: "Folio {f} is not queued: it is a single page, there is nothing to split.",
    j.NOT_QUEUED_ORDER: "Folio {f} is not queued although it is partially mapped: "
    "this kernel queues PMD-mappable folios only, and its order is {d}.",
    j.NOT_QUEUED_UNMAPPED: "Folio {f} is not queued: nothing of it is mapped any more.",
    j.NOT_QUEUED_ALREADY: "Folio {f} is on {where} already: split_queue_lock is not taken.",
    j.NOT_QUEUED_FLAGGED: "Folio {f} is not queued: PG_partially_mapped is set already, "
    "so split_queue_lock is not taken.",
    j.NOT_QUEUED_SWAPCACHE: "Folio {f} is not queued: it is in the swap cache, so reclaim has it already.",
    j.SWAPPED_OUT: "Folio {f} is written to swap: {d} page{s}.",
    j.SWAPPED_IN: "{d} page{s} come{es1} back from swap, as folio {f}.",
    j.KEPT: "Folio {f} is not reclaimed: {d} reference{s} remain{es1}.",
    j.DISCARDED: "Folio {f} is dropped, not swapped out: MADV_FREE gave up its {d} page{s}, and nobody wrote since.",
    j.QUEUED_LOCKED: "Folio {f} is on {where} already: this kernel takes split_queue_lock before it looks.",
    j.UNQUEUED_FREED: "Folio {f} leaves the queue because it is being freed: queueing it gained nothing.",
    j.UNQUEUED_SPLIT: "Folio {f} leaves {where} because it is being split.",
    j.BATCH_FOLIO_END: "Batch of {d} page{s} of folio {f}: the folio ends there.",
    j.BATCH_RANGE_END: "Batch of {d} page{s} of folio {f}: what is asked for of its VMA ends there.",
    j.BATCH_TABLE_END: "Batch of {d} page{s} of folio {f}: its page table ends there.",
    j.BATCH_HOLE: "Batch of {d} page{s} of folio {f}: the next PTE is empty.",
    j.BATCH_OTHER_PAGE: "Batch of {d} page{s} of folio {f}: the next PTE maps another page.",
    j.BATCH_DIRTY: "Batch of {d} page{s} of folio {f}: the next PTE differs in its dirty bit.",
    j.BATCH_WRITABLE: "Batch of {d} page{s} of folio {f}: the next PTE differs in its write bit.",
    j.ENDED_AT_HOLE: "No VMA has page {d}: mprotect() ends there with -ENOMEM; what comes before it is done.",
    j.PASSED_HOLE: "No VMA has page {d}: madvise() goes on behind it, and returns -ENOMEM at the end.",
    j.SIGNALLED: "Page {d} may not be written: the program gets SIGSEGV; the pages before it are written.",
    j.SIGNALLED_READING: "Page {d} may not be read: the program gets SIGSEGV; the pages before it are read.",
    j.NOT_MOVED: "The VMA ends at page {d}, before the range: mremap() returns -EFAULT; what was at the destination is "
    "unmapped.",
    j.FLUSH_FULL: "The mmu_gather is full after page {d} of folio {f}: the zap stops and flushes.",
    j.FLUSH_CUT: "A flush is forced after a batch of {d} page{s}: the count is decremented before it is "
    "compared with the number asked for, so every batch looks cut short.",
    j.SPLIT_UNMAPPED: "Folio {f} is not split: nothing maps it.",
    j.SPLIT_PINNED: "Folio {f} is not split: {d} reference{s} beyond its mappings: somebody else uses it.",
    j.SPLIT_DONE: "Folio {f} is split into {d} folios; tails that nobody maps are freed.",
    j.REUSED_EXCLUSIVE: "Page {d} of folio {f} is written in place: it is AnonExclusive, nobody else can see it.",
    j.REUSED_LAST: "Page {d} of folio {f} is written in place: the folio has one reference left, this mapping's.",
    j.COPIED: "Page {d} of folio {f} is copied: it is not AnonExclusive and the folio has other references.",
    j.FREED: "Folio {f} is freed: its last reference went, {d} page{s} go{es} back.",
    j.FREED_MAPPED: 'Folio {f} is freed while it is still mapped: "Bad page state, nonzero mapcount".',
    j.BORN_QUEUED: "Folio {f} goes on the deferred split queue as it is born, unflagged: "
    "the shrinker may find that most of it was never written.",
    j.FLAGGED: "Folio {f} is flagged PG_partially_mapped: some of its pages lost their last mapping, "
    "while {d} mapping{s} remain{es1}.",
    j.SHRINK_DROPPED: "The shrinker takes folio {f} off the queue without splitting it: "
    "it is neither flagged nor underused.",
    j.SHRINK_FOUND_UNDERUSED: "The shrinker treats folio {f} as underused: {d} of its pages {are} zero-filled.",
    j.SHRINK_REQUEUED: "Folio {f} could not be split and goes back to the queue's tail.",
    j.REUSED_OWNER: "Page {d} of folio {f} is written in place: all mappings belong to one process, "
    "and there are no other references.",
    j.COPIED_LARGE: "Page {d} of folio {f} is copied: this kernel never reuses a page of a large folio "
    "that is not AnonExclusive.",
    j.COPIED_SHARED: "Page {d} of folio {f} is copied: as far as the folio knows, more than one process may map it.",
    j.COPIED_LAST: "Page {d} of folio {f} is copied: this is the folio's only mapping, and without it the folio goes.",
    j.COPIED_HELD: "Page {d} of folio {f} is copied: one process has all mappings, but the folio has other references.",
    j.COPIED_PINNED: "Page {d} of folio {f} is copied for the child: it is AnonExclusive, and the folio is pinned.",
    j.COPIED_HUGE: "Folio {f} is not written in place as a whole: it has {d} references. Its PMD is split first.",
    j.NOT_QUEUED_ORDER_1: "Folio {f} is not queued although it is partially mapped: "
    "a folio of {d} pages has no room for the queue's link.",
    j.FLAG_HANDED_ON: "Folio {f} goes on the deferred split queue flagged, as the folio was that it replaces, "
    "whatever maps it now.",
    j.ZERO_PAGE: "Page {d} of what was folio {f} is zero-filled: its mapping becomes the shared zero page.",
    j.COLLAPSED: "Folio {f} takes the place of {d} page{s}, which are copied; its other pages are filled with zeros.",
    j.COLLAPSE_TOO_SMALL: "At page {d} there are no 2 MiB, aligned and in one VMA: nothing is collapsed (-EINVAL).",
    j.COLLAPSE_NOT_THERE: "At page {d} there is nothing that could be collapsed (-EINVAL).",
    j.COLLAPSE_NONE: "The pages from {d} on are not collapsed: more than max_ptes_none of them are not there.",
    j.COLLAPSE_SHARED: "With page {d}, others may map more pages than max_ptes_shared allows: nothing is collapsed.",
    j.COLLAPSE_HELD: "The folio at page {d} has references beyond its mappings: nothing is collapsed (-EAGAIN).",
    j.COLLAPSE_READ_ONLY: "The pages from {d} on are not collapsed: none of them may be written (-EINVAL).",
    j.COLLAPSE_AS_LARGE: "At page {d} the folio is at least as large already: no other takes its place.",
    j.COLLAPSE_GIVEN_AWAY: "MADV_FREE has given page {d} away, and nobody has written since: nothing is collapsed.",
    j.COLLAPSE_SWAPPED: "The pages from {d} on are not collapsed: more are in swap than max_ptes_swap allows.",
    j.COLLAPSE_OLD: "The pages from {d} on are not collapsed: too few of them were accessed of late.",
    j.MOVE_THERE: "UFFDIO_MOVE stops before page {d} (-EEXIST): something is there already.",
    j.MOVE_SHARED: "UFFDIO_MOVE stops before page {d} (-EBUSY): it is not AnonExclusive, so others may see it.",
    j.MOVE_PINNED: "UFFDIO_MOVE stops before page {d} (-EBUSY): it is pinned.",
    j.MOVE_HELD: "UFFDIO_MOVE stops before page {d} (-EBUSY): its folio cannot be split.",
    j.MOVE_RETRIED: "UFFDIO_MOVE stops before page {d}: its folio cannot be split; "
    "here that is the end, but this kernel tries again until it can be.",
    j.MOVE_MARKER: "UFFDIO_MOVE stops before page {d} (-EFAULT): a guard marker is there.",
    j.QUEUE_LEFT: "Folio {f} stays on the queue of cgroup {d}: no shrinker comes to that of a removed cgroup.",
    j.QUEUE_REPARENTED: "Folio {f} goes to the head of the root's queue with all that removed cgroup {d} has queued.",
    j.MIGRATED: "Folio {f} is migrated: {d} page{s} move{es1} to a new folio.",
}
"""Reason -> sentence; {f} is the folio, {d} the detail, {where} a detail that is a place of :data:`LISTS`."""
FEWER = "Folio {f} goes on the deferred split queue: {d} mapping{s} remain{es1}, fewer than it has pages."
"""Of QUEUED with a detail below zero: the kernel counts mappings, not pages."""
LISTS = ("the queue", "the shrinker's list")

ASKED = (
    j.QUEUED,
    j.FLAGGED,
    j.NOT_QUEUED_STILL_MAPPED,
    j.NOT_QUEUED_PMD_MAPPED,
    j.NOT_QUEUED_ORDER,
    j.NOT_QUEUED_ORDER_1,
    j.NOT_QUEUED_UNMAPPED,
    j.NOT_QUEUED_ALREADY,
    j.NOT_QUEUED_FLAGGED,
    j.NOT_QUEUED_SWAPCACHE,
    j.QUEUED_LOCKED,
)
"""What may be decided of the queue when mappings of a large folio go."""
COPIES = (j.COPIED, j.COPIED_LARGE, j.COPIED_LAST, j.COPIED_SHARED, j.COPIED_HELD)
REUSES = (j.REUSED_EXCLUSIVE, j.REUSED_LAST, j.REUSED_OWNER)
"""What may be decided of a page that is mapped read-only and is written to."""
ROUTINE = {
    j.NOT_QUEUED_SMALL,
    j.FREED,
    j.BATCH_FOLIO_END,
    j.NOT_QUEUED_STILL_MAPPED,
    j.NOT_QUEUED_ALREADY,
    j.NOT_QUEUED_FLAGGED,
    j.NOT_QUEUED_SWAPCACHE,
    j.QUEUED_LOCKED,
}
"""Reasons that a reader wants last: nothing was at stake."""


ERRORS = (
    *(j.ENDED_AT_HOLE, j.PASSED_HOLE, j.SIGNALLED, j.SIGNALLED_READING, j.NOT_MOVED),
    *(j.COLLAPSE_TOO_SMALL, j.COLLAPSE_NOT_THERE, j.COLLAPSE_HELD, j.COLLAPSE_READ_ONLY),
    *(j.MOVE_THERE, j.MOVE_SHARED, j.MOVE_PINNED, j.MOVE_HELD, j.MOVE_RETRIED, j.MOVE_MARKER),
)
"""Reasons of errors: they are about a page, and no folio."""


def failure(rows: np.ndarray) -> str:
    """Return why a call ended with an error, read from its journal rows; "" if it did not."""
    if rows.size and rows[-1, 0] == j.EXIT and rows[-1, 3] >= 0:  # what khugepaged passes over is no error
        return ""
    told = [row for row in rows[rows[:, 0] == j.WHY].tolist() if row[1] in ERRORS]
    return sentence(told[-1][1], 0, told[-1][3]).removesuffix(".") if told else ""


def sentence(reason: int, folio: int | str, detail: int | str) -> str:
    """Return a decision in words; of several, folio and detail are a text that names all."""
    fewer = reason == j.QUEUED and str(detail).startswith("-")
    detail = str(detail).replace("-", "") if fewer else detail
    one = detail in (1, "1")
    return (FEWER if fewer else SENTENCES[reason]).format(
        f=folio,
        d=detail,
        where=LISTS[one],
        s="" if one else "s",
        es="es" if one else "",
        es1="s" if one else "",
        are="is" if one else "are",
    )


@lru_cache(maxsize=4096)
def cited(function: FunctionType, module: str) -> tuple[str, str]:
    """Return what a linked function follows: the kernel's function, and its file and release or patch.

    What only the model has follows nothing: ("", "folioviz's own").
    """
    if module.startswith("folioviz.mm."):
        file = file_of(function.__name__, BASE)
        return (function.__name__, f"{file}, {BASE}") if file else ("", OWN)
    if module.startswith("folioviz.kernels."):
        for said in followed(function.__doc__ or ""):
            return said["function"] or function.__name__, f"{said['file']}, {said['text']}"
        return "", OWN
    return function.__name__, f"your patch ({module})"


def source_of(lab: Lab, function: str) -> tuple[str, str]:
    """Return what a function of a lab's kernel follows, as :func:`cited` says it."""
    return cited(lab.linked.code[function], lab.linked.sources[function])


def decision(lab: Lab, why: Sequence[int], function: str) -> Decision:
    """Return a decision (row, reason, folio, detail) that a function of the model made, in words."""
    row, reason, folio, detail = why
    name, source = source_of(lab, function) if function else ("", OWN)
    return Decision(
        row, reason, folio, detail, sentence(reason, folio, detail), f"{name}()" if name else "", source
    )


def decisions(lab: Lab, start: int = 0, end: int | None = None) -> list[Decision]:
    """Return the decisions made in journal rows ``[start, end)``, in order.

    ``start`` should be where an operation begins, so that the calling function of each is known.
    """
    end = len(lab.journal) if end is None else end
    rows, cpus = lab.journal[start:end], lab.cpus_of(start, end)
    at = np.flatnonzero((rows[:, 0] == j.WHY) | (rows[:, 0] == j.ENTER) | (rows[:, 0] == j.EXIT))
    stacks: dict[int, list[int]] = {}
    found = []
    for place, (kind, code, folio, detail) in zip(at.tolist(), rows[at].tolist(), strict=True):
        stack = stacks.setdefault(int(cpus[place]), [])
        if kind == j.ENTER:
            stack.append(code)
        elif kind == j.EXIT:
            if stack:
                stack.pop()
        else:
            names = [lab.linked.names[number] for number in stack]
            function = next((name for name in reversed(names) if source_of(lab, name)[0]), "")
            found.append(decision(lab, (start + place, code, folio, detail), function))
    return found
