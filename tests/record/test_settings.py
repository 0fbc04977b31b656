"""The sizes of folios are put back, whatever happens."""

from __future__ import annotations

import os
import signal

import pytest

from folioviz.errors import LiveError
from folioviz.record.settings import NoSizeError, sizes


@pytest.fixture
def folder(tmp_path):
    """Make the files of two sizes, as sysfs has them."""
    for kb in (64, 2048):
        (tmp_path / f"hugepages-{kb}kB").mkdir()
    shown(tmp_path, "always inherit madvise [never]", "always [inherit] madvise never")
    return tmp_path


def shown(folder, *settings):
    """Return what the files hold; first write that."""
    files = [folder / f"hugepages-{kb}kB" / "enabled" for kb in (64, 2048)]
    for file, setting in zip(files, settings, strict=False):
        file.write_text(setting)
    return [file.read_text() for file in files]


def fail(folder, stop):
    """Allow 2 MiB, and be stopped."""
    with sizes(folder) as found:
        found.allow([9])
        stop()


def test_sizes_are_put_back(folder):
    """After a run, after an error, and after SIGTERM; files hold the plain word that was written."""
    with sizes(folder) as found:
        found.allow([4])
        assert shown(folder) == ["madvise", "never"]
    assert shown(folder) == ["never", "inherit"]

    for stop, error in (
        (lambda: 1 // 0, ZeroDivisionError),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), SystemExit),
    ):
        shown(folder, "[always]", "[inherit]")
        with pytest.raises(error):
            fail(folder, stop)
        assert shown(folder) == ["always", "inherit"]


def test_a_kernel_before_v6_8_has_2_mib_alone(tmp_path):
    """One file is the switch."""
    (tmp_path / "enabled").write_text("[always] madvise never")
    with sizes(tmp_path) as found:
        found.allow([9])
        assert (tmp_path / "enabled").read_text() == "madvise"
        with pytest.raises(NoSizeError, match="no folios of order 4"):
            found.require([4, 9])
    assert (tmp_path / "enabled").read_text() == "always"


def test_a_size_that_is_not_there_is_refused(folder, tmp_path):
    """And so is a kernel without such switches."""
    with sizes(folder) as found, pytest.raises(LiveError, match="no folios of order 3"):
        found.allow([3, 4])
    with pytest.raises(LiveError, match="no switch for the sizes"), sizes(tmp_path / "none"):
        pass
