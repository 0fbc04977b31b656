"""Every number and mark on the page equals the machine, at every row: read here from its arrays, by other code."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz import Lab, kernels, parse_line
from folioviz.errors import OperationError
from folioviz.files import scenario
from folioviz.files.scenario import Scenario
from folioviz.machine import fields as f
from folioviz.machine import memory as m
from folioviz.machine.costs import COSTS
from folioviz.ops.walk import live_mms
from folioviz.views import Explorer
from folioviz.views.panels.lane_runs import GUARD, HUGE, MIGRATING, NO_PAGES, SWAPPED, WRITABLE, ZERO, runs
from folioviz.views.panels.timeline import Timeline
from folioviz.views.player.curve import MAX_POINTS
from folioviz.views.session.session import Session
from tests.strategies import SMALL, plans
from tests.views.panels.marks import Marks, check_differences, check_prospects, check_sizes, queues, written

LONG = 600
"""The costs of operations of fewer steps are counted again, row by row."""
NODE = {
    "nr_anon_mapped": ("vmstat", m.NR_ANON_MAPPED),
    "nr_anon_thps": ("vmstat", m.NR_ANON_THPS),
    "thp_deferred_split_page": ("vm_event", m.THP_DEFERRED_SPLIT_PAGE),
    "thp_split_page": ("vm_event", m.THP_SPLIT_PAGE),
    "thp_split_page_failed": ("vm_event", m.THP_SPLIT_PAGE_FAILED),
    "thp_split_pmd": ("vm_event", m.THP_SPLIT_PMD),
}
LOOKS = 14
"""So many positions of each operation are looked at: its first ones, its last, and some between."""
KEYS = [*kernels.KERNELS]
PAIRS = [(KEYS[place], KEYS[place + 1]) for place in range(0, len(KEYS) - 1, 2)] + [(KEYS[-1], KEYS[0])]
"""Every kernel, the neighbours in time beside each other."""
COUNTERS = {row.shown: row.number for row in f.ON_CARD if row.number != f.FOLIO_MM_ID_0}


class Truth:
    """What one machine holds, read from its arrays."""

    def __init__(self, machine):
        """Read the page tables, the queue, and where each folio is."""
        self.machine = machine
        self.heads = {
            int(machine.folio_id[page]): page for page in np.flatnonzero(machine.folio_id > 0).tolist()
        }
        self.lanes, self.mapped, self.rss = {}, {}, {}
        for slot in live_mms(machine):
            self.lanes[int(machine.mm_id[slot])] = self._lane(slot)
            self.rss[int(machine.mm_id[slot])] = int(machine.mm_rss[slot])

    def _lane(self, slot):
        """Return what each page of a process maps: vpn -> (folio, flags)."""
        found = {}
        for place, entry in enumerate(self.machine.pmd[slot * 512 : slot * 512 + 512].tolist()):
            table = entry >> m.ENTRY_SHIFT
            if entry & m.PMD_HUGE:
                flags = HUGE | (WRITABLE if entry & m.PMD_WRITE else 0)
                ids = self.machine.folio_id[self.machine.page_folio[table : table + 512]].tolist()
                found |= {place * 512 + page: (folio, flags) for page, folio in enumerate(ids)}
            elif entry == m.PMD_ZERO:
                found |= {place * 512 + page: (0, ZERO) for page in range(512)}
            elif entry:
                ptes = self.machine.pte[table * 512 : table * 512 + 512].tolist()
                found |= {place * 512 + at: self._entry(pte) for at, pte in enumerate(ptes) if pte}
        return found

    def _entry(self, pte):
        """Return what an entry of a page table stands for: (folio, flags)."""
        if pte & (m.PTE_PRESENT | m.PTE_MIGRATION):
            page = pte >> m.ENTRY_SHIFT
            if pte & m.PTE_PRESENT:
                self.mapped[page] = self.mapped.get(page, 0) + 1
            migrating = MIGRATING if pte & m.PTE_MIGRATION else 0
            return self._of(page), migrating | (WRITABLE if pte & m.PTE_WRITE else 0)
        return 0, ZERO if pte & m.PTE_ZERO else GUARD if pte == m.PTE_GUARD else SWAPPED

    def _of(self, page):
        """Return the id of the folio of a page."""
        return int(self.machine.folio_id[self.machine.page_folio[page]])

    def mapcounts(self, head, order):
        """Return how often each page of a folio is mapped by PTEs, as its kernel counts it, or else its tables."""
        pages = range(head, head + (1 << order))
        if not order or self.machine.maintains(f.PAGE_MAPCOUNT):
            return [int(self.machine.page_mapcount[page]) + 1 for page in pages]
        return [self.mapped.get(page, 0) for page in pages]

    def pages_mapped(self, head, order):
        """Return how many pages of a folio are mapped."""
        if self.machine.folio_entire_mapcount[head] >= 0:
            return 1 << order
        return sum(mappings > 0 for mappings in self.mapcounts(head, order))


def shown(explorer):
    """Return what the browser has been told: per slot its HTML, and the data of the scripts."""
    state = explorer.screen.get_state()
    return {name: "".join(piece for _, piece in pieces) for name, pieces in state["parts"].items()}, state[
        "data"
    ]


def articles(html):
    """Return the cards of a column: folio -> HTML."""
    return {
        int(folio): body
        for folio, body in re.findall(r'<article[^>]* data-folio="(\d+)">(.*?)</article>', html, re.DOTALL)
    }


def check_lane(data, mm, side, truth):
    """Compare a strip of a lane with the page tables."""
    found = {}
    for start, end, folio, _, flags in (
        np.frombuffer(data[f"lane:{mm}:{side}"], np.int32).reshape(-1, 5).tolist()
    ):
        if folio or flags:
            found |= dict.fromkeys(range(start, end), (folio, flags))
    assert found == truth.lanes[mm]


def check_card(body, folio, truth):
    """Compare a folio's card with its struct folio."""
    machine, head = truth.machine, truth.heads[folio]
    order = int(machine.folio_order[head])
    for name, text in re.findall(r'data-counter="(\w+)".*?<b>([^<]*)', body):
        raw = int(machine.mem[machine.base[COUNTERS[name]] + head]) if name in COUNTERS else None
        if name == "mapped" and (not order or not machine.maintains(f.FOLIO_NR_PAGES_MAPPED)):
            raw = truth.pages_mapped(head, order) if order else truth.mapcounts(head, 0)[0]
        if raw is not None:
            assert (name, int(text.strip().replace("−", "-"), 0)) == (name, raw)
    cells = re.search(r'<div class="fv-cells".*?</div>', body)
    if cells:
        assert [int(one or 0) for one in re.findall(r"<i[^>]*>(\d*)</i>", cells[0])] == truth.mapcounts(
            head, order
        )


def check_queue(html, truth):
    """Compare a kernel's queues with their lists: which folios, in which order, and how much of each is mapped."""
    machine, want = truth.machine, []
    for head in [head for one in queues(machine) for head in one]:
        order = int(machine.folio_order[head])
        want.append((int(machine.folio_id[head]), truth.pages_mapped(head, order), 1 << order))
    assert [
        tuple(map(int, one)) for one in re.findall(r'data-queued="(\d+)".*?(\d+)/(\d+) mapped', html)
    ] == want


def spent(rows):
    """Return what journal rows cost, counted row by row: an event as often as it says, a write once."""
    found = dict.fromkeys((row.kind for row in COSTS.values()), 0)
    for kind, address, _, new in rows.tolist():
        if kind in found:
            found[kind] += new if address < 0 else 1
    return found


def check_costs(rows, side, so_far, whole):
    """Compare the costs up to here, and of the whole operation, with the rows of the journal."""
    for name, row in re.findall(r'data-cost="(\w+)">(.*?)</tr>', rows, re.DOTALL):
        cell = re.search(rf'<td class="fv-{side.name}">([\d,]+)(?:<small>/([\d,]+)</small>)?</td>', row)
        if cell:
            here, total = (int((one or cell[1]).replace(",", "")) for one in cell.groups())
            assert (name, here, total) == (name, so_far[COSTS[name].kind], whole[COSTS[name].kind])


def check_node(rows, side, machine):
    """Compare the node's counters with the machine's arrays."""
    shown_ = dict(re.findall(rf'<th scope="row">(\w+)</th>.*?<td class="fv-{side.name}">([\d,]+)</td>', rows))
    for name, (array, item) in NODE.items():
        assert int(shown_.get(name, "0").replace(",", "")) == getattr(machine, array)[item]


def check_trace(lines, side):
    """Compare the line that is lit with the row that has just been done."""
    lit = [
        int(row)
        for name, row in re.findall(r'data-fv="row:(\w):(\d+)"[^>]* aria-current="step"', lines)
        if name == side.name
    ]
    if side.name in re.findall(r'data-fv="row:(\w)', lines) and 0 < side.step < side.steps:
        assert lit == [side.row - 1]


def check_curve(side, frame, truth):
    """Compare the timeline's line where the playhead is with what it draws."""
    x, y = side.curve.x, side.curve.y
    head = truth.heads.get(frame.focus)
    if x.size > 2 * MAX_POINTS or head is None:
        return
    row, machine = COUNTERS[frame.counting], truth.machine
    of_one = frame.counting == "mapped" or not (f.FIELDS[row].some or f.FIELDS[row].order)
    if not (machine.maintains(row) if machine.folio_order[head] else of_one):
        return  # no card has it
    assert x[0] <= frame.position <= x[-1]
    raw = int(machine.mem[machine.base[row] + head])
    raw = raw % m.COMPOUND_MAPPED if frame.counting == "mapped" else raw - f.FIELDS[row].idle
    if not machine.folio_order[head] and frame.counting == "mapped":
        raw = truth.mapcounts(head, 0)[0]
    assert y[np.searchsorted(x, frame.position, side="right") - 1] == raw


def check_marks(explorer, frame, labs):
    """Compare what the chart says of the first queueing with the machine at that position."""
    session = explorer.session
    said = {
        text[0]: tuple(map(int, re.findall(r"(\d+) of (\d+)", text)[0]))
        for one in explorer.panels
        if isinstance(one, Timeline)
        for (kind, _), label in one.words.items()
        if kind == "queued"
        for text in label.text.tolist()
        if text
    }
    for side, lab in zip(frame.sides, labs, strict=True):
        if side.name in said:
            at = next(position for kind, position, _ in side.curve.marks if kind == "queued")
            track = session.history.tracks["AB".index(side.name)]
            lab.seek(track.row(*session.history.axis.at(at)))
            truth = Truth(lab.machine)
            head = truth.heads[frame.focus]
            order = int(lab.machine.folio_order[head])
            assert said[side.name] == (truth.pages_mapped(head, order), 1 << order)


def looks(begin, end):
    """Return positions of an operation, fewer where it is long."""
    return sorted({*range(begin, min(begin + 4, end)), *np.linspace(begin, end, LOOKS).astype(int).tolist()})


def few_looks(begin, end):
    """Return some positions of an operation that is one of many, more where it is long itself."""
    return looks(begin, end) if end - begin > LONG else sorted({(begin + end) // 2, end})


def track_start(session, side):
    """Return the row at which the operation under the playhead begins."""
    return session.history.tracks["AB".index(side.name)].end(session.frame.index)


def done(labs, session):
    """Do a session's operations in labs, but those that a kernel refused."""
    for lab, track in zip(labs, session.history.tracks, strict=True):
        for op, refused in zip(session.history.ops, track.refused, strict=True):
            if not refused:
                lab.apply(op)


def check_side(parts, data, lab, side, frame, left):
    """Compare all that is shown of one kernel, but its costs, with its machine."""
    lab.seek(side.row)
    truth = Truth(lab.machine)
    marks, cells = Marks(truth, left), written(lab, side, frame.position - frame.begins[frame.index])
    for mm in truth.lanes:
        check_lane(data, mm, side.name, truth)
        told = parts[f"lanehead:{mm}"].replace(",", "").split("RSS")[1]
        numbers = re.findall(rf"(\d+) in {side.name}", told) or re.findall(r"(\d+) page", told)
        assert truth.rss[mm] == int(numbers[0])
    for folio, body in articles(parts[f"folios:{side.name}"]).items():
        head = truth.heads[folio]
        check_card(body, folio, truth)
        marks.check_cells(body, head, cells)
        if "fv-badges" in body:
            marks.check_badges(body, folio, head)
            marks.check_refcount(body, head)
        else:
            assert marks.badges(folio, head) == set()
    lines = parts.get(f"lines:{side.name}", "")
    for folio, line in re.findall(r'(?s)data-folio="(\d+)"><b>(.*?)</button>', lines):
        marks.check_line(line, int(folio), truth.heads[int(folio)])
    queue = dict(re.findall(r'<section data-side="(.)">(.*?)</section>', parts["queue"], re.DOTALL))[
        side.name
    ]
    check_queue(queue, truth)
    marks.check_queue(queue)
    check_curve(side, frame, truth)
    check_trace(parts["tracelines"], side)
    check_node(parts["noderows"], side, lab.machine)
    check_sizes(parts["noderows"], side, lab.machine)
    return queue


def walk(found, places=looks):
    """Compare the page with the machines at positions of every operation of a scenario."""
    explorer = Explorer(Session(found))
    session = explorer.session
    labs = [Lab(key, session.history.mmu_gather) for key in session.history.kernels]
    done(labs, session)
    for begin, end in pairwise(session.history.axis.begins):
        session.seek(end)
        whole, left = {}, {}
        for side, lab in zip(session.frame.sides, labs, strict=True):
            start = track_start(session, side)
            whole[side.name] = spent(lab.journal[start : side.row]) if side.steps < LONG else None
            lab.seek(side.row)
            left[side.name] = set(lab.machine.folio_id[lab.machine.folio_id > 0].tolist())
        for position in places(begin + 1, end):
            session.seek(position)
            frame = session.frame
            parts, data = shown(explorer)
            for side, lab in zip(frame.sides, labs, strict=True):
                check_side(parts, data, lab, side, frame, left[side.name])
                if whole[side.name] is not None:
                    so_far = spent(lab.journal[track_start(session, side) : side.row])
                    check_costs(parts["costrows"], side, so_far, whole[side.name])
            if None not in whole.values():
                by_name = [{name: one[row.kind] for name, row in COSTS.items()} for one in whole.values()]
                check_differences(parts["costrows"], by_name)
            check_marks(explorer, frame, labs)
    session.seek(session.history.axis.last)
    parts, data = shown(explorer)
    for side, lab in zip(session.frame.sides, labs, strict=True):
        ids = set(lab.machine.folio_id[lab.machine.folio_id > 0].tolist())
        check_prospects(check_side(parts, data, lab, side, session.frame, ids), lab)


@pytest.mark.parametrize("name", scenario.library())
def test_every_scenario_shows_its_machines(name):
    """Lanes, cards, cells, queues and the timeline's line, of both kernels, whatever an operation has done half."""
    walk(name, few_looks if len(scenario.library()[name].ops) > LOOKS else looks)


FEW = {
    "queued": (
        "v6.5-rc3+v4.1",
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; dontneed 1 16 3; get 1; dontneed 1 0 3",
    ),
    "zapped": ("v6.5-rc3+v4.1", "mm; mmap 1 0 64; fault 1 0 3; get 1; fork 1; munmap 1 0 8"),
    "owners": ("v7.3", "mm; mmap 1 0 64; fault 1 0 4; fork 1; get 1; get 1; dontneed 1 0 3; dontneed 2 0 5"),
    "huge": ("v6.12", "mm; mmap 1 0 512; faultpmd 1 0; zero 1 8 90; fork 1; dontneed 2 0 4"),
    "many": (
        "v6.12",
        "mm; mmap 1 0 64; " + "; ".join(f"fault 1 {8 * k} 3" for k in range(8)) + "; dontneed 1 3 9",
    ),
    "zeros": ("v6.12", "mm; mmap 1 0 64; fault 1 0 4; zero 1 4 8; dontneed 1 0 2; split 1"),
    "guards": ("v7.3", "mm; mmap 1 0 64; fault 1 0 4; guard 1 4 4"),
    "cut": ("v6.8", "mm; mmap 1 0 64; fault 1 0 4; munmap 1 4 4"),
    "flushed": ("v6.5-rc3", "mm; mmap 1 0 16; fault 1 0 2; get 1; munmap 1 0 4"),
    "split": ("v6.5-rc3+v4.1", "mm; mmap 1 0 64; fault 1 0 2; dontneed 1 0 1; split 1"),
    "moved": ("v7.3", "mm; mmap 1 0 64; fault 1 0 3; fork 1; remap 1"),
    "cgroups": (
        "v6.12",
        "mm; mmap 1 0 64; cgroup 1 1; fault 1 0 4; cgroup 1 2; fault 1 16 2; dontneed 1 3 14; rmcgroup 1",
    ),
    "removed": ("v7.3", "mm; mmap 1 0 64; cgroup 1 1; fault 1 0 4; cgroup 1 0; dontneed 1 0 5; rmcgroup 1"),
}
"""Kernel and operations, the last one of which does what the name says."""


@pytest.mark.parametrize("name", FEW)
def test_a_few_rows_show_their_machines(name):
    """The same at some rows of one operation, after others of which only the end is looked at."""
    key, line = FEW[name]
    ops, ends = tuple(parse_line(line)), []

    def last(begin, end):
        """Return the end of an operation; of the last one some positions more."""
        ends.append(end)
        some = {*range(begin, end, max((end - begin) // 6, 1)), *range(max(begin, end - 3), end), end}
        return sorted(some) if len(ends) == len(ops) else [end]

    walk(Scenario(ops, kernels=(key,)), last)


PART, ZEROS = "dontneed 1 0 5", "zero 1 4 8; split 1"


@pytest.mark.parametrize(
    ("first", "second", "then"),
    [
        ("v6.8", "v7.3", PART),
        ("v6.5-rc3+v4.1", "v6.5-rc3+v4", PART),
        ("v6.10", "v6.12", PART),
        ("v6.10", "v6.12", ZEROS),
    ],
)
def test_costs_of_two_kernels_are_those_of_their_rows(first, second, then):
    """At the middle and the end of an operation, beside each other, and what B has more; rss and statistics, too."""
    ops = tuple(parse_line(f"mm; mmap 1 0 64; fault 1 0 4; {then}"))

    walk(
        Scenario(ops, kernels=(first, second)),
        lambda begin, end: [(begin + end) // 2, end][-2 * (end > 60) :],
    )


def possible(plan, key):
    """Return the operations of a plan that a kernel can do where they come."""
    lab, found = Lab(key, sizes=SMALL), []
    for op in plan:
        with suppress(OperationError):
            lab.apply(op)
            found.append(op)
    return tuple(found)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
@settings(max_examples=max(3, settings.default.max_examples // 50))
@given(data=st.data())
def test_a_random_walk_shows_its_machines(pair, data):
    """The same of operations that nobody chose, at rows that nobody chose, under every kernel and either gather."""
    ops = possible(data.draw(plans(8, pair[1])), pair[1])
    mode = data.draw(st.sampled_from(list(kernels.GATHER_MODES)))
    rng = data.draw(st.randoms(use_true_random=False))

    def drawn(begin, end):
        """Return an operation's end, and three positions before."""
        return sorted({end, *(rng.randint(min(begin, end), end) for _ in range(3))})

    if ops:
        walk(Scenario(ops, kernels=pair, mmu_gather=mode), drawn)


CUTS = ("munmap 1 4 8", "mmap 1 64 8; munmap 1 4 8", "mprotect 1 6 4 0", "mremap 1 10 10 40")


@pytest.mark.parametrize("key", ["v6.1", "v6.8", "v7.3"])
@pytest.mark.parametrize("cut", CUTS)
def test_lanes_have_all_that_is_mapped_while_a_vma_is_cut(key, cut):
    """At every row of what cuts a VMA: a page that is mapped is in its lane, whether a VMA has it by then or not."""
    session = Session()
    ops = parse_line(
        f"mm; mmap 1 0 32; {'fault 1 0 4; ' * (key != 'v6.1')}fault 1 16 0; fault 1 18 0; fork 1"
    )
    session.run([*ops, *parse_line(cut)], key)
    (track,) = session.history.tracks
    begin, end = session.history.axis.begins[-2:]
    for position in range(begin, end + 1):
        session.seek(position)
        (side,) = session.frame.sides
        truth = Truth(track.lab.machine)
        for mm in truth.lanes:
            found = runs(
                side.process(mm),
                side.owners,
                0,
                512,
                side.zeros.get(mm, NO_PAGES),
                side.guards.get(mm, NO_PAGES),
            )
            check_lane({f"lane:{mm}:A": found.tobytes()}, mm, "A", truth)
