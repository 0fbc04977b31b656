"""The laws of cgroups: each is silent in what kernels do, and says what is wrong in what they do not."""

from __future__ import annotations

import pytest

from folioviz.laws import every_kernel
from folioviz.laws.census import InvariantError

LINE = "mm; mmap 1 0 64; swapon 64; cgroup 1 2; fault 1 0 4; fault 1 16 0; pageout 1 16 1; dontneed 1 0 4; fork 1"
BREAKS = {
    "a queue that is not its own": (
        "folio_memcg",
        0,
        0,
        r"cgroup of the folio at page 0, by its queue: it is 0",
    ),
    "a cgroup that is gone": (
        "memcg_state",
        2,
        2,
        r"state of the cgroup of process slot 0: it is 2, it must be 1",
    ),
    "a dead member": ("mm_memcg", 9, 2, r"id of the process in slot 9, which is in a cgroup: it is 0"),
    "a cgroup without a name": ("memcg_made", 1, 0, r"cgroups that were made: it is 0, it must be 1"),
    "a gap in the names": ("memcg_made", 3, 5, r"cgroup that was made 1 places after the first: it is 0"),
    "another name": ("memcg_made", 1, 3, r"cgroup in the order of names, at place 0: it is 3, it must be 2"),
    "an unknown cgroup's slot": ("swap_memcg", 0, 6, r"a cgroup that was made, of slot 0: there is none"),
    "a free slot that is somebody's": (
        "swap_memcg",
        9,
        2,
        r"cgroup of the free slot 9: it is 2, it must be 0",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_law_of_cgroups_is_noticed(after, name):
    """One integer changed behind the kernel's back is found, and the message says what and where."""
    field, index, value, message = BREAKS[name]
    lab = after(LINE, "v6.12")
    every_kernel.check(lab.machine)
    getattr(lab.machine, field)[index] = value

    with pytest.raises(InvariantError, match=message):
        every_kernel.check(lab.machine)


def test_a_folio_of_an_unknown_cgroup_is_noticed(after):
    """One that waits on no queue."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4", "v6.8")
    lab.machine.folio_memcg[0] = 4

    with pytest.raises(InvariantError, match="a cgroup that was made, of the folio at page 0: there is none"):
        every_kernel.check(lab.machine)
