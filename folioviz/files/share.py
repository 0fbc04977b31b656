"""Links: a scenario in a query string, as short as it can be; and reading whatever a query string holds.

``scenario=whole-folio&a=v6.5-rc3&b=v6.5-rc3%2Bv4&at=30`` names a scenario of the library; ``s=...&at=30`` holds any
other one, compressed; ``title`` calls it something else. Reading is bounded and raises DocumentError or nothing.
"""

from __future__ import annotations

import binascii
import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode

import msgspec

from folioviz import kernels
from folioviz.errors import DocumentError, KernelError, LimitError, shown
from folioviz.files import scenario
from folioviz.files.documents import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.files.scenario import Scenario

MAX_LINK: Final = 8_000
"""Characters of a query string; longer ones do not survive mail programs and servers."""
MAX_FIELDS: Final = 50
"""Most fields of a query string; one with more was not made by folioviz."""
LOOKS: Final = ("read", "span", "zoom", "align", "name", "mark")
"""Fields that say what of a scenario a page shows: what is read beside the state, of the timeline how much, and how;
what its sender calls it, and what is highlighted."""
NONE: Final = "none"
"""Kernel B of a link that shows A alone."""


def pack(found: Scenario) -> str:
    """Return a scenario, without its place, as text of A-Z a-z 0-9 - _."""
    document: dict[str, object] = {"kernels": found.kernels, "mmu_gather": found.mmu_gather}
    document |= {name: text for name in ("title", "about") if (text := getattr(found, name))}
    document |= {"expect": found.expect} if found.expect else {}
    document |= {"ops": "; ".join(op.short() for op in found.ops)}
    data = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


def unpack(text: str) -> Scenario:
    """Read what :func:`pack` wrote.

    Raises:
        DocumentError: if it is anything else.
    """
    if len(text) > MAX_LINK:
        raise DocumentError(f"the link's s is {len(text)} characters long: it must be at most {MAX_LINK}")
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        unzip = zlib.decompressobj()
        raw = unzip.decompress(data, MAX_BYTES)
        if not unzip.eof:
            raise DocumentError(f"the link's s is cut off, or unpacks to more than {MAX_BYTES} bytes")
        document = msgspec.json.decode(raw, type=dict[str, object])
    except (UnicodeEncodeError, binascii.Error, zlib.error, msgspec.MsgspecError, RecursionError):
        raise DocumentError(
            f"the link's s is {shown(text, 24)}: it is damaged, or no link of folioviz"
        ) from None
    return scenario.from_builtins(document)


def looks(fields: Mapping[str, str]) -> str:
    """Return those fields that say how a page looks at a scenario, each after an ``&``; the page checks them."""
    return "".join(f"&{urlencode({name: fields[name]})}" for name in LOOKS if name in fields)


def query(found: Scenario) -> str:
    """Return the query string that reopens a scenario, without its question mark.

    Raises:
        DocumentError: if it is longer than 8,000 characters; a file has room for more.
    """
    known = scenario.shipped().get(found.name)
    if known is not None and known.ops == found.ops:
        pair = dict(zip("ab", (*found.kernels, NONE)[:2], strict=True))
        mode = {} if found.mmu_gather == known.mmu_gather else {"gather": found.mmu_gather}
        words = {} if found.title == known.title else {"title": found.title}
        fields = {"scenario": found.name, **pair, **mode, **words}
    else:
        fields = {"s": pack(found)}
    if found.at is not None:
        fields["at"] = str(found.at)
    text = urlencode(fields)
    if len(text) > MAX_LINK:
        raise DocumentError(
            f"the link would be {len(text)} characters long: at most {MAX_LINK} work; save a file instead"
        )
    return text


def fields_of(text: object) -> dict[str, str]:
    """Return the fields of a query string; if a field is there twice, the first counts. Anything else has no fields."""
    if not isinstance(text, str) or len(text) > 2 * MAX_LINK:
        return {}
    try:
        fields = parse_qsl(text.removeprefix("?"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(fields))


class Asked(NamedTuple):
    """What a query string asks for: the scenario, as far as there is one, and a sentence for each fault."""

    found: Scenario | None
    faults: tuple[str, ...]


def read(fields: Mapping[str, str], now: Scenario | None = None) -> Asked:
    """Read the fields of a query string: one that is wrong is told and left out, all others count.

    Args:
        fields: those that folioviz does not know are left alone.
        now: what kernels, mode and step are about if no field asks for a scenario.
    """
    faults: list[str] = []
    found = None
    try:
        found = _named(fields)
    except DocumentError as error:
        faults.append(str(error))
    about = HOW | (ITS_OWN if found or not faults else {})  # what cannot be opened has no step, either
    asked = dict.fromkeys(take for name, take in about.items() if name in fields)
    if asked and (found := found or now):
        for take in asked:
            found = take(found, fields, faults)
    return Asked(found, tuple(faults))


def from_query(fields: Mapping[str, str]) -> Scenario | None:
    """Read the fields of a query string; None if no field asks for a scenario.

    Raises:
        DocumentError: naming each field that is wrong, the value and what is allowed.
    """
    found, faults = read(fields)
    if faults:
        raise DocumentError("; ".join(faults))
    return found


def _named(fields: Mapping[str, str]) -> Scenario | None:
    """Return the scenario that a link holds or names."""
    if "s" in fields:
        return unpack(fields["s"])
    return scenario.find(fields["scenario"]) if "scenario" in fields else None


def _kernels(found: Scenario, fields: Mapping[str, str], faults: list[str]) -> Scenario:
    """Take kernels a and b; with a kernel a and no b, A is alone."""
    good: dict[str, str] = {}
    for side in "ab":
        try:
            if side in fields:
                good[side] = NONE if fields[side] == NONE else kernels.find(fields[side]).key
        except KernelError as error:
            faults.append(f"{side}: {error}")
    if not good:
        return found
    first, second = (*found.kernels, NONE)[:2]
    pair = good.get("a", first), good.get("b", second if "b" in fields else NONE)
    keys = tuple(dict.fromkeys(key for key in pair if key != NONE))
    if not keys:
        faults.append(f"a and b are {NONE!r}: one of them must be a kernel")
    return scenario.replace(found, kernels=keys or found.kernels)


def _gather(found: Scenario, fields: Mapping[str, str], faults: list[str]) -> Scenario:
    """Take the mmu_gather mode."""
    mode = fields["gather"]
    if mode in kernels.GATHER_MODES:
        return scenario.replace(found, mmu_gather=mode)
    faults.append(str(LimitError.of("gather", mode, scenario.ALLOWED["mmu_gather"])))
    return found


def _at(found: Scenario, fields: Mapping[str, str], faults: list[str]) -> Scenario:
    """Take the place of the playhead."""
    text = fields["at"]
    if re.fullmatch("[0-9]{1,10}", text) and int(text) <= scenario.MAX_AT:
        return scenario.replace(found, at=int(text))
    faults.append(str(LimitError.of("at", text, scenario.ALLOWED["at"])))
    return found


def _title(found: Scenario, fields: Mapping[str, str], faults: list[str]) -> Scenario:
    """Take other words for what is shown."""
    try:
        made = scenario.from_builtins({"ops": [], "title": fields["title"]})
    except DocumentError as error:
        faults.append(str(error))
        return found
    return scenario.replace(found, title=made.title)


HOW: Final = {"a": _kernels, "b": _kernels, "gather": _gather}
"""Field that says how a scenario is shown -> what takes it."""
ITS_OWN: Final = {"at": _at, "title": _title}
"""The same of fields that only make sense for the scenario of the link."""
