"""Reports: numbers that somebody published of memory that was charged and not mapped, each with who, where and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTS: Final = ("total_inactive_anon", "total_active_anon", "total_unevictable")


class Report(NamedTuple):
    """A memory cgroup (v1), in bytes, as somebody published it before and after a split.

    Attributes:
        source: what it is called in a table.
        cited: the title, who, when, and how the folios were split.
        usage, usage_split: usage_in_bytes before, and after.
        stat: lines of memory.stat before.
    """

    source: str
    cited: str
    usage: int
    usage_split: int
    stat: Mapping[str, int]

    @property
    def on_lists(self) -> int:
        """Return what its anonymous folios hold: the bytes on the lists of reclaim."""
        return sum(self.stat[name] for name in LISTS)


CADVISOR: Final = Report(
    "cAdvisor #3587",
    "“container_memory_working_set_bytes is not accurate when transparent huge page is enabled”, astronaut0131, "
    "3 Sep 2024; split by hand, with split_huge_pages in debugfs.",
    usage=2_556_129_280,
    usage_split=221_339_648,
    stat={
        "total_cache": 0,
        "total_rss": 218_734_592,
        "total_rss_huge": 109_051_904,
        "total_inactive_anon": 2_554_662_912,
        "total_active_anon": 0,
        "total_inactive_file": 0,
        "total_active_file": 0,
        "total_unevictable": 0,
    },
)
LINKER_BYTES: Final = 0x7FB000
"""What ld.lld gives back with one madvise() while a kernel is built: five pages less than 8 MiB."""
LINKER_SOURCE: Final = (
    "ld.lld, the length of its madvise(): “mm/thp: check and bail out if page in deferred queue already”, Yin Fengwei, "
    "23 Dec 2022."
)
