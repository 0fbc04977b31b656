"""Kernel functions bound to one CPU of a race: what they read, write and lock becomes events."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from folioviz.machine.costs import MMLOCK
from folioviz.machine.fields import (
    BUG,
    FOLIO_FLAGS,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_PINS,
    FOLIO_REFCOUNT,
    MM_RSS,
    MTHP_STAT,
    NEXT_FOLIO_ID,
    PAGE_ANON_EXCLUSIVE,
    PMD,
    PTE,
    SPLIT_QUEUE_LOCK,
    VM_EVENT,
    VMSTAT,
)
from folioviz.machine.journal import ENTER, EXIT, NOWHERE, WHY
from folioviz.machine.memory import BUG_NAMES, ENTRY_SHIFT, NR_MTHP_STATS, PMD_HUGE, PMD_WRITE, PTE_WRITE
from folioviz.mm.headers import deferred_list
from folioviz.race.cpu import (
    ADD,
    CHECK,
    LOCK,
    READ_LOCK,
    READ_UNLOCK,
    TRYLOCK,
    UNLOCK,
    WAIT_ENTRY,
    A,
    Cpu,
    ViolationError,
    W,
)
from folioviz.race.cpu import WRITE as WRITES
from folioviz.race.memory import stack_lists
from folioviz.race.text import DIRECT, ROOT_ONLY, code

if TYPE_CHECKING:
    from folioviz.link import Linked

ALLOCATORS: Final = {
    "alloc_pages": ("zone", W),
    "free_unref_page": ("zone", A),
    "mm_alloc": ("slab", W),
    "vm_area_alloc": ("slab", W),
    "vm_area_free": ("slab", W),
    "pte_alloc": ("slab", W),
    "free_pte_range": ("slab", W),
    "anon_vma_alloc": ("slab", W),
    "observe_folio": ("zone", A),
    "enabled_store": ("slab", W),
}
"""Functions that are one step each, whatever they touch: under which lock, and whether an answer tells their order.
Two frees commute but for the order of the free lists, which no law looks at."""


def bind(linked: Linked, cpu: Cpu, *, told: bool) -> dict[str, Any]:
    """Return a kernel's functions for one CPU.

    Args:
        linked: the kernel.
        cpu: the CPU.
        told: whether calls, decisions and costs are journaled.
    """
    cpu.told = told
    heads = dict(zip(("SCAN_LIST", "PAGES_TO_FREE"), stack_lists(cpu.number), strict=True))
    raw = linked.bind(lambda _name, function: function)
    raw |= heads
    names: dict[str, Any] = {**linked.constants, **heads, "__builtins__": __builtins__, DIRECT: cpu.raw}
    numbers = {name: number for number, name in enumerate(linked.names)}
    cpu.names = frozenset(numbers) | {
        "list_del_init",
        "list_add_between",
        "list_move",
        "list_splice_tail_init",
    }
    for name, function in (linked.below | linked.code).items():
        bound = FunctionType(code(function, told=told), names, name, function.__defaults__)
        names[name] = _entered(bound, numbers[name]) if told and name in numbers else bound
    names |= ROOT_ONLY
    _accesses(names, raw, cpu)
    if told:
        names["add_mm_counter"] = _entered(names["add_mm_counter"], numbers["add_mm_counter"])
    _references(names, raw, cpu)
    _locks(names, raw, cpu)
    _entries(names, raw, cpu)
    _told(names, raw, cpu)
    for name, (word, mask) in ALLOCATORS.items():
        if name in names:
            names[name] = _atomic(names[name], getattr(cpu.shared, word), mask)
    _checks_of_lists(names, cpu)
    _checks_of_folios(names, cpu)
    return names


def _entered(function: FunctionType, number: int) -> Any:
    """Journal the calls of a kernel function, as a traced kernel does."""

    def call(c: Any, *args: int) -> Any:
        c.tell((ENTER, number, args[0] if args else -1, args[1] if len(args) > 1 else -1))
        result = function(c, *args)
        returned = result[0] if isinstance(result, tuple) else result
        c.tell((EXIT, number, 0, -1 if returned is None else int(returned)))
        return result

    return call


def _atomic(function: Any, word: int, mask: int) -> Any:
    """Make one step of a function."""

    def call(c: Any, *args: int) -> Any:
        return c.atomic(word, mask, function, args)

    return call


def _accesses(names: dict[str, Any], raw: dict[str, Any], cpu: Cpu) -> None:
    """Make events of the primitives that write; those that only add say so."""
    base = cpu.raw.base

    def simple(name: str, kind: int, where: Any) -> None:
        fn = raw[name]
        names[name] = lambda c, *args: c.event(kind, where(args), fn, args)

    simple("store", WRITES, lambda a: base[a[0]] + a[1])
    simple("write", WRITES, lambda a: base[a[1]] + a[2])
    simple("atomic_add_return", WRITES, lambda a: base[a[0]] + a[1])
    simple("set_page_anon_exclusive", WRITES, lambda a: base[PAGE_ANON_EXCLUSIVE] + a[0])
    simple("clear_page_anon_exclusive", WRITES, lambda a: base[PAGE_ANON_EXCLUSIVE] + a[0])
    simple("folio_set_partially_mapped", WRITES, lambda a: base[FOLIO_PARTIALLY_MAPPED] + a[0])
    simple("read_by_pte", WRITES, lambda a: base[PTE] + a[0])
    simple("read_by_pmd", WRITES, lambda a: base[PMD] + a[0])
    simple("mod_mthp_stat", ADD, lambda a: base[MTHP_STAT] + a[0] * NR_MTHP_STATS + a[1])
    simple("lruvec_stat_add", ADD, lambda a: base[VMSTAT] + a[0])
    simple("count_vm_event", ADD, lambda a: base[VM_EVENT] + a[0])
    simple("add_mm_counter", ADD, lambda a: base[MM_RSS] + a[0])
    simple("give_folio_id", ADD, lambda _a: base[NEXT_FOLIO_ID])
    simple("count_pin", ADD, lambda a: base[FOLIO_PINS] + a[0])
    if cpu.shared.many.lengths[FOLIO_FLAGS]:
        simple("folio_mark_dirty", ADD, lambda a: base[FOLIO_FLAGS] + a[0])


def _references(names: dict[str, Any], raw: dict[str, Any], cpu: Cpu) -> None:
    """Make events of what changes a refcount; a reference out of nothing and one too few are violations."""
    at = cpu.raw.base[FOLIO_REFCOUNT]

    def get(r: Any, folio: int, n: int) -> None:
        if r.folio_refcount[folio] <= 0:
            raise ViolationError("use after free: a reference is taken on a folio that has none")
        raw["page_ref_add"](r, folio, n)

    def put(r: Any, folio: int, n: int) -> Any:
        if r.folio_refcount[folio] < n:
            raise ViolationError("use after free: a reference is dropped that is not there")
        return raw["page_ref_sub_and_test"](r, folio, n)

    names["page_ref_add"] = lambda c, folio, n: c.event(ADD, at + folio, get, (folio, n))
    names["put_page_testzero"] = lambda c, folio: c.event(WRITES, at + folio, put, (folio, 1))
    names["page_ref_sub_and_test"] = lambda c, folio, n: c.event(WRITES, at + folio, put, (folio, n))
    for name in ("folio_try_get", "folio_ref_freeze", "folio_ref_unfreeze", "page_ref_inc"):
        fn = raw[name]
        names[name] = lambda c, folio, *args, fn=fn: c.event(WRITES, at + folio, fn, (folio, *args))


def _locks(names: dict[str, Any], raw: dict[str, Any], cpu: Cpu) -> None:
    """Put locks that can be waited for where one CPU needs none."""
    shared = cpu.shared
    queue = cpu.raw.base[SPLIT_QUEUE_LOCK]
    names["spin_lock"] = lambda c: c.event(LOCK, queue, raw["spin_lock"], ())
    names["spin_unlock"] = lambda c: c.event(UNLOCK, queue, raw["spin_unlock"], ())
    names["anon_vma_lock"] = lambda c: c.event(LOCK, shared.anon_vma, None, ())
    names["anon_vma_unlock"] = lambda c: c.event(UNLOCK, shared.anon_vma, None, ())
    names["pte_lock"] = lambda c, pmd: c.event(LOCK, shared.tables + (pmd >> ENTRY_SHIFT), None, ())
    names["pte_unlock"] = lambda c, pmd: c.event(UNLOCK, shared.tables + (pmd >> ENTRY_SHIFT), None, ())
    names["folio_lock"] = lambda c, folio: c.event(LOCK, shared.folios + folio, None, ())
    names["folio_trylock"] = lambda c, folio: c.event(TRYLOCK, shared.folios + folio, None, ())
    names["folio_unlock"] = lambda c, folio: c.event(UNLOCK, shared.folios + folio, None, ())

    def owners_lock(c: Any, folio: int) -> None:
        c.event(LOCK, shared.owners + folio, None, ())
        c.tell((MMLOCK, NOWHERE, 0, 1))

    names["folio_lock_large_mapcount"] = owners_lock
    names["folio_unlock_large_mapcount"] = lambda c, folio: c.event(UNLOCK, shared.owners + folio, None, ())


def _entries(names: dict[str, Any], raw: dict[str, Any], cpu: Cpu) -> None:
    """Put what several CPUs do to entries at the same time: writes that fault again, waits, a PMD that is split."""
    shared, base = cpu.shared, cpu.raw.base

    def by_pte(r: Any, index: int) -> int:
        return int(raw["write_by_pte"](r, index)) if r.pte[index] & PTE_WRITE else -1

    def by_pmd(r: Any, slot: int, addr: int) -> int:
        writable = PMD_HUGE | PMD_WRITE
        return int(raw["write_by_pmd"](r, slot, addr)) if r.pmd[slot] & writable == writable else -1

    names["write_by_pte"] = lambda c, index: c.event(WRITES, base[PTE] + index, by_pte, (index,))
    names["write_by_pmd"] = lambda c, slot, addr: c.event(WRITES, base[PMD] + slot, by_pmd, (slot, addr))
    names["migration_entry_wait"] = lambda c, index: c.event(WAIT_ENTRY, base[PTE] + index, None, ())
    names["pmd_lock"] = lambda c, slot: c.event(LOCK, shared.pmds + (slot >> 9), None, ())
    names["pmd_unlock"] = lambda c, slot: c.event(UNLOCK, shared.pmds + (slot >> 9), None, ())
    names["pmdp_invalidate"] = lambda c, slot: c.event(LOCK, shared.invalid + (slot >> 9), None, ())
    names["pmd_populate"] = lambda c, slot: c.event(UNLOCK, shared.invalid + (slot >> 9), None, ())


def mmap_lock(cpu: Cpu, mm: int, *, write: bool) -> None:
    """Take a process's mmap_lock."""
    cpu.event(LOCK if write else READ_LOCK, cpu.shared.mms + mm, None, ())


def mmap_unlock(cpu: Cpu, mm: int, *, write: bool) -> None:
    """Release a process's mmap_lock."""
    cpu.event(UNLOCK if write else READ_UNLOCK, cpu.shared.mms + mm, None, ())


def writable(m: Any, names: dict[str, Any], mm: int, addr: int, nr: int) -> bool:
    """Tell whether one VMA has some pages and may be written, as every fault asks under mmap_lock."""
    vma = names["find_vma"](m, mm, addr)
    if vma < 0 or m.vma_start[vma] > addr or m.vma_end[vma] < addr + nr:
        return False
    return not (len(m.vma_readonly) and m.vma_readonly[vma])


def _told(names: dict[str, Any], raw: dict[str, Any], cpu: Cpu) -> None:
    """Journal decisions and costs; they ask the memory directly, so that they are no events."""
    scans = [stack_lists(number)[0] for number in range(len(cpu.shared.many.bases))]
    names["why"] = lambda r, reason, folio, detail: r.tell((WHY, reason, r.folio_id[folio], int(detail)))
    names["fail"] = lambda r, reason, vpn: r.tell((WHY, reason, 0, vpn))
    names["count"] = lambda r, kind, n: r.tell((kind, NOWHERE, 0, n))
    names["shrinking"] = lambda _c: any(cpu.raw.list_next[head] != head for head in scans)

    def bug(_m: Any, bit: int) -> None:
        raw["store"](cpu.raw, BUG, 0, cpu.raw.bug[0] | bit)
        raise ViolationError(BUG_NAMES[bit])

    names["bug"] = raw["bug"] = bug


def _look(names: dict[str, Any], name: str, check: Any, taken: slice) -> None:
    """Let a check look before a function, at some of its arguments."""
    function = names[name]

    def call(c: Any, *args: int) -> Any:
        c.event(CHECK, -1, check, args[taken])
        return function(c, *args)

    names[name] = call


def _checks_of_lists(names: dict[str, Any], cpu: Cpu) -> None:
    """Look at each change of a list as CONFIG_DEBUG_LIST does."""
    after, before = cpu.raw.list_next, cpu.raw.list_prev

    def whole(_r: Any, node: int) -> None:
        if after[before[node]] != node or before[after[node]] != node:
            raise ViolationError("list corruption: a neighbour of what is unlinked does not lead to it")

    def between(_r: Any, prev: int, behind: int) -> None:
        if after[prev] != behind or before[behind] != prev:
            raise ViolationError("list corruption: nodes are linked in between two that are no neighbours")

    _look(names, "list_del_init", whole, slice(0, 1))
    _look(names, "list_move", whole, slice(0, 1))
    _look(names, "list_add_between", between, slice(1, 3))


def _checks_of_folios(names: dict[str, Any], cpu: Cpu) -> None:
    """Look at each folio that is freed as bad_page() does, and at what an observer sees."""
    after = cpu.raw.list_next

    def idle(_r: Any, folio: int) -> None:
        order, node = cpu.raw.folio_order[folio], deferred_list(folio)
        if order > 1 and after[node] != node:
            raise ViolationError("freed while on a list")
        if cpu.raw.folio_refcount[folio]:
            raise ViolationError("freed with references")

    _look(names, "free_unref_page", idle, slice(0, 1))
    observe = names.get("observe_folio")
    if observe is not None:

        def seen(c: Any, folio: int) -> int:
            if observe(c, folio):
                raise ViolationError("an observer sees fewer references than mappings")
            return 0

        names["observe_folio"] = seen
