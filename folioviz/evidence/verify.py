"""Verify files: recordings and conformance vectors tell what a kernel did, and the model is asked to do the same."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from folioviz.compare import output
from folioviz.errors import DocumentError, FoliovizError, KernelError, shown
from folioviz.evidence import conformance
from folioviz.evidence.recordings import library
from folioviz.evidence.recordings.reading import lines_of, recordings
from folioviz.evidence.recordings.replay import replay
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL, IN_PART, SKIPPED, verdict
from folioviz.kernels import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.evidence.recordings.reading import Recording

MAX_VALUE = 160
"""Characters of a value that a list of differences shows."""


class Row(NamedTuple):
    """One difference, to be printed.

    Attributes:
        step: the step's index.
        op: what the step did.
        what: what differs.
        kernel: what the kernel had, as text.
        model: what the model has.
        reason: why that is accepted, '' if it is not.
    """

    step: int
    op: str
    what: str
    kernel: str
    model: str
    reason: str = ""


class Result(NamedTuple):
    """What came of one scenario under one kernel.

    Attributes:
        scenario: its name.
        kernel: what did it: a recorded kernel's release, or a run's key.
        model: the key of the model that it was compared with.
        state: one of the states of :mod:`folioviz.evidence.recordings.verdict`.
        compared: how many steps were compared.
        steps: how many there are.
        rows: the differences.
        note: what else there is to say.
    """

    scenario: str
    kernel: str
    model: str
    state: str
    compared: int
    steps: int
    rows: tuple[Row, ...]
    note: str = ""


class Outcome(NamedTuple):
    """What came of all files.

    Attributes:
        equal: whether nothing differs in what was compared.
        unread: one message for each file that could not be read to its end.
    """

    equal: bool
    unread: tuple[str, ...]


def results(path: str, kernel: str | None = None, scenario: str | None = None) -> Iterator[Result]:
    """Yield what comes of a file's scenarios, one after the other.

    Args:
        path: a file of recordings or vectors, or the name of a recorded kernel of the package.
        kernel: verify against this model only: recordings against it instead of the nearest one; of vectors, its runs.
        scenario: verify the scenario of this name only.

    Raises:
        DocumentError: naming the file, the line, the field and the value.
        KernelError: if there is no such model, or if none comes near a recorded kernel.
    """
    key = None if kernel is None else find(kernel).key
    packed = library.DATA / f"{path}{library.SUFFIX}"
    lines = lines_of(packed if path in library.kernels() else path)
    try:
        first = next(lines, (1, b"null"))
        lines = chain([first], lines)
        if _is_vectors(first[1]):
            yield from _vectors(conformance.scenarios(lines), key, scenario)
        else:
            yield from _recordings(recordings(lines), key, scenario, ours=path in library.kernels())
    except (DocumentError, KernelError) as error:
        text = str(error)
        raise type(error)(text if text.startswith("cannot read") else f"{shown(path, 200)}: {text}") from None


def _is_vectors(line: bytes) -> bool:
    """Tell whether a file's first line is one of vectors: a recording may count its ``runs``, and it has a release."""
    try:
        raw = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or not raw.keys() & {"runs", "ops", "scenario", "release", "s"}:
        raise DocumentError(
            "line 1 is neither of a recording (scenario, release) nor of vectors (name, ops, runs)"
        )
    return not raw.keys() & {"scenario", "release", "s"}


def _recordings(
    found: Iterable[Recording], kernel: str | None, scenario: str | None, *, ours: bool
) -> Iterator[Result]:
    """Yield what comes of recordings."""
    for recording in found:
        if scenario not in {None, recording.about.scenario}:
            continue
        done = replay(recording, library.known_sizes(recording), kernel)._replace(ours=ours)
        what = verdict(done)
        rows = tuple(
            Row(
                finding.step,
                finding.op,
                f"{finding.difference.subject} {finding.difference.field}",
                _text(finding.difference.kernel),
                _text(finding.difference.model),
                finding.exclusion.reason if finding.exclusion else "",
            )
            for finding in what.findings
        )
        name, model = done.release.name, done.lab.kernel.key
        yield Result(
            recording.about.scenario, name, model, what.state, what.compared, what.steps, rows, what.note
        )


def _vectors(
    found: Iterable[conformance.Scenario], kernel: str | None, scenario: str | None
) -> Iterator[Result]:
    """Yield what comes of vectors."""
    for one in found:
        for key in one.runs if scenario in {None, one.name} else ():
            model = conformance.model_of(key)
            if kernel in {None, model}:
                yield _vector(one, key, model)


def _vector(scenario: conformance.Scenario, key: str, model: str) -> Result:
    """Return what comes of one run."""
    compared, steps = 0, len(scenario.ops)
    for found in conformance.run(scenario, key):
        if isinstance(found, conformance.Mismatch):
            values = _shortened(found.kernel, found.model)
            row = Row(found.step, scenario.ops[found.step], found.field, *values)
            return Result(
                scenario.name,
                key,
                model,
                DIFFERS,
                compared,
                steps,
                (row,),
                "the rest of the run is not compared",
            )
        compared += 1
    return Result(scenario.name, key, model, EQUAL, compared, steps, ())


def _text(value: Any) -> str:
    """Return a value as text of a bounded length; (count, value) runs as "3 x 1, 5 x 0"."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        text = ", ".join(f"{count} x {number}" for count, number in value)
    elif isinstance(value, tuple):
        text = ", ".join(map(str, value))
    else:
        text = "nothing" if value is None else str(value)
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 3] + "..."


def _shortened(kernel: Any, model: Any) -> tuple[str, str]:
    """Return two values as texts; long ones begin a little before the first character that differs."""
    texts = [str(value).encode("ascii", "backslashreplace").decode() for value in (kernel, model)]
    same = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    start = max(same - MAX_VALUE // 4, 0) if max(map(len, texts)) > MAX_VALUE else 0
    cut = [("..." if start else "") + text[start:] for text in texts]
    return _text(cut[0]), _text(cut[1])


def _of(part: int, whole: int) -> str:
    """Return how many of how many."""
    return f"{part} of {whole}"


def _print(result: Result) -> None:
    """Print a scenario's differences, and what was not compared."""
    if result.state in {EQUAL, SKIPPED}:
        return
    state = EQUAL if result.state == IN_PART else result.state
    said = f"{state}, {_of(result.compared, result.steps)} steps compared"
    head = f"{_text(result.scenario)} on {_text(result.kernel)} (model {result.model}): {said}"
    table = output.new_table("  step", "operation", "what", "kernel", "model", "accepted because")
    for row in result.rows:
        table.add_row(f"  {row.step}", _text(row.op), _text(row.what), row.kernel, row.model, row.reason)
    parts: list[Any] = [head]
    parts += [table] if result.rows else []
    parts += [f"  not compared: {_text(result.note)}"] if result.note else []
    output.show(*parts, "")


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
    equal, compared = True, 0
    unread = []
    for path in paths:
        sums: dict[tuple[str, str, str], list[int]] = {}
        ended = ""
        try:
            for result in results(path, key, scenario):
                total = sums.setdefault((result.kernel, result.model, result.state), [0, 0, 0, 0])
                for place, more in enumerate((1, result.compared, result.steps, len(result.rows))):
                    total[place] += more
                _print(result)
                compared += 1
                equal &= result.state != DIFFERS
        except FoliovizError as error:
            unread.append(str(error))
            ended = f"  not read to its end: {error}"
        table = output.new_table("kernel", "model", "result", "scenarios", "steps compared", "differences")
        for (name, model, state), (number, done, steps, rows) in sums.items():
            table.add_row(name, model, state, str(number), _of(done, steps), str(rows))
        output.show(
            f"{_text(path)}:", *([table] if sums or not ended else []), *([ended] if ended else []), ""
        )
    if scenario is not None and not compared and not unread:
        raise DocumentError(f"there is no scenario {shown(scenario)} to compare")
    return Outcome(equal, tuple(unread))
