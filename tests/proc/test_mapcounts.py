"""What /proc shows of a kernel that keeps no mapcounts of pages."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings import replay
from folioviz.evidence.recordings.format import About, Step
from folioviz.evidence.recordings.nearest import AVERAGES, OPTION, release_of
from folioviz.evidence.recordings.reading import Recording


def shown(*ops, option=OPTION):
    """Return what the model of such a kernel shows after steps."""
    steps = tuple(Step("x", i, op) for i, op in enumerate(ops))
    return replay(Recording(About("x", "7.3.4", version=option, thp="4+9"), steps)).steps[-1].model


SMALL = ("P map a 16", "P touch a 0 16")
HUGE = ("P map a 512", "P touch a 0 512")


@pytest.mark.parametrize(
    ("ops", "average"),
    [
        (SMALL, 1),
        ((*SMALL, "P dontneed a 0 15"), 1),  # 1/16, and at least 1
        ((*SMALL, "P fork C", "C dontneed a 0 9"), 1),  # 23/16
        ((*SMALL, "P fork C", "C dontneed a 0 8"), 2),  # 24/16, the half goes up
        ((*SMALL, "P fork C", "P fork D"), 3),
        ((*SMALL, "P pin a 0 1", "P dontneed a 0 16"), 0),
        (HUGE, 1),
        ((*HUGE, "P fork C", "C dontneed a 0 257"), 1),  # a PMD, and 255/512
        ((*HUGE, "P fork C", "C dontneed a 0 256"), 2),  # a PMD, and 256/512
        ((*HUGE, "P fork C", "C dontneed a 0 1"), 2),
        ((*HUGE, "P dontneed a 0 511"), 1),
    ],
)
def test_every_page_shows_the_folios_average(ops, average):
    """Also a page that nobody maps, as long as the folio has a mapping; /proc says mapped if one is left."""
    (folio,) = shown(*ops).folios.values()

    assert [average] == [value for _, value in folio["kpagecount"]]
    assert folio["flags"] == ("Ham" if average else "Ha")


def test_pages_are_shared_as_the_folio_is():
    """A page that one process alone maps is shared while its folio may be; smaps divides by the average."""
    ops = (*SMALL, "P fork C", "C dontneed a 0 9")
    memory, table = shown(*ops).memory["P a"], shown(*ops).tables["P a"]

    assert (64, 64) == (memory["Shared_Dirty"], memory["Pss"])
    assert "Private_Dirty" not in memory
    assert not table[:, 5].any()
    assert 36 == shown(*ops, option="").memory["P a"]["Private_Dirty"]


def test_which_kernel_shows_averages():
    """The build of a recorded kernel says it; before v6.15 there was no such option."""
    assert ("7.3.4-no_page_mapcount", AVERAGES) == release_of("7.3.4", f"{OPTION}, #1")[::2]
    assert release_of("7.3.4", "#1").model == "v7.3"
    assert release_of("6.12.1", OPTION).model == "v6.12"
