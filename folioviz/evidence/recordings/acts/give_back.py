"""What a recorded process gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops import ops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.ops.op import Op


def do_dontneed(t: Scene, act: Act) -> Iterator[Op]:
    """Drop pages."""
    yield from (ops.Dontneed(*part) for part in t.strided(act))


def do_munmap(t: Scene, act: Act) -> Iterator[Op]:
    """Unmap pages."""
    yield ops.Munmap(*t.range_of(act))


def do_free(t: Scene, act: Act) -> Iterator[Op]:
    """Say that pages may go."""
    yield ops.Free(*t.range_of(act))


def do_cold(t: Scene, act: Act) -> Iterator[Op]:
    """Say that pages are cold."""
    yield ops.Cold(*t.range_of(act))


def do_pageout(t: Scene, act: Act) -> Iterator[Op]:
    """Page pages out."""
    yield ops.Pageout(*t.range_of(act))


def do_exit(t: Scene, act: Act) -> Iterator[Op]:
    """End the process."""
    yield ops.Exit(t.mms[act.process])


def do_guard(t: Scene, act: Act) -> Iterator[Op]:
    """Put guard markers where pages are or could be."""
    yield ops.Guard(*t.range_of(act))


def do_unguard(t: Scene, act: Act) -> Iterator[Op]:
    """Take guard markers away."""
    yield ops.Unguard(*t.range_of(act))


def do_dontneed_locked(t: Scene, act: Act) -> Iterator[Op]:
    """Drop pages, locked ones, too."""
    yield ops.DontneedLocked(*t.range_of(act))
