"""What a document does not tell: frames, addresses, names, and how far things are from each other."""

from __future__ import annotations

import gzip
import json
from itertools import chain

import msgspec
import numpy as np
import pytest

from folioviz.capture import write
from folioviz.capture.form import MAX_PLACE, Process
from folioviz.capture.places import compacted
from folioviz.capture.take import take
from folioviz.errors import LiveError
from tests.capture.fixture import BASE, NAMES, Fixture


def bytes_of(source, processes=None, **options):
    """Return the document of a fixture, without how long it took."""
    capture = take(source, processes or [Process(), Process(parent=1)], **options)
    about = msgspec.structs.replace(capture.about, ms=0)
    object.__setattr__(capture, "about", about)
    return write(capture)


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_the_same_wherever_memory_lies(name):
    """In other frames and at other addresses the same layout gives the same bytes: none of them can be told from it."""
    document = bytes_of(Fixture(name))

    assert bytes_of(Fixture(name, blocks=99_991)) == document
    assert bytes_of(Fixture(name, base=BASE + 512 * 77_777)) == document
    assert bytes_of(Fixture(name, base=BASE + 512 * 77_777), addresses=True) != document


def test_a_document_has_no_address_name_or_pid():
    """No field for one is there, and no number that is as large as one."""
    document = json.loads(gzip.decompress(bytes_of(Fixture("7.3.4"))))

    def numbers(value):
        if isinstance(value, dict):
            value = [*value.values()]
        return [*chain.from_iterable(map(numbers, value))] if isinstance(value, list) else [value]

    assert max(number for number in numbers(document) if isinstance(number, int)) < MAX_PLACE
    assert {key for region in document["regions"] for key in region} <= {
        "process",
        "first",
        "pages",
        "rights",
        "huge",
    }
    assert document["processes"] == [{}, {"parent": 1}]


def test_with_addresses_they_are_there():
    """Addresses, pids and names come if they are asked for."""
    document = json.loads(gzip.decompress(bytes_of(Fixture("7.3.4"), addresses=True)))

    assert document["regions"][0]["address"] == BASE << 12
    assert document["regions"][0]["name"] == ""


def test_gaps_are_narrow_and_places_in_blocks_stay():
    """Order, adjoining mappings and places within 2 MiB are as they were; what is shared is at one place."""
    spans = [
        (1000, 1010),
        (1010, 1100),
        (1400, 1401),
        (9_000_123, 9_000_200),
        (9_000_150, 9_000_300),
        (2**34, 2**34 + 1),
    ]
    found = compacted([*spans, spans[0]])

    assert found[1000] == 1000 % 512
    assert [found[1010] - found[1000], found[1400] - found[1000]] == [10, 400]
    assert all(found[start] % 512 == start % 512 for start in found)
    assert 512 <= found[9_000_123] - (found[1400] + 1) < 1024
    assert found[9_000_150] - found[9_000_123] == 27
    assert 512 <= found[2**34] - (found[9_000_150] + 150) < 1024
    assert compacted([]) == {}


class Moving(Fixture):
    """A fixture in which some pages are elsewhere when they are read again."""

    def pagemap(self, process, start, pages):
        """Return the words; from the second time on, the first page of each mapping has gone."""
        found = super().pagemap(process, start, pages)
        self.asked = getattr(self, "asked", set())
        if (process, start) in self.asked:
            found[0] = 0
        found[1:2] ^= np.uint64(len(self.asked) % 2 << 55)  # soft-dirty is no move
        self.asked.add((process, start))
        return found


def test_pages_that_move_are_counted_and_left_out():
    """A page whose entry is another one when it is read again is absent; soft-dirty bits may change."""
    still = take(Fixture("7.3.4"), [Process(), Process(parent=1)])
    capture = take(Moving("7.3.4"), [Process(), Process(parent=1)])
    gone = sum(table[0, 0] > 0 for table in still.observed().tables.values())

    assert capture.about.moved == gone > 10
    assert not any(table[0, 0] for table in capture.observed().tables.values())
    assert write(capture)


class Ending(Fixture):
    """A fixture of processes that are gone when they are read again."""

    def pagemap(self, process, start, pages):
        """Return the words once, then what /proc says of what has ended."""
        found = super().pagemap(process, start, pages)
        self.asked = getattr(self, "asked", set())
        if (process, start) in self.asked:
            found[:] = 0
        self.asked.add((process, start))
        return found


def test_a_process_that_ends_while_it_is_read_is_told_of():
    """Not all of it has moved: there is nothing any more."""
    with pytest.raises(LiveError, match="has ended, or runs another program"):
        take(Ending("7.3.4"), [Process(), Process(parent=1)])
