"""Count by kernel how often vectors and recordings do each operation, for docs/model.md; a test keeps it equal.

``python -m tools.operations`` writes the table there. Nothing is replayed: files are read, and words counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from folioviz import kernels
from folioviz.evidence.own import OWN
from folioviz.evidence.proof import FILE
from folioviz.evidence.recordings.library import DATA
from folioviz.evidence.recordings.nearest import release_of
from folioviz.evidence.recordings.reading import lines_of
from folioviz.ops.ops import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "model.md"
MORE: Final = ROOT / "tests" / "evidence" / "recordings" / "more"
COLUMNS: Final = {
    "v6.1": "v6.1",
    "v6.5-rc3": "v6.5-rc3, the series",
    "v6.8": "v6.8 to v6.10",
    "v6.12": "v6.12",
    "v7.3": "v7.3",
}
"""The kernels that stand for those of their age -> the heading."""
MEANS: Final = {
    "map": "mmap",
    "pin": "get",
    "unpin": "put",
    "gup": "pin",
    "ungup": "unpin",
    "migrateall": "migrate",
    "dropcaches": "shrink",
    "uncgroup": "cgroup",
    "thp": "enabled",
    "dontneed_locked": "dontneedlocked",
    "max_ptes_none": "maxnone",
    "shrink_underused": "underused",
}
"""A recorded word, or setting -> the operation that is done for it, where that is called otherwise."""
NEITHER: Final = "0"
OP: Final = re.compile(r'"op": ?"([^"]*)"')
TABLE: Final = re.compile(r"(?:\|.*\n)*")
HEAD: Final = "| operation | " + " | ".join(COLUMNS.values()) + " |\n|---|" + "---:|" * len(COLUMNS) + "\n"


@cache
def in_vectors(evidence: str) -> Counter[str]:
    """Return how often a set of vectors does each operation, by its word."""
    found: Counter[str] = Counter()
    for _, line in lines_of(OWN[evidence]):
        _, ops, rest = line.partition(b'"ops":')
        if ops:
            told = json.loads(rest.partition(b"]")[0] + b"]")
            found.update(op.split()[0] for op in told)
    return found


def vectors(key: str) -> Counter[str]:
    """Return how often the vectors of a kernel do each operation."""
    rows = [line.split(",") for line in FILE.read_text(encoding="utf-8").splitlines()]
    return sum((in_vectors(row[1]) for row in rows if row[0] == key and row[1] in OWN), Counter())


def steps(path: Path) -> Iterator[str]:
    """Yield what each step of a file of recordings did."""
    for _, line in lines_of(path):
        yield from OP.findall(line.decode())


def word(step: str) -> str:
    """Return the word of the operation that is done for a recorded step."""
    first, *more = step.split()
    said = more[0] if first[0].isupper() and more else first
    if said == "sysfs":
        said = more[0].rpartition("/")[2]
    return "protnone" if said == "mprotect" and more[-1] == "none" else MEANS.get(said, said)


@cache
def recordings() -> dict[str, Counter[str]]:
    """Return by kernel how many recorded steps there are of each operation."""
    found: dict[str, Counter[str]] = {}
    for path in (*sorted(DATA.glob("*.jsonl.gz")), *sorted(MORE.iterdir())):
        model = release_of(path.name.removesuffix(path.suffix).removesuffix(".jsonl")).model
        found.setdefault(model, Counter()).update(map(word, steps(path)))
    return found


def cell(key: str, name: str) -> str:
    """Return the counts of an operation under a kernel."""
    if WORDS[name].call not in kernels.link(key).sources:
        return "–"
    counts = vectors(key)[name], recordings().get(key, Counter())[name]
    return " + ".join(f"{count:,}" for count in counts) if any(counts) else NEITHER


def table() -> str:
    """Return the table of all operations, in Markdown."""
    rows = [(f"`{name}`", *(cell(key, name) for key in COLUMNS)) for name in WORDS]
    lacking = [sum(row[place] == "–" for row in rows) for place in range(1, len(COLUMNS) + 1)]
    read = [sum(row[place] == NEITHER for row in rows) for place in range(1, len(COLUMNS) + 1)]
    rows.append(("**there**", *(f"**{len(WORDS) - none}**" for none in lacking)))
    rows.append(("**of those in neither**", *(f"**{number}**" for number in read)))
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def written(page: str) -> str:
    """Return the page with the table of today.

    Raises:
        ValueError: if the page has no such table.
    """
    before, head, rest = page.partition(HEAD)
    if not head:
        raise ValueError(f"docs/model.md has no table that begins with {HEAD!r}")
    return before + table() + TABLE.sub("", rest, count=1)


def main() -> None:
    """Write the table."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
