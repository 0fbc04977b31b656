"""Which engine runs: plain Python first, machine code when it is there or pays, and what was asked for always."""

from __future__ import annotations

import pytest

from folioviz import Lab, kernels, parse_line
from folioviz.engine import choice, compiled
from folioviz.errors import KernelError
from folioviz.machine.memory import Sizes

SMALL = Sizes(pages=512, tables=4, vmas=8)


def ran(lab, line):
    """Return what ran each operation."""
    found = []
    for op in parse_line(line):
        lab.apply(op)
        found.append(lab.engine)
    return found


@pytest.fixture
def anew(monkeypatch):
    """Let no kernel have done any work in this process."""
    monkeypatch.setattr(choice, "_spent", {})


def test_python_is_first_and_machine_code_comes_when_it_pays(anew, monkeypatch):
    """After some rows of work; an operation on many pages brings it at once; each machine has it then."""
    compiled.compiled(kernels.link("v6.9")).prepare()
    monkeypatch.setattr(choice, "LOADS", 60 * choice.ROWS_OF_A_PAGE)
    lab = Lab("v6.9", sizes=SMALL, engine="auto")

    assert ran(lab, "mm; mmap 1 0 16; fault 1 0 2; munmap 1 0 16") == ["python"] * 4
    assert ran(lab, "mmap 1 0 64; fault 1 0 2; munmap 1 0 64") == ["compiled"] * 3


def test_work_that_was_done_counts(anew, monkeypatch):
    """What plain Python did on one machine brings machine code for the next."""
    compiled.compiled(kernels.link("v6.9")).prepare()
    monkeypatch.setattr(choice, "LOADS", 100)
    first = ran(Lab("v6.9", sizes=SMALL, engine="auto"), "mm; mmap 1 0 4; fault 1 0 2; exit 1")
    second = ran(Lab("v6.9", sizes=SMALL, engine="auto"), "mm")

    assert (first[0], first[-1], second) == ("python", "compiled", ["compiled"])


@pytest.mark.slow
def test_what_is_not_on_disk_is_compiled_later(anew, monkeypatch, tmp_path):
    """Loading pays early, compiling after as much work as it takes."""
    monkeypatch.setenv("FOLIOVIZ_CACHE", str(tmp_path))
    compiled.compiled.cache_clear()
    monkeypatch.setattr(choice, "LOADS", 1)
    monkeypatch.setattr(choice, "COMPILES", 10_000)
    lab = Lab("v6.5-rc3", sizes=SMALL, engine="auto")

    assert set(ran(lab, "mm; mmap 1 0 16; fault 1 0 2; exit 1")) == {"python"}
    monkeypatch.setattr(choice, "COMPILES", 100)
    assert ran(lab, "mm") == ["compiled"]


def test_what_was_asked_for_runs(monkeypatch):
    """By the lab's argument, or by the environment where that says "auto"."""
    assert ran(Lab(sizes=SMALL, engine="compiled"), "mm; mmap 1 0 16") == ["compiled"] * 2
    monkeypatch.setattr(choice, "LOADS", 0)
    assert ran(Lab(sizes=SMALL, engine="python"), "mm; mmap 1 0 16") == ["python"] * 2
    monkeypatch.setenv(choice.VARIABLE, "python")
    assert ran(Lab(sizes=SMALL), "mm; mmap 1 0 16") == ["python"] * 2
    assert ran(Lab(sizes=SMALL, engine="compiled"), "mm") == ["compiled"]


@pytest.mark.parametrize("name", ["numba", "", "Compiled"])
def test_an_unknown_engine_is_named(name, monkeypatch):
    """In an argument or in the environment."""
    with pytest.raises(KernelError, match=r"no engine .*: there are auto, python, compiled"):
        Lab(engine=name)
    monkeypatch.setenv(choice.VARIABLE, name)
    with pytest.raises(KernelError, match="no engine"):
        Lab()


def test_what_cannot_be_compiled_is_tried_once(anew, monkeypatch):
    """A patch with a list in it runs in plain Python, and the next machine does not ask again."""
    monkeypatch.setattr(choice, "LOADS", 1)
    monkeypatch.setattr(choice, "COMPILES", 1)
    tried = []

    def madvise_dontneed(m, mm, start, end):
        return len([mm])

    monkeypatch.setattr(
        choice, "compiled", lambda *words, **more: tried.append(1) or compiled.compiled(*words, **more)
    )
    for _ in range(2):
        lab = Lab("v6.9", patches=[madvise_dontneed], sizes=SMALL, engine="auto")
        assert set(ran(lab, "mm; mmap 1 0 16; fault 1 0 2")) == {"python"}

    assert tried == [1]
