"""Random operations for Hypothesis: most of them make sense in the state they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from folioviz import ops
from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.machine import HPAGE_PMD_NR, PMD_HUGE, Sizes

SMALL = Sizes(pages=2048, tables=96, vmas=64)
TINY = st.builds(
    Sizes, pages=st.sampled_from([512, 1024, 4096]), tables=st.integers(1, 4), vmas=st.integers(1, 6)
)
"""Machines that run out of everything."""
DRAWN_UNDER = "v6.5-rc3+v4"
BEGINNINGS = (
    "mm; mmap 1 0 1536; faultpmd 1 512; fork 1",
    "mm; mmap 1 0 64; fault 1 0 4",
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; dontneed 1 0 3; fault 1 0 0; fork 1; dontneed 2 16 1; get 1",
    "mm; mmap 1 0 1024",
    "",
)
KINDS = st.sampled_from(
    [
        *("dontneed", "dontneed", "dontneed", "fault", "fault", "fault", "fault", "munmap", "munmap"),
        *("write", "write", "write", "fork", "fork", "mremap", "mremap", "faultpmd", "splitpmd", "splitpmd"),
        *("mmap", "mmap", "get", "put", "split", "shrink", "shrink", "exit", "glimit", "mm"),
    ]
)
PLACES = st.sampled_from((0, 8, 16, 64, 500, 512, 520, 1024, 1536, 2048, 4096, 8195))
WHOLE = 3072
LENGTHS = st.sampled_from((1, 2, 4, 8, 16, 64, 100, 512, 1024, WHOLE))
ORDERS = st.sampled_from((0, 0, 2, 2, 3, 4, 4, 5, 7, 1, 9))
ANY = st.integers(0, 2**20)


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
    inside = start + draw(ANY) % (end - start)
    if kind == "fault":
        order = draw(ORDERS)
        return ops.Fault(mm_id, inside >> order << order, order)
    if kind == "splitpmd" and huge:
        return ops.SplitPmd(mm_id, one_of(draw, huge, None) * HPAGE_PMD_NR)
    if kind in {"faultpmd", "splitpmd"}:
        return ops.FaultPmd(mm_id, -(-start // HPAGE_PMD_NR) * HPAGE_PMD_NR)
    if kind == "write":
        return ops.Write(mm_id, inside)
    length = draw(LENGTHS)
    if length == WHOLE:  # then all of it
        inside, length = start, end - start
    if kind == "mremap":
        return ops.Mremap(mm_id, inside, min(length, end - inside), draw(PLACES))
    return ops.WORDS[kind](mm_id, inside, length)


@st.composite
def sensible(draw, machine):
    """Draw an operation that is likely to be possible now."""
    kind = draw(KINDS)
    slot = one_of(draw, ops.live_mms(machine), -1)
    mm_id = int(machine.mm_id[slot])
    if kind in {"get", "put", "split"}:
        likely = {"get": machine.folio_id, "put": machine.folio_pins, "split": machine.folio_order}[kind]
        heads = [head for head in ops.live_folios(machine).tolist() if likely[head]]
        return ops.WORDS[kind](int(machine.folio_id[one_of(draw, heads[-8:], 0)]) or 1)
    if kind in {"shrink", "glimit"}:
        return ops.Shrink(1 + draw(ANY) % 4) if kind == "shrink" else ops.Glimit(draw(ANY) % 3 - 1)
    if kind == "mm" or slot < 0:
        return ops.Mm()
    if kind in {"fork", "exit"}:
        return ops.WORDS[kind](mm_id)
    if kind == "mmap" or machine.mm_mmap[slot] < 0:
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
def plans(draw, max_operations=14):
    """Draw a list of operations, each chosen by what the ones before it made under the v4 series.

    Under another kernel some of them may be refused.
    """
    lab = Lab(DRAWN_UNDER, sizes=SMALL)
    plan = ops.parse_line(draw(st.sampled_from(BEGINNINGS)))
    apply_all(lab, plan)
    for _ in range(draw(st.integers(1, max_operations))):
        op = draw(sensible(lab.machine))
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
