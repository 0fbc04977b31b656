"""Lines as people copy them: without what mail programs, loggers, shells and grep put before them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 4 << 20
"""The most that a paste may have: the smaps of a process with some 5,000 mappings."""
MAX_LINE: Final = 1_000
"""Characters of a line that are looked at; no file that is read here has a longer one that matters."""

LOGGED: Final = re.compile(
    r"""(?:[A-Z][a-z]{2}\s[ \d]\d\s[\d:]{8}\s\S+\s)?  # the date and the host, as journalctl has them
        (?:kernel:\s?)?
        (?:<\d{1,2}>)?\[\s{0,9}\d{1,9}\.\d{1,9}\](?:\[[^\]]{1,20}\])?\s?  # seconds since boot, and the caller
        |(?:[A-Z][a-z]{2}\s[ \d]\d\s[\d:]{8}\s\S+\s)?kernel:\s?""",
    re.VERBOSE,
)
"""What the kernel's log has before a line."""
QUOTED: Final = re.compile(r"(?:[>|]\s?)+")
"""What a mail program puts before a line that it quotes."""
FILES: Final = r"memory\.stat|vmstat|meminfo|smaps_rollup|smaps|hugepages-\d+kB(?:/stats(?:/\w+)?)?"
PATH: Final = re.compile(rf"(?<![\w.@:+*\\/-])(?:[\w.@:+*\\-]*/)*(?:{FILES})\b")
"""The name of a file that is read here, with its folders if they are told."""

MAPPED: Final = re.compile(r"(\d{10}: )?[0-9a-f]{4,16}-[0-9a-f]{4,16} ")
"""How a mapping begins; its file may be called as one that is read here."""


class Line(NamedTuple):
    """A line of a paste.

    Attributes:
        number: counted from 1.
        path: the file that the line, or a heading above it, names; "" if none does.
        text: what stands in that file; "" for a heading.
    """

    number: int
    path: str
    text: str


def text_of(paste: str | bytes) -> str:
    """Return a paste's text.

    Raises:
        DocumentError: if it is too long, or not UTF-8 text.
    """
    try:
        data = paste.encode() if isinstance(paste, str) else paste
        if len(data) > MAX_BYTES:
            raise DocumentError(f"the paste is longer than {MAX_BYTES} bytes (4 MiB), which is the limit")
        text = data.decode("utf-8-sig")
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"the paste is not UTF-8: {error.reason} at {error.start}") from None
    if (zero := text.find("\0")) >= 0:
        raise DocumentError(f"the paste holds a zero byte at character {zero}: it must be text")
    return text


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of a paste with the file that each is from, as far as it is told.

    A line that names a file and holds nothing of it is a heading: a command, a path, or ``==> path <==``.
    """
    path = ""
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = stripped(raw[:MAX_LINE])
        named = PATH.search(line)
        if named is None:
            yield Line(number, path, line)
        elif named.start() == 0 and line[named.end() : named.end() + 1] == ":" and line[named.end() + 1 :]:
            path = named[0]
            yield Line(number, path, line[named.end() + 1 :].strip())
        elif MAPPED.match(line):
            yield Line(number, path, line)
        else:
            path = named[0]
            yield Line(number, path, "")


def stripped(raw: str) -> str:
    """Return a line without what was put before it."""
    line = raw.replace("\t", " ").replace("\xa0", " ").strip()
    if quoted := QUOTED.match(line):
        line = line[quoted.end() :].strip()
    if logged := LOGGED.match(line):
        line = line[logged.end() :].strip()
    return line
