"""Write your own patch: functions in place of the kernel's, tried on every scenario; some are there to read."""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING

from folioviz import kernels
from folioviz.compare.quick import Quick
from folioviz.compare.walks import of_library
from folioviz.kernels.series import batch_zap_fix, batch_zap_full
from folioviz.link import functions_of
from folioviz.stories.parts.parts import Choice, Question, Story
from folioviz.stories.parts.pieces import GATHER, V4, scenario
from folioviz.stories.parts.sources import functions_in
from folioviz.stories.parts.swapped_out import TODAY, before_and_after, line
from folioviz.stories.patches import never_queue, queue_halves, swap_out_runs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from folioviz.compare.trial import Effect
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Table, Values

SHORT = 20
"""Operations of a short scenario."""
PREPARED: dict[str, tuple[str, ModuleType]] = {
    "never": ("queue nothing", never_queue),
    "halves": ("queue halves only", queue_halves),
    "full": ("return “full” explicitly", batch_zap_full),
    "naive": ("compare before the decrement", batch_zap_fix),
}
"""Patches on top of v4 that can be chosen -> what they do, and the module."""
LATER: dict[str, tuple[str, ModuleType]] = {"runs": ("swap out in runs", swap_out_runs)}
"""The same on top of today's kernel, of what v4 does not have."""
PATCHES = PREPARED | LATER
PATCH = Choice(
    "patch",
    "patch",
    tuple((f"{name}, v7.3" if key in LATER else name, key) for key, (name, _) in PATCHES.items()),
    "never",
    "what replaces functions of a kernel",
)


def base_of(patches: Sequence[FunctionType | ModuleType]) -> str:
    """Return the kernel that patches are tried on: v4, or today's if that alone has a function of theirs."""
    names: set[str] = set()
    for one in patches:
        names |= {one.__name__} if isinstance(one, FunctionType) else {*functions_of(one)}
    has = {key: names & {*functions_in(kernels.modules_of(kernels.find(key)))} for key in (V4, TODAY)}
    return TODAY if has[TODAY] and not has[V4] else V4


def make(values: Values) -> Scenario:
    """Return a scenario in which the patched function has something to do."""
    if values["patch"] in LATER:
        return scenario(line("64 KiB"), TODAY, mmu_gather=values["gather"])
    return scenario("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5", V4, mmu_gather=values["gather"])


def numbers(values: Values) -> tuple[Table, ...]:
    """Return what the chosen patch saves, if it is the solution of an exercise that counts."""
    return (before_and_after(),) if values["patch"] == "runs" else ()


@lru_cache(maxsize=8)
def short_effects(key: str) -> tuple[Effect, ...]:
    """Return what a prepared patch does to the library's short scenarios."""
    quick = Quick([PREPARED[key][1]], V4)
    return tuple(quick.effect(walk) for walk in of_library(V4, "batched") if len(walk.ops) <= SHORT)


def answer() -> tuple[int, str]:
    """Return what happens if nothing is ever queued."""
    found = short_effects("never")
    broken = sum(bool(one.broken) for one in found)
    changed = sum(not one.same for one in found)
    fewer = -sum(one.costs.get("pfree", 0) for one in found)
    text = (
        f"Of {len(found)} short scenarios of the library {changed} change, and a law breaks in {broken}. The counters "
        f"agree, but the shrinker finds nothing: {fewer} fewer pages are freed. Memory suffers, not consistency."
    )
    return (2 if not broken else 0), text


STORY = Story(
    "own-patch",
    make,
    (PATCH, GATHER),
    Question(
        "A patch makes deferred_split_folio() do nothing at all. What goes wrong?",
        (
            "refcounts and mapcounts no longer agree",
            "folios are freed while they are on a list",
            "every law still holds; memory is not given back",
        ),
        answer,
    ),
    numbers,
    left=("trial",),
    right=(),
    where="right",
)
