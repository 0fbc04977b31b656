"""What a machine stands at: what each process's pages are made of, what folios hold, and which kernel functions ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.machine.journal import ENTER
from folioviz.ops.walk import queue
from folioviz.proc.node import totals
from folioviz.readout import state
from folioviz.readout.runs import placed
from folioviz.stories.parts.wholeness import makeup

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine
    from folioviz.stories.parts.wholeness import Makeup

MAPPED, NOBODY = 1, 0
TOLD: Final = (
    "do_huge_pmd_anonymous_page",
    "do_anonymous_page",
    "copy_huge_pmd",
    "do_huge_pmd_wp_page",
    "__split_vma",
    "__split_huge_pmd",
    "madvise_guard_install",
    "change_pte",
    "wp_page_copy",
    "wp_page_reuse",
    "zap_huge_pmd",
    "zap_pte_range",
    "page_remove_rmap",
    "folio_remove_rmap_ptes",
    "folio_remove_rmap_pmd",
    "deferred_split_huge_page",
    "deferred_split_folio",
    "deferred_split_scan",
    "split_huge_page_to_list",
)
"""The kernel functions that are told of, of those that run."""


class Standing(NamedTuple):
    """What a machine stands at, in pages.

    Attributes:
        processes: what the pages of each are made of, by the process's id.
        held: the pages of all folios.
        lost: those of them that nobody maps.
        queued: how many folios wait on the deferred split queue.
        large: how many large folios there are.
        folios: of the large folios' pages, one folio after the other, runs (first, end, MAPPED or NOBODY).
    """

    processes: dict[int, Makeup]
    held: int
    lost: int
    queued: int
    large: int
    folios: list[tuple[int, int, int]]


def standing(machine: Machine) -> Standing:
    """Return what a machine stands at between two operations; O(pages)."""
    sums = totals(machine)
    large = [one for one in state.folios(machine) if one.order]
    mapped = [(one.mapcount >= 0) | (one.entire_mapcount >= 0) for one in large]
    return Standing(
        {one.id: makeup(machine, place) for place, one in enumerate(state.processes(machine))},
        sums.held,
        sums.lost,
        len(queue(machine)),
        len(large),
        placed(np.concatenate(mapped).astype(np.int64)) if mapped else [],
    )


def called(lab: Lab, start: int, end: int) -> dict[str, int]:
    """Return how often the functions of :data:`TOLD` were entered in rows ``[start, end)``, in that order."""
    rows = lab.journal[start:end]
    names = [*lab.linked.names]
    times = np.bincount(rows[rows[:, 0] == ENTER, 1], minlength=len(names))
    found = {name: int(number) for name, number in zip(names, times.tolist(), strict=False) if number}
    return {name: found[name] for name in TOLD if name in found}
