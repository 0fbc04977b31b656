"""Whatever is pasted: a clear error, or an answer, and never anything else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.diagnosis import explain
from folioviz.diagnosis.lines import MAX_BYTES
from folioviz.diagnosis.pieces import MAX_PIECES
from folioviz.diagnosis.text import text
from folioviz.errors import DocumentError

PASTES = sorted((Path(__file__).parent / "pastes").iterdir())
VMA = "7f1200000000-7f1200800000 rw-p 00000000 00:00 0\nRss: 8 kB\nAnonymous: 8 kB\n"
FOREIGN = {
    "": "the paste is empty",
    " \n\t\n": "the paste is empty",
    "   total   used   free  shared\nMem: 1 2 3 4\n": "what free prints: paste /proc/vmstat or /proc/meminfo",
    "top - 10:00:01 up 3 days\nTasks: 1 total\n": "what top prints: paste /proc/PID/smaps_rollup",
    "USER  PID %CPU %MEM\nroot 1 0.0 0.1\n": "what ps or top prints",
    "procs -----memory----- ---swap--\n r b swpd free\n": "what the program vmstat prints: paste the file /proc/vmstat",
    '{"memory": {"rss": 11710464}}': "JSON: paste memory.stat of its cgroup",
    '[{"rss": 1}]': "JSON",
    "<!doctype html><html></html>": "HTML or XML",
    "# HELP container_memory_rss Size of RSS\n": "a page of metrics",
    "CONTAINER ID  NAME  CPU %  MEM USAGE\nabc web 0.1% 2GiB\n": "what a container's statistics print",
    "Name:\tcat\nVmRSS:\t  1234 kB\nRssAnon:\t 12 kB\n": "/proc/PID/status: paste /proc/PID/smaps_rollup",
    "Node 0 MemTotal: 1000 kB\n": "a node's meminfo",
    "where did my memory go?": "the paste begins 'where did my memory go?'",
    "mm; mmap 1 0 64; fault 1 0 4": "the paste begins 'mm; mmap 1 0 64",
    "[  812.402113] worker invoked oom-killer\n": "the paste begins '[  812.402113] worker",
    "kernel 6.12 is what I run\nfile a bug\n": "the paste begins",
}
WRONG = {
    "anon -5\n": "line 1: anon is '-5': it must be a whole number from 0 to 144115188075855872",
    "x\nanon 1.2G\n": "line 2: anon is '1.2G'",
    "anon 1,048,576\n": "line 1: anon is '1,048,576'",
    "anon 18446744073709551615\n": "line 1: anon is '18446744073709551615': it must be a whole number from 0 to",
    f"anon {'9' * 60}\n": "line 1: anon is '999",
    "anon 0x10\ninactive_anon 1e9\n": "line 2: inactive_anon is '1e9'",
    "nr_anon_pages 35184372088833\n": "line 1: nr_anon_pages is '35184372088833': it must be a whole number from 0",
    "Rss: -4 kB\n": "line 1: Rss is '-4'",
    "Rss: 140737488355329 kB\n": "line 1: Rss is '140737488355329': it must be a whole number",
    "hugepages-2048kB/stats/nr_anon:99999999999999\n": "line 1: nr_anon is '99999999999999'",
    "hugepages-64kB/stats/nr_anon_partially_mapped:-1\n": "line 1: nr_anon_partially_mapped is '-1'",
    "page: refcount:99999999999 mapcount:0\n": "line 1: refcount is 99999999999: it must be -2147483648 to 2147483647",
    "page: refcount:1 mapcount:0\nhead: order:77 mapcount:1\n": "line 2: order is 77: it must be 0 to 30",
    f"{VMA}7f1300000000-7f1300800000 rw-p 00000000 00:00 0\nRss: 8 kB\n": "at 7f1300000000, has no Anonymous, which",
    "anon 1\n" * (MAX_PIECES + 1): f"line {MAX_PIECES + 1} begins file {MAX_PIECES + 1} of the paste",
    "Node 0, zone      DMA\n  per-node stats\n      nr_inactive_anon 5\n": "line 1 is of zoneinfo",
    "anon 1\0": "a zero byte at character 6",
    "x" * (MAX_BYTES + 1): "longer than 4194304 bytes (4 MiB)",
}


def answer(paste):
    """Return what is printed of a paste, or the error; a diagnosis is looked at."""
    try:
        said = explain(paste)
    except DocumentError as error:
        return str(error)
    printed = text(said)
    assert said.recognised
    assert all(bounds is None or 0 <= bounds.low <= bounds.high for bounds in (said.held, said.gives_back))
    assert max(map(len, printed.splitlines())) <= 72
    return printed


@pytest.mark.parametrize(
    ("paste", "told"), [*FOREIGN.items(), *WRONG.items()], ids=range(len(FOREIGN) + len(WRONG))
)
def test_what_cannot_be_read_is_told(paste, told):
    """The thing, the value and what is allowed; or what the paste is, and what to paste instead."""
    with pytest.raises(DocumentError, match=re.escape(told)):
        explain(paste)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00a", b"\x1f\x8b\x08\x00", b"anon \xe2\x82\n", "anon \ud800"])
def test_what_is_no_text_is_told(data):
    """Bytes that are not UTF-8, as of a packed file, and half a character."""
    with pytest.raises(DocumentError, match="the paste is not UTF-8"):
        explain(data)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "Rss: 4096 kB",
        "a" * 999,
        "/" * 999,
        "a/" * 499,
        "> " * 499,
        "anon" * 249,
        "7f1200000000-7f1200001000 rw-p 00000000 00:00 0 " + "x" * 900,
        "page: refcount:1 mapcount:0 " + "a:1 " * 200,
    ],
)
def test_the_longest_paste_is_read_at_once(line):
    """4 MiB of any line end in an answer or an error; a pattern that backtracks would not come back."""
    count = MAX_BYTES // (len(line) + 1)
    assert 0 < len(answer(f"{line}\n" * count)) < 5000


def test_a_file_of_any_length_is_read_up_to_the_limit(tmp_path):
    """100 MB, of which no more than the limit is read, and a device are refused; status 2, one line."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    for name, told in ((str(large), "longer than 4194304 bytes"), ("/dev/zero", "not a regular file")):
        done = CliRunner().invoke(app, ["explain", name])

        assert (done.exit_code, done.stdout) == (2, "")
        assert told in done.stderr
        assert done.stderr.count("\n") == 1


def test_the_command_prints_what_a_paste_says():
    """From a file and from standard input alike."""
    path = PASTES[0]
    done = [CliRunner().invoke(app, ["explain", name], input=path.read_bytes()) for name in (str(path), "-")]

    assert [one.exit_code for one in done] == [0, 0]
    assert done[0].stdout == done[1].stdout == text(explain(path.read_bytes()))


WORDS = st.sampled_from(
    sorted(
        {word for path in PASTES for word in re.findall(r"[^\s:]+[: ]?", path.read_text(encoding="utf-8"))}
    )
)
GLUED = st.lists(
    st.one_of(WORDS, st.sampled_from(["\n", " ", ": ", " kB\n", "0", "-1", "4096"])), max_size=60
).map("".join)
CUT = st.builds(
    lambda path, start, end: path.read_text(encoding="utf-8")[start:end],
    st.sampled_from(PASTES),
    st.integers(0, 400),
    st.integers(400, 3000),
)


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=300), GLUED, CUT, st.tuples(CUT, CUT).map("\n".join))
)
@example("page: refcount:0 mapcount:0\nhead: order:0 entire_mapcount:-1 nr_pages_mapped:-5 pincount:0")
@example("hugepages-1kB/stats/nr_anon_partially_mapped:5")
@example("anon 0\ninactive_anon 0\nactive_anon 0\nunevictable 0\nshmem 0\n")
def test_anything_is_answered_or_refused(paste):
    """Any text, any bytes, words of pastes in any order, pastes that are cut anywhere."""
    assert answer(paste)
