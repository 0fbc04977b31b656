"""What a sentence of a decision claims is so in the machine, at the row at which it was decided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from folioviz import KERNELS, Lab, parse_line
from folioviz.compare.random_ops import SIZES, wander
from folioviz.machine import journal as j
from folioviz.machine.fields import PAGE_MAPCOUNT
from folioviz.mm.headers import deferred_list
from folioviz.readout.explain import SENTENCES, decisions, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.memory import Machine

FOLIO = "mm; mmap 1 0 64; fault 1 0 4; "
RARE = (
    (
        "v6.12",
        FOLIO + "fault 1 16 1; dontneed 1 16 1; dontneed 1 0 3; get 1; shrink 1; munmap 1 0 16; split 1",
    ),
    ("v7.3", FOLIO + "fork 1; dontneed 2 0 15; dontneed 1 0 16; write 2 15"),
    ("v7.3", FOLIO + "fork 1; write 1 3; exit 2; get 1; write 1 4; put 1; write 1 5"),
    ("v6.5-rc3", "mm; mmap 1 0 4; fault 1 0 0; write 1 0; fork 1; exit 2; write 1 0; exit 1"),
    ("v6.12", "mm; mmap 1 0 1024; faultpmd 1 0; fork 1; write 1 3; exit 2; exit 1"),
    (
        "v7.3",
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 5; fork 1; dontneed 1 0 512; split 1",
    ),
    ("v6.5-rc3+v4.1", FOLIO + "dontneed 1 0 3"),
    ("v6.5-rc3", FOLIO + "dontneed 1 0 1; fork 1; write 1 3"),
    ("v6.1", "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; mprotect 1 0 16 0; mprotect 1 0 16 1; write 1 3"),
    ("v6.12", "mm; mmap 1 0 512; faultpmd 1 0; shrink 1"),
    ("v6.1.0", "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 4"),
    ("v6.12", FOLIO + "pin 1 3 1; fork 1"),
    ("v6.5-rc3+v3", FOLIO + "exit 1"),
)
"""Kernels and operations that decide what few random ones do; the last has no gather."""


class At(NamedTuple):
    """What is there where something is decided: the machine, the folio's head, and the page and number it tells."""

    machine: Machine
    head: int
    detail: int

    @property
    def order(self) -> int:
        """Return the folio's order."""
        return int(self.machine.folio_order[self.head])

    @property
    def by_ptes(self) -> int:
        """Return how many pages are mapped by PTEs, as their mapcounts say."""
        return int((self.machine.page_mapcount[self.head : self.head + (1 << self.order)] >= 0).sum())

    @property
    def told_mapped(self) -> bool:
        """Tell whether the number told is that of the pages that PTEs map; one below zero is of mappings."""
        return self.detail == self.by_ptes if self.detail >= 0 else -self.detail >= self.by_ptes > 0

    @property
    def by_pmds(self) -> bool:
        """Tell whether a PMD maps it."""
        return self.order > 0 and bool(self.machine.folio_entire_mapcount[self.head] >= 0)

    @property
    def mapped(self) -> bool:
        """Tell whether anything maps it."""
        return self.by_ptes > 0 or self.by_pmds

    @property
    def refs(self) -> int:
        """Return its reference count."""
        return int(self.machine.folio_refcount[self.head])

    @property
    def flagged(self) -> bool:
        """Tell whether PG_partially_mapped is set."""
        return bool(self.machine.folio_partially_mapped[self.head])

    @property
    def exclusive(self) -> bool:
        """Tell whether the page that is told is AnonExclusive."""
        return bool(self.machine.page_anon_exclusive[self.head + self.detail])

    @property
    def listed(self) -> bool:
        """Tell whether it is on the queue or on the shrinker's list."""
        node = deferred_list(self.head)
        return bool(self.machine.list_next[node] != node)


CLAIMS: dict[int, tuple[str, Callable[[At], bool]]] = {
    j.QUEUED: (
        r" goes on the deferred split queue",
        lambda at: at.detail in range(-at.by_ptes, 0) or at.by_ptes == at.detail,
    ),
    j.NOT_QUEUED_STILL_MAPPED: (r" not queued: .* still mapped", lambda at: at.mapped),
    j.NOT_QUEUED_PMD_MAPPED: (r" not queued: a PMD still maps all of it", lambda at: at.by_pmds),
    j.NOT_QUEUED_SMALL: (r" not queued: it is a single page", lambda at: at.order == 0),
    j.NOT_QUEUED_ORDER: (
        r" not queued .* order is {d}\.",
        lambda at: at.mapped and at.order == at.detail < 9,
    ),
    j.NOT_QUEUED_ORDER_1: (
        r" not queued .* {d} pages has no room",
        lambda at: 1 << at.order == at.detail == 2,
    ),
    j.NOT_QUEUED_UNMAPPED: (r" not queued: nothing of it is mapped any more", lambda at: not at.mapped),
    j.NOT_QUEUED_ALREADY: (r" is on .* already: split_queue_lock is not taken", lambda at: at.listed),
    j.NOT_QUEUED_FLAGGED: (
        r" not queued: PG_partially_mapped is set already, so .* not taken",
        lambda at: at.flagged,
    ),
    j.QUEUED_LOCKED: (r" is on .* already: this kernel takes split_queue_lock", lambda at: at.listed),
    j.UNQUEUED_FREED: (r" leaves the queue because it is being freed", lambda at: at.refs == 0),
    j.SPLIT_UNMAPPED: (r" is not split: nothing maps it", lambda at: not at.mapped),
    j.SPLIT_PINNED: (
        r" is not split: {d} references? beyond its mappings",
        lambda at: at.refs > at.detail > 0,
    ),
    j.SPLIT_DONE: (r" is split into {d} folios", lambda at: at.detail > 1),
    j.REUSED_EXCLUSIVE: (r" written in place: it is AnonExclusive", lambda at: at.exclusive),
    j.REUSED_LAST: (r" written in place: the folio has one reference left", lambda at: at.refs == 1),
    j.REUSED_OWNER: (r" written in place: all mappings belong to one process", lambda at: not at.exclusive),
    j.COPIED: (r" is copied: it is not AnonExclusive", lambda at: not at.exclusive and at.refs > 1),
    j.COPIED_LARGE: (r" is copied: .*never reuses", lambda at: not at.exclusive and at.order > 0),
    j.COPIED_SHARED: (r" is copied: .*more than one process may map it", lambda at: not at.exclusive),
    j.COPIED_LAST: (r" is copied: this is the folio's only mapping", lambda at: at.by_ptes == 1),
    j.COPIED_HELD: (r" is copied: .*one process .* has other references", lambda at: at.refs > at.by_ptes),
    j.COPIED_PINNED: (r" is copied for the child: it is AnonExclusive", lambda at: at.exclusive),
    j.COPIED_HUGE: (r" not written in place as a whole: it has {d} references", lambda at: at.by_pmds),
    j.FREED: (
        r" is freed: .* {d} pages? go(es)? back",
        lambda at: at.refs == 0 and 1 << at.order == at.detail,
    ),
    j.FREED_MAPPED: (r" is freed while it is still mapped", lambda at: at.mapped),
    j.BORN_QUEUED: (r" goes on the deferred split queue .* unflagged", lambda at: not at.flagged),
    j.FLAGGED: (r" is flagged PG_partially_mapped: .*{d} mappings? remain", lambda at: 0 < at.detail),
    j.SHRINK_DROPPED: (
        r"he shrinker takes folio {f} off the queue without splitting it",
        lambda at: at.refs > 0,
    ),
    j.SHRINK_REQUEUED: (r" could not be split and goes back to the queue's tail", lambda at: at.refs > 0),
}
"""Reason -> what its sentence says, and what the machine must show then; {d} is the number told, {f} the folio."""


def claims(lab, wrong):
    """Note which claims of a lab's decisions are not so; return the reasons that were looked at."""
    found = decisions(lab)
    for made in found:
        if made.reason not in CLAIMS:
            continue
        words, is_so = CLAIMS[made.reason]
        lab.seek(made.row)
        heads = (lab.machine.folio_id == made.folio).nonzero()[0]
        said = re.search(words.format(d=made.detail, f=made.folio), made.sentence)
        if not said or (heads.size and not is_so(At(lab.machine, int(heads[0]), made.detail))):
            wrong.append((lab.kernel.key, made.row, made.sentence))
    return {made.reason for made in found}


def test_one_is_not_several():
    """A page goes back and two go; one mapping remains, and two remain."""
    assert [sentence(j.FREED, 1, pages).split(", ")[1] for pages in (1, 2)] == [
        "1 page goes back.",
        "2 pages go back.",
    ]
    for reason in SENTENCES.keys() - {j.COPIED_HUGE, j.NOT_QUEUED_ORDER_1}:  # theirs are two or more
        assert sentence(reason, 1, 1) == re.sub(
            r"\b1 (pages|mappings|references)\b", "?", sentence(reason, 1, 1)
        )


@pytest.mark.parametrize("key", [key for key in KERNELS if "page_mapcount" not in KERNELS[key].drops])
def test_random_decisions_are_as_told(key):
    """Of operations that nobody chose, under each kernel that counts the mappings of its pages."""
    lab, wrong = Lab(key, sizes=SIZES), []
    for op in wander(5, 50):
        if lab.refusal(op) is None:
            lab.apply(op)

    assert lab.machine.maintains(PAGE_MAPCOUNT)
    assert claims(lab, wrong)
    assert wrong == []


def test_rare_decisions_are_as_told():
    """Operations that were chosen for them; then no sentence of the table is without an example."""
    wrong, seen = [], set()
    for key, text in RARE:
        lab = Lab(key, "none" if key == RARE[-1][0] else "batched", sizes=SIZES)
        for op in parse_line(text):
            lab.apply(op)
        seen |= claims(lab, wrong)

    assert wrong == []
    assert set(CLAIMS) <= seen & set(SENTENCES)
