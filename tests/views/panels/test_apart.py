"""What differs between A and B: what is shown is what the machines differ in, field by field."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz import parse_line
from folioviz.compare.compare import compare
from folioviz.compare.state import KEPT_BY_SOME, apart
from folioviz.errors import FoliovizError
from folioviz.files.scenario import library
from folioviz.lab import Lab
from folioviz.machine.fields import OF_FOLIO, OF_PAGE, PAGE_MAPCOUNT
from folioviz.ops.walk import folio_head, queues
from folioviz.views import Explorer, Session
from folioviz.views.panels.apart_view import MOST

PAIRS = [("v6.5-rc3", "v6.5-rc3+v4"), ("v6.5-rc3+v3", "v6.5-rc3+v4.1"), ("v6.10", "v6.12"), ("v6.12", "v7.3")]


def differing(machines, ident):
    """Return what differs of a folio, read straight from the arrays: the words of fields, and pages by field."""
    heads = [folio_head(machine, ident) for machine in machines]
    if min(heads) < 0:
        return {""} if max(heads) >= 0 else set(), {}
    found = set()
    orders = [int(machine.folio_order[head]) for machine, head in zip(machines, heads, strict=True)]
    for row in OF_FOLIO:
        if not row.record or not all(machine.maintains(row.number) for machine in machines):
            continue
        values = [
            int(getattr(machine, row.name)[head]) if order >= row.order else None
            for machine, head, order in zip(machines, heads, orders, strict=True)
        ]
        if values[0] != values[1] and not (row.word in KEPT_BY_SOME and None in values):
            found.add(row.word)
    pages = {}
    for row in OF_PAGE:
        counted = all(machine.maintains(PAGE_MAPCOUNT) for machine in machines) or max(orders) == 0
        if row.record and (row.number != PAGE_MAPCOUNT or counted):
            a, b = (
                getattr(machine, row.name)[head : head + (1 << order)]
                for machine, head, order in zip(machines, heads, orders, strict=True)
            )
            if not np.array_equal(a, b):
                pages[row.word] = (a.tolist(), b.tolist())
    return found, pages


def shown(explorer):
    """Return the rows that are shown of each folio (name -> values), and of everything else."""
    pieces = explorer.screen._now["apart"]
    folios, rest = {}, {}
    for key, piece in pieces.items():
        rows = re.findall(
            r'data-differs="(.*?)">.*?</span>(?:<span class="fv-A">(.*?)</span><span class="fv-B">(.*?)</span>)?',
            piece,
        )
        rows = {unescape(name): (a, b) for name, a, b in rows}
        if match := re.fullmatch(r"folio (\d+)", key):
            folios[int(match[1])] = rows
        else:
            rest |= rows
    return folios, rest


def check(explorer):
    """Hold what is shown against the machines."""
    machines = explorer.session.history.machines
    folios, rest = shown(explorer)
    made = 1 + max(int(machine.folio_id.max()) for machine in machines)
    wanted = {ident: one for ident in range(1, made) if any(one := differing(machines, ident))}
    assert [*folios] == [*wanted][:MOST]
    for ident, rows in folios.items():
        fields, pages = wanted[ident]
        words = {re.sub(r"\[.*", "", name) for name in rows} - {"queued"}
        assert words == {one or "folio" for one in fields} | {*pages}
        for what, (a, b) in pages.items():
            for name, values in rows.items():
                if name.startswith(f"{what}["):
                    for page in range(*span(name)):
                        assert values == (number(a[page]), number(b[page]))
    a, b = (
        {n: machine.folio_id[heads].tolist() for n, heads in queues(machine).items()} for machine in machines
    )
    unlike = {f"split queue of cgroup {n}" if n else "split queue" for n in a | b if a.get(n) != b.get(n)}
    assert {name for name in rest if name.startswith("split queue")} == unlike
    nothing = not apart(machines) and "costs" not in explorer.screen._now["apart"]
    assert ("Nothing differs at this step" in explorer.screen._now["apart"]["said"]) == nothing


def span(name):
    """Return the pages [first, after last) of a row's name."""
    first, _, last = name.partition("[")[2].rstrip("]").partition("–")
    return int(first), int(last or first) + 1


def number(value):
    """Return a number as it is shown."""
    return str(value).replace("-", "−")


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids="|".join)
def test_what_is_shown_is_what_the_machines_differ_in(pair):
    """After each scenario of the library and in the middle of its last operation."""
    explorer = Explorer(Session("front"))
    explorer.session.selection.read("apart")
    for name, one in library().items():
        explorer.session.run(one.ops, *pair, one.mmu_gather)
        if explorer.session.frame.messages:  # a kernel that lacks the operation
            continue
        begins = explorer.session.history.axis.begins
        for position in (begins[-1], (begins[-2] + begins[-1]) // 2):
            explorer.session.seek(position)
            assert explorer.session.frame.position == position, name
            check(explorer)


@pytest.mark.parametrize("pair", PAIRS[::2], ids="|".join)
def test_after_a_scenario_it_is_what_a_comparison_says(pair):
    """compare() folds records, apart() looks at machines: the same differences, of every scenario."""
    for name, one in library().items():
        labs = [Lab(key, one.mmu_gather) for key in pair]
        for op in one.ops:
            for lab in labs:
                if lab.refusal(op) is None:
                    lab.apply(op)
        if any(lab.machine.bugs() for lab in labs):
            continue
        try:
            found = compare(one.ops, pair, one.mmu_gather).state
        except FoliovizError:
            continue
        assert found == apart([lab.machine for lab in labs]), name


@pytest.mark.slow
def test_on_random_operations_and_steps_too():
    """Whatever is done, wherever one looks."""
    explorer = Explorer(Session("front"))
    explorer.session.selection.read("apart")
    pages = st.integers(0, 40)
    some = st.one_of(
        st.tuples(st.sampled_from(["munmap", "dontneed"]), pages, st.integers(1, 24)).map(
            lambda zap: f"{zap[0]} 1 {zap[1]} {zap[2]}"
        ),
        st.integers(0, 2).map(lambda k: f"fault 1 {k * 16} 4"),
        st.sampled_from(["fork 1", "exit 2", "shrink 4", "get 1", "put 1", "write 2 3"]),
    )

    @settings(max_examples=12, deadline=None)
    @given(st.lists(some, min_size=2, max_size=6), st.integers(0, 2000), st.sampled_from(PAIRS))
    def walk(texts, position, pair):
        explorer.session.run(parse_line("mm; mmap 1 0 64; fault 1 0 4; " + "; ".join(texts)), *pair)
        explorer.session.seek(position % (explorer.session.history.axis.last + 1))
        check(explorer)

    walk()


def test_where_along_the_history_they_differ_is_where_the_machines_do():
    """The bars of the timeline: each position of them differs, no other does; every lab stands where it was."""
    explorer = Explorer(Session("front"))
    session = explorer.session
    session.choose(1, "v6.5-rc3+v4")
    session.choose(0, "v6.5-rc3")
    session.selection.read("apart")
    session.selection.show_whole(True)
    along, before = session.frame.along, [track.lab.cursor for track in session.history.tracks]
    inside = {place for first, last in along.runs for place in range(first, max(last, first + 1))}
    for position in range(session.history.axis.last):
        session.history.go(position)
        assert (position in inside) == bool(apart(session.history.machines)), position

    assert along.each
    assert along.runs
    assert before != [0, 0]
    assert len(explorer.screen._now["apartat"]) == len(along.runs)


def test_one_kernel_alone_and_the_same_history_are_told_in_words():
    """Nothing is compared with nothing; a field that one kernel does not keep is named, not compared."""
    explorer = Explorer(link="scenario=front&a=v6.8&read=apart")
    assert "choose a kernel B" in explorer.screen._now["apart"][""]
    explorer.session.run(parse_line("mm"), "v6.5-rc3", "v7.3")

    assert "Nothing differs at this step" in explorer.screen._now["apart"]["said"]
    assert "_large_mapcount" in explorer.screen._now["apart"]["lacks"]
    assert "at none of its steps" in explorer.screen._now["apart"]["where"]
