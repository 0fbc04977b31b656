"""Rebuild every recorded state on its nearest kernel, and print how many have the same structure.

    python -m tools.rebuilt

Prints what differs by field. The exit status is 1 if less than 99 % of the states without KSM have the same
structure.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings import library
from folioviz.evidence.recordings.observed import STRUCT_FOLIO
from folioviz.evidence.recordings.reading import lines_of, recordings
from folioviz.rebuild import rebuild, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.rebuild import State

MORE: Final = Path(__file__).parents[1] / "tests" / "evidence" / "recordings" / "more"
LEAST: Final = 0.99


def every_state() -> Iterator[tuple[str, State]]:
    """Yield every recorded state with its name, those that differ in nothing once for each model."""
    seen = set()
    own = [library.DATA / f"{kernel}{library.SUFFIX}" for kernel in library.kernels()]
    for path in [*own, *sorted(MORE.iterdir())]:
        for one in recordings(lines_of(path)):
            recording = one._replace(fields=None) if path in own else one  # our own files tell of everything
            for step, state in zip(recording.steps, states(recording), strict=True):
                shown = repr(
                    (
                        state.release.model,
                        step.procs,
                        step.smaps,
                        [folio.kpc for folio in step.folios.values()],
                    )
                )
                if shown not in seen:
                    seen.add(shown)
                    yield f"{path.name.partition('.jsonl')[0]} {step.scenario} {step.i}", state


def main() -> int:
    """Rebuild them all, and print what came of it."""
    found: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    lengths = []
    for name, state in every_state():
        rebuilt = rebuild(state, state.release.model)
        if any("KSM" in why for why in rebuilt.left_out):
            found["with KSM"] += 1
            continue
        unlike = {one.field for one in rebuilt.differences}
        found["states"] += 1
        found["same structure"] += rebuilt.same_structure
        found["equal in what /proc shows"] += not unlike - {*STRUCT_FOLIO}
        found["equal in every field"] += not unlike
        fields.update(unlike)
        lengths.append(len(rebuilt.ops))
        if not rebuilt.same_structure:
            print(name, *rebuilt.differences[:3], sep="\n  ")
    for what, number in found.items():
        print(f"{what}: {number}")
    print(f"operations: median {median(lengths)}, at most {max(lengths)}")
    print("differences:", ", ".join(f"{field} {number}" for field, number in fields.most_common()))
    return int(found["same structure"] < LEAST * found["states"])


if __name__ == "__main__":
    sys.exit(main())
