"""Captures of a kernel's memory that was made by hand: page tables, folios and their fields, by release.

Real kernels are read by ``python -m tools.kernel_side``, in QEMU.
"""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.capture import kernel_side, read, write
from folioviz.capture.form import Process
from folioviz.capture.state import state
from folioviz.capture.take import take
from folioviz.evidence.recordings import observed as shape
from folioviz.rebuild import rebuild
from tests.vmcore import made
from tests.vmcore.made import BLOCK, HUGE, PAGE, PRESENT, PROTNONE, PSE, RELEASES, SHARED, WRITABLE, Made

pytest.importorskip("drgn", reason="drgn is not installed: no kernel's memory is read")
from folioviz.vmcore import Core

START = 0x7F00_0000_0000 // PAGE
PMD = 0x800000


def capture(kernel):
    """Return what is captured of the process, as a document has it."""
    program, mm = kernel.program()
    return read(write(take(Core(program, [mm]), [Process()])))


def laid_out(release):
    """Return a kernel with a process: half of a huge page, a whole one, small pages, and what is no page."""
    kernel = Made(release)
    old, averages = release.startswith("6.1."), "no_page" in release
    kernel.vma(START, START + BLOCK, WRITABLE | HUGE)
    kernel.folio(
        512,
        9,
        ref=256,
        large=256,
        nrpm=0 if averages else 256,
        pm=not old,
        dq=1,
        node=1,
        memcg=0x2000,
    )
    kernel.mapcounts(512, 0 if averages else 256, 1)
    kernel.map(START, 512, 256)
    kernel.vma(START + BLOCK, START + 2 * BLOCK, WRITABLE | HUGE)
    kernel.folio(1024, 9, ref=1, entire=1, large=1, nrpm=0 if averages else PMD, dq=not old, memcg=0x1000)
    kernel.entry(START + BLOCK, 1024 * PAGE | PRESENT | PSE, level=1)
    kernel.vma(START + 2 * BLOCK, START + 2 * BLOCK + 20, WRITABLE)
    for page in range(3):
        kernel.folio(1600 + page, 0)
    kernel.mapcounts(1600, 3, 1)
    kernel.map(START + 2 * BLOCK, 1600, 3)
    return kernel


@pytest.mark.parametrize("release", RELEASES)
def test_pages_and_fields_are_told(release):
    """Folios, mapcounts and what PMDs map; of fields those that the release has."""
    found = capture(laid_out(release))
    first, whole, small = (found.table(number) for number in (1, 2, 3))
    old, newest, averages = release.startswith("6.1."), release.startswith("7.3."), "no_page" in release

    assert found.about.release == release
    assert (found.about.memory, found.about.no_page_mapcount, found.about.privileged) == (
        "dump",
        averages,
        True,
    )
    assert found.orders.tolist() == [9, 9, 0, 0, 0]
    assert first[:256, shape.OFFSET].tolist() == [*range(256)]
    assert (first[:256, [shape.STATE, shape.MAPCOUNT, shape.EXCLUSIVE]] == [shape.PRESENT, 1, 1]).all()
    assert not first[256:, shape.STATE].any()
    assert (whole[:, [shape.ORDER, shape.MAPCOUNT, shape.EXCLUSIVE]] == [9, 1, 1]).all()
    assert [region.huge for region in found.regions] == [(), ((0, 512),), ()]
    assert [region.advice for region in found.regions] == ["huge", "huge", "none"]
    assert small[:4, shape.STATE].tolist() == [1, 1, 1, 0]
    assert (found.foreign.sum(), found.unsure.sum()) == (0, 0)
    half = {"ref": 256, "entire": 0, "dq": 1, "node": 1, "memcg": 1}
    half |= {"dm": 0} if old else {"large": 256, "pm": 1}
    half |= {} if old or averages else {"nrpm": 256}
    assert kernel_side.seen(found, 0) == half | ({"maybe_shared": 0} if newest else {})
    assert kernel_side.seen(found, 1)["memcg"] == 0
    assert kernel_side.seen(found, 1)["dq"] == int(not old)
    assert kernel_side.seen(found, 1).get("nrpm", PMD) == PMD


@pytest.mark.parametrize(("release", "model"), [("6.12.117", "v6.12"), ("7.3.4", "v7.3")])
def test_the_model_has_the_same_fields(release, model):
    """Queue, flag and counters of a process in memory made by hand are those of the operations that make it."""
    found = capture(laid_out(release))

    for number in (1, 2, 3):
        assert rebuild(state(found, number), model).differences == ()


@pytest.mark.parametrize("release", RELEASES)
def test_what_others_map_is_noticed(release):
    """The kernel counts more mappings than one process has."""
    kernel = laid_out(release)
    averages = "no_page" in release
    kernel.mapcounts(512, 0 if averages else 256, 2)
    kernel.folio(512, 9, ref=512, large=512, nrpm=0 if averages else 256, maybe_shared=1)
    kernel.mapcounts(1601, 1, 2)
    found = capture(kernel)

    assert found.foreign.sum() == (0 if averages else 256)
    assert found.unsure.tolist() == [averages, *[False] * 4]
    assert not found.table(1)[:256, shape.EXCLUSIVE].any()
    assert found.table(3)[:3, shape.EXCLUSIVE].tolist() == [1, 0, 1]


def test_double_map_is_taken_off():
    """v6.1 counts each page once more while a folio is mapped by a PMD and by PTEs."""
    kernel = Made("6.1.192")
    kernel.vma(START, START + BLOCK, WRITABLE | HUGE)
    kernel.folio(512, 9, ref=513, entire=1, dm=1)
    kernel.mapcounts(512, BLOCK, 2)
    kernel.map(START, 512, BLOCK)
    found = capture(kernel)

    assert (found.table(1)[:, shape.MAPCOUNT] == 1).all()
    assert found.foreign.tolist() == [1] * BLOCK
    assert kernel_side.seen(found, 0)["dm"] == 1


def test_entries_that_are_no_pages():
    """Swapped out, a guard marker, another marker, the zero page, PROT_NONE, and what leads beyond memory."""
    kernel = laid_out("7.3.4")
    kernel.folio(1700, 0)
    kernel.mapcounts(1700, 1, 1)
    kernel.folio(1701, 0)
    kernel.mapcounts(1701, 1, 1)

    def swap(kind, offset):
        return kind << 59 | (~offset << 14 & (1 << 64) - 1) >> 5

    entries = [
        swap(0, 77),
        swap(31, 4),
        swap(31, 1),
        3 * PAGE | PRESENT,
        ~(1700 * PAGE) & ((1 << 52) - 1) & ~0xFFF | PROTNONE,
        1701 * PAGE | PRESENT | PROTNONE,
        1 << 45 | PRESENT,
        0,
    ]
    for page, entry in enumerate(entries):
        kernel.entry(START + 2 * BLOCK + 8 + page, entry)
    found = capture(kernel).table(3)[8:16]

    assert found[:, shape.STATE].tolist() == [
        shape.SWAPPED,
        shape.GUARDED,
        shape.ABSENT,
        shape.ZERO_PAGE,
        shape.PRESENT,
        shape.PRESENT,
        shape.ABSENT,
        shape.ABSENT,
    ]


def test_a_huge_page_without_rights_is_mapped():
    """mprotect() to PROT_NONE inverts the address of a PMD, too, and the bits below it are no part of it."""
    kernel = laid_out("6.12.117")
    address = ~(1024 * PAGE) & ((1 << 52) - 1) & ~(BLOCK * PAGE - 1)
    kernel.entry(START + BLOCK, address | PROTNONE | PSE, level=1)
    found = capture(kernel)

    assert found.regions[1].huge == ((0, 512),)
    assert found.table(2)[:, shape.OFFSET].tolist() == [*range(BLOCK)]
    assert (found.table(2)[:, [shape.FOLIO, shape.MAPCOUNT]] == [1, 1]).all()


def test_folios_of_two_pages_have_no_queue():
    """What stands where the third struct page would be is another folio's."""
    kernel = laid_out("6.12.117")
    kernel.folio(1800, 1, ref=2, large=2, nrpm=2)
    kernel.folio(1802, 0)
    kernel.mapcounts(1800, 3, 1)
    kernel.put(1802, 16, "<Q", 0xFFFF_8880_0000_5000)
    kernel.map(START + 2 * BLOCK + 4, 1800, 3)
    found = capture(kernel)

    assert found.orders.tolist() == [9, 9, 0, 0, 0, 1, 0]
    assert kernel_side.seen(found, 5)["dq"] == 0


def test_shared_mappings_and_files_are_left_out():
    """Only private mappings are read, and of these what is anonymous."""
    kernel = laid_out("6.12.117")
    kernel.vma(START + 4 * BLOCK, START + 5 * BLOCK, WRITABLE | SHARED)
    kernel.vma(START + 6 * BLOCK, START + 6 * BLOCK + 4, WRITABLE)
    kernel.folio(1900, 0)
    kernel.put(1900, 24, "<Q", 0xFFFF_8881_0000_0000)
    kernel.mapcounts(1900, 1, 1)
    kernel.map(START + 6 * BLOCK, 1900)
    found = capture(kernel)

    assert [region.pages for region in found.regions] == [512, 512, 20, 4]
    assert not found.table(4)[:, shape.STATE].any()
    assert found.about.left_out == {"pages of files, and shared memory": 1}


def test_memory_that_is_missing_is_absent():
    """Where a dump has no page tables or no struct pages, there is nothing; the rest is read."""
    kernel = laid_out("6.12.117")
    kernel.entry(START + 2 * BLOCK + 5, (made.BLOCKS - 1) * BLOCK * PAGE | PRESENT)
    del kernel.pages[(made.BLOCKS - 1) * BLOCK * 64 :]
    kernel.vma(START + BLOCK**2, START + BLOCK**2 + 3, WRITABLE)
    kernel.entry(START + BLOCK**2, 1 << 40 | PRESENT, level=2)
    found = capture(kernel)

    assert found.orders.tolist() == [9, 9, 0, 0, 0]
    assert not found.table(4)[:, shape.STATE].any()


def test_a_kernel_without_numa_has_one_node():
    """Then node is 0, and flags tell nothing of it."""
    kernel = laid_out("6.12.117")
    kernel.numa = False

    assert capture(kernel).raw["node"].tolist() == [0, 0]


@pytest.mark.parametrize("release", RELEASES)
def test_what_pages_hold_is_never_read(release):
    """Of all frames those alone are read that have page tables, and the structs of the process."""
    kernel = laid_out(release)
    capture(kernel)

    assert kernel.pgd in kernel.read
    assert max(kernel.read) <= kernel.used < BLOCK


def test_wide_mappings_are_read_where_something_is():
    """Page tables say where; a mapping of 1 GiB with one huge page comes to 2 MiB."""
    kernel = laid_out("6.12.117")
    kernel.vmas[1] = (START + BLOCK, START + BLOCK + (1 << 18), WRITABLE)
    del kernel.vmas[2]
    found = capture(kernel)

    assert [region.pages for region in found.regions] == [512, 1024]
    assert np.count_nonzero(found.table(2)[:, shape.STATE]) == 515
