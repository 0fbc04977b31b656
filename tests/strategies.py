"""Random operations for Hypothesis: most of them make sense in the state they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.machine.memory import HPAGE_PMD_NR, PMD_HUGE, Sizes
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, live_mms

SMALL = Sizes(pages=2048, tables=96, vmas=64)
TINY = st.builds(
    Sizes, pages=st.sampled_from([512, 1024, 4096]), tables=st.integers(1, 4), vmas=st.integers(1, 6)
)
"""Machines that run out of everything."""
DRAWN_UNDER = ("v6.5-rc3+v4", "v7.3")
"""The second has every operation, the first only those of the series."""
BEGINNINGS = (
    "mm; mmap 1 0 1536; faultpmd 1 512; fork 1",
    "mm; mmap 1 0 64; fault 1 0 4",
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; dontneed 1 0 3; fault 1 0 0; fork 1; dontneed 2 16 1; get 1",
    "mm; mmap 1 0 1024",
    "",
)
LATER_BEGINNINGS = (
    "enabled 4 1; enabled 2 1; mm; mmap 1 0 1024; touch 1 0 40; dontneed 1 8 1; fork 1",
    "maxnone 100; mm; mmap 1 0 1024; faultpmd 1 0; fault 1 512 4; zero 1 0 200; zero 2 3 4",
    "swapon 1024; enabled 4 1; mm; mmap 1 0 64; touch 1 0 40; fork 1; reclaim 1; pageout 1 32 8; get 2; touch 2 0 9",
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 3; remap 1; migrate 2; fork 1; mprotect 1 8 16 0",
)
PLACES = st.sampled_from((0, 8, 16, 64, 500, 512, 520, 1024, 1536, 2048, 4096, 8195))
WHOLE = 3072
LENGTHS = st.sampled_from((1, 2, 4, 8, 16, 64, 100, 512, 1024, WHOLE))
ORDERS = st.sampled_from((0, 0, 2, 2, 3, 4, 4, 5, 7, 1, 9))
ANY = st.integers(0, 2**20)
VALUES = {
    "order": ORDERS,
    "to": PLACES,
    "nr": st.integers(1, 4),
    "batches": st.integers(-1, 1),
    "on": st.sampled_from((1, 1, 1, 0)),
    "writable": st.integers(0, 1),
    "cgroup": st.integers(0, 2),
}
"""Field of an operation -> how it is drawn, if not from what the machine has."""
PAGES = {ops.MaxNone: st.sampled_from((511, 0, 3, 100)), ops.SwapOn: st.sampled_from((512, 2048, 40, 1000))}
"""Operation on no range -> how its pages are drawn."""


OVER_HOLES = {
    *(ops.Dontneed, ops.Munmap, ops.Mremap, ops.Dontunmap, ops.Touch),
    *(ops.Mprotect, ops.Protnone, ops.Free, ops.Cold, ops.Pageout),
    *(ops.Guard, ops.Unguard, ops.Dontfork, ops.Dofork),
    *(ops.Mlock, ops.Munlock, ops.DontneedLocked),
}
"""What does a part of its work where its range leaves a VMA."""


def vmas_of(machine, slot):
    """Return (start, end) of a process's VMAs."""
    found = []
    vma = int(machine.mm_mmap[slot])
    while vma >= 0:
        found.append((int(machine.vma_start[vma]), int(machine.vma_end[vma])))
        vma = int(machine.vma_next[vma])
    return found


def one_of(draw, things, otherwise):
    """Draw one of some things, or return what stands in for none."""
    return things[draw(ANY) % len(things)] if things else otherwise


def on_a_vma(draw, kind, machine, slot, mm_id):
    """Draw an operation on one VMA of a process."""
    start, end = one_of(draw, vmas_of(machine, slot), None)
    huge = (machine.pmd[slot * 512 : slot * 512 + 512] & PMD_HUGE).nonzero()[0].tolist()
    inside, length = start + draw(ANY) % (end - start), draw(LENGTHS)
    if kind is ops.SplitPmd and huge:
        inside = one_of(draw, huge, None) * HPAGE_PMD_NR
    elif kind is ops.FaultPmd:
        inside = -(-start // HPAGE_PMD_NR) * HPAGE_PMD_NR
    elif length == WHOLE:  # then all of it
        inside, length = start, end - start
    if kind not in OVER_HOLES:
        length = min(length, end - inside)
    values = {"mm": mm_id, "vpn": inside, "pages": length}
    names = kind.__struct_fields__
    return kind.near(*(values[name] if name in values else draw(VALUES[name]) for name in names))


def on_a_folio(draw, kind, machine):
    """Draw an operation on one of the latest folios, or on some of its pages."""
    likely = {ops.Get: machine.folio_id, ops.Put: machine.folio_pins}.get(kind, machine.folio_order)
    heads = [head for head in live_folios(machine).tolist() if likely[head]]
    head = one_of(draw, heads[-8:], 0)
    nr = 1 << int(machine.folio_order[head])
    page = draw(ANY) % nr
    values = {"folio": int(machine.folio_id[head]) or 1, "page": page, "pages": 1 + draw(ANY) % (nr - page)}
    names = kind.__struct_fields__
    return kind(**{name: values[name] if name in values else draw(VALUES[name]) for name in names})


@st.composite
def sensible(draw, lab):
    """Draw an operation that the lab's kernel has and that is likely to be possible now."""
    machine, there = lab.machine, [kind for kind in ops.WORDS.values() if kind.call in lab.linked.names]
    kind = draw(st.sampled_from([kind for kind in there for _ in range(ops.OFTEN.get(kind, 1))]))
    names = kind.__struct_fields__
    slot = one_of(draw, live_mms(machine), -1)
    if "folio" in names:
        return on_a_folio(draw, kind, machine)
    if "mm" not in names:
        values = VALUES | ({"pages": PAGES[kind]} if kind in PAGES else {})
        return kind(**{name: draw(values[name]) for name in names})
    if slot < 0:
        return ops.Mm()
    mm_id = int(machine.mm_id[slot])
    if names == ("mm",):
        return kind(mm_id)
    if kind is ops.Mmap or machine.mm_mmap[slot] < 0:
        return ops.Mmap(mm_id, draw(PLACES), draw(LENGTHS))
    return on_a_vma(draw, kind, machine, slot, mm_id)


def apply_all(lab, plan):
    """Apply operations; those that are refused are left out."""
    for op in plan:
        try:
            lab.apply(op)
        except OperationError:
            continue


@st.composite
def plans(draw, max_operations=14, under=None):
    """Draw a list of operations, each chosen by what the ones before it made under one kernel.

    It is one of DRAWN_UNDER, or the one that is asked for. Under another kernel some of them may be refused.
    """
    kernel = under or draw(st.sampled_from(DRAWN_UNDER))
    lab = Lab(kernel, sizes=SMALL)
    later = LATER_BEGINNINGS if lab.machine.page_zero_filled.size else ()
    plan = ops.parse_line(draw(st.sampled_from([*later, *BEGINNINGS])))
    apply_all(lab, plan)
    for _ in range(draw(st.integers(1, max_operations))):
        op = draw(sensible(lab))
        plan.append(op)
        apply_all(lab, [op])
    return plan


INTEGERS = st.one_of(
    st.integers(-2, 20),
    st.sampled_from([510, 512, 1024, 4096, 262143, 262144, 2**31 - 1, -(2**31)]),
    st.integers(-(2**31), 2**31 - 1),
)
WILD = st.sampled_from(sorted(ops.WORDS)).flatmap(
    lambda word: st.tuples(*[INTEGERS for _ in ops.WORDS[word].__struct_fields__]).map(
        lambda v: ops.WORDS[word](*v)
    )
)
"""Any operation with any integers."""
