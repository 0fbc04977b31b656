"""The line that is marked is the one that made the row, in the function as the kernel links it."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress

import pytest

from folioviz import Lab, kernels, parse_line
from folioviz.errors import FoliovizError
from folioviz.machine import concurrency, primitives
from folioviz.machine import journal as j
from folioviz.machine.fields import FIELDS
from folioviz.mm import charges, entries, headers
from folioviz.readout import source

OPS = parse_line(
    "mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 2; faultpmd 1 512; fork 1; write 2 3; dontneed 1 4 9; munmap 2 0 700; "
    "get 1; shrink 9; put 1; mremap 1 512 512 2048; exit 2; split 3; exit 1"
)
HELPERS = [vars(module) for module in (primitives, concurrency, headers, entries, charges)]


def writers():
    """Return, per helper of primitives and headers, its own text and that of the helpers that it calls."""
    texts = {
        name: inspect.getsource(thing)
        for names in HELPERS
        for name, thing in names.items()
        if inspect.isfunction(thing)
    }
    while True:
        wider = {name: text + called(texts, text) for name, text in texts.items()}
        if wider == texts:
            return texts
        texts = wider


def called(texts, text):
    """Return the texts of the helpers that a text calls and does not hold yet."""
    names = {*re.findall(r"\b(\w+)\(m\b", text)} & {*texts}
    return "".join(texts[name] for name in sorted(names) if f"def {name}(" not in text)


WRITERS = writers()


@pytest.fixture(params=kernels.KERNELS, scope="module")
def lab(request):
    """Return a lab with a varied history, of what its kernel can do."""
    made = Lab(request.param)
    for op in OPS:
        with suppress(FoliovizError):
            made.apply(op)
    return made


def statement(lines, place):
    """Return the text of the statement around a line: up to where its brackets close."""
    text, depth = "", 0
    for line in lines[place:]:
        text += line + "\n"
        depth += sum(line.count(one) for one in "([") - sum(line.count(one) for one in ")]")
        if depth <= 0:
            return text
    return text


def test_every_row_is_made_by_the_line_that_is_marked(lab):
    """The line names what the row writes or counts, or a helper whose text does; and it is within its function."""
    made = set()
    for index in range(len(lab.applied)):
        ran = source.ran(lab, index)
        for row, (kind, address, _, _) in enumerate(lab.rows(index).tolist()):
            if kind not in (j.ENTER, j.EXIT):
                plain = kind != j.WHY and address != j.NOWHERE
                made.add((*ran.at(row), kind, lab.machine.where(address)[0] if plain else j.NOWHERE))
    assert len(made) > 50
    for name, line, kind, field in made:
        found = source.read(lab, name)
        place = line - found.first
        assert 0 <= place < len(found.lines)
        text = statement(found.lines, place)
        helpers = re.findall(r"\b(\w+)\(", text)
        whole = text + "".join(WRITERS.get(helper, "") for helper in helpers)
        if kind == j.WHY:
            assert "why" in helpers, (name, line)
        elif field == j.NOWHERE:
            assert re.search(r"\bcount\(", whole), (name, line)
        else:
            written = FIELDS[field].name.upper()
            assert re.search(rf"\b{written}\b|\b(store|write)\(m, (\w+, )?field\b", whole), (
                name,
                line,
                written,
            )


def test_once_more_changes_nothing_and_makes_the_same_rows(lab):
    """Machine and cursor are as before, wherever in the history, and rows equal the journal's."""
    lab.seek(lab.applied[3].start + 1)
    before, cursor = lab.machine.mem.copy(), lab.cursor
    for index in range(len(lab.applied)):
        assert (lab.again(index) == lab.rows(index)).all()

    assert cursor == lab.cursor
    assert (before == lab.machine.mem).all()


def test_a_function_says_where_it_is_from():
    """Its name, the kernel's file and release, the change, and its text in Python."""
    found = source.read(Lab("v6.9"), "zap_present_ptes")

    assert found.file == "mm/memory.c, v6.9"
    assert found.change == '10ebac4f95e7 ("mm/memory: optimize unmap/zap with PTE-mapped THP")'
    assert found.module == "folioviz.kernels.since_v6_8.zap_batch"
    assert found.lines[0].startswith("def zap_present_ptes(")
    assert source.read(Lab("v6.5-rc3"), "page_remove_rmap").file == "mm/rmap.c, v6.5-rc3"
