"""What lets others use pages, too: a child, a buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops import ops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.evidence.recordings.scene import Scene
    from folioviz.ops.op import Op


def do_fork(t: Scene, act: Act) -> Iterator[Op]:
    """Copy the process."""
    t.mms[act.name] = int(t.machine.next_mm_id[0])
    t.small |= {(act.name, region) for process, region in t.small if process == act.process}
    yield ops.Fork(t.mms[act.process])


def do_pin(t: Scene, act: Act) -> Iterator[Op]:
    """Take a reference for each page, as vmsplice() does."""
    yield from t.pins.take(*t.range_of(act))


def do_unpin(t: Scene, act: Act) -> Iterator[Op]:
    """Drop the references of the process."""
    yield from t.pins.drop(t.mms[act.process])


def do_gup(t: Scene, act: Act) -> Iterator[Op]:
    """Pin pages as a registered buffer does."""
    yield from t.pins.register(*t.range_of(act))


do_ungup = do_unpin
