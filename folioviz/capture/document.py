"""The document of a capture: gzip of one JSON object. Reading is bounded, whatever the bytes are."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import msgspec
import numpy as np

from folioviz.capture.captured import Capture, starts_of
from folioviz.capture.checks import check
from folioviz.capture.form import (
    FORMAT,
    MAX_PACKED,
    MAX_PAGES,
    MAX_UNPACKED,
    MAX_VALUES,
    Document,
    Run,
)
from folioviz.capture.kernel_side import columns_of, pairs_of
from folioviz.capture.rows import rows_of, runs_of
from folioviz.errors import DocumentError, shown
from folioviz.evidence.recordings.observed import run_lengths
from folioviz.files.documents import MAX_PATH, open_document

if TYPE_CHECKING:
    from pathlib import Path

PATH: Final = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
"""How a message of msgspec ends that says where something is."""
TOO_LONG: Final = f"`array` of at most length {len(Run.__struct_fields__)}"
HINTS: Final = get_type_hints(Document, include_extras=True)
"""The types of a document's parts."""
GZIP: Final = 31
"""What zlib calls a stream of gzip."""
LEVEL: Final = 6


# ------------------------------------------------------------------------------------------------ reading


def read(data: bytes) -> Capture:
    """Read a document.

    Raises:
        DocumentError: naming the thing, the value and the bound; nothing else, whatever the bytes.
    """
    document = _decoded(_unpacked(data))
    orders = _orders(document)
    capture = Capture(
        document.about,
        document.processes,
        document.regions,
        runs_of(document),
        orders,
        _foreign(document, orders),
        _marked(document, orders),
        document.vm,
        document.mthp,
        columns_of(document.raw, orders),
    )
    check(capture)
    return capture


def load(path: str | Path) -> Capture:
    """Read a file.

    Raises:
        DocumentError: naming the file, and what is wrong in it.
    """
    with open_document(path) as file:
        try:
            return read(file.read(MAX_PACKED + 1))
        except (DocumentError, OSError) as error:
            raise DocumentError(f"{shown(str(path), MAX_PATH)}: {error}") from None


def _unpacked(data: bytes) -> bytes:
    """Return the JSON; plain JSON is taken, too."""
    if len(data) > MAX_PACKED:
        raise DocumentError(f"the capture is longer than {MAX_PACKED} bytes ({MAX_PACKED >> 20} MiB)")
    plain = data
    if data.startswith(b"\x1f\x8b"):
        unzip = zlib.decompressobj(GZIP)
        try:
            plain = unzip.decompress(data, MAX_UNPACKED + 1)
        except zlib.error as error:
            raise DocumentError(f"the capture cannot be unpacked: {shown(str(error), 100)}") from None
        if not unzip.eof and len(plain) <= MAX_UNPACKED:
            raise DocumentError(f"the capture is cut off after {len(data)} bytes")
    if len(plain) > MAX_UNPACKED:
        raise DocumentError(
            f"the capture unpacks to more than {MAX_UNPACKED} bytes ({MAX_UNPACKED >> 20} MiB)"
        )
    values = sum(map(plain.count, (b",", b"[", b"{")))
    if values > MAX_VALUES:
        raise DocumentError(f"the capture has {values} values: it must have at most {MAX_VALUES}")
    return plain


def _decoded(plain: bytes) -> Document:
    """Return a document that has the right types."""
    try:
        try:
            return msgspec.json.decode(plain, type=Document)
        except msgspec.ValidationError as error:
            raise DocumentError(explained(error, msgspec.json.decode(plain))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"the capture is not JSON: {shown(str(error), 100)}") from None


def explained(error: msgspec.ValidationError, document: Any) -> str:
    """Return msgspec's complaint, with the place and the value there in front of it."""
    message, path = PATH.sub("", str(error)), PATH.search(str(error))
    steps = re.findall(r"\.\.\.|[^.\[\]]+", path[1]) if path else []
    if message.endswith(TOO_LONG):  # msgspec says no path then: only runs are arrays of that length
        steps = ["procs", "...", "..."]
    value, place = document, ""
    for depth, step in enumerate(steps):
        if step == "...":
            step = _culprit(value, steps[:depth])
            steps[depth] = step
        if isinstance(value, dict) and step in value:
            value, place = value[step], f"{place}.{shown(step).strip(chr(39))}"
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value, place = value[int(step)], f"{place}[{step}]"
        else:
            break
    return f"{place.strip('.') or 'the capture'} is {shown(value)}: {message}"


def _culprit(mapping: Any, path: list[str]) -> str:
    """Return the key of a mapping that makes it wrong, which msgspec does not say: each is tried alone, once."""
    kind = HINTS.get(path[0]) if len(path) in {1, 2} else None
    for key, value in mapping.items() if kind is not None and isinstance(mapping, dict) else ():
        alone = {key: value} if len(path) == 1 else {path[1]: {key: value}}
        try:
            msgspec.convert(alone, kind)
        except msgspec.ValidationError:
            return str(key)
    return "..."


def _orders(document: Document) -> np.ndarray:
    """Return the order of each folio."""
    folios = sum(count for count, _ in document.orders)
    pages = sum(count << order for count, order in document.orders)
    if pages > MAX_PAGES:
        raise DocumentError(
            f"orders has {folios} folios of {pages} pages: they must have at most {MAX_PAGES} (16 GiB)"
        )
    orders = np.array([order for _, order in document.orders], np.int8)
    return np.repeat(orders, [count for count, _ in document.orders])


def _foreign(document: Document, orders: np.ndarray) -> np.ndarray:
    """Return how often others map each page of each folio."""
    slots = starts_of(orders)
    found = np.zeros(slots[-1], np.int32)
    for key, pairs in document.elsewhere.items():
        folio, pages = int(key), sum(count for count, _ in pairs)
        size = 1 << int(orders[folio]) if folio < orders.size else 0
        if size < 2 or pages != size:
            raise DocumentError(
                f"elsewhere.{key} holds {pages} pages: it must be a large folio of orders and hold all of its pages,"
                f" and folio {key} has {size}"
            )
        values = [value for _, value in pairs]
        found[slots[folio] : slots[folio + 1]] = np.repeat(values, [count for count, _ in pairs])
    return found


def _marked(document: Document, orders: np.ndarray) -> np.ndarray:
    """Return which folios others may map."""
    found = np.zeros(orders.size, bool)
    for place, (first, folios) in enumerate(document.unsure):
        if first + folios > found.size:
            raise DocumentError(
                f"unsure[{place}] is [{first}, {folios}]: it must be of the {found.size} folios of orders"
            )
        found[first : first + folios] = True
    return found


# ------------------------------------------------------------------------------------------------ writing


def write(capture: Capture) -> bytes:
    """Return the document of a capture; the same capture gives the same bytes."""
    procs: dict[str, dict[str, list[Any]]] = {}
    rows = rows_of(capture)
    for number, region in enumerate(capture.regions, start=1):
        start, end = capture.starts[number - 1 : number + 1].tolist()
        if end > start:
            procs.setdefault(str(region.process), {})[str(number)] = rows[start:end]
    document = {
        "capture": FORMAT,
        "about": capture.about,
        "processes": capture.processes,
        "regions": capture.regions,
        "procs": procs,
        "orders": run_lengths(capture.orders),
        "elsewhere": _elsewhere(capture),
        "unsure": _marks(capture.unsure),
        **({"raw": pairs_of(capture.raw)} if capture.raw else {}),
        "vm": capture.vm,
        "mthp": capture.mthp,
    }
    return gzip.compress(msgspec.json.encode(document), LEVEL, mtime=0)


def _elsewhere(capture: Capture) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return (pages, mapcount) runs of the folios that others map."""
    slots = capture.slots
    folios = np.searchsorted(slots, np.flatnonzero(capture.foreign), side="right") - 1
    return {
        str(folio): run_lengths(capture.foreign[slots[folio] : slots[folio + 1]])
        for folio in np.unique(folios).tolist()
    }


def _marks(unsure: np.ndarray) -> list[tuple[int, int]]:
    """Return (first, folios) of the folios that are marked."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], unsure.astype(np.int8), [0]))))
    return [(first, end - first) for first, end in edges.reshape(-1, 2).tolist()]
