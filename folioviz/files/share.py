"""Links: a scenario in a query string, as short as it can be; and reading whatever a query string holds.

``scenario=whole-folio&a=v6.5-rc3&b=v6.5-rc3%2Bv4&at=30`` names a scenario of the library; ``s=...&at=30`` holds any
other one, compressed. Reading is bounded and raises DocumentError or nothing.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from folioviz.errors import DocumentError, shown
from folioviz.files import scenario
from folioviz.files.documents import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.files.scenario import Scenario

MAX_LINK: Final = 8_000
"""Characters of a query string; longer ones do not survive mail programs and servers."""
MAX_FIELDS: Final = 50
"""Most fields of a query string; one with more was not made by folioviz."""
NONE: Final = "none"
"""Kernel B of a link that shows A alone."""


def pack(found: Scenario) -> str:
    """Return a scenario, without its place, as text of A-Z a-z 0-9 - _."""
    document: dict[str, object] = {"kernels": found.kernels, "mmu_gather": found.mmu_gather}
    document |= {name: text for name in ("title", "about") if (text := getattr(found, name))}
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


def query(found: Scenario) -> str:
    """Return the query string that reopens a scenario, without its question mark.

    Raises:
        DocumentError: if it is longer than 8,000 characters; a file has room for more.
    """
    known = scenario.library().get(found.name)
    if known is not None and known.ops == found.ops:
        pair = dict(zip("ab", (*found.kernels, NONE)[:2], strict=True))
        mode = {} if found.mmu_gather == known.mmu_gather else {"gather": found.mmu_gather}
        fields = {"scenario": found.name, **pair, **mode}
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


def from_query(fields: Mapping[str, str]) -> Scenario | None:
    """Read the fields of a query string; None if no field asks for a scenario.

    Raises:
        DocumentError: naming the field, the value and what is allowed.
    """
    if "s" in fields:
        found = unpack(fields["s"])
    elif "scenario" in fields:
        found = scenario.find(fields["scenario"])
    else:
        return None
    raw = msgspec.to_builtins(found)
    if "a" in fields or "b" in fields:
        pair = (fields.get("a", found.kernels[0]), fields.get("b", NONE))
        raw["kernels"] = tuple(dict.fromkeys(key for key in pair if key != NONE))
    if "gather" in fields:
        raw["mmu_gather"] = fields["gather"]
    if "at" in fields:
        raw["at"] = _number(fields["at"])
    return scenario.from_builtins(raw)


def _number(text: str) -> object:
    """Return the number that a text is, or the text, about which a scenario will complain."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else text
