"""What a command line names: a scenario of the library, a file, or standard input, which may hold many."""

from __future__ import annotations

import re
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO

from folioviz.errors import DocumentError, shown
from folioviz.files import scenario as scenarios_
from folioviz.files.documents import MAX_BYTES, open_document, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.files.scenario import Scenario

DOCUMENT = re.compile(rb"(\xef\xbb\xbf)?\s*([{%'\"]|---|\w+\s*:)")
"""How a stream begins that is not one scenario in the short form per line, but a document."""
PLACE = re.compile(r"(\d{1,9}):(\d{1,9})")


def names(text: str) -> list[str]:
    """Return the names in a list with commas; none if it is empty."""
    return [name.strip() for name in text.split(",")] if text else []


def places(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return the processes and virtual pages that texts like 1:16 name.

    Raises:
        DocumentError: if one is no such pair.
    """
    found = []
    for text in texts:
        pair = PLACE.fullmatch(text)
        if not pair:
            raise DocumentError(f"{shown(text)} is no page of a process: write MM:VPN, 1:16 for example")
        found.append((int(pair[1]), int(pair[2])))
    return found


def opened(name: str) -> AbstractContextManager[BinaryIO]:
    """Return standard input for -, else a file that is closed after use."""
    if name != "-":
        return open_document(name)
    if sys.stdin is None:
        raise DocumentError("standard input is closed")
    return nullcontext(sys.stdin.buffer)


def _library(name: str) -> Scenario | None:
    """Return a scenario of the library, or None if the name is a file's or -.

    Raises:
        DocumentError: if it is nothing of that.
    """
    found = scenarios_.shipped()
    if name == "-" or name in found:
        return found.get(name)
    try:
        open_document(name).close()
    except DocumentError:
        if not any(mark in name for mark in "/."):
            scenarios_.find(name)  # raises, with the names that come close
        raise
    return None


def one(name: str) -> Scenario:
    """Return the scenario that a name, a file or standard input holds."""
    found = _library(name)
    if found is not None:
        return found
    if name != "-":
        return scenarios_.load(name)
    with opened(name) as file:
        return scenarios_.loads(file.read(MAX_BYTES + 1))


def stream(name: str) -> Iterator[Scenario]:
    """Yield the one scenario of a name or a document, or one for each line in the short form, as they come.

    Raises:
        DocumentError: naming the line.
    """
    found = _library(name)
    if found is not None:
        yield found
        return
    with opened(name) as file:
        number = before = 0
        while line := file.readline(MAX_BYTES + 1):
            number += 1
            if not before and DOCUMENT.match(line):
                yield scenarios_.loads(b"\n" * (number - 1) + line + file.read(MAX_BYTES + 1))
                return
            try:
                for _, text in scenarios_.short_lines([text_of(line)]):
                    before += 1
                    yield scenarios_.from_builtins(text)
            except DocumentError as error:
                raise DocumentError(f"line {number}: {error}") from None
