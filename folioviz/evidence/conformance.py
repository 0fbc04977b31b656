"""Conformance vectors: files of operations and of what the kernel's own functions, compiled, did for each of them.

A line is one scenario: its name, its operations in the short form, and for each kernel and mode ("v4/gather") one
record per operation, in the form of :mod:`folioviz.readout.records`. A run that is a text equals the run of that name;
a record that is 0 equals the first run's at the same place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec

from folioviz.errors import DocumentError, FoliovizError, shown
from folioviz.evidence.recordings.format import explained
from folioviz.kernels import find
from folioviz.lab import Lab
from folioviz.ops.ops import parse
from folioviz.readout.records import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FunctionType

    from folioviz.machine.memory import Sizes
    from folioviz.ops.op import Op

MODES: Final = {"gather": "batched", "no_gather": "none"}
"""A mode's name in the vectors -> in this package."""
MAX_OPERATIONS: Final = 20_000
MAX_FOLIOS: Final = 1 << 18
"""How many folios one record may list."""

Int: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Field: TypeAlias = Int | list[Int]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one operation did; which fields there are depends on the kernel and on how the operation went.

    Attributes:
        r: what was returned; -22 is "invalid", and then there is nothing else.
        F: new or changed folios: id, their fields, and n if the n folios from this id on are equal.
        X: ids of freed folios as [first, count, ...].
        Q: the deferred split queue, the head first.
        S: the counters.
        M: order -> statistics of that size.
        R: process -> rss.
        P: process -> page tables, of those in which they changed.
        C: costs that are not 0.
        B: kernel bugs that fired; the run ends there.
    """

    r: Int
    F: list[dict[str, Field]] | None = None
    X: list[Int] | None = None
    Q: list[Int] | None = None
    S: list[Int] | None = None
    M: dict[str, list[Int]] | None = None
    R: dict[str, Int] | None = None
    P: dict[str, list[Int]] | None = None
    C: dict[str, Int] | None = None
    B: list[str] | None = None


class Line(msgspec.Struct, frozen=True):
    """A line of a file of vectors, as it stands there."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    ops: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=200)]], msgspec.Meta(max_length=MAX_OPERATIONS)
    ]
    runs: Annotated[
        dict[str, str | list[Record | Annotated[int, msgspec.Meta(ge=0, le=0)]]], msgspec.Meta(min_length=1)
    ]


class Scenario(NamedTuple):
    """A scenario: its operations, and the records of each run, one per operation until a bug ends it."""

    name: str
    ops: list[str]
    runs: dict[str, list[dict[str, Any]]]


class Mismatch(NamedTuple):
    """Where a run first differs: the step, the field, and what the kernel and the model have there."""

    step: int
    field: str
    kernel: Any
    model: Any


_LINE: Final = msgspec.json.Decoder(Line)


def decoded(data: bytes) -> Scenario:
    """Read one line.

    Raises:
        DocumentError: naming the field and what is wrong with it.
    """
    try:
        line = _LINE.decode(data)
    except msgspec.ValidationError as error:
        raise DocumentError(explained(error, msgspec.json.decode(data), Line)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"not JSON: {shown(str(error), 100)}") from None
    runs: dict[str, list[dict[str, Any]]] = {}
    first: list[dict[str, Any]] | None = None
    for key, records in line.runs.items():
        _known(key)
        if isinstance(records, str):
            if records not in runs:
                raise DocumentError(f"runs.{key} is {shown(records)}: it must be records, or a run before it")
            runs[key] = runs[records]
            continue
        if len(records) > len(line.ops):
            raise DocumentError(
                f"runs.{key} has {len(records)} records: there are {len(line.ops)} operations"
            )
        if any(isinstance(record, int) and place >= len(first or ()) for place, record in enumerate(records)):
            raise DocumentError(f"runs.{key} has a record 0 where the first run has none")
        runs[key] = [
            (first or [])[place] if isinstance(record, int) else msgspec.to_builtins(record)
            for place, record in enumerate(records)
        ]
        first = first or runs[key]
    return Scenario(line.name, line.ops, runs)


def model_of(key: str) -> str:
    """Return the key of the kernel that a run's key names; see :func:`_known`."""
    return _known(key)[0]


def _known(key: str) -> tuple[str, str]:
    """Return the kernel's key and the mode of a run's key.

    Raises:
        DocumentError: if there is no such kernel or mode.
    """
    kernel, _, mode = key.partition("/")
    try:
        return find(kernel).key, MODES[mode]
    except KeyError:
        raise DocumentError(
            f"runs has the key {shown(key)}: it must be a kernel and one of {', '.join(MODES)}, as v4/gather"
        ) from None


def scenarios(lines: Iterable[tuple[int, bytes]]) -> Iterator[Scenario]:
    """Yield the scenarios of numbered lines.

    Raises:
        DocumentError: naming the line, the field and what is wrong with it.
    """
    for number, line in lines:
        try:
            yield decoded(line)
        except DocumentError as error:
            raise DocumentError(f"line {number}: {error}") from None


def operations(scenario: Scenario) -> list[Op]:
    """Return a scenario's operations.

    Raises:
        DocumentError: naming the operation's place.
    """
    found: list[Op] = []
    for place, text in enumerate(scenario.ops):
        try:
            found.append(parse(text))
        except DocumentError as error:
            raise DocumentError(f"scenario {shown(scenario.name)}, ops[{place}]: {error}") from None
    return found


def expand(folios: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Return id -> fields of the folios of a record's F.

    Raises:
        DocumentError: if they are too many, or one has no id.
    """
    found: dict[int, dict[str, Any]] = {}
    for entry in folios:
        fields = {name: value for name, value in entry.items() if name not in {"id", "n"}}
        first, count = entry.get("id"), entry.get("n", 1)
        if not isinstance(first, int) or not isinstance(count, int) or not 0 < count <= MAX_FOLIOS:
            raise DocumentError(f"F has {shown(entry)}: a folio has an id, and n is 1 to {MAX_FOLIOS}")
        found |= dict.fromkeys(range(first, first + count), fields)
    return found


def spans(pairs: list[int]) -> set[int]:
    """Return the ids of [first, count, first, count, ...].

    Raises:
        DocumentError: if they are too many.
    """
    if len(pairs) % 2 or any(not 0 < count <= MAX_FOLIOS for count in pairs[1::2]):
        raise DocumentError(f"X is {shown(pairs)}: it must be [first, count, ...], counts 1 to {MAX_FOLIOS}")
    return {first + i for first, count in zip(pairs[::2], pairs[1::2], strict=True) for i in range(count)}


class Folded:
    """The live folios that records have told of so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self.folios: dict[int, dict[str, Any]] = {}

    def fold(self, record: dict[str, Any]) -> tuple[dict[int, dict[str, Any]], set[int]]:
        """Take in one record; return the folios that it tells of, and the ids of those that were freed."""
        told, gone = expand(record["F"]), spans(record["X"])
        for folio in gone:
            self.folios.pop(folio, None)
        self.folios |= told
        return told, gone


def difference(
    got: dict[str, Any], want: dict[str, Any], model: Folded, kernel: Folded
) -> tuple[str, Any, Any] | None:
    """Return (field, got, want) where two records first differ, or None; ``model`` and ``kernel`` fold them.

    Folios are compared by id, and freed ids as a set: a record may tell of them in any order.
    """
    ends = "B" in got or "B" in want
    for field in ("B",) if ends else ("r",):
        if got.get(field) != want.get(field):
            return field, got.get(field, got), want.get(field, want)
    if ends or got.keys() == want.keys() == {"r"}:
        return None
    if got.keys() != want.keys():
        return "fields", sorted(got), sorted(want)
    ours, gone = model.fold(got)
    theirs, gone_there = kernel.fold(want)
    for folio in ours | theirs:
        pair = model.folios.get(folio), kernel.folios.get(folio)
        if pair[0] != pair[1]:
            return f"F of folio {folio}", *pair
    if gone != gone_there:
        return "X", got["X"], want["X"]
    return next(
        (
            (field, got[field], want[field])
            for field in want
            if field not in "FX" and got[field] != want[field]
        ),
        None,
    )


def run(
    scenario: Scenario,
    key: str,
    patches: Iterable[FunctionType] = (),
    sizes: Sizes | None = None,
    *,
    calls: bool = False,
) -> Iterator[Mismatch | Lab]:
    """Run a scenario under one kernel and mode; yield the lab after each record that agrees, or where it does not.

    Args:
        scenario: what to run.
        key: such as "v4/no_gather", one of the scenario's runs.
        patches: kernel functions to replace.
        sizes: how large a machine.
        calls: whether the lab journals calls, too: no record tells of them.

    Raises:
        DocumentError: if an operation or the run's key cannot be read.
    """
    kernel, mode = _known(key)
    lab = Lab(kernel, mode, patches, sizes, calls=calls)
    recorder, model, real = Recorder(lab), Folded(), Folded()
    for step, (op, want) in enumerate(zip(operations(scenario), scenario.runs[key], strict=False)):
        try:
            got = recorder.record(op)
            found = difference(got, want, model, real)
        except FoliovizError as error:
            raise DocumentError(
                f"scenario {shown(scenario.name)} under {key}, step {step}: {error}"
            ) from None
        if found:
            field, ours, theirs = found
            yield Mismatch(step, field, theirs, ours)
            return
        yield lab
