"""What became of one folio, and whether its kernel takes it for partially mapped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine.memory import HPAGE_PMD_ORDER
from folioviz.readout import marks, state
from folioviz.readout.counters import counters, size_stats
from folioviz.stories.parts.pieces import linked, ran
from folioviz.stories.parts.unmapping import split_events

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Cell


class Seen(NamedTuple):
    """What became of a folio.

    Attributes:
        state: "lives", "split" or "freed".
        mapped: pages that somebody maps, of a folio that lives.
        mappings: all its mappings.
        flagged: PG_partially_mapped; None where the kernel has none.
        queued: whether it is on the split queue.
        anon: NR_ANON_MAPPED of the machine.
        events: deferred splits counted.
        freed: pages that the last operation gave back.
        zero_ptes: PTEs that the shared zero page is behind.
        underused: THP_UNDERUSED_SPLIT_PAGE.
    """

    state: str
    mapped: int
    mappings: int
    flagged: int | None
    queued: bool
    anon: int
    events: int
    freed: int
    zero_ptes: int
    underused: int

    @property
    def says(self) -> bool:
        """Tell whether the kernel takes the folio for partially mapped: by the flag, or before v6.12 by the queue."""
        return self.queued if self.flagged is None else bool(self.flagged)


@lru_cache(maxsize=512)
def seen(text: str, key: str) -> Seen:
    """Return what became of folio 1 after some operations, each of which the kernel must know."""
    lab = ran(text, key)
    folio = next((one for one in state.folios(lab.machine) if one.id == 1 and one.order), None)
    node, last = counters(lab.machine), lab.applied[-1]
    by_size = sum(one["split"] for one in size_stats(lab.machine).values())
    gone = "split" if by_size or node["thp_split_page"] else "freed"
    return Seen(
        "lives" if folio else gone,
        folio.pages_mapped if folio else 0,
        folio.total_mapcount if folio else 0,
        folio.flagged if folio else None,
        bool(folio and folio.queue_place),
        node["nr_anon_mapped"],
        split_events(lab.machine),
        lab.costs(last.start, last.end)["pfree"],
        sum(len(marks.zero_ptes(lab.machine, one.slot)) for one in state.processes(lab.machine)),
        node.get("thp_underused_split_page", 0),
    )


def fault(size: int) -> str:
    """Return the operations that make the folio, mapped by PTEs."""
    made = "faultpmd 1 0; splitpmd 1 0" if size == HPAGE_PMD_ORDER else f"fault 1 0 {size}"
    return f"mm; mmap 1 0 {max(64, 1 << size)}; {made}"


def belief(one: Seen, pages: int, text: str, key: str) -> Cell:
    """Return whether the kernel takes the folio for partially mapped, marked by whether it is."""
    if one.state != "lives":
        return linked(one.state, text, key)
    how = "no" if not one.says else "yes: queued" if one.flagged is None else "yes: flagged"
    return linked(how, text, key, mark="good" if one.says == (0 < one.mapped < pages) else "bad")
