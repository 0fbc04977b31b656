"""Does the model tell the truth? Recorded steps of running kernels beside the model's, and the verdict of each."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.evidence.recordings import EXCLUSIONS, Verdict, recording, replayed, scenarios, verdict
from folioviz.evidence.recordings import kernels as recorded
from folioviz.evidence.recordings.exclusions import OPERATION
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.verdict import SKIPPED
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import label, scenario
from folioviz.stories.parts.results import long

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.evidence.recordings import Done, Exclusion, Replay
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

KERNELS = recorded()
"""The running kernels, oldest first."""
NAMES = tuple(scenarios(KERNELS[-1]))
"""The recorded scenarios; the same of every kernel."""
PLAIN = {"map", "touch", "exit"}
"""What every scenario begins or ends with."""
WHOLE = "d9_pte_munmap"
"""A process unmaps a whole 2 MiB folio that PTEs map."""
MOST_ABOUT = 60
NOT_COMPARED = Table(
    "Not compared, because the model has no such thing",
    ("what", "why"),
    (
        (
            "other flags of a page: dirty, swap-backed, locked, …",
            "the model keeps the flags that accounting reads",
        ),
        ("KSM", "no pages are merged; and 6.12.117 and 6.18.15 set the flag wrongly"),
        (
            "nr_anon_pages of the whole machine",
            "it has the recording program’s own pages, too; per-size nr_anon is compared",
        ),
        ("pglazyfree, unevictable_pgs_mlocked", "no such counters"),
        (
            "calls of __split_huge_pmd()",
            "the kernel also makes them where no PMD is huge; thp_split_pmd is compared",
        ),
        ("batches in which pages are freed", "the model has a count that means something else"),
        ("time", "the model counts events; it has no clock"),
        ("the order of the queue", "not recorded: only whether a folio is on it"),
        (
            "kernels from 6.2 to 6.11",
            "none was recorded: the models of that age rest on 6.1, 6.12 and the vectors",
        ),
    ),
    "Known from how the recordings were made; docs/recordings.md has the rules of the comparison.",
    long("gap"),
)


class Place(NamedTuple):
    """A recorded scenario on a running kernel."""

    kernel: str
    name: str


def place(values: Values) -> Place:
    """Return what is chosen."""
    return Place(values["kernel"], values["recording"])


def model_of(kernel: str) -> str:
    """Return the key of the model that stands for a running kernel."""
    return release_of(kernel).model


@lru_cache(maxsize=len(KERNELS) * len(NAMES))
def judged(where: Place) -> Verdict:
    """Return what comes of a scenario; takes up to some hundred milliseconds the first time."""
    why = cannot(where)
    return Verdict(SKIPPED, 0, 0, (), why) if why else verdict(replayed(*where))


def cannot(where: Place) -> str:
    """Return why a running kernel could not run a scenario, '' if it could."""
    return recording(*where).skip


def ends(replay: Replay) -> tuple[int, ...]:
    """Return how many of the model's operations are done after each step."""
    found, total = [], 0
    for done in replay.steps:
        total += len(done.ops)
        found.append(total)
    return tuple(found)


def worth(where: Place) -> int:
    """Return the step to look at first: the first with a difference, or else the same on every kernel."""
    for done in replayed(*where).steps:
        if done.differences or done.not_modelled:
            return done.number
    return _common(where.name)


@lru_cache(maxsize=len(NAMES))
def _common(name: str) -> int:
    """Return the last step that asks the oldest kernel to queue a folio, or that does what the scenario is about."""
    where = next(one for kernel in KERNELS if not cannot(one := Place(kernel, name)))
    steps = [done for done in replayed(*where).steps if word(done) not in PLAIN]
    asking = [done.number for done in steps if done.kernel.calls.get("deferred_split", 0) > 0]
    mapping = [done.number for done in steps if any(map(done.kernel.runs, done.kernel.tables))]
    return (asking or mapping or [done.number for done in steps] or [1])[-1]


def word(done: Done) -> str:
    """Return what a step does."""
    return next(part for part in done.text.split() if part.islower())


@lru_cache(maxsize=16)
def scene(where: Place) -> Scenario:
    """Return what the model did for a recording, as a scenario; nothing where the kernel could not run it."""
    replay = replayed(*where)
    done = [op.short() for step in replay.steps for op in step.ops]
    step = ends(replay)[worth(where)] if done else None
    title = f"{where.name}, recorded on {where.kernel}"
    return scenario("; ".join(done), model_of(where.kernel), step=step, title=title, about=replay.about.desc)


def make(values: Values) -> Scenario:
    """Return what the model did for the recording that is chosen."""
    return scene(place(values))


def _span(names: Iterable[str]) -> str:
    """Return the first and the last of some running kernels."""
    own = sorted(set(names), key=KERNELS.index)
    return own[0] if len(own) == 1 else f"{own[0]} to {own[-1]}"


def _exception(same: list[Exclusion]) -> tuple[object, ...]:
    """Return a row of the exceptions that have one reason."""
    places = [where for one in same for where in one.steps]
    fields = ["everything from there on" if one.field == OPERATION else one.field for one in same]
    names = sorted({name for _, name, _ in places})
    return _span(kernel for kernel, *_ in places), ", ".join(names), ", ".join(fields), same[0].reason


def numbers(_values: Values) -> tuple[Table, ...]:
    """Return the exceptions, with their reasons, and what is not compared at all."""
    reasons = dict.fromkeys(one.reason for one in EXCLUSIONS)
    rows = tuple(_exception([one for one in EXCLUSIONS if one.reason == reason]) for reason in reasons)
    exceptions = Table(
        "Every exception",
        ("kernels", "scenarios", "what is not equal", "why the two cannot be equal"),
        rows,
        "The tests fail when something else differs, and when one of these no longer does.",
        long("reason"),
    )
    return exceptions, NOT_COMPARED


def calls_of(kernel: str) -> tuple[int, int]:
    """Return how often a running kernel, and the model, called deferred_split_folio() to unmap a whole folio."""
    done = next(one for one in replayed(kernel, WHOLE).steps if word(one) == "munmap")
    return done.kernel.calls["deferred_split"], done.model.calls["deferred_split"]


def answer() -> tuple[int, str]:
    """Return which pair of counts was recorded, and whether the model has the same."""
    old, new = calls_of("6.1.192"), calls_of("6.12.117")
    right = ((512, 512), (512, 0), (1, 1), (1, 0)).index((old[0], new[0]))
    same = "the same, twice" if old[0] == old[1] and new[0] == new[1] else f"{old[1]} and {new[1]}"
    said = f"Counted in the running kernels: {old[0]} calls in 6.1.192, {new[0]} in 6.12.117."
    return right, f"{said} The model has {same}. Below, every value of every step stands beside the model’s."


STORY = Story(
    "truth",
    make,
    (
        Choice(
            "kernel",
            "running kernel",
            tuple((f"{name} · model {label(model_of(name))}", name) for name in KERNELS),
            "6.1.192",
            "the kernel that was recorded, and the model that stands for it",
        ),
        Choice(
            "recording",
            "scenario",
            tuple(
                (f"{name} · {about if len(about) <= MOST_ABOUT else about[:MOST_ABOUT] + '…'}", name)
                for name, about in scenarios(KERNELS[-1]).items()
            ),
            WHOLE,
            "what the program did, step by step",
        ),
    ),
    Question(
        "A process unmaps all of a 2 MiB folio that 512 PTEs map. How often did 6.1.192 call deferred_split_folio() "
        "for it (there, deferred_split_huge_page()), and how often did 6.12.117?",
        ("512 times, and 512 times", "512 times, and never", "once, and once", "once, and never"),
        answer,
        asked=2,
    ),
    numbers,
    left=("recorded", "verdicts"),
    right=(),
    below=("proof",),
    where="right",
)
