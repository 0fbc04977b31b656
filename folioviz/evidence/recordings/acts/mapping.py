"""What a recorded process does to its VMAs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.ops import ops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.ops.op import Op


def do_map(t: Scene, act: Act) -> Iterator[Op]:
    """Make a VMA at the place of its region."""
    t.place(act.region, act.value, act.end)
    if act.name:
        t.small.add((act.process, act.region))
    yield ops.Mmap(*t.range_of(act))


def do_mremap(t: Scene, act: Act) -> Iterator[Op]:
    """Move pages."""
    mm, vpn, pages = t.range_of(act)
    t.place(act.name, 0, act.value + pages)
    yield ops.Mremap(mm, vpn, pages, t.starts[act.name] + act.value)


def do_uffdmove(t: Scene, act: Act) -> Iterator[Op]:
    """Move pages to where nothing is."""
    mm, vpn, pages = t.range_of(act)
    yield ops.Uffdmove(mm, vpn, pages, t.starts[act.name] + act.value)


def do_mprotect(t: Scene, act: Act) -> Iterator[Op]:
    """Make pages read-only, or writable again, or take all rights from them."""
    if act.name == "none":
        yield ops.Protnone(*t.range_of(act))
    else:
        yield ops.Mprotect(*t.range_of(act), int(act.name == "rw"))


def do_huge(t: Scene, act: Act) -> Iterator[Op]:
    """MADV_HUGEPAGE: every VMA of the model has it; a region without it is one where no size is allowed."""
    if act.start or act.end < t.pages[act.region]:
        raise NotModelledError("VMAs of the model have MADV_HUGEPAGE from the start, not pages of them")
    t.small.discard((act.process, act.region))
    if t.collapsing:  # it did not wait until it was told to
        yield from t.khugepaged()


def do_mlock(t: Scene, act: Act) -> Iterator[Op]:
    """Lock pages, and bring those that nobody has touched."""
    allowed = t.thp
    if (act.process, act.region) in t.small:
        yield from t.enable(allowed, frozenset())
    yield ops.Mlock(*t.range_of(act))
    yield from t.enable(t.thp, allowed)


def do_munlock(t: Scene, act: Act) -> Iterator[Op]:
    """Unlock pages."""
    yield ops.Munlock(*t.range_of(act))
