"""One page: the line about it, and the dump of each kernel."""

from __future__ import annotations

import re

import pytest

from folioviz.errors import LimitError
from folioviz.kernels import KERNELS
from folioviz.ops.walk import page_at
from folioviz.proc.mapcounts import mapcounts
from folioviz.proc.page import dump, page_line
from tests.proc.test_files import LINE

SHARED = "mm; mmap 1 0 512; faultpmd 1 0; fork 1; dontneed 2 3 1; get 1"
"""A PMD of the parent, 511 PTEs of the child, and a reference that is no mapping."""


MIDDLE = "head:folio1 order:9 entire_mapcount:1 nr_pages_mapped:511 pincount:0"
LATE = "head: order:9 mapcount:512 entire_mapcount:1 nr_pages_mapped:511 pincount:0"
DUMPS = {
    "v6.1": (
        "page:folio1+4 refcount:513 mapcount:2",
        "head:folio1 order:9 compound_mapcount:1 compound_pincount:0",
    ),
    "v6.5-rc3": ("page:folio1+4 refcount:513 mapcount:2", MIDDLE),
    "v6.8": ("page:folio1+4 refcount:513 mapcount:2", MIDDLE),
    "v6.9": ("page: refcount:513 mapcount:2", MIDDLE.replace("head:folio1", "head:")),
    "v6.10": ("page: refcount:513 mapcount:1", LATE),
    "v7.3": ("page: refcount:513 mapcount:1", LATE),
    "v7.3+no-page-mapcount": ("page: refcount:513 mapcount:0", LATE.replace("mapped:511", "mapped:-1")),
}


@pytest.mark.parametrize("key", DUMPS)
def test_each_kernel_dumps_a_page_in_its_own_way(key, after):
    """The fifth page of a huge page that one process maps by a PMD and another by PTEs."""
    page, head = DUMPS[key]
    machine = after(SHARED, key).machine
    rest = " mapping:0000000000000000 index:0x7f0000004 pfn:0x4"

    assert dump(machine, page_at(machine, 1, 4)) == (page + rest, head)


def test_a_fresh_huge_page_is_dumped_as_on_running_kernels(after):
    """On v6.12 and later the page's line has the page's own mapcount, and the head's line that of the folio."""
    for key in ("v6.12", "v7.3"):
        page, head = dump(after("mm; mmap 1 0 512; faultpmd 1 0", key).machine, 0)
        assert page.startswith("page: refcount:1 mapcount:0 mapping:")
        assert head == "head: order:9 mapcount:1 entire_mapcount:1 nr_pages_mapped:0 pincount:0"


@pytest.mark.parametrize("key", KERNELS)
def test_a_small_page_has_one_line(key, after):
    """Its mapcount is its own everywhere."""
    machine = after("mm; mmap 1 0 8; fault 1 2 0; fork 1", key).machine
    lines = dump(machine, page_at(machine, 0, 2))

    assert len(lines) == 1
    assert re.search(r"refcount:2 mapcount:2 mapping:0{16} index:0x7f0000002 pfn:0x", lines[0])


@pytest.mark.parametrize("key", KERNELS)
def test_a_dump_fits_the_machine_at_any_row(key, after):
    """References, the pfn, and in kernels that print it the mapcount of kpagecount, for pages of a huge folio."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; fork 1; write 2 3; dontneed 1 0 8; exit 1", key)
    for row in range(0, len(lab.journal) + 1, 61):
        lab.seek(row)
        m = lab.machine
        for page in (page for page in (0, 3, 511) if m.folio_id[m.page_folio[page]]):
            head = m.page_folio[page]
            lines = dump(m, page)
            assert f" refcount:{m.folio_refcount[head]} " in lines[0]
            assert lines[0].endswith(f" pfn:{page:#x}")
            assert f"mapcount:{m.folio_entire_mapcount[head] + 1} " in lines[1]
            if not m.folio_large_mapcount.size:
                assert f" mapcount:{mapcounts(m)[page]} " in lines[0]


def test_the_line_says_all_of_a_page(after):
    """VMA, what maps it, folio, flags, references, mapcounts; and what is not there."""
    machine = after(LINE, "v7.3").machine

    assert page_line(machine, 1, 9) == (
        "page 9 of process 1, 7f0000009000 in 7f0000008000-7f0000010000 r--p: by a PTE, not writable; "
        "page 9 of folio 1, order 4, head pfn 0x0; flags head|swapbacked; "
        "refcount 24, mapcount 2, 24 mappings of the folio"
    )
    assert page_line(machine, 1, 600).partition(": ")[2] == (
        "by a PMD, not writable; page 88 of folio 2, order 9, head pfn 0x200; flags head|swapbacked; "
        "refcount 2, mapcount 2, 2 mappings of the folio"
    )
    assert page_line(machine, 2, 3).endswith("-7f0000008000 rw-p: nothing is mapped")
    assert page_line(machine, 2, 300) == "page 300 of process 2, 7f000012c000: no VMA"


def test_the_line_names_flags_and_what_is_no_page(after):
    """A folio's flags and the page's mark; the zero page; a migration entry; an average."""
    machine = after("mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 3 1", "v7.3").machine

    assert "flags head|swapbacked|dirty|partially_mapped|anon_exclusive;" in page_line(machine, 1, 4)

    machine = after("mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 500; split 1", "v7.3").machine

    assert page_line(machine, 1, 3).endswith(": the shared zero page")
    assert "; folio 501; flags swapbacked|dirty|anon_exclusive; refcount 1, mapcount 1" in page_line(
        machine, 1, 500
    )

    lab = after("mm; mmap 1 0 16; fault 1 0 4; fork 1; remap 1", "v6.12")
    lab.seek(lab.applied[-1].start + int(0.5 * (lab.applied[-1].end - lab.applied[-1].start)))
    assert ": a migration entry; page 0 of folio 1, order 4" in page_line(lab.machine, 1, 0)

    machine = after(SHARED, "v7.3+no-page-mapcount").machine
    assert page_line(machine, 2, 4).endswith("refcount 513, mapcount 2 on average, 512 mappings of the folio")

    machine = after(SHARED, "v6.1").machine
    assert "|double_map;" in page_line(machine, 2, 4)


def test_a_process_or_page_that_is_none_is_named(after):
    """The error says which there are."""
    machine = after("mm; mm; exit 1", "v7.3").machine

    with pytest.raises(LimitError, match="the process is 1: it must be one that is alive: 2"):
        page_line(machine, 1, 0)
    with pytest.raises(LimitError, match="the page is 262144: it must be 0 to 262143"):
        page_line(machine, 2, 262144)
