"""Scenarios: documents of operations; loading, checking and saving them, and the library that ships with the package.

A document is YAML, JSON (when it begins with ``{``) or the short one-line form. What it may hold is in
``docs/scenarios.md``; the limits are the constants of this module.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
import yaml

from folioviz import kernels
from folioviz.errors import DocumentError, KernelError, shown, unknown
from folioviz.files import expect
from folioviz.files.documents import MAX_BYTES, MAX_PATH, builtins_of, misplaced, open_document, text_of
from folioviz.ops.ops import WORDS, Operation, parse, parse_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_OPERATIONS: Final = 5_000
MAX_KERNELS: Final = 16
MAX_NAME: Final = 60
MAX_TITLE: Final = 120
MAX_ABOUT: Final = 4_000
MAX_AT: Final = 2**31 - 1
MAX_EXPECTED: Final = 24

_UNSEEN = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Characters that no text may hold: control characters except the line feed, text directions, surrogates."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Operations to apply, and where to look.

    Attributes:
        ops: what is done, in order.
        name: how it is asked for.
        title: what it shows, one line.
        about: what to notice.
        kernels: keys (aliases are replaced by them) of the kernels to compare.
        mmu_gather: "batched", or "none" as on s390.
        step: how many operations have been done where it is worth looking; None for all.
        at: where the explorer's playhead stands, in steps from the beginning; None for where ``step`` says.
        expect: statements of what is so once all is done (:mod:`folioviz.files.expect`).

    Raises:
        DocumentError: for an unknown or repeated kernel, a step beyond the end, or what is no statement.
    """

    ops: Annotated[tuple[Operation, ...], msgspec.Meta(max_length=MAX_OPERATIONS)]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=MAX_NAME)] = "untitled"
    title: Annotated[str, msgspec.Meta(pattern=rf"^[^{_UNSEEN}\n]*\Z", max_length=MAX_TITLE)] = ""
    about: Annotated[str, msgspec.Meta(pattern=rf"^[^{_UNSEEN}]*\Z", max_length=MAX_ABOUT)] = ""
    kernels: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MAX_KERNELS)] = (
        "v6.5-rc3+v4.1",
        "v6.5-rc3+v4",
    )
    mmu_gather: Literal["batched", "none"] = "batched"
    step: Annotated[int, msgspec.Meta(ge=0, le=MAX_OPERATIONS)] | None = None
    at: Annotated[int, msgspec.Meta(ge=0, le=MAX_AT)] | None = None
    expect: Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_EXPECTED)] = ()

    def __post_init__(self) -> None:
        """Check what the types cannot say."""
        keys: list[str] = []
        for place, name in enumerate(self.kernels):
            try:
                keys.append(kernels.find(name).key)
            except KernelError as error:
                raise DocumentError(f"kernels[{place}]: {error}") from None
            if keys.index(keys[-1]) != place:
                raise DocumentError(f"kernels[{place}] is {shown(name)}: it must not be there twice")
        msgspec.structs.force_setattr(self, "kernels", tuple(keys))
        for place, text in enumerate(self.expect):
            try:
                expect.parse(text)
            except DocumentError as error:
                raise DocumentError(f"expect[{place}]: {error}") from None
        if self.step is not None and self.step > len(self.ops):
            raise DocumentError(
                f"step is {self.step}: it must be 0 to {len(self.ops)}, the number of operations"
            )


ALLOWED: Final = {
    "": f"a mapping of {', '.join(Scenario.__struct_fields__)}",
    "ops": f"a list of at most {MAX_OPERATIONS} operations",
    "ops[]": "an operation, such as 'fault 1 0 4' or {op: fault, mm: 1, vpn: 0, order: 4}",
    "ops[].op": f"one of {', '.join(WORDS)}",
    "name": f"at most {MAX_NAME} of a-z and 0-9, with single - between them",
    "title": f"one line of at most {MAX_TITLE} characters, none of them invisible",
    "about": f"text of at most {MAX_ABOUT} characters, none of them invisible",
    "kernels": f"a list of 1 to {MAX_KERNELS} kernels",
    "kernels[]": "the key of a kernel, which folioviz kernels lists",
    "mmu_gather": " or ".join(kernels.GATHER_MODES),
    "step": f"a whole number from 0 to {MAX_OPERATIONS}",
    "at": f"a whole number from 0 to {MAX_AT}",
    "expect": f"a list of at most {MAX_EXPECTED} statements",
    "expect[]": "a statement, such as 'rss 1 == 16'",
}
"""Place, without indexes -> what may stand there. The fields of operations are not here: all are whole numbers."""

SHORT: Final = re.compile(rf"({'|'.join(WORDS)})\b(?!\s*:)")
"""How a scenario in the short form begins: with an operation's word that is not a key."""


# ------------------------------------------------------------------------------------------------ reading


def loads(text: str | bytes) -> Scenario:
    """Read a document.

    Args:
        text: YAML, JSON or the short one-line form; bytes are UTF-8.

    Raises:
        DocumentError: naming the place, the value and what is allowed; nothing else, whatever the text.
    """
    text = text_of(text)
    lines = list(short_lines(text.split("\n")))
    if not lines or not SHORT.match(lines[0][1]):
        return from_builtins(builtins_of(text))
    if len(lines) > 1:
        raise DocumentError(
            f"line {lines[1][0]}: the short form of a scenario is one line, and this is a second one"
        )
    return from_builtins(lines[0][1])


def short_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of the lines that hold more than blanks and a # comment, which is left out."""
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text:
            yield number, text


def from_builtins(raw: Any) -> Scenario:
    """Make a scenario of a mapping, or of text in the short form; operations in it may be short, too.

    Raises:
        DocumentError: naming the place, the value and what is allowed.
    """
    if isinstance(raw, str):
        raw = {"ops": raw}
    if isinstance(raw, dict) and isinstance(raw.get("ops"), str):
        raw = raw | {"ops": parse_line(raw["ops"])}
    elif isinstance(raw, dict) and isinstance(raw.get("ops"), list):
        raw = raw | {"ops": [_operation(op, place) for place, op in enumerate(raw["ops"])]}
    try:
        return msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise DocumentError(_explained(error, raw)) from None
    except UnicodeEncodeError:
        raise DocumentError("a text of the document holds half a character (a lone surrogate)") from None


def _operation(op: Any, place: int) -> Any:
    """Return an operation for one in the short form, and anything else as it is."""
    if not isinstance(op, str):
        return op
    try:
        return parse(op)
    except DocumentError as error:
        raise DocumentError(f"ops[{place}]: {error}") from None


def _explained(error: msgspec.ValidationError, raw: Any) -> str:
    """Return a sentence for what msgspec complains of: the place, the value there, and what is allowed."""
    fields = Scenario.__struct_fields__
    for name in raw if isinstance(raw, dict) else ():
        if name not in fields:
            return f"the document has an unknown field {shown(name)}: its fields are {', '.join(fields)}"
    place, value, message = misplaced(error, raw, Scenario)
    field = re.search("field `(.*)`", message, re.DOTALL)
    if field is None and not message.startswith(("Expected", "Invalid")):
        return message  # one of __post_init__'s
    if field is not None:
        kind = WORDS.get(str(value.get("op")))
        names = ("op", *(kind.__struct_fields__ if kind else ())) if place else fields
        verb = "lacks" if "missing" in message else "has an unknown"
        return f"{place or 'the document'} {verb} field {shown(field[1])}: its fields are {', '.join(names)}"
    allowed = ALLOWED.get(re.sub(r"\[\d+\]", "[]", place), "a whole number of at most 32 bits")
    what = f"a list of {len(value)}" if isinstance(value, list) else shown(value)
    return f"{place or 'the document'} is {what}: it must be {allowed}"


# ------------------------------------------------------------------------------------- files and saving


def load(path: str | Path) -> Scenario:
    """Read a file; see :func:`loads`. At most 256 KiB of it are read.

    Raises:
        DocumentError: naming the file, the place, the value and what is allowed.
    """
    with open_document(path) as file:
        try:
            return loads(file.read(MAX_BYTES + 1))
        except (DocumentError, OSError) as error:
            raise DocumentError(f"{shown(str(path), MAX_PATH)}: {error}") from None


def dumps(scenario: Scenario, form: Literal["yaml", "json"] = "yaml") -> str:
    """Write a document: YAML with operations in the short form, or JSON with operations as mappings."""
    raw = msgspec.to_builtins(scenario)
    if form == "json":
        return json.dumps(raw, indent=2) + "\n"
    raw = {
        key: raw[key]
        for key in ("name", "title", "about", "kernels", "mmu_gather", "step", "at", "expect")
        if key in raw
    }
    raw["ops"] = [op.short() for op in scenario.ops]
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=100)


def replace(scenario: Scenario, **changes: Any) -> Scenario:
    """Return a copy with other values for some fields.

    Raises:
        DocumentError: as for a new one.
    """
    return msgspec.structs.replace(scenario, **changes)


def save(scenario: Scenario, path: str | Path) -> None:
    """Write a document to a file: JSON if its name ends in .json, else YAML."""
    path = Path(path)
    path.write_text(dumps(scenario, "json" if path.suffix == ".json" else "yaml"), encoding="utf-8")


# --------------------------------------------------------------------------------------------- the library


SELFTESTS: Final = "what the kernel's own tests do"
"""What the second group of the library is called."""


@lru_cache(maxsize=2)
def _shipped(folder: str) -> tuple[Scenario, ...]:
    """Read the scenarios of a folder that ships with the package, in the order of their files' names."""
    files = (file for file in (resources.files("folioviz") / folder).iterdir() if file.name.endswith(".yaml"))
    return tuple(loads(file.read_bytes()) for file in sorted(files, key=lambda file: file.name))


def library() -> dict[str, Scenario]:
    """Return the scenarios that a patch is tried on, by name, simple ones first: the first group of what ships."""
    return {scenario.name: scenario for scenario in _shipped("scenarios")}


def selftests() -> dict[str, Scenario]:
    """Return the scenarios that follow the kernel's own tests, by name; each has expectations."""
    return {scenario.name: scenario for scenario in _shipped("scenarios/selftests")}


def shipped() -> dict[str, Scenario]:
    """Return all scenarios that ship with the package, by name."""
    return library() | selftests()


def find(name: str) -> Scenario:
    """Return a scenario that ships with the package.

    Raises:
        DocumentError: with the names that come close, if there is none of that name.
    """
    found = shipped()
    if name in found:
        return found[name]
    raise DocumentError(unknown("scenario", name, found, "folioviz scenarios"))
