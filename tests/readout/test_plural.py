"""Words agree with their numbers, whatever a folded line stands for."""

from __future__ import annotations

import re

import pytest

from folioviz.machine import journal as j
from folioviz.readout.explain import SENTENCES, sentence
from folioviz.readout.plural import agree
from tests.readout.test_repeats import DISAGREES


@pytest.mark.parametrize("reason", SENTENCES)
def test_every_sentence_can_be_about_several(reason):
    """Of several folios, pages or batches each sentence agrees; of one it is left as it is."""
    for folio, detail in (("4–10", 16), ("4…10", "1…3"), (4, "1–3")):
        said = agree(sentence(reason, folio, detail))
        assert not DISAGREES.search(said), said
        if said.startswith("Folios"):
            assert not re.search(r"\b(it|its|is)\b(?! looks| lost)", said.split(": ", 1)[0]), said
    assert agree(sentence(reason, 4, 16)) == sentence(reason, 4, 16)


@pytest.mark.parametrize(
    ("reason", "folio", "detail", "said"),
    [
        (j.FREED, "4–10", 1, "Folios 4–10 are freed: their last reference went, 1 page each goes back."),
        (j.NOT_QUEUED_UNMAPPED, "2…4", 0, "Folios 2…4 are not queued: nothing of them is mapped any more."),
        (
            j.UNQUEUED_FREED,
            "1–31",
            0,
            "Folios 1–31 leave the queue because they are being freed: queueing them gained nothing.",
        ),
        (j.BATCH_FOLIO_END, "2–20", 512, "Batches of 512 pages of folios 2–20: each folio ends there."),
        (
            j.BATCH_DIRTY,
            4,
            "1–3",
            "Batches of 1–3 pages of folio 4: the next PTE differs in its dirty bit.",
        ),
        (
            j.FLUSH_FULL,
            "29…53",
            0,
            "The mmu_gather is full after page 0 of each of folios 29…53: the zap stops and flushes.",
        ),
        (
            j.REUSED_EXCLUSIVE,
            2,
            "3–5",
            "Pages 3–5 of folio 2 are written in place: they are AnonExclusive, nobody else can see them.",
        ),
    ],
)
def test_sentences_about_several(reason, folio, detail, said):
    """What is said of one folio, page or batch is said of several in the plural."""
    assert agree(sentence(reason, folio, detail)) == said
