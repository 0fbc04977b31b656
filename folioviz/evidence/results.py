"""What comes of a file: recordings and vectors tell what a kernel did, and the model is asked to do the same."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from folioviz.errors import DocumentError, KernelError, shown
from folioviz.evidence import conformance
from folioviz.evidence.own import OWN, values
from folioviz.evidence.recordings import library
from folioviz.evidence.recordings.amount import amount
from folioviz.evidence.recordings.compared import compared
from folioviz.evidence.recordings.reading import lines_of, recordings
from folioviz.evidence.recordings.replay import replay
from folioviz.evidence.recordings.verdict import DIFFERS, EQUAL, verdict
from folioviz.kernels import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

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
        fields: the names of what was compared.
        lacking: the names of what could have been, if the file had it.
        values: how many values were compared.
    """

    scenario: str
    kernel: str
    model: str
    state: str
    compared: int
    steps: int
    rows: tuple[Row, ...]
    note: str = ""
    fields: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    values: int = 0


def results(path: str, kernel: str | None = None, scenario: str | None = None) -> Iterator[Result]:
    """Yield what comes of a file's scenarios, one after the other.

    Args:
        path: a file of recordings or vectors, or the name of a recorded kernel or a set of vectors of the package.
        kernel: verify against this model only: recordings against it instead of the nearest one; of vectors, its runs.
        scenario: verify the scenario of this name only.

    Raises:
        DocumentError: naming the file, the line, the field and the value.
        KernelError: if there is no such model, or if none comes near a recorded kernel.
    """
    key = None if kernel is None else find(kernel).key
    ours = path in library.kernels()
    place = library.DATA / f"{path}{library.SUFFIX}" if ours else OWN.get(path, path)
    lines = lines_of(place)
    try:
        first = next(lines, (1, b"null"))
        lines = chain([first], lines)
        if _is_vectors(first[1]):
            yield from _vectors(conformance.scenarios(lines), key, scenario)
        else:
            fields = None if ours else _told(place)
            found = (one._replace(fields=fields) for one in recordings(lines))
            yield from _recordings(found, key, scenario, ours=ours)
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


def _told(path: str | Path) -> frozenset[str]:
    """Return the fields that a file has in any of its scenarios; what is wrong with it is said by who reads it next."""
    fields: frozenset[str] = frozenset()
    with suppress(DocumentError):
        for recording in recordings(lines_of(path)):
            fields |= recording.fields or frozenset()
    return fields


def _recordings(
    found: Iterable[Recording], kernel: str | None, scenario: str | None, *, ours: bool
) -> Iterator[Result]:
    """Yield what comes of recordings."""
    for recording in found:
        if scenario not in {None, recording.about.scenario}:
            continue
        yield of_recording(recording, kernel, ours=ours)


def of_recording(recording: Recording, kernel: str | None = None, *, ours: bool) -> Result:
    """Return what comes of one recording; takes up to some hundred milliseconds.

    Args:
        recording: what a kernel showed.
        kernel: the key of the model to compare it with; else the nearest one.
        ours: whether it is one of the package's own.

    Raises:
        DocumentError: naming the step that cannot be read.
        KernelError: if no model comes near.
    """
    done = replay(recording, library.known_sizes(recording), kernel)._replace(ours=ours)
    what = verdict(done)
    rows = tuple(
        Row(
            finding.step,
            finding.op,
            f"{finding.difference.subject} {finding.difference.field}",
            text_of(finding.difference.kernel),
            text_of(finding.difference.model),
            finding.exclusion.reason if finding.exclusion else "",
        )
        for finding in what.findings
    )
    return Result(
        recording.about.scenario,
        done.release.name,
        done.lab.kernel.key,
        what.state,
        what.compared,
        what.steps,
        rows,
        what.note,
        *compared(done),
        sum(amount(step.kernel, step.model) for step in done.steps if not step.not_modelled),
    )


def _vectors(
    found: Iterable[conformance.Scenario], kernel: str | None, scenario: str | None
) -> Iterator[Result]:
    """Yield what comes of vectors."""
    for one in found:
        for key in one.runs if scenario in {None, one.name} else ():
            model = conformance.model_of(key)
            if kernel in {None, model}:
                yield from filter(None, of_run(one, key, model))


def of_run(scenario: conformance.Scenario, key: str, model: str) -> Iterator[Result | None]:
    """Yield None after each record of one run that is equal, and what comes of the run at its end."""
    compared, total, steps = 0, 0, len(scenario.ops)
    for found in conformance.run(scenario, key):
        if isinstance(found, conformance.Mismatch):
            texts = _shortened(found.kernel, found.model)
            row = Row(found.step, scenario.ops[found.step], found.field, *texts)
            rest = "the rest of the run is not compared"
            yield Result(scenario.name, key, model, DIFFERS, compared, steps, (row,), rest, values=total)
            return
        total += values(scenario.runs[key][compared])
        compared += 1
        yield None
    yield Result(scenario.name, key, model, EQUAL, compared, steps, (), values=total)


def text_of(value: Any) -> str:
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
    return text_of(cut[0]), text_of(cut[1])
