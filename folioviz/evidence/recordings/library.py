"""The recordings that come with the package: the same scenarios on each kernel."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from folioviz.errors import DocumentError, shown
from folioviz.evidence.recordings.reading import Recording, lines_of, recordings
from folioviz.evidence.recordings.replay import Replay, replay

DATA: Final = Path(__file__).parent / "data"
SUFFIX: Final = ".jsonl.gz"


def kernels() -> tuple[str, ...]:
    """Return the recorded kernels, oldest first: "6.1.192", ...; one built otherwise comes behind the usual one."""
    names = [path.name.removesuffix(SUFFIX) for path in DATA.glob(f"*{SUFFIX}")]
    return tuple(sorted(names, key=lambda name: ([int(part) for part in re.findall(r"\d+", name)], name)))


@cache
def _recorded(kernel: str) -> dict[str, Recording]:
    """Return a kernel's recordings by scenario; each of our files is read once, and tells of everything."""
    if kernel not in kernels():
        raise DocumentError(f"no recordings of kernel {shown(kernel)}: there are {', '.join(kernels())}")
    found = recordings(lines_of(DATA / f"{kernel}{SUFFIX}"))
    return {one.about.scenario: one._replace(fields=None) for one in found}


def scenarios(kernel: str) -> dict[str, str]:
    """Return the scenarios of a recorded kernel: name -> what it is for. Also those that the kernel could not run.

    Raises:
        DocumentError: if there is no such kernel.
    """
    return {name: found.about.desc for name, found in _recorded(kernel).items()}


def recording(kernel: str, scenario: str) -> Recording:
    """Return one recording.

    Raises:
        DocumentError: if there is no such kernel or scenario.
    """
    found = _recorded(kernel).get(scenario)
    if found is None:
        raise DocumentError(
            f"no scenario {shown(scenario)} of kernel {kernel}: there are {', '.join(_recorded(kernel))}"
        )
    return found


@lru_cache(maxsize=8)
def replayed(kernel: str, scenario: str) -> Replay:
    """Return a recording and what the model did for it; takes up to a few hundred milliseconds the first time.

    Raises:
        DocumentError: if there is no such kernel or scenario.
    """
    return replay(recording(kernel, scenario))._replace(ours=True)


def known_sizes(found: Recording) -> frozenset[int] | None:
    """Return which orders were enabled in a recording that does not say so, if the library has the same steps."""
    if found.about.thp is not None:
        return None
    steps = [step.op for step in found.steps]
    for kernel in kernels():
        own = _recorded(kernel).get(found.about.scenario)
        if own is not None and own.about.thp and [step.op for step in own.steps] == steps:
            return frozenset(int(order) for order in own.about.thp.split("+"))
    return None
