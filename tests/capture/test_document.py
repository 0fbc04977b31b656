"""The document of a capture: what is written is read, and what does not fit is refused in words."""

from __future__ import annotations

import gzip
import json

import msgspec
import numpy as np
import pytest

from folioviz.capture import form, read, sums, write
from folioviz.capture.captured import Piece
from folioviz.errors import DocumentError, LimitError
from folioviz.evidence.recordings import observed as shape

SMALL = {
    "capture": 1,
    "about": {
        "release": "7.3.4",
        "version": "#1 SMP",
        "privileged": True,
        "sizes": {"64kB": "madvise"},
        "ms": 3,
    },
    "processes": [{}, {"parent": 1}],
    "regions": [
        {"process": 1, "first": 500, "pages": 40, "rights": "rw-p", "advice": "huge"},
        {"process": 1, "first": 1024, "pages": 512, "rights": "rw-p", "huge": [[0, 512]]},
        {"process": 2, "first": 500, "pages": 40, "rights": "rw-p"},
    ],
    "procs": {
        "1": {
            "1": [
                [0, 8, "p", 1, 0, 0, 2, "Ham", 0],
                [0, 4, "p", 0, 0, 8, 1, "Ham", 1],
                [2, 2, "p", 1, 1, 0, 1, "am", 1],
            ],
            "2": [[0, 512, "p", 1, 0, 0, 1, "Ham", 1]],
        },
        "2": {"3": [[0, 8, "p", -3, 0, 0, 2, "Ham", 0], [2, 1, "s"], [0, 1, "g"], [4, 1, "z"]]},
    },
    "orders": [[1, 4], [2, 0], [1, 9]],
    "elsewhere": {"0": [[14, 0], [1, 1], [1, 0]]},
    "vm": {"thp_split_page": 4},
    "mthp": {"64kB": {"nr_anon": 7}},
}
"""A folio of 16 pages of which a fork shares 8, two small pages, and a huge page."""


def packed(document):
    """Return a document's bytes."""
    return gzip.compress(json.dumps(document).encode())


def changed(path, value):
    """Return the small document with another value at a place."""
    document = json.loads(json.dumps(SMALL))
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return document


def test_what_is_read_is_written_again():
    """Every field comes back, and the same capture gives the same bytes."""
    capture = read(packed(SMALL))
    data = write(capture)

    assert write(read(data)) == data
    assert json.loads(gzip.decompress(data))["procs"] == SMALL["procs"]
    assert (capture.about.release, capture.vm, capture.mthp) == ("7.3.4", SMALL["vm"], SMALL["mthp"])
    assert [region.align for region in capture.regions] == [500, 0, 500]


def test_a_region_is_a_table_as_of_a_recording():
    """One row for each page: state, folio, order, offset, mapcount, exclusive."""
    seen = read(packed(SMALL)).observed()
    table = seen.tables["1 1"]

    assert table.shape == (40, len(shape.COLUMNS))
    assert table[:12, shape.FOLIO].tolist() == [0] * 12
    assert table[:12, shape.OFFSET].tolist() == [*range(12)]
    assert table[:12, shape.MAPCOUNT].tolist() == [2] * 8 + [1] * 4
    assert table[12:17, shape.FOLIO].tolist() == [-1, -1, 1, 2, -1]
    assert table[12:17, shape.STATE].tolist() == [0, 0, 1, 1, 0]
    assert table[11:15, shape.ORDER].tolist() == [4, 0, 0, 0]
    assert seen.tables["2 3"][8:17, shape.STATE].tolist() == [0, 0, 3, 4, 0, 0, 0, 0, 2]
    assert seen.folios[0] == {"order": 4, "kpagecount": ((8, 2), (4, 1), (4, 0))}
    assert seen.runs("1 2")[0][:6] == (0, 512, "p", 3, False, 0)


def test_a_block_has_what_others_map_at_the_same_place():
    """A 2 MiB block ends where the next one begins; folios that are mapped outside of it are named."""
    capture = read(packed(SMALL))
    first, second = capture.block(1, 0), capture.block(1, 1)

    assert first.pieces == (Piece(1, 0, 12), Piece(3, 0, 12))
    assert second.pieces == (Piece(1, 12, 40), Piece(3, 12, 40))
    assert [len(table) for table in first.observed.tables.values()] == [12, 12]
    assert first.outside == frozenset()
    assert capture.part(1, 0, 4).outside == {0}
    assert sorted(second.observed.folios) == []
    with pytest.raises(LimitError, match="the block of region 1 is 2: it must be 0 to 1"):
        capture.block(1, 2)
    with pytest.raises(LimitError, match="the region is 4: it must be 1 to 3"):
        capture.block(4, 0)


def test_sums_by_region_and_by_block():
    """Held is what nobody maps, not even a process that was not captured; a folio is counted at one place."""
    capture = read(packed(SMALL))
    regions, blocks = sums.by_region(capture), sums.by_block(capture)

    assert regions.mapped.tolist() == [14, 512, 8]
    assert regions.held.tolist() == [3, 0, 0]
    assert regions.shared.tolist() == [8, 0, 8]
    assert regions.partial.tolist() == [1, 0, 0]
    assert regions.folios.tolist() == [3, 1, 0]
    assert regions.huge.tolist() == [0, 512, 0]
    assert regions.orders[:, [0, 4, 9]].tolist() == [[2, 12, 0], [0, 0, 512], [0, 8, 0]]
    assert [regions.swapped[2], regions.guards[2], regions.zero[2]] == [1, 1, 1]
    assert blocks.mapped.tolist() == [12, 2, 512, 8, 0]
    assert blocks.held.tolist() == [3, 0, 0, 0, 0]
    assert blocks.huge.tolist() == [0, 0, 512, 0, 0]


def test_pages_that_others_may_map_are_not_held():
    """Where the kernel does not tell, they are counted apart."""
    capture = read(packed(SMALL | {"unsure": [[0, 1]], "elsewhere": {}}))
    found = sums.by_region(capture)

    assert (found.held.sum(), found.unsure.sum(), found.partial.sum()) == (0, 4, 0)
    assert write(read(write(capture))) == write(capture)


def test_without_privileges_folios_are_not_known():
    """Runs say what is present and exclusive; the table says of the rest that it is not known."""
    about = {"release": "7.3.4"}
    rows = {
        "1": {"1": [[3, 5, "p", 0, 0, 0, 0, "", 1], [0, 2, "p"]], "2": [[0, 512, "p", 0, 0, 0, 0, "", 1]]}
    }
    document = SMALL | {"about": about, "procs": rows, "orders": [], "elsewhere": {}}
    capture = read(packed(document))
    table = capture.table(1)

    assert table[3:10, shape.EXCLUSIVE].tolist() == [1] * 5 + [0] * 2
    assert set(table[3:10, [shape.FOLIO, shape.ORDER, shape.MAPCOUNT]].ravel().tolist()) == {form.UNKNOWN}
    assert sums.by_region(capture).mapped.tolist() == [7, 512, 0]
    assert sums.by_region(capture).shared.tolist() == [2, 0, 0]
    assert write(read(write(capture))) == write(capture)


HOSTILE = {
    "another format": (("capture",), 2, "capture is 2: "),
    "no release": (("about", "release"), None, "about is {"),
    "an unknown field": (("frames",), [1], "the capture is {"),
    "pages of 64 KiB": (("about", "page_size"), 65536, "about.page_size is 65536: "),
    "a long text": (("about", "version"), "x" * 401, "about.version is 'xxx"),
    "an escape sequence": (("about", "version"), "\x1b[2J", "about.version is "),
    "a large counter": (("vm", "pgfault"), 2**60, f"vm.pgfault is {2**60}: "),
    "a counter's name": (("vm", "a b"), 1, "vm"),
    "a size": (("mthp", "64"), {}, "mthp"),
    "a parent to come": (("processes", 0), {"parent": 1}, r"processes[0].parent is 1: it must be below 1"),
    "a process of a region": (
        ("regions", 1, "process"),
        2,
        "procs.1 has region 2: it must be one of the 3",
    ),
    "a process that is not there": (("processes",), [{}], "regions[2].process is 2: it must be 1 to 1"),
    "rights": (("regions", 0, "rights"), "rw-s", "regions[0].rights is 'rw-s': "),
    "17 GiB of address space": (("regions", 0, "pages"), 4_194_305, "regions[0].pages is 4194305: "),
    "16 GiB in two regions": (("regions", 1, "pages"), 4_194_304, "regions 1 to 2 have 4194344 pages"),
    "a far place": (
        ("regions", 1, "first"),
        1 << 27,
        "regions[1] ends at page 134218240: it must end by 134217728",
    ),
    "regions that overlap": (
        ("regions", 0, "pages"),
        525,
        "regions[1] begins at page 1024 of process 1: it must",
    ),
    "a PMD beyond": (
        ("regions", 1, "huge"),
        [[0, 1024]],
        "regions[1].huge[0] is [0, 1024]: it must lie within",
    ),
    "a PMD across blocks": (
        ("regions", 0, "huge"),
        [[0, 16]],
        "regions[0].huge[0] is [0, 16]: it must be whole",
    ),
    "a PMD over a hole": (
        ("procs", "1", "2", 0, 1),
        511,
        "regions[1].huge has page 0: a PMD maps a whole folio",
    ),
    "a region that is not there": (("procs", "1", "4"), [], "procs.1 has region 4: it must be one of the 3"),
    "another's region": (("procs", "1", "3"), [], "procs.1 has region 3: it must be one of the 3 of regions"),
    "a run's state": (("procs", "1", "1", 0, 2), "x", "procs.1.1[0][2] is 'x': "),
    "a run's length": (("procs", "1", "1", 0, 1), 0, "procs.1.1[0][1] is 0: "),
    "a run of too many values": (
        ("procs", "1", "1", 2),
        [0, 1, "s", 0, 0, 0, 0, "", 0, 7],
        "procs.1.1 is [[0, 8",
    ),
    "a run that goes back": (("procs", "1", "1", 2, 0), -1, "procs.1.1[2][0] is -1: "),
    "a run beyond the region": (
        ("procs", "1", "1", 2, 0),
        27,
        "procs.1.1[2] ends at page 41: it must end by 40",
    ),
    "a folio below 0": (
        ("procs", "2", "3", 0, 3),
        -4,
        "procs.2.3[0] has folios -1 to -1: they must be 0 to 3",
    ),
    "a folio beyond": (("orders",), [[1, 4], [2, 0]], "procs.1.2[0] has folios 3 to 3: they must be 0 to 2"),
    "a folio that nobody maps": (
        ("orders",),
        [[1, 4], [2, 0], [2, 9]],
        "orders has folio 4, which no run maps",
    ),
    "a run longer than its folio": (("procs", "1", "1", 1, 5), 13, "procs.1.1[1] ends at page 17 of folio 0"),
    "small folios that are large": (
        ("orders",),
        [[2, 4], [1, 0], [1, 9]],
        "procs.1.1[2] has pages that are folios",
    ),
    "a mapcount": (("procs", "1", "1", 1, 6), 2, "procs.1.1[1] has mapcount 2: the runs of all regions map"),
    "a mapcount that changes": (("procs", "1", "1", 0, 1), 7, "procs.2.3[0] has mapcount 2: the runs of all"),
    "an order": (("orders", 0), [1, 10], "orders[0][1] is 10: "),
    "17 GiB of folios": (
        ("orders", 2),
        [8193, 9],
        "orders has 8196 folios of 4194834 pages: they must have at most",
    ),
    "a small folio elsewhere": (
        ("elsewhere", "1"),
        [[1, 1]],
        "elsewhere.1 holds 1 pages: it must be a large folio",
    ),
    "a folio elsewhere that is not there": (("elsewhere", "9"), [[1, 1]], "elsewhere.9 holds 1 pages"),
    "an id that is no number": (("elsewhere", "01"), [[1, 1]], "elsewhere"),
    "many pages elsewhere": (("elsewhere", "0"), [[512, 1]] * 512, "elsewhere.0 holds 262144 pages"),
    "unsure of what is not there": (("unsure",), [[3, 2]], "unsure[0] is [3, 2]: it must be of the 4 folios"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_does_not_fit_is_refused(name):
    """The message names the thing, its value and what may stand there."""
    path, value, words = HOSTILE[name]

    with pytest.raises(DocumentError) as error:
        read(packed(changed(path, value)))

    assert str(error.value).startswith(words), error.value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\x1f\x8b" + bytes(20), "cannot be unpacked"),
        (packed(SMALL)[:-20], "cut off"),
        (b"{" * 1000, "not JSON"),
        (b'{"a":' + b"[" * 100_000, "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (bytes(form.MAX_PACKED + 1), "longer than 8388608 bytes"),
        (gzip.compress(bytes(form.MAX_UNPACKED + 1)), "unpacks to more than 41943040 bytes"),
        (gzip.compress(b"[" * (form.MAX_VALUES + 1)), "14000001 values: it must have at most 14000000"),
    ],
    ids=["empty", "damaged", "cut", "open", "nested", "no text", "long", "bomb", "values"],
)
def test_bytes_that_are_no_capture_are_refused(data, words):
    """Reading is bounded, whatever the bytes are."""
    with pytest.raises(DocumentError, match=words):
        read(data)


def test_sums_of_what_is_in_bounds_do_not_overflow():
    """Gaps and steps that are allowed each may not add up to more than a number holds."""
    far = [[4_000_000, 1, "z"]] * 600
    with pytest.raises(
        DocumentError, match=r"procs has a run with first page 2\d+: it must be less than 2147483648"
    ):
        read(packed(changed(("procs", "1", "1"), far)))
    wide = [[0, 1, "p", form.MAX_FOLIOS, 1, 0, 1, "am", 1]] * 600
    with pytest.raises(
        DocumentError, match=r"procs has a run with folio 2\d+: it must be less than 2147483648"
    ):
        read(packed(changed(("procs", "1", "1"), wide)))


def with_holes(folios, seed=0):
    """Return a capture of folios of 64 KiB, each with one page missing somewhere."""
    hole = np.random.default_rng(seed).integers(1, 15, folios)
    rows = []
    for at in hole.tolist():
        rows += [[0, at, "p", 1, 0, 0, 1, "Ham", 1], [1, 15 - at, "p", 0, 0, at + 1, 1, "Ham", 1]]
    return packed(
        {
            "capture": 1,
            "about": {"release": "7.3.4", "privileged": True},
            "processes": [{}],
            "regions": [{"process": 1, "first": 0, "pages": 16 * folios, "rights": "rw-p"}],
            "procs": {"1": {"1": rows}},
            "orders": [[folios, 4]],
        }
    )


def test_much_memory_is_a_small_document():
    """10 GiB of 64 KiB folios with a hole each come to less than 1 MB: 640 MiB are a sixteenth of that."""
    folios = 10_240
    capture = read(with_holes(folios))

    assert len(write(capture)) * 16 < 1_000_000
    assert sums.by_region(capture).held.tolist() == [folios]
    assert sums.by_block(capture).held.tolist() == [32] * (folios // 32)


def test_a_document_is_one_object_of_json():
    """Whoever has no folioviz can read it."""
    raw = msgspec.json.decode(gzip.decompress(write(read(packed(SMALL)))))

    assert [*raw][:5] == ["capture", "about", "processes", "regions", "procs"]
