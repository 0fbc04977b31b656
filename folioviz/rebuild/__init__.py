"""Rebuild what was seen on a real machine: page tables become operations that make the same on the model's.

    rebuild(state, "v7.3")      operations, what differs once they are done, and what was left out: Rebuilt
    focus(state, "P a", 0, 512) a part of what was seen: State
    states(recording)           what a kernel showed after each step of a recording: State
    scenario_of(state, found)   a scenario that says what was seen and what was not; link() opens it
    would(state, found, "munmap")   what would come of it, in one sentence: Would

Nothing is written into the machine: whatever the kernel does on the way is done. So the operations run on any kernel,
and fit into a link.
"""

from folioviz.rebuild.focus import focus
from folioviz.rebuild.rebuild import Rebuilt, rebuild
from folioviz.rebuild.recorded import states
from folioviz.rebuild.scenario import Link, link, scenario_of
from folioviz.rebuild.state import Region, State, Vma
from folioviz.rebuild.would import DEEDS, Would, would

__all__ = [
    "DEEDS",
    "Link",
    "Rebuilt",
    "Region",
    "State",
    "Vma",
    "Would",
    "focus",
    "link",
    "rebuild",
    "scenario_of",
    "states",
    "would",
]
