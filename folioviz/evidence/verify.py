"""Verify files: print where they differ from the model, and what came of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz.compare import output
from folioviz.errors import DocumentError, FoliovizError, shown
from folioviz.evidence.recordings.compared import SOURCES, kind_of
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL, IN_PART, SKIPPED
from folioviz.evidence.results import results, text_of
from folioviz.kernels import find

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.evidence.results import Result


class Outcome(NamedTuple):
    """What came of all files.

    Attributes:
        equal: whether nothing differs in what was compared.
        unread: one message for each file that could not be read to its end.
    """

    equal: bool
    unread: tuple[str, ...]


def _of(part: int, whole: int) -> str:
    """Return how many of how many."""
    return f"{part} of {whole}"


def _print(result: Result) -> None:
    """Print a scenario's differences, and what was not compared."""
    if result.state in {EQUAL, SKIPPED}:
        return
    state = EQUAL if result.state == IN_PART else result.state
    said = f"{state}, {_of(result.compared, result.steps)} steps compared"
    head = f"{text_of(result.scenario)} on {text_of(result.kernel)} (model {result.model}): {said}"
    table = output.new_table("  step", "operation", "what", "kernel", "model", "accepted because")
    for row in result.rows:
        table.add_row(f"  {row.step}", text_of(row.op), text_of(row.what), row.kernel, row.model, row.reason)
    parts: list[Any] = [head]
    parts += [table] if result.rows else []
    parts += [f"  not compared: {text_of(result.note)}"] if result.note else []
    output.show(*parts, "")


def _of_fields(fields: set[str], lacking: set[str]) -> list[str]:
    """Return what there is to say of the fields that a file lacks, kind by kind: nothing if it has all."""
    if not lacking:
        return []
    lines = [f"  {_of(len(fields), len(fields | lacking))} fields compared; the file has none of these:"]
    for kind, source in SOURCES.items():
        here = sorted(name.removeprefix("folio ") for name in lacking if kind_of(name) == kind)
        if here:
            every = sum(kind_of(name) == kind for name in fields | lacking)
            lines.append(f"    {kind} (from {source}), {_of(len(here), every)}: {', '.join(here)}")
    return lines


def verify(paths: Iterable[str], kernel: str | None = None, scenario: str | None = None) -> Outcome:
    """Verify files, print what differs and a sum per file, and return what came of all of them.

    A file that cannot be read, or that no model comes near, ends there, and the next one is read.

    Args:
        paths: as for :func:`results`.
        kernel: as for :func:`results`.
        scenario: as for :func:`results`.

    Raises:
        DocumentError: if no file has a scenario of this name.
        KernelError: if there is no such model.
    """
    key = None if kernel is None else find(kernel).key
    equal, scenarios = True, 0
    unread = []
    for path in paths:
        sums: dict[tuple[str, str, str], list[int]] = {}
        ended = ""
        fields: set[str] = set()
        lacking: set[str] = set()
        try:
            for result in results(path, key, scenario):
                total = sums.setdefault((result.kernel, result.model, result.state), [0, 0, 0, 0])
                for place, more in enumerate((1, result.compared, result.steps, len(result.rows))):
                    total[place] += more
                fields |= result.fields
                lacking |= result.lacking
                _print(result)
                scenarios += 1
                equal &= result.state != DIFFERS
        except FoliovizError as error:
            unread.append(str(error))
            ended = f"  not read to its end: {error}"
        table = output.new_table("kernel", "model", "result", "scenarios", "steps compared", "differences")
        for (name, model, state), (number, done, steps, rows) in sums.items():
            table.add_row(name, model, state, str(number), _of(done, steps), str(rows))
        output.show(
            f"{text_of(path)}:",
            *([table] if sums or not ended else []),
            *_of_fields(fields, lacking - fields),
            *([ended] if ended else []),
            "",
        )
    if scenario is not None and not scenarios and not unread:
        raise DocumentError(f"there is no scenario {shown(scenario)} to compare")
    return Outcome(equal, tuple(unread))
