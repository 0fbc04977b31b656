"""What was rebuilt as a scenario, and as a link that carries its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz import kernels
from folioviz.errors import DocumentError, FoliovizError
from folioviz.evidence.recordings.observed import ABSENT, STATE
from folioviz.files import scenario, share
from folioviz.files.scenario import MAX_ABOUT, MAX_OPERATIONS, MAX_TITLE, Scenario
from folioviz.readout.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from folioviz.ops.ops import Operation
    from folioviz.rebuild.rebuild import Rebuilt
    from folioviz.rebuild.state import State

MOST_SAID: Final = 12
"""Things of one kind that a scenario tells of one by one."""


class Link(NamedTuple):
    """A link's query string, and what had to be left out of it; '' if nothing."""

    query: str
    note: str


def scenario_of(
    state: State,
    found: Rebuilt,
    title: str = "",
    others: Sequence[str] = (),
    more: Iterable[Operation] = (),
) -> Scenario:
    """Return what was rebuilt as a scenario whose text says what was captured, deduced and left out, and what differs.

    Args:
        state: what was seen.
        found: what became of it.
        title: one line; else it names the kernel.
        others: kernels to compare with besides the one on which it was rebuilt.
        more: operations that follow, as those of :func:`folioviz.rebuild.would.would`.

    Raises:
        DocumentError: if there are more operations than a scenario may have, or the title is none.
        KernelError: for an unknown kernel.
    """
    ops = (*found.ops, *more)
    if len(ops) > MAX_OPERATIONS:
        raise DocumentError(
            f"what was seen takes {len(ops)} operations: a scenario has at most {MAX_OPERATIONS}; take a part of it"
        )
    keys = dict.fromkeys([found.lab.kernel.key, *(kernels.find(key).key for key in others)])
    text = about_of(state, found)
    made = scenario.from_builtins(
        {
            "ops": [],
            "title": title or f"{sentence_of(state)}, as {state.release.name} showed them"[:MAX_TITLE],
            "about": text if len(text) <= MAX_ABOUT else text[: MAX_ABOUT - 1] + "…",
            "kernels": [*keys],
        }
    )
    return scenario.replace(made, ops=ops, step=len(found.ops))


def sentence_of(state: State) -> str:
    """Return how much was seen."""
    pages = sum(int((table[:, STATE] != ABSENT).sum()) for table in state.observed.tables.values())
    number = len(state.processes)
    return f"{count(pages, 'page')} of {number} process{'' if number == 1 else 'es'}"


def about_of(state: State, found: Rebuilt) -> str:
    """Return what of a scenario was seen, and what was not."""
    deduced = "the operations, which need not be those of the program" + (
        "" if state.vmas else ", and the VMAs"
    )
    differs = [f"{one.subject} {one.field} was {one.kernel} and is {one.model}" for one in found.differences]
    parts = [
        f"Captured: {sentence_of(state)}, on kernel {state.release.name}.",
        f"Deduced: {deduced}.",
        _listed("Left out", found.left_out),
        _listed(f"Under {found.lab.kernel.key} this differs", differs),
    ]
    return "\n".join(part for part in parts if part)


def _listed(what: str, items: Sequence[str]) -> str:
    """Return items as a sentence, so many of them as may be told; '' if there are none."""
    if not items:
        return ""
    more = f"; and {len(items) - MOST_SAID} more" if len(items) > MOST_SAID else ""
    return f"{what}: {'; '.join(items[:MOST_SAID])}{more}."


def link(found: Scenario) -> Link:
    """Return the link that opens a scenario; one that is too long leaves out what the scenario is about.

    Raises:
        DocumentError: if it is too long even so.
    """
    try:
        return Link(share.query(found), "")
    except DocumentError:
        pass
    try:
        text = share.query(scenario.replace(found, about=""))
    except FoliovizError as error:
        raise DocumentError(f"{error}, or take a part of it") from None
    return Link(text, "the link has no room for what the scenario says of itself; a file has")
