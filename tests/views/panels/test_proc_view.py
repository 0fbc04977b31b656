"""What the kernel's files say, beside the state: the machine's at every row, A and B line by line."""

from __future__ import annotations

import re
from html import unescape

import pytest

from folioviz import parse_line
from folioviz.lab import Lab
from folioviz.proc.files import files
from folioviz.proc.names import BY_NAME
from folioviz.views import Explorer
from folioviz.views.panels import proc_view
from folioviz.views.session.selection import PROC
from folioviz.views.session.session import Session

CODE = re.compile(r'<code class="([ab])">(.*?)</code>', re.DOTALL)


def pieces(explorer):
    """Return the rows and notes that stand there, by their keys."""
    return dict(explorer.screen.get_state()["parts"].get("proclines", []))


def lines(explorer, side):
    """Return the lines of one kernel."""
    found = CODE.findall("".join(pieces(explorer).values()))
    return [unescape(text) for of, text in found if of == side]


def read(explorer, name):
    """Look at a file."""
    explorer.events.heard({"click": "read:proc"})
    explorer.events.heard({"click": f"file:{name}"})


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["fork-one-side", "underused", "reuse-after-fork"])
def test_every_line_is_the_machines_at_every_row(scenario):
    """Each file of both kernels, at rows of all operations, is what a lab of that kernel says there."""
    explorer = Explorer(Session(scenario))
    session = explorer.session
    labs = []
    for track in session.history.tracks:
        lab = Lab(track.lab.kernel.key, track.lab.mmu_gather)
        for one in track.lab.applied:
            lab.apply(one.op)
        labs.append(lab)
    for position in range(0, session.history.axis.last + 1, max(1, session.history.axis.last // 25)):
        session.seek(position)
        frame = session.frame
        for choice, name in proc_view.FILES.items():
            read(explorer, choice)
            for side, lab in zip(frame.sides, labs, strict=True):
                lab.seek(side.row)
                mm = frame.mm if choice in proc_view.OF_PROCESS else 0
                found = files(lab, [name], mm) if mm or choice not in proc_view.OF_PROCESS else []
                assert lines(explorer, side.name.lower()) == [line for file in found for line in file.lines]


def test_what_differs_has_a_sign_and_every_field_its_meaning():
    """One kernel reuses the page, the other copies it: held differs, rss does not; a line of one alone is marked."""
    explorer = Explorer(Session("reuse-after-fork"))
    explorer.session.seek(explorer.session.history.axis.last)
    read(explorer, "vmstat")
    found = pieces(explorer)

    assert "fv-differs" not in found[" nr_anon_pages"]
    assert BY_NAME["vmstat", "nr_anon_pages"].meaning in unescape(found[" nr_anon_pages"])
    held = [unescape(piece) for key, piece in found.items() if "come to" in key]
    assert len(held) == 2
    assert held[0].startswith('<p class="fv-dim"><b>A</b> ')

    read(explorer, "sizes")
    found = pieces(explorer)
    assert "fv-differs" in found[" hugepages-64kB/stats/split_deferred"]
    assert 'aria-label="A and B differ here"' in found[" hugepages-64kB/stats/split_deferred"]

    explorer.session.choose(1, "v6.1")
    read(explorer, "vmstat")
    assert "fv-only-a" in pieces(explorer)[" thp_underused_split_page"]
    assert 'aria-label="only A has this line"' in pieces(explorer)[" thp_underused_split_page"]


def test_lines_of_both_keep_their_order():
    """What only one has stands behind what it follows; what stands elsewhere in the other is there once."""
    assert proc_view.merged("abcd", "abxcyd") == list("abxcyd")
    assert proc_view.merged("abc", "c") == list("abc")
    assert proc_view.merged("", "xy") == list("xy")
    assert proc_view.merged("xy", "") == list("xy")
    assert sorted(proc_view.merged("ab", "ba")) == ["a", "b"]


def test_a_long_file_is_cut():
    """So many lines are shown, and how many more there are is said."""
    explorer = Explorer(Session())
    explorer.session.load("mm; " + "; ".join(f"mmap 1 {2 * n} 1" for n in range(40)))
    explorer.session.seek(explorer.session.history.axis.last)
    explorer.session.selection.select(1, 0, 1)
    read(explorer, "smaps")
    text, rest = lines(explorer, "a"), pieces(explorer)["more"]
    of_one = next(n for n, line in enumerate(text) if n and "rw-p" in line)

    assert len(text) == proc_view.MOST
    assert int(re.search(r"(\d+) more lines", rest)[1]) + len(text) == 40 * of_one


def test_a_page_of_the_selected_process_is_dumped():
    """The first selected page; without a process there is nothing to show."""
    explorer = Explorer(Session("fork-one-side"))
    session = explorer.session
    session.seek(session.history.axis.last)
    session.selection.select(1, 2, 4)
    read(explorer, "page")

    assert lines(explorer, "a")[0].startswith("page 2 of process 1, 7f0000002000 in ")
    assert "page 2 of folio 1, order 4, head pfn 0x0" in lines(explorer, "a")
    assert lines(explorer, "a")[-1].startswith("head:folio1 order:4 entire_mapcount:0 ")

    session.seek(0)
    assert not lines(explorer, "a")
    assert re.search(r"No process is selected|There is no process \d", "".join(pieces(explorer).values()))


def test_a_name_that_is_none_changes_nothing():
    """Neither a file nor a reading of another name is taken; the trace costs nothing of it."""
    explorer = Explorer(Session("first-look"))
    assert set(PROC) == set(proc_view.TIPS) == {*proc_view.FILES, "page"}
    assert pieces(explorer) == {}
    read(explorer, "vmstat")
    explorer.events.heard({"click": "file:maps"})

    assert explorer.session.selection.file == "vmstat"
    assert (
        "the file to read is 'maps': it must be one of smaps, rollup,"
        in explorer.session.frame.messages["trace"]
    )

    for reading in ("trace", "code", "apart", "proc"):
        explorer.events.heard({"key": "c"})
        assert explorer.session.frame.reading == reading


def test_a_process_that_comes_or_goes_has_no_files_yet():
    """At every step of a fork and an exit the panel is drawn: who is in no list of processes has no files."""
    session = Session()
    session.run(parse_line("mm; mmap 1 0 16; fault 1 0 2; fork 1; exit 2"), "v7.3")
    explorer = Explorer(session)
    session.selection.select(2, 0, 4)
    read(explorer, "smaps")
    seen = set()
    for at in range(session.history.axis.last + 1):
        session.seek(at)
        seen.add(bool(lines(explorer, "a")))

    assert seen == {True, False}
