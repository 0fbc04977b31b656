"""What the kernel's own memory says of large folios: fields of ``struct folio`` that /proc does not show.

They stand in a document as columns, one value for each large folio, and have the names of recordings
(:class:`folioviz.evidence.recordings.format.Raw`): what a process has is compared with the model as a recording is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.diagnosis.findings import plural
from folioviz.errors import DocumentError
from folioviz.evidence.recordings.observed import STRUCT_FOLIO, run_lengths
from folioviz.machine.memory import COMPOUND_MAPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.capture.captured import Capture
    from folioviz.capture.form import Columns
    from folioviz.evidence.recordings.observed import Value

FLAGS: Final = ("pm", "dq", "dm", "maybe_shared")
"""Columns that are 0 or 1."""
SAID: Final = {
    "ref": "_refcount",
    "entire": "_entire_mapcount",
    "nrpm": "_nr_pages_mapped",
    "large": "_large_mapcount",
    "pm": "PG_partially_mapped",
    "dq": "on a deferred split queue",
    "dm": "PG_double_map",
    "maybe_shared": "maybe shared",
    "node": "node",
    "memcg": "memory cgroup",
}
"""Column -> what it is called, in the kernel's words. Mapcounts count from 0."""


def columns_of(columns: Columns, orders: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of a document, int64 of shape (large folios,) each.

    Raises:
        DocumentError: if a column does not have a value for each of them, or is a flag with another value than 0 and 1.
    """
    large = int((orders > 0).sum())
    found: dict[str, np.ndarray] = {}
    for name, pairs in columns.items():
        folios = sum(count for count, _ in pairs)
        if folios != large:
            raise DocumentError(
                f"raw.{name} has {folios} values: it must have {large}, one for each large folio"
            )
        values = np.repeat(np.array([value for _, value in pairs], np.int64), [count for count, _ in pairs])
        if name in FLAGS and values.size and not 0 <= values.min() <= values.max() <= 1:
            wrong = values[(values < 0) | (values > 1)][0]
            raise DocumentError(f"raw.{name} has the value {wrong}: it must be 0 or 1")
        found[name] = values
    return found


def pairs_of(columns: Mapping[str, np.ndarray]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return columns as a document has them."""
    return {name: run_lengths(values) for name, values in columns.items()}


def seen(capture: Capture, folio: int) -> dict[str, int]:
    """Return what was seen of a folio, by the names of columns; nothing of one that is small."""
    if not capture.orders[folio]:
        return {}
    at = int(capture.ranks[folio])
    return {name: int(values[at]) for name, values in capture.raw.items()}


def fields(capture: Capture, folio: int) -> dict[str, Value]:
    """Return what was seen of a folio and is compared with the model, by the names of differences."""
    found = seen(capture, folio)
    return {name: found[column] for name, column in STRUCT_FOLIO.items() if column in found}


def words(found: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield what was seen of a folio as (what, value), in the kernel's words: flags that are set, and numbers.

    ``_nr_pages_mapped`` holds ENTIRELY_MAPPED beside a count; the two are told apart.
    """
    if found.get("dq"):
        queue = f"of cgroup {found['memcg']}" if found.get("memcg") else ""
        yield "queued", f"{queue} node {found['node']}".strip() if "node" in found else queue
    for name in ("pm", "dm"):
        if found.get(name):
            yield SAID[name], ""
    if "nrpm" in found:
        entirely = " + ENTIRELY_MAPPED" if found["nrpm"] & COMPOUND_MAPPED else ""
        yield SAID["nrpm"], f"{found['nrpm'] & (COMPOUND_MAPPED - 1):,}{entirely}"
    for name in ("entire", "large", "ref"):
        if name in found:
            yield SAID[name], f"{found[name]:,}"
    if found.get("maybe_shared"):
        yield SAID["maybe_shared"], ""


def counts(capture: Capture) -> dict[str, int]:
    """Return how many large folios have each flag, and how many of each have more than the page tables explain.

    "flagged": PG_partially_mapped, and all of its pages are mapped: so a migration leaves it, or a page that came back.
    "referenced": more references than mappings: pins, the swap cache, or someone who is looking at it.
    """
    found = {name: int(capture.raw[name].sum()) for name in FLAGS if name in capture.raw}
    large = np.flatnonzero(capture.orders)
    if "pm" in capture.raw:
        holes = (capture.mapcounts + capture.foreign == 0).astype(np.int64)
        held = np.concatenate(([0], np.cumsum(holes)))
        whole = held[capture.slots[large + 1]] == held[capture.slots[large]]
        found["flagged"] = int((whole & (capture.raw["pm"] > 0) & ~capture.unsure[large]).sum())
    if "ref" in capture.raw and "large" in capture.raw:
        found["referenced"] = int((capture.raw["ref"] > capture.raw["large"]).sum())
    return found


def notes(capture: Capture) -> Iterator[str]:
    """Yield what the kernel's own memory says of all large folios, in sentences."""
    whose = "the running kernel" if capture.about.memory == "live" else "a kernel that was dumped"
    yield f"Read in the memory of {whose}: page tables and struct pages. Mapcounts are counted from page tables."
    found = counts(capture)
    parts = [
        f"{found[name]} {said}"
        for name, said in (("dq", "on a deferred split queue"), ("pm", "with PG_partially_mapped"))
        if name in found
    ]
    if parts:
        yield f"Of {plural(int((capture.orders > 0).sum()), 'large folio')}: {', '.join(parts)}."
    if number := found.get("flagged"):
        yield f"{plural(number, 'folio')} with PG_partially_mapped and every page mapped: a migration leaves such."
    if number := found.get("referenced"):
        yield (
            f"{plural(number, 'large folio')} with more references than mappings: pins, the swap cache, or someone"
            " who is at work on them."
        )
