"""What is on the screen, as a scenario, a document, a link and a line for a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from folioviz.errors import DocumentError
from folioviz.files import scenario, share
from folioviz.files.scenario import Scenario
from folioviz.race import link as races
from folioviz.race.document import dumps
from folioviz.stories import ways

if TYPE_CHECKING:
    from folioviz.ops.ops import Operation
    from folioviz.race.document import RaceDocument
    from folioviz.views.session.frame import Frame

FIGURE = "what its figures show"
"""What a story's own scenario is called in the explorer, if it has no title."""
MANY = 6
"""So many operations stand below a picture."""


def shown(frame: Frame) -> Scenario:
    """Return what is on the screen as a scenario, playhead and all."""
    return Scenario(
        cast("tuple[Operation, ...]", frame.ops),
        frame.scenario or "untitled",
        frame.title,
        frame.about,
        tuple(side.kernel.key for side in frame.sides),
        "none" if frame.mmu_gather == "none" else "batched",
        at=frame.plain,
        expect=tuple(one.text for one in frame.expected),
    )


def query(frame: Frame) -> str:
    """Return the query string that brings what is on the screen back, without the playhead.

    Raises:
        DocumentError: if it is too long.
    """
    return races.query(frame.race) if frame.race else share.query(scenario.replace(shown(frame), at=None))


def document(frame: Frame) -> str:
    """Return what is on the screen as a document."""
    return dumps(frame.race) if frame.race else scenario.dumps(shown(frame))


def done(frame: Frame) -> str:
    """Return the operations in the short form, for a caption: of many only the last ones."""
    text = "; ".join(op.short() for op in frame.ops[-MANY:])
    return f"… {text}" if len(frame.ops) > MANY else text or "no operation"


def shell(found: Scenario) -> str:
    """Return what prints the costs of a scenario in a shell, "" if the operations are too many for a line of it."""
    ops = "; ".join(op.short() for op in found.ops)
    options = [f"--kernel {key}" for key in found.kernels]
    options += [f"--mmu-gather {found.mmu_gather}"] if found.mmu_gather != "batched" else []
    return f"echo '{ops}' | folioviz run - {' '.join(options)}" if ops and len(ops) <= share.MAX_LINK else ""


def shell_of(race: RaceDocument) -> str:
    """Return what plays a schedule of the library in a shell, "" for another race: that has a file."""
    name = races.name_of(race)
    return f"folioviz race {name} --schedule {race.schedule}" if name != races.OWN and race.schedule else ""


def link(frame: Frame, named: dict[str, str] | None, come_from: str = "", told: str = "") -> dict[str, str]:
    """Return the query string of a frame without its position; or why there is none, and its document; and a caption.

    ``named`` are the fields with which this page calls what is shown; ``plain`` is how the explorer does, and
    ``explorer`` is where it does so with a way back to the story that a link ``come_from``. ``told`` says what all came
    to.
    """
    labels = [side.kernel.label for side in frame.sides]
    kernels = " · ".join(f"{side.name}: {label}" for side, label in zip(frame.sides, labels, strict=True))
    titled = frame.noted.name or frame.title or "your own operations"
    called = frame.noted.name and f"{frame.noted.name} · "
    found = {
        "query": "",
        "plain": "",
        "explorer": "",
        "why": "",
        "text": "",
        "caption": f"{called}folioviz · {kernels} · mmu_gather {frame.mmu_gather} · {done(frame)}",
        "shell": shell_of(frame.race) if frame.race else shell(shown(frame)),
        "title": f"{titled} · {' | '.join(labels)}{told and f': {told}'} – folioviz",
    }
    try:
        found["plain"] = query(frame)
        place = (
            f"&at={frame.plain}" if frame.race and named else ""
        )  # a page of races has no playhead of its own
        found["explorer"] = ways.explorer(f"{found['plain']}{place}", come_from, frame.title or FIGURE)
    except DocumentError as error:
        found["why"], found["text"] = str(error), document(frame)
    found["query"] = urlencode(named) if named else found["plain"]
    return found
