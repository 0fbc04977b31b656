"""A recorded step's operation as operations of the model.

A recording names processes and regions by letters; here they get process ids and addresses. One step may become several
operations, and some depend on what the machine looks like by then, so they are given one at a time.
"""

from __future__ import annotations

from errno import EAGAIN
from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.acts import ACTS
from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.evidence.recordings.scene import Scene
from folioviz.machine.memory import EFAULT, ENOMEM
from folioviz.ops.walk import mm_slot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.grammar import Act
    from folioviz.ops.op import Op

WORKED: Final = {("reclaim", -EAGAIN)}
"""What has done its work although it returns an error: it frees less than it was asked for."""
ADVICE: Final = {"dontneed", "dontneed_locked", "free", "cold", "pageout", "guard", "unguard"}
"""Advice that passes over pages without a VMA, and returns -ENOMEM in the end."""
STOPPED: Final = {"touch", "mprotect", "mremap", "mlock", "munlock"} | ADVICE
"""What may have done a part of its work when it returns -ENOMEM or -EFAULT: whether it has, the model tells.

MADV_COLLAPSE goes on with the next 2 MiB, whatever the error, and returns the last one.
"""


def may_have_stopped(act: Act, result: int) -> bool:
    """Tell whether an act with this result may have done a part of its work, if the model ends it alike."""
    return (act.word in STOPPED and result in {-ENOMEM, -EFAULT}) or (act.word == "collapse" and result < 0)


class Translator(Scene):
    """Turns steps into operations."""

    def operations(self, act: Act, result: int) -> Iterator[Op]:
        """Yield the operations of one step; each must be done before the next is asked for.

        Args:
            act: the step's operation.
            result: what the kernel returned: what it refused at once, the model does not do, either.

        Raises:
            NotModelledError: if there are none for it.
        """
        if not self.mms:
            yield from self.begin()
        if not act.known:
            raise NotModelledError(act.why or f"{act.word} is no operation of the model")
        if act.process and act.process not in self.mms:
            raise NotModelledError(f"process {act.process} was not made by a step")
        if act.process and mm_slot(self.machine, self.mms[act.process]) < 0:
            raise NotModelledError(f"process {act.process} has ended")
        if act.region and act.word != "map" and act.region not in self.starts:
            raise NotModelledError(f"region {act.region} was not made by a step")
        if result >= 0 or may_have_stopped(act, result) or (act.word, result) in WORKED:
            yield from ACTS[act.word](self, act)
