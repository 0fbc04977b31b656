"""Count what each kernel is compared with, for folioviz/evidence/proof.csv; tests keep the file equal to it.

``python -m tools.proof`` writes it: recordings are replayed for it, of vectors no model is asked.
"""

from __future__ import annotations

import csv

from folioviz.evidence import conformance, proof
from folioviz.evidence.own import OWN, values
from folioviz.evidence.proof import Amount
from folioviz.evidence.recordings import library
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.reading import lines_of
from folioviz.kernels import KERNELS


def of_vectors(evidence: str) -> list[Amount]:
    """Return how much of a set of vectors there is for each of its kernels."""
    found: dict[str, Amount] = {}
    for scenario in conformance.scenarios(lines_of(OWN[evidence])):
        sizes: dict[int, int] = {}  # many runs hold the same records: each is counted once
        for key, records in scenario.runs.items():
            model = conformance.model_of(key)
            one = found.setdefault(model, Amount(model, evidence, 0, 0, 0, 0, 0))
            total = 0
            for record in records:
                if id(record) not in sizes:
                    sizes[id(record)] = values(record)
                total += sizes[id(record)]
            steps = one.steps + len(records)
            found[model] = one._replace(
                runs=one.runs + 1, steps=steps, compared=steps, values=one.values + total
            )
        for model in dict.fromkeys(map(conformance.model_of, scenario.runs)):
            found[model] = found[model]._replace(scenarios=found[model].scenarios + 1)
    return list(found.values())


def of_recordings(evidence: str) -> Amount:
    """Return how much was recorded on a kernel, and is compared with the nearest model."""
    model = release_of(evidence).model
    made = [library.recording(evidence, name) for name in library.scenarios(evidence)]
    made = [one for one in made if one.steps]
    *_, outcome = proof.verify(model, evidence)
    steps = sum(len(one.steps) for one in made)
    return Amount(model, evidence, len(made), len(made), steps, outcome.steps, outcome.values)


def main() -> None:
    """Write the file: kernels as the registry has them, of each its vectors first."""
    found = [one for name in sorted(OWN) for one in of_vectors(name)]
    found += map(of_recordings, library.kernels())
    found.sort(key=lambda one: list(KERNELS).index(one.kernel))
    with proof.FILE.open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(Amount._fields)
        rows.writerows(found)


if __name__ == "__main__":
    main()
