"""What a recording holds, in words: runs of pages, fields of a folio, sums of smaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import COSTS
from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.words import dashed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.evidence.recordings import PageRun
    from folioviz.evidence.recordings.observed import Value

SHOWN_RUNS = 4
SHOWN_REMOVALS = 3
FIELDS = {
    "order": "order",
    "flags": "flags in kpageflags",
    "kpagecount": "kpagecount, page by page",
    "refcount": "_refcount",
    "entire_mapcount": "_entire_mapcount + 1",
    "nr_pages_mapped": "_nr_pages_mapped",
    "large_mapcount": "_large_mapcount + 1",
    "mapcount": "_mapcount + 1, page by page",
    "anon_exclusive": "AnonExclusive, page by page",
    "partially_mapped": "PG_partially_mapped",
    "queued": "on the split queue",
    "double_map": "PageDoubleMap",
    "mm_id_slots": "owner slots in use",
    "mm_id_mapcounts": "owners’ mappings",
    "maybe_shared": "maybe shared",
}
"""What is recorded of a folio, in the order in which it is shown, and what that is called."""
CALLS = {
    "deferred_split": "deferred_split_folio()",
    "split_queue_lock": COSTS["sqlock"].words,
    "unqueue": COSTS["qdel"].words,
    "rmap_remove": "rmap removals",
    "rmap_add": "rmap adds",
    "zap_pmd": "zap_huge_pmd()",
    "split_folio": "splits of a folio",
    "tlb_remove": "calls into mmu_gather",
}
"""What is counted of calls, and what that is called."""
MEANS_ELSE = {
    "split_pmd": "__split_huge_pmd()",
    "free_batch": "batches of pages freed",
    "cow_copy": "pages copied on write",
}
"""What else was counted of calls; the model has no such count, or one that means something else."""
NO_COUNTERS = ("pglazyfree", "unevictable_pgs_mlocked")
"""Counters that were recorded and the model does not have."""
FLAGS = {"H": "THP", "a": "ANON", "m": "MMAP"}


def pages(runs: list[PageRun]) -> str:
    """Return runs of pages in words, a line each."""
    more = [f"and {len(runs) - SHOWN_RUNS} more runs"] if len(runs) > SHOWN_RUNS else []
    return "\n".join([*map(page_run, runs[:SHOWN_RUNS]), *more]) or "nothing is mapped"


def page_run(run: PageRun) -> str:
    """Return a run of pages in words."""
    where = dashed(run.first, run.first + run.pages)
    if run.state != "p":
        return f"{where}: {'the zero page' if run.state == 'z' else 'swapped out'}"
    if run.each:
        own = "folio" if run.pages == 1 else "folios"
        what = f"{own} {dashed(run.folio, run.folio + run.pages)} of one page"
    else:
        what = f"folio {run.folio} from its page {run.offset} on" if run.offset else f"folio {run.folio}"
    parts = [what, f"kpagecount {run.mapcount}", "exclusive" if run.exclusive else "not exclusive"]
    parts += [flags(run.flags)] if run.flags else []
    parts += [f"before: folio {run.came_from[0]} from page {run.came_from[1]} on"] if run.came_from else []
    return f"{where}: {', '.join(parts)}"


def flags(letters: str) -> str:
    """Return flags by their names, those that are compared."""
    return " ".join(name for letter, name in FLAGS.items() if letter in letters)


def shown(field: str, value: Value) -> str:
    """Return a folio's field as text."""
    if value is None:
        return ""
    if field == "flags":
        return flags(str(value))
    if field == "nr_pages_mapped" and isinstance(value, int) and value >= COMPOUND_MAPPED:
        return f"{COMPOUND_MAPPED:#x} + {value - COMPOUND_MAPPED}"
    if not isinstance(value, tuple):
        return str(value)
    runs = [f"{one[0]} × {one[1]}" if isinstance(one, tuple) else str(one) for one in value]
    more = [f"… {len(runs) - SHOWN_RUNS} more runs"] if len(runs) > SHOWN_RUNS else []
    return ", ".join(runs[:SHOWN_RUNS] + more)


def listed(texts: list[str]) -> str:
    """Return texts one below the other, the first few of them."""
    more = [f"and {len(texts) - SHOWN_REMOVALS} more"] if len(texts) > SHOWN_REMOVALS else []
    return "\n".join(texts[:SHOWN_REMOVALS] + more) or "none"


def kib(field: str, memory: Mapping[str, int]) -> str:
    """Return a value with its unit."""
    return f"{memory.get(field, 0):,}{'' if field == 'vmas' else ' kB'}"


def ids(folios: list[int]) -> str:
    """Return the names of folios on the queue, runs of them as one."""
    if not folios:
        return "none"
    if len(folios) > SHOWN_RUNS and folios[-1] - folios[0] == len(folios) - 1:
        return f"folios {folios[0]} to {folios[-1]}"
    return f"folio{'s' if len(folios) > 1 else ''} {', '.join(map(str, folios))}"
