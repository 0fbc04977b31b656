"""What is known of a kernel, and of the upstream changes that it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Change:
    """What a module follows: one change upstream, a patch as posted, or the text of a release.

    Attributes:
        title: upstream's, to the letter; for the text of a release, what of it.
        release: the first release that has it, or the version of the series.
        file: the kernel's file that holds most of it.
        date: when it was posted; with ``before``, when the older text was released.
        commit: the first 12 hex digits of its id in Linus Torvalds' tree, or '' if it is not one commit there.
        before: the release whose text, as it was before the change, is followed; or ''.
    """

    title: str
    release: str
    file: str
    date: str = ""
    commit: str = ""
    before: str = ""

    @property
    def text(self) -> str:
        """The release whose text is followed."""
        return self.before or self.release

    @property
    def words(self) -> str:
        """The title, and whether the text is from before it."""
        return f"before {self.title}" if self.before else self.title

    @property
    def cited(self) -> str:
        """How docstrings cite it: as commit messages do."""
        if self.before:
            return f'before {self.commit} ("{self.title}", {self.release})'
        return f'{self.commit} ("{self.title}")' if self.commit else self.title


@dataclass(frozen=True, slots=True)
class Kernel:
    """One row of the registry.

    Attributes:
        key: how it is named in documents, links and on the command line.
        label: short, for a picker.
        title: what it is, one sentence.
        parent: the key of the kernel that it changes, or ''.
        date: when its text was posted or released.
        source: where its rules come from.
        proof: how it is known to be right.
        modules: what it replaces in its parent.
        alias: its name in the conformance vectors, or ''.
        era: the group of a picker that it belongs to, a key of :data:`ERAS`.
        line: what is special about it, in at most 60 characters.
        keeps: the fields that its parent does not keep, by name (:data:`folioviz.machine.fields.KEPT_BY_SOME`).
        drops: the fields that its parent maintains for large folios and it does not.
        orders: the orders that a fault by PTEs may have (a PMD-mapped folio is always of order 9).
    """

    key: str
    label: str
    title: str
    parent: str
    date: str
    source: str
    proof: str
    modules: tuple[ModuleType, ...]
    alias: str
    era: str = "series"
    line: str = ""
    keeps: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    orders: tuple[int, ...] = tuple(range(10))


FOLLOWS = re.compile(
    r"Follows (?P<file>[\w/.-]+)(?:, (?P<function>\w+)\(\))?, (?P<text>[^:]+): (?P<cited>.+?)\."
    r"(?= Follows|$)"
)
"""Where a function's text is from, in the last lines of its docstring, joined by :func:`followed`."""


def followed(doc: str) -> list[re.Match[str]]:
    """Return what the docstring of a kernel function says that it follows: file, function, release, change."""
    return list(FOLLOWS.finditer(" ".join(doc.split())))


KEPT_OF_VMAS = ("vma_readonly", "vma_account", "vma_flags", "vma_fork_child", "next_anon_vma")
"""The fields that a kernel with mprotect() keeps."""
KEPT_OF_SWAP = (
    "folio_swap",
    "swap_map",
    "swap_cache",
    "swap_zeros",
    "swap_memcg",
    "swap_cluster_count",
    "swap_cluster_order",
    "swap_event",
    "total_swap_pages",
    "nr_swap_pages",
)
"""The fields that a kernel with swap keeps."""
ERAS = {
    "before": "before the series: v6.1",
    "series": "the series, July 2023, on v6.5-rc3",
    "never": "never posted",
    "mTHP": "mTHP: v6.8 to v6.10",
    "today": "today: v6.12 to v7.3",
}
"""Era -> what a picker calls the group."""
VECTORS = "vectors: equal to the kernel's compiled functions, every field of every step"
BRACKETED = (
    "vectors: equal to v6.12's compiled functions with the later patches taken back; "
    "split, free and scan functions of that age were not available, and nothing was recorded"
)
RECORDED = "vectors and recordings: equal to the compiled functions and to running kernels"
READING = "reading only: never posted in this form, no vectors"
