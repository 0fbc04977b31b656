"""Machine code on disk: found by what decides it, whole or not at all, and done without where it cannot be kept."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from folioviz import kernels
from folioviz.engine import native
from folioviz.engine.compiled import Compiled
from folioviz.machine.memory import Machine, Sizes

SMALL = Sizes(pages=512, tables=1, vmas=1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Keep machine code in a folder of the test's."""
    monkeypatch.setenv(native.FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept" / "kernels"


@pytest.fixture
def counted(monkeypatch):
    """Return the texts that were compiled; what stands for them is compiled from a tiny one."""
    texts = []
    real = native.compiled

    def compiled(text):
        texts.append(text)
        return real(text)

    monkeypatch.setattr(native, "compiled", compiled)
    return texts


def tiny(keeps="writes", root="set_gather_limit", key="v6.5-rc3"):
    """Return one function of a kernel, to be compiled."""
    return Compiled(kernels.link(key), keeps, checked=False, roots=[root])


def limit(kernel):
    """Set the gather's limit on a machine, and return it."""
    machine = Machine(SMALL)
    kernel.bind(machine).call("set_gather_limit", (3,))
    return int(machine.tlb_limit[0])


def test_what_was_compiled_is_loaded(folder, counted):
    """The second time nothing is compiled, in the same process or another."""
    assert not tiny().ready
    assert limit(tiny()) == limit(tiny()) == 3
    assert tiny().ready

    assert (len(counted), len(list(folder.iterdir()))) == (1, 1)


@pytest.mark.parametrize("change", ["text", "version", "level", "processor"])
def test_a_change_never_meets_an_old_file(folder, counted, monkeypatch, change):
    """What is compiled, LLVM, how hard it tries, and for which processor: each gives another file."""
    kernel = tiny()
    kernel.prepare()
    if change == "text":
        kernel.text += "; other\n"
    elif change == "version":
        monkeypatch.setattr(native, "compiler", lambda: "llvmlite 99")
    elif change == "level":
        monkeypatch.setattr(native, "LEVEL", 3)
    else:
        monkeypatch.setattr(native._llvm(), "get_host_cpu_name", lambda: "another")

    assert native.kept(kernel.text) is None


@pytest.mark.parametrize("torn", [b"", b"short", None])
def test_a_torn_file_is_made_again(folder, counted, torn):
    """A file that is empty, cut or changed is not loaded."""
    tiny().prepare()
    (file,) = folder.iterdir()
    data = file.read_bytes()
    file.write_bytes(data[:-1] + b"x" if torn is None else torn)

    assert not tiny().ready
    assert limit(tiny()) == 3
    assert file.read_bytes() == data
    assert len(counted) == 2


def test_a_folder_that_cannot_be_had_is_no_harm(tmp_path, monkeypatch, counted):
    """It is a file, or may not be written: each process compiles for itself, and nothing is said."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(native.FOLDER, str(tmp_path / "file"))

    assert limit(tiny()) == limit(tiny()) == 3
    assert len(counted) == 2


def test_the_oldest_files_go(folder, monkeypatch):
    """There is a bound to how many are kept."""
    monkeypatch.setattr(native, "MOST_FILES", 2)
    folder.mkdir(parents=True)
    for age in range(4):
        old = folder / f"{age}.o"
        old.write_bytes(b"")
        os.utime(old, (age, age))
    tiny().prepare()

    names = {file.name for file in folder.iterdir()}
    assert names == {"3.o", native.name_of(tiny().text)}


def test_a_folder_is_the_users_own(folder):
    """Machine code is run as it is: nobody else may write it."""
    tiny().prepare()

    assert folder.stat().st_mode & 0o077 == 0


def test_another_process_loads_it(folder):
    """A process that may not compile runs what this one has compiled."""
    tiny().prepare()
    code = (
        "from folioviz.engine import native\nnative.compiled = None\n"
        "from folioviz import kernels\nfrom folioviz.engine.compiled import Compiled\n"
        "print(Compiled(kernels.link('v6.5-rc3'), 'writes', checked=False, roots=['set_gather_limit']).ready)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["True"]


def test_without_a_compiler_it_is_said(monkeypatch):
    """Whoever asks for machine code learns what to install."""
    from folioviz import Lab
    from folioviz.engine import compiled

    monkeypatch.setattr(native, "installed", lambda: False)
    compiled.compiled.cache_clear()
    with pytest.raises(kernels.KernelError, match=r"pip install 'folioviz\[fast\]'"):
        Lab(engine="compiled")
    lab = Lab()
    assert lab.engine == "python"
