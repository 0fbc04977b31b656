"""Documents as plain values: bounded reading of YAML and JSON that somebody else wrote, and what is wrong in them.

Whatever the bytes are, reading them takes little time and memory, and raises DocumentError or nothing.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import yaml

from folioviz.errors import DocumentError, shown

MAX_BYTES: Final = 256 * 1024
"""The most that a document may have, and one line of a stream."""
MAX_DEPTH: Final = 6
"""How deep mappings and lists may lie within each other, in YAML."""
MAX_PATH: Final = 200
"""How many characters of a file's name a message repeats."""
MAX_DIGITS: Final = 100
"""How many digits of an integer are read: one with more is too large for every field, whatever its end is."""
PATH: Final = re.compile(r" - at `\$?([^`]*)`$")
"""How a message of msgspec ends that says where something is: ``$.folios[...].kpc[2]``."""


def text_of(document: str | bytes) -> str:
    """Return a document's text.

    Raises:
        DocumentError: if it is longer than 256 KiB or not UTF-8.
    """
    try:
        data = document.encode() if isinstance(document, str) else document
        if len(data) > MAX_BYTES:
            raise DocumentError(
                f"the document is longer than {MAX_BYTES} bytes (256 KiB), which is the limit"
            )
        return data.decode("utf-8-sig")
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"the document is not UTF-8: {error.reason} at {error.start}") from None


def builtins_of(text: str) -> Any:
    """Read JSON (which begins with ``{``) or YAML into mappings, lists, text, integers, booleans and None.

    Raises:
        DocumentError: naming the line, or the key that is there twice.
    """
    return _from_json(text) if text.lstrip().startswith("{") else _from_yaml(text)


def open_document(path: str | Path) -> BinaryIO:
    """Open a regular file for reading bytes; a pipe or a device might never end.

    Raises:
        DocumentError: if it is not there, is no regular file, or may not be read.
    """
    path = Path(path)
    try:
        if path.is_file():
            return path.open("rb")
        why = "it is not a regular file" if path.exists() else "there is no such file"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    raise DocumentError(f"cannot read {shown(str(path), MAX_PATH)}: {why}")


def _int(digits: str) -> int:
    """Read an integer of any length without taking quadratic time over it."""
    return int(digits[:MAX_DIGITS])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping, each key only once."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DocumentError(f"the key {shown(key)} is there twice")
        found[key] = value
    return found


def _from_json(text: str) -> Any:
    """Read JSON."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_int=_int)
    except json.JSONDecodeError as error:
        raise DocumentError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise DocumentError("the document is nested too deeply") from None


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]*")


def _from_yaml(text: str) -> Any:
    """Read one document of the part of YAML that scenarios need: mappings, lists, text, integers.

    Built from the parser's events, so that nothing is expanded, constructed or nested before it is looked at.
    """
    documents: list[Any] = []
    boxes: list[Any] = [documents]
    keys: list[str | None] = [None]
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                boxes.pop()
                keys.pop()
            elif isinstance(event, yaml.NodeEvent):
                value = _value(event, len(boxes))
                _put(boxes[-1], keys, value, event)
                if isinstance(value, dict | list):
                    boxes.append(value)
                    keys.append(None)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(f"line {line}: not YAML: {shown(error.problem)}") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"not YAML: {shown(str(error).splitlines()[0])}") from None
    if len(documents) != 1:
        raise DocumentError("the document is empty" if not documents else "more than one document is there")
    return documents[0]


def _line(event: yaml.Event) -> str:
    """Return where an event is, for a message."""
    return f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"


def _value(event: yaml.NodeEvent, depth: int) -> Any:
    """Return what a node is, containers empty."""
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        raise DocumentError(f"{line}: anchors and aliases (& and *) are not allowed")
    tag = getattr(event, "tag", None)
    if tag:
        raise DocumentError(f"{line}: tags ({shown(tag)}) are not allowed")
    if depth > MAX_DEPTH:
        raise DocumentError(f"{line}: nested more than {MAX_DEPTH} deep")
    if not isinstance(event, yaml.ScalarEvent):
        return {} if isinstance(event, yaml.MappingStartEvent) else []
    if not event.implicit[0]:
        return event.value
    return _int(event.value) if _INTEGER.fullmatch(event.value) else _PLAIN.get(event.value, event.value)


def _put(box: Any, keys: list[str | None], value: Any, event: yaml.NodeEvent) -> None:
    """Put a value into the innermost container; in a mapping, every other one is a key."""
    line = _line(event)
    key = keys[-1]
    if isinstance(box, list):
        box.append(value)
    elif key is not None:
        box[key] = value
        keys[-1] = None
    elif not isinstance(event, yaml.ScalarEvent):
        raise DocumentError(f"{line}: a key must be text")
    elif event.value in box:
        raise DocumentError(f"{line}: the key {shown(event.value)} is there twice")
    else:
        keys[-1] = event.value


# ------------------------------------------------------------------------------------------- what is wrong in them


class Misplaced(NamedTuple):
    """What msgspec complains of.

    Attributes:
        place: where in the document, as "ops[2].vpn"; "" for the whole of it.
        value: what stands there.
        complaint: msgspec's own words.
    """

    place: str
    value: Any
    complaint: str


def misplaced(error: msgspec.ValidationError, raw: Any, kind: type[msgspec.Struct]) -> Misplaced:
    """Return where a document is wrong.

    Args:
        error: what msgspec raised.
        raw: the document, as plain values.
        kind: what it was to become.
    """
    message = str(error)
    path = PATH.search(message)
    place, value = "", raw
    for step in re.findall(r"[^.\[\]]+|\.\.\.", path[1]) if path else ():
        if isinstance(value, dict):
            if step == "...":  # msgspec does not say which key it is
                step = next((key for key in value if _is_bad(raw, value, key, kind)), step)
            if step not in value:
                break
            value = value[step]
            place += f".{shown(step).strip(chr(39))}"
        elif isinstance(value, list | tuple) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
            place += f"[{step}]"
        else:
            break
    return Misplaced(place.removeprefix("."), value, PATH.sub("", message))


def _is_bad(raw: Any, container: dict[str, Any], key: str, kind: type[msgspec.Struct]) -> bool:
    """Tell whether a key makes a document wrong: it still is if that key is all that its mapping holds."""
    kept = dict(container)
    container.clear()
    container[key] = kept[key]
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        return True
    finally:
        container.clear()
        container.update(kept)
    return False
