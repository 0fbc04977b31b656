"""An allocator that gives back what is free: parts of huge pages.

It has 16 huge pages, uses all of each, then frees most of it and gives that back, as an allocator does that purges runs
of free pages. One page of every sixteen is still in use. The process shows a sixteenth of its memory; the kernel holds
all of it, until memory is short.
"""

from __future__ import annotations

from held import HUGE, PAGE, Arena, tell, wait

BLOCKS = 16
RUN = 16
"""Pages of a run, of which one stays in use."""


def main() -> None:
    """Fill, free, give back."""
    arena = Arena(BLOCKS * HUGE)
    arena.write()
    tell("all in use", arena)
    for start in range(0, arena.size, RUN * PAGE):
        arena.give_back(start + PAGE, (RUN - 1) * PAGE)
    tell("15 of 16 pages given back", arena)
    wait()


if __name__ == "__main__":
    main()
