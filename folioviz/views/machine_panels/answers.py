"""What would become of what is selected: it is rebuilt as operations, and something is done to it on a kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from folioviz.capture.state import state
from folioviz.errors import FoliovizError
from folioviz.readout.words import count
from folioviz.rebuild import link, rebuild, scenario_of, would

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.views.machine_panels.look import Look

ASKED: Final = ("munmap", "shrink")
"""What is done to it, of :data:`folioviz.rebuild.DEEDS`."""
Key = tuple[object, int, int, str]


@dataclass(frozen=True)
class Deed:
    """What would come of something that is done.

    Attributes:
        sentence: what is said of it.
        query: the link to the operations and it, "" if there is none.
    """

    sentence: str
    query: str


@dataclass
class Answer:
    """What is known so far of a selection under a kernel.

    Attributes:
        key: which selection, which kernel.
        operations: how many operations make it; None until that is known.
        differences: in what the model differs then, in words.
        left_out: what is not rebuilt.
        query: the link to the operations.
        note: what the link leaves out.
        deeds: what would come of what is done.
        refused: why it cannot be rebuilt.
        done: whether there is no more to come.
    """

    key: Key
    operations: int | None = None
    differences: list[str] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    query: str = ""
    note: str = ""
    deeds: list[Deed] = field(default_factory=list)
    refused: str = ""
    done: bool = False

    def find(self, look: Look) -> Iterator[None]:
        """Find it out, a step at a time."""
        try:
            yield from self._find(look)
        except FoliovizError as error:
            self.refused = str(error)
        self.done = True

    def _find(self, look: Look) -> Iterator[None]:
        """Rebuild it, then do one thing after the other.

        Raises:
            FoliovizError: if it cannot be rebuilt.
        """
        seen = state(look.taken.capture, look.region, *look.taken.span(look.region, look.block))
        yield
        found = rebuild(seen, look.kernel)
        name = next(iter(seen.observed.tables), "")
        title = f"Region {look.region}" + ("" if look.block < 0 else f", block {look.block}")
        made = link(scenario_of(seen, found, f"{title} of {look.taken.name}"))
        self.differences = [
            f"{one.subject}: {one.field} is {one.model}, was {one.kernel}" for one in found.differences
        ]
        self.left_out, self.query, self.note = found.left_out, made.query, made.note
        self.operations = len(found.ops)
        yield
        for deed in ASKED:
            done = would(seen, found, deed, name)
            query = (
                link(scenario_of(seen, found, f"{title}: {deed}", more=done.ops)).query if done.ops else ""
            )
            self.deeds.append(Deed(done.sentence, query))
            yield


def key_of(look: Look) -> Key:
    """Return what tells one question from another."""
    return look.taken, look.region, look.block, look.kernel


def equal(found: Answer) -> str:
    """Return how near the model comes, and in how many operations."""
    if found.operations is None:
        return ""
    if not found.differences:
        said = "equal to what was read on every page"
    else:
        said = f"with {count(len(found.differences), 'difference')} from what was read"
    return f"Becomes {count(found.operations, 'operation')}; {said}."
