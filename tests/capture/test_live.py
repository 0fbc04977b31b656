"""The machine at hand as a source: a layout that a program makes on purpose is captured, and compared page by page.

As root, with /proc/kpageflags and /proc/kpagecount, that is every page's folio; as anybody else, what an ordinary user
can see. The fixtures show the same for both kinds of kernels.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from folioviz.capture import read, sums, write
from folioviz.capture.form import Process
from folioviz.capture.live import Live, family, mappings
from folioviz.capture.take import take
from folioviz.errors import LimitError, LiveError
from folioviz.evidence.recordings import observed as shape
from tests.capture import layout
from tests.capture.layout import HUGE, PARTS, STRIDE

FIRST = layout.BASE >> 12
WITHIN = (FIRST, FIRST + len(PARTS) * STRIDE // 4096)


@pytest.fixture(scope="module")
def laid_out():
    """Run the program that lays out memory; give what it says of itself."""
    program = [sys.executable, str(Path(layout.__file__))]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@pytest.fixture(scope="module")
def capture(laid_out):
    """Capture it; as its document has it, with addresses."""
    with Live(laid_out["pids"]) as source:
        taken = take(source, [Process(), Process(parent=1)], WITHIN, addresses=True)
    return read(write(taken))


def expected(laid_out):
    """Return (process, part, page) -> (part whose folio it is, offset in it), and the zero pages and guards."""
    pages = {}

    def put(process, part, begin, end, of=None, shift=0):
        pages.update({(process, part, page): (of or part, page - shift) for page in range(begin, end)})

    for part in layout.LARGE:
        put(0, part, 0, HUGE)
    for part, begin, end in (
        (layout.FRONT, 256, 512),
        (layout.HOLE, 100, 150),
        (layout.MOVED, 0, 256),
        (layout.SAME_HALF, 256, 512),
        (layout.OTHER_HALF, 0, 256),
    ):
        for page in range(begin, end):
            del pages[0, part, page]
    put(0, layout.TARGET, 3, 259, layout.MOVED, 3)
    for part, end in ((layout.SAME_HALF, 256), (layout.OTHER_HALF, 256), (layout.WRITTEN, HUGE)):
        put(1, part, 0, end)
    guards = set()
    if laid_out["guards"]:
        guards = {(0, layout.GUARDED, page) for page in range(8, 12)}
        for place in guards:
            del pages[place]
    return pages, guards


def rows_of(capture):
    """Return (process, part, page) -> row of each page that is not absent."""
    found = {}
    for number, region in enumerate(capture.regions, start=1):
        begin = (region.address >> 12) - FIRST
        part, first = divmod(begin, STRIDE // 4096)
        for page, row in enumerate(capture.table(number).tolist()):
            if row[shape.STATE]:
                found[region.process - 1, part, first + page] = row
    return found


def test_every_page_of_a_layout_is_told(laid_out, capture, capsys):
    """Folio, order, offset and mapcount of each page; what is a page of its own has mapcount 1 and no neighbour."""
    pages, guards = expected(laid_out)
    rows = rows_of(capture)
    small = {(0, layout.SMALL, page) for page in range(3, 53)} | {(0, layout.ZERO, 8), (1, layout.WRITTEN, 7)}
    zeros = {place for place, row in rows.items() if row[shape.STATE] == shape.ZERO_PAGE}
    present = {place for place, row in rows.items() if row[shape.STATE] == shape.PRESENT}

    assert {place for place, row in rows.items() if row[shape.STATE] == shape.GUARDED} == guards
    assert zeros >= {(0, layout.ZERO, page) for page in range(3, 7)}
    assert {part for _, part, _ in zeros} <= {layout.ZERO, layout.HUGE_ZERO}
    assert present - {place for place in present if place[1] == layout.HUGE_ZERO} == {*pages, *small}
    if not capture.about.privileged:
        with capsys.disabled():
            sys.stdout.write(
                "\nnot root, or no /proc/kpageflags: folios of the layout are not compared, only what is present\n"
            )
        assert capture.orders.size == 0
        return
    names, wrong = {}, []
    del pages[1, layout.WRITTEN, 7]
    users = {}
    for value in pages.values():
        users[value] = users.get(value, 0) + 1
    for place, (part, offset) in pages.items():
        row = rows[place]
        folio = part if part in laid_out["huge"] else (part, offset)
        want = (9, offset) if part in laid_out["huge"] else (0, 0)
        same = (row[shape.ORDER], row[shape.OFFSET]) == want and row[shape.MAPCOUNT] == users[part, offset]
        same &= names.setdefault(folio, row[shape.FOLIO]) == row[shape.FOLIO]
        same &= row[shape.EXCLUSIVE] == 1 or part in layout.FORKED
        wrong += [] if same else [(place, row)]

    assert wrong == []
    assert len(set(names.values())) == len(names)
    assert {
        tuple(rows[place][i] for i in (shape.ORDER, shape.MAPCOUNT, shape.EXCLUSIVE)) for place in small
    } == {(0, 1, 1)}


def test_what_is_held_is_what_was_given_back(laid_out, capture):
    """Half of one, a hole, guards, and the half that neither parent nor child has kept."""
    held = {layout.FRONT: 256, layout.HOLE: 50, layout.SAME_HALF: 256, layout.GUARDED: 4 * laid_out["guards"]}
    found = sums.by_region(capture)
    if capture.about.privileged:
        assert found.held.sum() == sum(pages for part, pages in held.items() if part in laid_out["huge"])
        assert (found.unsure.sum(), capture.foreign.sum()) == (0, 0)
    else:
        assert found.held.sum() == 0
    assert capture.about.moved == 0


def test_regions_are_the_mappings(laid_out, capture):
    """Rights, advice, locks, PMDs and places in 2 MiB blocks; the same place in parent and child."""
    regions = {}
    for region in capture.regions:
        part, page = divmod((region.address >> 12) - FIRST, STRIDE // 4096)
        regions[region.process - 1, part, page] = region

    assert [regions[0, layout.PROTECTED, page].rights for page in (0, 10, 20)] == ["rw-p", "r--p", "rw-p"]
    assert regions[0, layout.NO_ACCESS, 0].rights == "---p"
    assert {place[1] for place, region in regions.items() if region.locked} == {layout.LOCKED}
    assert {place[1] for place, region in regions.items() if region.advice == "nohuge"} == {
        layout.ZERO,
        layout.SMALL,
    }
    assert regions[0, layout.TARGET, 3].align == 3
    assert all(regions[1, part, 0].first == regions[0, part, 0].first for part in layout.FORKED)
    if capture.about.pmds:
        whole = {layout.WHOLE, layout.NO_ACCESS, layout.LOCKED, layout.WRITTEN, layout.GIVEN_UP}
        whole |= set() if laid_out["guards"] else {layout.GUARDED}
        got = {place[1] for place, region in regions.items() if region.huge} - {layout.HUGE_ZERO}
        assert got == whole & {*laid_out["huge"]}


def test_others_that_map_a_folio_are_noticed(laid_out):
    """If the parent alone is captured, what the child maps is not held."""
    with Live(laid_out["pids"][:1]) as source:
        capture = take(source, [Process()], WITHIN)
    if (
        capture.about.privileged
        and not capture.about.no_page_mapcount
        and layout.OTHER_HALF in laid_out["huge"]
    ):
        assert capture.foreign.sum() == 256 + 256 + 511
        assert read(write(capture)).foreign.sum() == capture.foreign.sum()
    assert sums.by_region(read(write(capture))).shared.sum() >= 256


def test_a_range_is_read_alone(laid_out):
    """--range takes what is at these addresses."""
    with Live(laid_out["pids"]) as source:
        capture = take(source, [Process(), Process(parent=1)], (FIRST + 100, FIRST + 200))
        with pytest.raises(LiveError, match="there is no private memory to read"):
            take(source, [Process(), Process(parent=1)], (FIRST + 600, FIRST + 700))

    assert [region.pages for region in capture.regions] == [100]
    assert capture.regions[0].align == 100


def test_children_are_found(laid_out):
    """Parents come before children."""
    assert family([laid_out["pids"][0]]) == laid_out["pids"]


def test_a_child_that_has_ended_is_none():
    """Nobody has waited for it yet, so it is still listed, without memory."""
    program = (
        "import os, sys; os.fork() or os._exit(0); os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT); print(1)"
    )
    line = [sys.executable, "-c", f"{program}; sys.stdout.flush(); sys.stdin.read()"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()

        assert family([process.pid]) == [process.pid]
        process.stdin.close()


def test_a_process_that_ends_is_told_in_words():
    """Before its files are opened, and after."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process, Live([process.pid]) as source:
        process.kill()
        process.wait()
        with pytest.raises(LiveError, match="there is no private memory to read: the process has ended"):
            take(source, [Process()])
        with pytest.raises(LiveError, match=f"there is no process {process.pid}"):
            Live([process.pid])


def test_kernel_threads_have_no_memory():
    """Process 2 is kthreadd where it is to be seen, and another process is not ours to read, or is not there."""
    with pytest.raises(LiveError, match=r"process 2"):
        Live([2])


def test_more_processes_than_a_document_holds_are_refused(laid_out):
    """Sixty-four are enough."""
    with (
        Live(laid_out["pids"]) as source,
        pytest.raises(LimitError, match="number of processes is 65: it must be 1 to 64"),
    ):
        take(source, [Process()] * 65)


def test_mappings_are_read_from_smaps():
    """First and last line of each; what stands between is passed over."""
    text = (
        b"7f0000000000-7f0000002000 rw-p 00000000 00:00 0                          [anon:a b]\n"
        b"Rss:                   8 kB\nVmFlags: rd wr mr mw me ac hg \n"
        b"7f0000002000-7f0000003000 r-xp 00001000 fe:00 77                         /usr/lib/x (deleted)\n"
        b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"
    )
    found = mappings(text)

    assert [(vma.end - vma.start, vma.rights, vma.name, vma.of_file) for vma in found] == [
        (2, "rw-p", "[anon:a b]", False),
        (1, "r-xp", "/usr/lib/x (deleted)", True),
        (1, "--xp", "[vsyscall]", False),
    ]
    assert "hg" in found[0].flags
    assert found[1].flags is None


def test_memory_of_ours_is_seen_without_privileges():
    """Of the test's own process: what is there, and that nothing else is told without the privilege."""
    page = np.ones(4096 * 4, np.uint8)
    start = page.ctypes.data // 4096
    with Live([os.getpid()]) as source:
        source.close_frames()
        capture = take(source, [Process()], (start, start + 4))

    assert capture.about.privileged is False
    assert sums.by_region(capture).mapped.sum() >= 3
    assert write(read(write(capture))) == write(capture)
