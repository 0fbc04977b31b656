"""A machine in words: processes, folios, the queue, counters; in lines of at most 72 characters."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_MM_ID_0, OF_FOLIO, ON_CARD
from folioviz.machine.memory import COMPOUND_MAPPED, address_of
from folioviz.ops.walk import queues
from folioviz.readout import counters, state
from folioviz.readout.cgroups import Cgroups, cgroups
from folioviz.readout.runs import ranges, runs
from folioviz.readout.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.machine.memory import Machine

WIDTH = 72
MAX_LINES = 40
"""Of one list; what is left out is counted."""
COUNTED = {row.shown for row in ON_CARD}
KEPT = [row for row in OF_FOLIO if row.some and (row.place or row.shown not in COUNTED)]
"""What only some kernels keep of a folio: counters, which have a place on its card, and flags, which have none."""


def wrap(text: str, indent: str = "", hang: int = 0) -> list[str]:
    """Break text into lines of at most 72 characters; lines after the first are indented by ``hang`` more."""
    after = " " * (len(indent) + hang)
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=after, break_on_hyphens=False
    ) or [""]


def cut(lines: list[str], what: str) -> list[str]:
    """Return the first lines of many, and how many were left out."""
    if len(lines) <= MAX_LINES:
        return lines
    return [*lines[:MAX_LINES], f"  ... and {len(lines) - MAX_LINES} more {what}"]


def folio_names(ids: Sequence[int]) -> str:
    """Return folios with ascending ids as "folio 1" or "folios 1-3, 5"."""
    spans = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges(ids))
    return f"{'folio' if len(ids) == 1 else 'folios'} {spans}"


def machine_lines(machine: Machine) -> list[str]:
    """Describe a machine: processes, folios, queue, counters."""
    lines, groups = [], cgroups(machine)
    for process in state.processes(machine):
        vmas = ", ".join(f"[{address_of(vma.start):#x}, {address_of(vma.end):#x})" for vma in process.vmas)
        inside = f"in cgroup {groups.members[process.id]}; " if process.id in groups.members else ""
        lines += wrap(f"process {process.id}: {inside}rss {process.rss}; {vmas or 'no VMA'}", "    ", 2)
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for folio in state.folios(machine):
        cgroup = groups.of(folio)
        alike[folio_words(folio) + (f"; of cgroup {cgroup}" if cgroup else "")].append(folio.id)
    for text, ids in alike.items():
        lines += wrap(f"{folio_names(ids)}: {text}", "    ", 2)
    counts = [f"{name} {value}" for name, value in counters.counters(machine).items() if value]
    counts += [
        f"{counters.size_name(order)} {name} {value}"
        for order, stats in counters.size_stats(machine).items()
        for name, value in stats.items()
        if value
    ]
    lines = cut(lines, "lines")
    for cgroup, heads in queues(machine).items():
        queued = " ".join(str(machine.folio_id[head]) for head in heads)
        lines += wrap(f"split queue{queue_of(groups, cgroup)}: {queued or 'empty'}", "    ", 2)
    return lines + (wrap(", ".join(counts), "    ", 2) if counts else [])


def queue_of(groups: Cgroups, cgroup: int) -> str:
    """Return whose a queue is, in words; "" for the root's."""
    if groups.passed_over(cgroup):
        return f" of cgroup {cgroup}, which was removed"
    return f" of cgroup {cgroup}" if cgroup else ""


def folio_words(folio: state.Folio) -> str:
    """Describe a folio, without its id."""
    words = [f"order {folio.order}, refcount {folio.refcount}"]
    if folio.order:
        words.append(f"{folio.pages_mapped} of {folio.mapcount.size} pages mapped")
        if folio.counts_nr:
            words.append(f"_nr_pages_mapped: {decoded(folio.nr_pages_mapped)}")
        words.append(f"_entire_mapcount {folio.entire_mapcount}")
    words.append(
        ("_mapcount " if folio.counts_pages else "PTEs of its pages - 1 (not counted) ")
        + ", ".join(f"{n} x {value}" if folio.order else f"{value}" for value, n in runs(folio.mapcount))
    )
    words += kept_words(folio)
    if folio.pins:
        words.append(f"pins {folio.pins}")
    if folio.queue_place:
        words.append("on the split queue")
    return "; ".join(words)


def kept_words(folio: state.Folio) -> list[str]:
    """Describe what only some kernels keep of a folio: its counters, flags that are set, owners, zero-filled pages."""
    words = []
    for row in KEPT:
        value = folio.counters.get(row.number)
        if value is None or folio.order < row.order:
            continue
        if row.number == FOLIO_MM_ID_0:
            owners = [f"process {mm} ({count} mappings)" for mm, count in folio.owners or ()]
            words.append(
                f"owners {', '.join(owners) or 'none'}{', maybe others' if folio.maybe_shared else ''}"
            )
        elif row.place:
            words.append(f"{row.word} {value}")
        elif value != row.idle:
            words.append(row.word)
    if folio.zero_filled.any():
        words.append(f"{count(int(folio.zero_filled.sum()), 'page')} zero-filled")
    return words


def decoded(nr_pages_mapped: int) -> str:
    """Return what a raw ``_nr_pages_mapped`` says, in words."""
    entire, pages = divmod(nr_pages_mapped, COMPOUND_MAPPED)
    by_pte = f"{count(pages, 'page')} by PTE"
    if entire:
        return f"0x800000 + {pages}: entirely mapped, and {by_pte}"
    return by_pte
