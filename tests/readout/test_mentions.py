"""Words of the glossary in running text: found as prose says them, each once, and nowhere else."""

from __future__ import annotations

import pytest

from folioviz.readout.glossary import TERMS
from folioviz.readout.mentions import SAID, mentions


def names(text, known=()):
    """Return which words a text mentions, in its order."""
    return [name for name, _ in mentions(text, set(known)) if name]


def test_every_word_that_is_looked_for_is_explained():
    """The glossary has all of them, and what the glossary calls each is found as that word."""
    assert set(SAID) - set(TERMS) == set()
    titles = {name: TERMS[name].title for name in SAID} | {"order": "order 4", "sqlock": "split_queue_lock"}

    assert {name: names(title)[0] for name, title in titles.items()} == {name: name for name in SAID}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Folios of order 9 that PTEs map; another folio, a PTE.", ["folio", "order", "pte"]),
        ("An order-4 folio", ["order", "folio"]),
        ("In the order in which they came, in order no time is lost", []),
        ("mm/rmap: batched; mm/rmap.c; page_add_anon_rmap()", []),
        ("the rmap.", ["rmap"]),
        ("_mapcount, folio_put(), zap_pte_range(), rss_stat, VMA-less", ["vma"]),
        ("a pinned folio, unpin it", ["pin", "folio"]),
        ("partially mapped, and entirely mapped", ["partially", "entirely"]),
        ("It maps a row; it is split by a patch.", []),
        ("the deferred split queue, or split queue", ["queue"]),
        ("gather batches of the gather", ["gather"]),
        ("", []),
    ],
)
def test_a_word_is_found_as_prose_says_it(text, found):
    """Plurals, capitals and numbers, but no names of functions and files, and no word in another sense."""
    assert names(text) == found


def test_the_pieces_are_the_text():
    """Nothing is lost or changed; what is known already is plain text."""
    text = "A folio, a PTE, another folio"
    known = {"pte"}

    assert list(mentions(text, known)) == [("", "A "), ("folio", "folio"), ("", ", a PTE, another folio")]
    assert known == {"pte", "folio"}
