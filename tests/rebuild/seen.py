"""States for tests: written by hand as a recording has them, or read off a lab."""

from __future__ import annotations

from folioviz.evidence.recordings import kernel_side
from folioviz.evidence.recordings.format import About, Folio, Step
from folioviz.evidence.recordings.model_side import standing
from folioviz.evidence.recordings.naming import Names
from folioviz.evidence.recordings.nearest import NEWEST
from folioviz.evidence.recordings.observed import Observed
from folioviz.evidence.recordings.scene import Scene
from folioviz.machine.memory import PMD_HUGE
from folioviz.ops.walk import live_mms
from folioviz.rebuild import Region, State

PAGES = 4096
"""Pages of a lab that are looked at: random operations reach no farther."""


def short(rebuilt):
    """Return the operations as one line."""
    return "; ".join(op.short() for op in rebuilt.ops)


def mapped(first, pages, folio, offset=0, mapcount=-1):
    """Return a run of pages of a large folio."""
    return [first, pages, "p", folio, 0, offset, mapcount, "", int(mapcount < 2)]


def small(first, pages, folio, mapcount=-1):
    """Return a run of pages that are small folios with ids that follow each other."""
    return [first, pages, "p", folio, 1, 0, mapcount, "", int(mapcount < 2)]


def state(procs, orders=None, regions=None, told=(), **fields):
    """Return what page tables show.

    Args:
        procs: process -> region -> runs.
        orders: id -> order, of the large folios.
        regions: region -> (start, pages); else each has 64 pages and begins at a 2 MiB boundary.
        told: what else is known than page tables.
        fields: further attributes of the state.
    """
    step = Step(
        "s", 0, "", procs=procs, folios={str(one): Folio(order) for one, order in (orders or {}).items()}
    )
    observed = kernel_side.observe(About("s", "7.3.4"), step, frozenset({"page_tables", "folios", *told}))
    names = sorted({region for regions_of in procs.values() for region in regions_of})
    places = regions or {name: (number * 1024, 64) for number, name in enumerate(names)}
    return State(observed, {name: Region(*place) for name, place in places.items()}, **fields)


class _Own(Names):
    """Folios by the model's own ids."""

    def name(self, folio, order):
        """Return the id."""
        assert order >= 0
        return folio


def state_of(lab):
    """Return what a lab's machine shows, as one region."""
    machine, slots = lab.machine, live_mms(lab.machine)
    scene = Scene(machine, frozenset())
    scene.mms = {f"p{machine.mm_id[slot]}": int(machine.mm_id[slot]) for slot in slots}
    scene.starts, scene.pages = {"a": 0}, {"a": PAGES}
    huge = {
        f"p{machine.mm_id[slot]} a": frozenset(
            block * 512 for block in range(PAGES // 512) if machine.pmd[slot * 512 + block] & PMD_HUGE
        )
        for slot in slots
    }
    return State(standing(machine, scene, _Own(), NEWEST, Observed()), {"a": Region(0, PAGES)}, huge)
