"""The package's own sets of vectors, and how much a record of them holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

OWN: Final = {
    path.name.removesuffix(".jsonl.gz"): path
    for path in sorted((Path(__file__).parent / "vectors").glob("*.jsonl.gz"))
}
"""Name -> file."""


def values(record: Any) -> int:
    """Return how many values a record holds: equal folios that stand next to each other are written once."""
    if isinstance(record, dict):
        return sum(map(values, record.values()))
    if isinstance(record, list) and record and isinstance(record[0], dict):
        return sum(map(values, record))
    return len(record) if isinstance(record, list) else 1
