"""Machine code on disk: found by what decides it, whole or not at all, and done without where it cannot be kept."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import folioviz.engine
from folioviz import kernels
from folioviz.engine import native
from folioviz.engine.compiled import Compiled
from folioviz.engine.identity import COMPILER
from folioviz.link import V6_5_RC3, Linked
from folioviz.machine.fields import FIELDS, TLB_LIMIT
from folioviz.machine.memory import Machine, Sizes
from folioviz.machine.primitives import store, write

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

    def compiled(text, level):
        texts.append(text)
        return real(text, level)

    monkeypatch.setattr(native, "compiled", compiled)
    return texts


def tiny(keeps="writes", root="set_gather_limit", key="v6.5-rc3", *, checked=False):
    """Return one function of a kernel, to be compiled."""
    return Compiled(kernels.link(key), keeps, checked=checked, roots=[root])


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


def set_gather_limit(m, limit):
    """Set another limit."""
    store(m, TLB_LIMIT, 0, limit + 1)


SOURCES = {
    "a function": lambda linked: linked.code.update(set_gather_limit=set_gather_limit),
    "a function below": lambda linked: linked.below.update(store=write),
    "a constant": lambda linked: linked.constants.update(TLB_LIMIT=0),
    "the order of functions": lambda linked: setattr(linked, "names", linked.names[::-1]),
}


@pytest.mark.parametrize("change", SOURCES)
def test_a_change_of_a_kernel_never_meets_an_old_file(folder, change):
    """What its functions do, what they call, their constants and their numbers: each gives another file."""
    linked = Linked(V6_5_RC3)
    SOURCES[change](linked)

    assert Compiled(linked, "writes", checked=False, roots=["set_gather_limit"]).identity != tiny().identity


@pytest.mark.parametrize(
    "asked", [{"keeps": "calls"}, {"root": "mm_alloc"}, {"key": "v6.12"}, {"checked": True}]
)
def test_what_is_asked_for_never_meets_another_file(folder, asked):
    """Rows, what may be called, the kernel, and the checks."""
    assert tiny(**asked).identity != tiny().identity


def test_a_change_of_the_layout_or_the_compiler_never_meets_an_old_file(monkeypatch):
    """Where fields lie, what writes LLVM's text, and Python, whose bytecode says what functions do."""
    names = [tiny().identity]
    for what, value in {
        "FIELDS": FIELDS[::-1],
        "COMPILER": "another",
        "sys.implementation.cache_tag": "another",
    }.items():
        with monkeypatch.context() as patch:
            patch.setattr(f"folioviz.engine.identity.{what}", value)
            names.append(tiny().identity)

    assert len({*names}) == 4
    assert names[0] == tiny().identity


def test_what_compiles_is_all_of_the_engine():
    """Each of its modules decides what machine code is."""
    parts = sorted(Path(folioviz.engine.__path__[0]).glob("*.py"))

    assert len(parts) > 5
    assert sha256(b"".join(part.read_bytes() for part in parts)).hexdigest() == COMPILER


@pytest.mark.parametrize("change", ["version", "level", "processor"])
def test_a_change_of_what_is_here_never_meets_an_old_file(folder, monkeypatch, change):
    """LLVM, how hard it tries, and for which processor: each gives another file."""
    kernel = tiny()
    kernel.prepare()
    assert kernel.ready
    assert native.kept(native.name_of(kernel.identity))
    monkeypatch.setattr(native, "_here", native._here.__wrapped__)
    if change == "version":
        monkeypatch.setattr(native, "compiler", lambda: "llvmlite 99")
    elif change == "processor":
        monkeypatch.setattr(native._llvm(), "get_host_cpu_name", lambda: "another")

    level = native.ONCE if change == "level" else native.LEVEL
    assert native.kept(native.name_of(kernel.identity, level)) is None


def test_what_is_on_disk_is_loaded_without_writing_the_text(folder, monkeypatch):
    """Its name is found by what plain Python runs, so that a second process starts in a blink."""
    tiny().prepare()
    monkeypatch.setattr("folioviz.engine.compiled.module", None)

    assert limit(tiny()) == 3


def test_the_name_is_the_same_in_every_process():
    """Also where strings hash differently."""
    code = (
        "from folioviz import kernels\nfrom folioviz.engine.compiled import compiled\n"
        "print(compiled(kernels.link('v7.3')).identity)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(found) == 1


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


def test_what_is_not_on_disk_is_not_written_to_be_told_so(folder):
    """LLVM's text takes half a second for a whole kernel, as long as thousands of operations in plain Python."""
    kernel = tiny()

    assert not kernel.ready
    assert "text" not in vars(kernel)


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
    assert names == {"3.o", native.name_of(tiny().identity)}


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


@pytest.mark.slow
def test_machine_code_stays_while_somebody_can_run_it(folder):
    """Who has the way in need not know of anything else: it is never taken out of memory under a call."""
    run = tiny().prepare()
    machine = Machine(SMALL)
    gc.collect()
    for _ in range(20):
        tiny("costs").prepare()
    gc.collect()
    bound = tiny().bind(machine)
    bound._run = run
    bound.call("set_gather_limit", (4,))

    assert machine.tlb_limit[0] == 4


def test_without_a_compiler_it_is_said(monkeypatch):
    """Whoever asks for machine code learns what to install."""
    from folioviz import Lab
    from folioviz.engine import choice, compiled

    monkeypatch.setattr(native, "installed", lambda: False)
    monkeypatch.delenv(choice.VARIABLE, raising=False)
    compiled.compiled.cache_clear()
    with pytest.raises(kernels.KernelError, match=r"pip install 'folioviz\[fast\]'"):
        Lab(engine="compiled")
    lab = Lab()
    assert lab.engine == "python"
