"""Stacks of threads with guard zones, in huge pages.

Each stack has 2 MiB, and became huge as a whole before its thread began: it costs 2 MiB, though the thread uses 64 KiB.
Then the runtime forbids the pages at the low end, which splits the PMD, and gives back what the thread does not use:
the process has 64 KiB a stack, and the kernel holds 2 MiB, until memory is short.
"""

from __future__ import annotations

from held import HUGE, PAGE, Arena, tell, wait

STACKS = 8
GUARD = 4 * PAGE
USED = 16 * PAGE


def main() -> None:
    """Make stacks, forbid their guard zones, give back what no thread uses."""
    arena = Arena(STACKS * HUGE)
    arena.write()
    tell("stacks, each huge", arena)
    for start in range(0, arena.size, HUGE):
        arena.forbid(start, GUARD)
    tell("guard zones forbidden", arena)
    for start in range(0, arena.size, HUGE):
        arena.give_back(start, HUGE - USED)
    tell("what no thread uses given back", arena)
    wait()


if __name__ == "__main__":
    main()
