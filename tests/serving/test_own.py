"""A reader's own notebooks: copied once, then theirs."""

from __future__ import annotations

import io
import sysconfig
from pathlib import Path

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.errors import FoliovizError
from folioviz.serving import own, serve

LAB = ("lab", "--no-browser", "--ip", "127.0.0.1")


@pytest.fixture
def opened(monkeypatch):
    """Return the folders that JupyterLab was started in; none is started."""
    folders = []
    monkeypatch.setattr(serve, "check", lambda *_: None)
    monkeypatch.setattr(serve, "lab", lambda *_, folder, **__: folders.append(folder))
    return folders


class Terminal(io.StringIO):
    """A stdin at which somebody sits."""

    def isatty(self):
        """Say so."""
        return True


def test_notebooks_are_copied_to_a_new_folder(tmp_path, opened):
    """All of them and the index, byte for byte, and JupyterLab starts there."""
    folder = tmp_path / "a" / "mine"
    done = CliRunner().invoke(app, [*LAB, "--into", str(folder)])
    wanted = {path.name: path.read_bytes() for path in serve.notebooks().glob("*.*")}

    assert (done.exit_code, done.output, opened) == (0, "", [folder])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == wanted
    assert {serve.INDEX, serve.FIRST} < set(wanted)


def test_an_upgrade_never_touches_a_readers_work(tmp_path, opened, monkeypatch):
    """What a reader has changed, added or linked stays; what is new in the next version is added; both are said."""
    mine, elsewhere, newer = tmp_path / "mine", tmp_path / "elsewhere.ipynb", tmp_path / "newer"
    own.copied(mine)
    (mine / serve.FIRST).write_text("my work")
    (mine / "notes.ipynb").write_text("my notes")
    (mine / "00-tour.ipynb").unlink()
    (mine / "00-tour.ipynb").symlink_to(elsewhere)
    before = {path.name: path.read_bytes() for path in mine.iterdir() if path.exists()}
    newer.mkdir()
    for name in (serve.INDEX, serve.FIRST, "00-tour.ipynb", "01-counters.ipynb", "99-new.ipynb"):
        (newer / name).write_text(f"{name}, the next version")
    monkeypatch.setattr(own, "notebooks", lambda: newer)
    done = CliRunner().invoke(app, [*LAB, "--into", str(mine)])
    after = {path.name: path.read_bytes() for path in mine.iterdir() if path.exists()}

    assert after.pop("99-new.ipynb") == b"99-new.ipynb, the next version"
    assert after == before
    assert not elsewhere.exists()
    assert done.stderr == (
        f"folioviz: left as they are in {mine}, other than in this version: "
        f"{serve.INDEX}, 00-tour.ipynb, 01-counters.ipynb, {serve.FIRST}\n"
    )


def test_installed_packages_are_no_readers_folder(tmp_path, opened):
    """Neither the folder of installed packages, nor one in it, nor one that a link leads to."""
    site = Path(sysconfig.get_paths()["purelib"])
    (tmp_path / "link").symlink_to(site)
    for folder in (site, site / "folioviz" / "notebooks", tmp_path / "link"):
        done = CliRunner().invoke(app, [*LAB, "--into", str(folder)])

        assert (done.exit_code, opened) == (2, [])
        assert "it must be a folder of yours" in done.stderr
    assert not (site / serve.FIRST).exists()


def test_who_names_no_folder_is_asked(tmp_path, opened, monkeypatch):
    """At a terminal there is a question with an answer ready; elsewhere a message says what to add."""
    from folioviz.cli import serving

    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, LAB)

    assert (done.exit_code, opened) == (2, [])
    assert done.stderr == "folioviz: your notebooks need a folder: name it, like --into folioviz-notebooks\n"
    monkeypatch.setattr("sys.stdin", Terminal("\n"))
    serving.lab(8888, "127.0.0.1", False)

    assert opened == [Path(own.PLACE)]
    assert (tmp_path / own.PLACE / serve.FIRST).is_file()


def test_a_file_that_cannot_be_written_whole_is_not_left(tmp_path, monkeypatch):
    """A full disk leaves no half of a notebook, which the next start would take for a reader's."""

    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(28, "No space left on device")

    def opens(path, mode):
        path.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opens)
    with pytest.raises(OSError, match="No space left"):
        own.copied(tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_the_source_tree_has_its_own():
    """`make lab` opens the notebooks themselves: all are there and as they should be, so nothing is written."""
    assert own.copied(serve.notebooks()) == []


def test_a_file_is_no_folder(tmp_path):
    """It is said, and the file stays."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises((OSError, FoliovizError), match="File exists"):
        own.copied(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"
