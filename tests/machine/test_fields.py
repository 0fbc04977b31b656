"""The table of fields: what it gives fits together."""

from __future__ import annotations

from collections import Counter

from folioviz.machine import fields
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import CELL, FIELDS, OF_FOLIO, OF_PAGE, ON_CARD


def test_a_constant_is_the_number_of_its_field():
    """PAGE_MAPCOUNT numbers the field page_mapcount, and so on for all of them, in the order of the table."""
    numbers = [getattr(fields, row.name.upper()) for row in FIELDS]

    assert numbers == [row.number for row in FIELDS] == list(range(len(FIELDS)))


def test_a_counter_of_the_card_is_explained_and_has_a_place_of_its_own():
    """Its word opens a text; no other counter, and no cost, is known on the page by the same name."""
    assert [row.place for row in ON_CARD] == list(range(1, len(ON_CARD) + 1))
    assert all(row.text and row.source for row in ON_CARD)
    assert {row.shown for row in ON_CARD}.isdisjoint(COSTS)


def test_only_what_pages_have_is_in_their_cells():
    """A folio's own fields are shown by a counter or a badge."""
    assert {row.shown for row in OF_PAGE} == {CELL}
    assert CELL not in {row.shown for row in OF_FOLIO}


def test_what_is_one_in_a_record_is_one_thing():
    """Fields with the same key in a record are parts of one counter: they have its word and its lowest order."""
    for key in {row.record for row in OF_FOLIO if row.record}:
        parts = {(row.word, row.shown, row.order, row.some) for row in OF_FOLIO if row.record == key}
        assert len(parts) == 1, key


def test_a_folios_fields_are_told_apart_in_a_trace():
    """No two have the same label."""
    labels = Counter(row.label for row in FIELDS if row.by in {"folio", "page"})

    assert max(labels.values()) == 1
