"""A server that forks a child to save its memory, as databases do, and goes on writing.

Parent and child share 16 huge pages. The parent writes some pages of each: copy-on-write splits its PMD and gives it a
small page for each. When the child has saved all and exits, nobody maps the pages that the parent has copied: the
kernel holds them with the rest of the huge page, until memory is short.
"""

from __future__ import annotations

import os

from held import HUGE, PAGE, Arena, tell, wait

BLOCKS = 16
WRITTEN = 64
"""Pages of each huge page that the parent writes while the child saves."""


def main() -> None:
    """Fork, write, and let the child end."""
    arena = Arena(BLOCKS * HUGE)
    arena.write()
    tell("before the fork", arena)
    saved, save = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(save)
        os.read(saved, 1)
        os._exit(0)
    for start in range(0, arena.size, HUGE):
        arena.write(start, WRITTEN * PAGE)
    tell("written while the child saves", arena)
    if not os.isatty(0):
        os.close(save)
    else:
        input(
            f"Both share now: sudo folioviz capture {os.getpid()} {child} -o shared.json.gz; Enter ends the child. "
        )
        os.close(save)
    os.waitpid(child, 0)
    tell("the child has ended", arena)
    wait()


if __name__ == "__main__":
    main()
