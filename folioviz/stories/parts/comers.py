"""A folio that came apart, and who comes then: what its pages are made of in the end."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from folioviz.compare.outcome import Ground
from folioviz.kernels import KERNELS
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, Sizes
from folioviz.ops.ops import parse_line
from folioviz.readout import state
from folioviz.stories.parts.parts import Cell
from folioviz.stories.parts.pieces import linked
from folioviz.stories.parts.wholeness import Makeup, makeup

TODAY, BEFORE, OLDEST = "v7.3", "v6.12", "v6.1"
EVERY: Final = tuple(key for key, row in KERNELS.items() if row.era in {"mTHP", "today"})
"""The kernels that have folios of every size, and khugepaged."""
SMALL_PAGES: Final = 60
CAME_APART: Final = {
    "half": "half dropped",
    "written": "half dropped, refilled",
    "ptes": "whole, but by PTEs",
    "flagged": "a migration failed",
    "sparse": "one page written",
    "small": f"{SMALL_PAGES} small pages",
}
WHO: Final = {
    "nobody": "nobody",
    "shrinker": "shrinker",
    "khugepaged": "khugepaged",
    "both": "shrinker, khugepaged",
    "collapse": "MADV_COLLAPSE",
}
COMES: Final = {
    "nobody": (),
    "shrinker": ("shrink 1",),
    "khugepaged": ("khugepaged 1",),
    "both": ("shrink 1", "khugepaged 1"),
    "collapse": (f"collapse 1 0 {HPAGE_PMD_NR}",),
}
DEFAULT: Final = 511
"""max_ptes_none, if nobody sets it."""
LOWEST_ORDER: Final = 4
MAKERS: Final = {"khugepaged", "collapse"}
"""The operations that make folios of what is there."""
SIZES: Final = Sizes(pages=2048, tables=8, vmas=8)


class End(NamedTuple):
    """What some operations came to.

    Attributes:
        made: what the process's pages are made of; None if the kernel has no such folio or operation.
        new: pages of the large folios that a collapse made in the end.
    """

    made: Makeup | None = None
    new: int = 0


def apart(how: str, order: int) -> list[str]:
    """Return the operations that make a folio of an order, the only size that is enabled, and bring it apart."""
    size, half = 1 << order, 1 << order >> 1
    allowed, room = f"enabled {order} 1", ["mm", f"mmap 1 0 {HPAGE_PMD_NR}"]
    if how == "small":
        return [*room, f"touch 1 0 {SMALL_PAGES}", allowed]
    if how == "sparse":
        return [allowed, *room, "write 1 0"]
    fault = "faultpmd 1 0" if order == HPAGE_PMD_ORDER else f"fault 1 0 {order}"
    begun = [allowed, *room, fault]
    if how in {"ptes", "flagged"}:
        mapped = [*begun, "splitpmd 1 0"] if size == HPAGE_PMD_NR else begun
        return [*mapped, "remap 1"] if how == "flagged" else mapped
    dropped = [*begun, f"dontneed 1 0 {half}"]
    return [*dropped, f"touch 1 0 {half}"] if how == "written" else dropped


def text(how: str, who: str, order: int, bound: int) -> str:
    """Return all operations: what came apart, and who comes then."""
    first = [] if bound == DEFAULT else [f"maxnone {bound}"]
    return "; ".join([*first, *apart(how, order), *COMES[who]])


@lru_cache(maxsize=1024)
def end(line: str, key: str) -> End:
    """Return what some operations come to under a kernel, computed once."""
    return computed(line, key)


@lru_cache(maxsize=len(EVERY) + 1)
def ground(key: str) -> Ground:
    """Return a machine of a kernel, booted once."""
    return Ground(key, "batched", sizes=SIZES)


def computed(line: str, key: str) -> End:
    """Return what some operations come to under a kernel; no journal is kept."""
    here, before, word = ground(key), 0, ""
    here.reset()
    for op in parse_line(line):
        before, word = int(here.machine.next_folio_id[0]), op.word
        if not here.does(op):
            return End()
    new = [one for one in state.folios(here.machine) if one.id >= before and one.order]
    return End(makeup(here.machine), sum(one.mapcount.size for one in new) if word in MAKERS else 0)


def cell(line: str, order: int, key: str) -> Cell:
    """Return what some operations come to; green if a folio of the size or a larger one is whole."""
    found = end(line, key)
    if found.made is None:
        return Cell("–")
    made = found.made
    said = made.words + (f", {made.kept} kept" if made.kept else "")
    said += f", {found.new} new" if found.new else ""
    whole = made.order >= order and (made.huge or made.order < HPAGE_PMD_ORDER)
    return linked(said, line, key, mark="bad" if made.kept or not made.healthy else "good" if whole else "")
