"""Folios are told from words exactly, of layouts made in a VM, on a kernel with and one without page mapcounts."""

from __future__ import annotations

import pytest

from folioviz.capture import read, sums, write
from folioviz.capture.form import Process
from folioviz.capture.take import take
from folioviz.evidence.recordings import observed as shape
from tests.capture.fixture import BASE, NAMES, Fixture

HELD_KIB = 1104


def capture_of(name, **options):
    """Return a capture of a fixture, as its document has it."""
    fixture = Fixture(name, **options)
    return read(write(take(fixture, [Process(), Process(parent=1)], addresses=True))), fixture.about


@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_as_it_was_made(name):
    """Folio, order, offset, mapcount and exclusive bit of each page, and how often each folio's pages are mapped."""
    capture, about = capture_of(name)
    found = {}
    for number, region in enumerate(capture.regions, start=1):
        first = (region.address >> 12) - BASE
        for page, row in enumerate(capture.table(number).tolist()):
            if row[shape.STATE] == shape.PRESENT:
                found[region.process - 1, first + page] = row
    names, wrong = {}, []
    for process, page, folio, order, offset, count, exclusive in about["expected_pages"]:
        row = found.pop((process, page))
        same = names.setdefault(folio, row[shape.FOLIO]) == row[shape.FOLIO]
        same &= (row[shape.ORDER], row[shape.OFFSET], row[shape.MAPCOUNT]) == (order, offset, count)
        same &= exclusive in {None, row[shape.EXCLUSIVE]}
        wrong += [] if same else [(process, page, row)]

    assert (wrong, found) == ([], {})
    for folio, (order, mapped, total) in about["expected_folios"].items():
        counts = capture.mapcounts[capture.slots[names[folio]] :][: 1 << order]
        assert (int((counts > 0).sum()), int(counts.sum())) == (mapped, total), folio


@pytest.mark.parametrize("name", NAMES)
def test_what_is_held_is_counted(name):
    """What no process maps of folios: a munmap'ed half, holes, guards, and what neither parent nor child has."""
    capture, _ = capture_of(name)
    found = sums.by_region(capture)

    assert 4 * found.held.sum() == 4 * sums.by_block(capture).held.sum() == HELD_KIB
    assert found.partial.sum() == 5
    assert (found.unsure.sum(), capture.foreign.sum(), capture.about.moved) == (0, 0, 0)
    assert found.huge.sum() == 3 * 512
    assert found.guards.sum() == 4


@pytest.mark.parametrize(("name", "averages"), [*zip(NAMES, (False, True), strict=True)])
def test_a_kernel_without_page_mapcounts_is_told_by_its_folios(name, averages):
    """Kpagecount is not 0 on a page that nobody maps; where the configuration says it, that is believed."""
    assert capture_of(name)[0].about.no_page_mapcount is averages
    assert capture_of(name, no_page_mapcount=averages)[0].about.no_page_mapcount is averages


def test_the_bit_of_ksm_is_not_believed_where_it_lies():
    """It says nothing where large folios have it."""
    assert [capture_of(name)[0].about.ksm for name in NAMES] == [0, 0]
