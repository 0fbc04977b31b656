"""A recording's lines, typed and checked: what a kernel showed after each step of a scenario.

A line is one JSON object: what is known of the run (it has a ``release``), a scenario that the kernel could not run (it
has a ``skip``), or one step. Fields that nobody here looks at are passed over.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.files.documents import misplaced

MAX_STEPS: Final = 2000
"""Most steps of one scenario."""
MAX_VPAGE: Final = 1 << 15
"""Most pages of a region: 128 MiB."""
MAX_ORDER: Final = 9
PROCESSES: Final = "PCDG"
"""The processes of a scenario: parent, child, second child, grandchild; in the order in which folios get their ids."""
STATES: Final = "pzsg"
"""Present, the zero page, swapped out, a guard marker."""

Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=1000)]
Int: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32 - 1)]
Pairs: TypeAlias = Annotated[list[tuple[Int, Int]], msgspec.Meta(max_length=1 << MAX_ORDER)]
Run: TypeAlias = Annotated[list[Any], msgspec.Meta(min_length=3, max_length=10)]
Runs: TypeAlias = Annotated[list[Run], msgspec.Meta(max_length=MAX_VPAGE)]


class About(msgspec.Struct, frozen=True):
    """What is known of a run.

    Attributes:
        scenario: its name.
        release: the kernel's release, as uname(2) says it.
        version: the kernel's build, as uname(2) says it.
        kcore: whether struct fields were read.
        trace: whether calls were counted.
        thp: the orders whose mTHP ``enabled`` was on, joined by +; None if the file does not say.
        desc: what the scenario is for.
    """

    scenario: Name
    release: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[0-9]{1,3}\.[0-9]{1,4}")]
    version: Text = ""
    kcore: bool | Int = 0
    trace: bool | Int = 0
    thp: Annotated[str, msgspec.Meta(pattern=r"^[0-9](\+[0-9])*$")] | None = None
    desc: Text = ""


class Raw(msgspec.Struct, frozen=True):
    """Fields of ``struct folio`` as the kernel had them; mapcounts count from 0, None is "not in this kernel"."""

    ref: Int | None = None
    entire: Int | None = None
    nrpm: Int | None = None
    large: Int | None = None
    pm: Int | None = None
    dq: Int | None = None
    dm: Int | None = None
    mmid_mc: tuple[Int, Int] | None = None
    mmid: tuple[Int, Int] | None = None
    maybe_shared: Int | None = None
    mc: Pairs | None = None
    ae: Pairs | None = None


class Folio(msgspec.Struct, frozen=True, rename={"came_from": "from"}):
    """A large folio: its order, flags, ``/proc/kpagecount`` as (pages, count) runs, and where it came out of.

    None, and no flags, are "not read".
    """

    order: Annotated[int, msgspec.Meta(ge=1, le=MAX_ORDER)]
    kpc: Pairs | None = None
    fl: Annotated[str, msgspec.Meta(max_length=20)] = ""
    came_from: tuple[Int, Int] | None = None
    raw: Raw | None = None


class Step(msgspec.Struct, frozen=True):
    """One step, and what the kernel showed after it.

    Attributes:
        scenario: the scenario's name.
        i: the step's index, from 0.
        op: what was done.
        rc: what it returned, ``-errno`` if it failed.
        procs: process -> region -> runs of pages.
        folios: id -> large folio.
        gone: ids of large folios that are no more.
        vm: changes of ``/proc/vmstat``.
        mthp: size -> changes of that size's statistics.
        smaps: process -> region -> sums over its VMAs, in kB, and their number.
        n: how often kernel functions were called.
        kp: calls with their arguments.
    """

    scenario: Name
    i: Annotated[int, msgspec.Meta(ge=0, lt=MAX_STEPS)]
    op: Name
    rc: Int = 0
    procs: dict[str, dict[str, Runs]] = {}
    folios: dict[str, Folio] = {}
    gone: list[Int] = []
    vm: dict[str, Int] = {}
    mthp: dict[str, dict[str, Int]] = {}
    smaps: dict[str, dict[str, dict[str, Int]]] = {}
    n: dict[str, Int] | None = None
    kp: list[Any] | None = None


class Skipped(msgspec.Struct, frozen=True):
    """A scenario that the kernel could not run, and why."""

    scenario: Name
    skip: Text


class PageRun(NamedTuple):
    """Consecutive pages of a region that are mapped alike.

    Attributes:
        first: the first page, counted in the region.
        pages: how many.
        state: one of STATES.
        folio: id of the first page's folio.
        each: whether every page is an order-0 folio of its own, with the ids ``folio``, ``folio + 1``, ...
        offset: the first page's place in its folio.
        mapcount: ``/proc/kpagecount``.
        flags: letters of ``/proc/kpageflags``.
        exclusive: bit 56 of pagemap.
        came_from: (folio, offset) that the first page had before its folio was split off, or None.
    """

    first: int
    pages: int
    state: str
    folio: int = -1
    each: bool = False
    offset: int = 0
    mapcount: int = 0
    flags: str = ""
    exclusive: int = 0
    came_from: tuple[int, int] | None = None


def decoded(data: bytes) -> About | Skipped | Step:
    """Read one line.

    Raises:
        DocumentError: naming the field, the value and what may stand there.
    """
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"not JSON: {shown(str(error), 100)}") from None
    if not isinstance(raw, dict):
        raise DocumentError(f"the line is {shown(raw)}: it must be a JSON object")
    if "scenario" not in raw and "s" in raw:
        raw["scenario"] = raw.pop("s")
    kind: type[About | Skipped | Step] = About if "release" in raw else Skipped if "skip" in raw else Step
    try:
        found: About | Skipped | Step = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise DocumentError(explained(error, raw, kind)) from None
    if isinstance(found, Step):
        _check(found)
    return found


def explained(error: msgspec.ValidationError, raw: Any, kind: type[msgspec.Struct]) -> str:
    """Return msgspec's complaint about a line, with the field and its value in front; arguments as for misplaced()."""
    place, value, complaint = misplaced(error, raw, kind)
    return f"{place} is {shown(value)}: {complaint}" if place else complaint


def _check(step: Step) -> None:
    """Check what types cannot say."""
    for process, regions in step.procs.items():
        if process not in PROCESSES or len(process) != 1:
            raise DocumentError(
                f"procs has process {shown(process)}: there are {', '.join(PROCESSES)} and no others"
            )
        for region, runs in regions.items():
            for place, run in enumerate(runs):
                page_run(run, f"procs.{process}.{shown(region).strip(chr(39))}[{place}]")
    for key, folio in step.folios.items():
        if not re.fullmatch(r"[0-9]{1,9}", key):
            raise DocumentError(f"folios has the id {shown(key)}: it must be a number")
        for field, pairs in (
            ("kpc", folio.kpc),
            *(("raw." + name, getattr(folio.raw, name, None)) for name in ("mc", "ae")),
        ):
            pages = sum(count for count, _ in pairs or ())
            if pairs is not None and (pages != 1 << folio.order or min(pairs)[0] < 1):
                raise DocumentError(
                    f"folios.{key}.{field} holds {pages} pages in runs of at least {min(pairs, default=(0,))[0]}:"
                    f" it must be {1 << folio.order} in runs of at least 1"
                )


def page_run(run: list[Any], where: str) -> PageRun:
    """Return a run of pages; ``where`` says for a message where it stands.

    Raises:
        DocumentError: naming the place, the value and what may stand there.
    """
    first, pages, state, *more = run
    if not _whole(first, 0, MAX_VPAGE - 1) or not _whole(pages, 1, MAX_VPAGE - first):
        raise DocumentError(
            f"{where} has pages {shown([first, pages])}: they must be [first, count] within 0 to {MAX_VPAGE - 1}"
        )
    if not isinstance(state, str) or len(state) != 1 or state not in STATES:
        raise DocumentError(f"{where} has state {shown(state)}: it must be one of {', '.join(STATES)}")
    if state != "p":
        return PageRun(first, pages, state)
    if len(more) < 6:
        raise DocumentError(f"{where} has {len(run)} values: a present run has 9 or 10")
    folio, each, offset, mapcount, flags, exclusive, *came = more
    numbers = {
        "folio": (folio, 0, 10**9),
        "own folios": (each, 0, 1),
        "offset": (offset, 0, (1 << MAX_ORDER) - 1),
        "mapcount": (mapcount, -1, 10**6),
        "exclusive": (exclusive, 0, 1),
    }
    for name, (value, low, high) in numbers.items():
        if not _whole(value, low, high):
            raise DocumentError(f"{where} has {name} {shown(value)}: it must be {low} to {high}")
    if not isinstance(flags, str) or len(flags) > 20:
        raise DocumentError(f"{where} has flags {shown(flags)}: they must be letters, at most 20")
    origin = None
    if came and came[0] is not None:
        if not (
            isinstance(came[0], list)
            and len(came[0]) == 2
            and all(_whole(value, -1, 10**9) for value in came[0])
        ):
            raise DocumentError(f"{where} came from {shown(came[0])}: it must be [folio, offset]")
        origin = (came[0][0], came[0][1])
    return PageRun(first, pages, state, folio, bool(each), offset, mapcount, flags, exclusive, origin)


def _whole(value: object, low: int, high: int) -> bool:
    """Tell whether a value is a whole number from ``low`` to ``high``."""
    return isinstance(value, int) and low <= value <= high
