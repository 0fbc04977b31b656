"""Files of recordings: plain or packed, in order, of a bounded length."""

from __future__ import annotations

import gzip
import lzma
import sys

import pytest

from folioviz.errors import DocumentError
from folioviz.evidence.recordings import recording
from folioviz.evidence.recordings.library import DATA
from folioviz.evidence.recordings.reading import lines_of, recordings

ABOUT = b'{"scenario": "x", "release": "6.12.1"}\n'
STEP = b'{"scenario": "x", "i": 0, "op": "P map a 4"}\n'
NEXT = b'{"scenario": "x", "i": 1, "op": "P exit"}\n'


def read(path):
    """Return the recordings of a file."""
    return list(recordings(lines_of(path)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_file_may_be_packed(tmp_path, pack):
    """Plain, gzip and xz files are told apart by their first bytes."""
    (tmp_path / "file").write_bytes(pack(ABOUT + b"\n" + STEP + NEXT + ABOUT))
    first, second = read(tmp_path / "file")

    assert [0, 1] == [step.i for step in first.steps]
    assert second.steps == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no recording"),
        (STEP, "line 1: step 0 of 'x' comes before"),
        (ABOUT + NEXT, "line 2: i is 1: the next step of 'x' is 0"),
        (ABOUT + STEP + STEP, "line 3: i is 0: the next step of 'x' is 1"),
        (ABOUT + STEP.replace(b"x", b"y"), "line 2: step 0 is of 'y'"),
        (ABOUT + b'{"s": "x", "skip": "no"}\n' + STEP, "a scenario that was skipped has no steps"),
        (ABOUT + b"\n\n{", "line 4: not JSON"),
        (b"\x1f\x8b\x00", "cannot be unpacked"),
        (gzip.compress(ABOUT, mtime=0)[:-4], "cannot be unpacked"),
        (lzma.compress(ABOUT)[:-4], "cannot be unpacked"),
        (b"\xfd7zXZ\x00nonsense", "cannot be unpacked"),
    ],
)
def test_a_bad_file_is_explained(tmp_path, data, message):
    """The message names the line."""
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(DocumentError) as error:
        read(tmp_path / "file")

    assert message in str(error.value)


def test_where_nothing_unpacks_xz_that_is_said(tmp_path, monkeypatch):
    """As in some Pythons of a browser; what to do instead is said, too."""
    monkeypatch.setitem(sys.modules, "lzma", None)
    (tmp_path / "file").write_bytes(lzma.compress(ABOUT))
    with pytest.raises(DocumentError, match="packed with xz, and this Python has no lzma: pack it with gzip"):
        read(tmp_path / "file")


def test_a_file_is_not_unpacked_without_end(tmp_path, monkeypatch):
    """A small file that becomes a long one is given up."""
    monkeypatch.setattr("folioviz.evidence.recordings.reading.MAX_LINE", 1000)
    (tmp_path / "file").write_bytes(gzip.compress(b" " * 100_000))
    with pytest.raises(DocumentError, match="line 1: the file is longer"):
        read(tmp_path / "file")


def test_the_package_is_small():
    """The recordings together are a few pictures' worth."""
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 150_000


def test_the_library_names_what_there_is():
    """A kernel or a scenario that is not there is answered with those that are."""
    with pytest.raises(DocumentError, match=r"'7\.4': there are 6\.1\.192, 6\.12\.117"):
        recording("7.4", "b4_front")
    with pytest.raises(DocumentError, match=r"'nope' of kernel 7\.3\.4: there are a0_fault"):
        recording("7.3.4", "nope")
