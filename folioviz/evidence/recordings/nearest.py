"""Which model stands for a recorded kernel, and what that kernel's /proc is known to get wrong."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from folioviz.errors import KernelError, shown

NEAREST: Final = (
    ((6, 15), "v7.3"),
    ((6, 12), "v6.12"),
    ((6, 10), "v6.10"),
    ((6, 9), "v6.9"),
    ((6, 8), "v6.8"),
    ((6, 2), "v6.5-rc3"),
    ((6, 0), "v6.1"),
)
"""From which release on which model is the nearest one: v6.15 brought the owners of a folio, as v7.3 has them."""


REQUEUED_IN_6_12: Final = 88
"""The first release of v6.12's stable line that was seen to queue a migrated folio again."""
AVERAGES: Final = "v7.3+no-page-mapcount"
"""The model of a kernel whose build says so: CONFIG_NO_PAGE_MAPCOUNT exists from v6.15 on."""
OPTION: Final = "CONFIG_NO_PAGE_MAPCOUNT=y"
BUILT_SO: Final = "-no_page_mapcount"
"""What stands behind the name of a kernel that was built so."""


class Release(NamedTuple):
    """A kernel's release and what follows from it.

    Attributes:
        name: "6.12.117": what stands after Debian in the build, or else the release up to its first dash; with
            BUILT_SO behind it if the build says that option.
        number: (6, 12).
        model: the key of the nearest model.
    """

    name: str
    number: tuple[int, int]
    model: str

    @property
    def first_subpage_decides(self) -> bool:
        """Tell whether pagemap gives a whole huge page the exclusive bit of its first page (v6.12 looks at each)."""
        return self.number < (6, 12) or self.number >= (6, 15)

    @property
    def queues_what_moved(self) -> bool:
        """Tell whether a migrated folio is queued if the old one was, as under the models of v6.12 and of v7.3.

        Recorded: 6.12.88 and v7.0 do, 6.12.85 and v6.18 do not. No model before v6.12 does.
        """
        number, patch = self.number, int((*re.findall(r"\d+", self.name), 0, 0, 0)[2])
        return number < (6, 12) or number >= (7, 0) or (number == (6, 12) and patch >= REQUEUED_IN_6_12)

    @property
    def moves_pages_upward(self) -> bool:
        """Tell in which order the pages of a split folio move: recorded are v6.12 (down), v6.18 and v7.3 (up)."""
        return self.number >= (6, 15)

    @property
    def collapses_to_every_size(self) -> bool:
        """Tell whether khugepaged makes folios of every enabled size: recorded for v7.3, not for v6.18."""
        return self.number >= (7, 3)

    @property
    def regroups_queues(self) -> bool:
        """Tell whether what a removed cgroup has queued goes to its parent, as from v6.19 on.

        Recorded: v7.0 does, v6.18 does not.
        """
        return self.number >= (6, 19)

    @property
    def model_regroups(self) -> bool:
        """Tell whether its model does so, too: that of v7.3, which stands for all from v6.15 on."""
        return self.number >= NEAREST[0][0]

    @property
    def counts_few_locks(self) -> bool:
        """Tell whether only list_lru_lock_irqsave() was counted as taking the queue's lock: not in splits and scans."""
        return self.number >= (7, 2)


def release_of(release: str, version: str = "") -> Release:
    """Return what a release stands for.

    Args:
        release: as uname(2) says it, "6.12.117+deb12-cloud-amd64".
        version: the build, "... Debian 6.12.117-1~deb12u1 (2026-11-14)".

    Raises:
        KernelError: if no model comes near.
    """
    major, minor = re.findall(r"\d+", release)[:2]
    number = int(major), int(minor)
    model = next((key for first, key in NEAREST if number >= first), None)
    if model is None:
        oldest = ".".join(map(str, NEAREST[-1][0]))
        raise KernelError(f"no model comes near kernel {shown(release)}: there are models from {oldest} on")
    if (OPTION in version or release.endswith(BUILT_SO)) and number >= NEAREST[0][0]:
        return Release(re.split(r"[-+]", release)[0] + BUILT_SO, number, AVERAGES)
    debian = re.search(r"Debian (\d+\.\d+\.\d+)", version)
    name = debian[1] if debian else re.split(r"[-+]", release)[0]
    return Release(name, number, model)


NEWEST: Final = Release("newest", (1000, 0), NEAREST[0][1])
"""A release that does everything as the newest model."""
