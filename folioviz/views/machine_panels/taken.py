"""A capture as the dashboard shows it: with its sums, and what a file or a paste must be to become one."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.capture import load, read, sums
from folioviz.capture.form import BLOCK
from folioviz.errors import DocumentError, LimitError, shown
from folioviz.stories.parts.programs import PROGRAMS
from folioviz.stories.parts.programs_seen import CAPTURES

if TYPE_CHECKING:
    from folioviz.capture import Capture
    from folioviz.capture.form import Region
    from folioviz.capture.sums import Sums

EXAMPLE: Final = "example"
FILES: Final = {
    EXAMPLE: Path(__file__).with_name("example.json.gz"),
    **{key: CAPTURES / f"{key}.json.gz" for key in PROGRAMS},
}
"""The captures that come with folioviz, by what they are called: a service, and the programs of examples/."""
MAX_NAME: Final = 100
MAX_FILE: Final = 3 << 20
"""Most bytes of a file or a paste that a browser sends: in letters, they fit into one message."""
GZIP: Final = "H4sI"
"""How gzip begins in base64."""


@dataclass(frozen=True, eq=False)
class Taken:
    """A capture and its sums.

    Attributes:
        capture: what was read.
        name: what its file is called, or a key of :data:`FILES`.
    """

    capture: Capture
    name: str

    @property
    def example(self) -> bool:
        """Tell whether it is nobody's own."""
        return self.name in FILES

    @cached_property
    def regions(self) -> Sums:
        """The sums of each region."""
        return sums.by_region(self.capture)

    @cached_property
    def blocks(self) -> Sums:
        """The sums of each 2 MiB block of each region."""
        return sums.by_block(self.capture)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each region's blocks begin among all blocks, int64 of shape (regions + 1,)."""
        return sums.first_blocks(self.capture)

    @property
    def large(self) -> int:
        """How many folios have more than one page."""
        return int((self.capture.orders > 0).sum())

    def sorted(self, by: str) -> list[int]:
        """Return the regions' numbers: as they lie ("address"), or those that hold most first ("waste")."""
        numbers = np.arange(1, len(self.capture.regions) + 1)
        if by == "waste":
            numbers = numbers[np.lexsort((numbers, -self.regions.mapped, -self.regions.held))]
        return [*map(int, numbers)]

    def span(self, number: int, block: int) -> tuple[int, int]:
        """Return the pages ``[start, end)`` of a region that are in a block of it; -1 stands for all blocks."""
        region: Region = self.capture.region(number)
        if block < 0:
            return 0, region.pages
        start = block * BLOCK - region.align
        return max(start, 0), min(start + BLOCK, region.pages)

    @property
    def called(self) -> str:
        """Return what it is called in a sentence."""
        program = f" of {self.name}.py" if self.name in PROGRAMS else ""
        return f"an example capture{program}" if self.example else self.name


def example(name: str = EXAMPLE) -> Taken:
    """Return a capture that comes with folioviz.

    Raises:
        LimitError: if there is none of that name.
    """
    if name not in FILES:
        raise LimitError.of("the example", name, f"one of {', '.join(FILES)}")
    return _loaded(name)


@lru_cache(maxsize=len(FILES))
def _loaded(name: str) -> Taken:
    """Return a capture that comes with folioviz, read once."""
    return Taken(load(FILES[name]), name)


def of_file(path: str | Path) -> Taken:
    """Read a file of this machine.

    Raises:
        DocumentError: naming the file and what is wrong in it.
    """
    return Taken(load(path), Path(path).name[:MAX_NAME])


def of_browser(text: str) -> Taken:
    """Read what a browser sends of a file: its name, a line feed, its bytes as base64.

    Raises:
        DocumentError: naming the file and what is wrong in it.
    """
    name, _, content = text.partition("\n")
    called = shown(name, MAX_NAME)
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise DocumentError(f"{called}: what the browser sent of it is no base64") from None
    if len(data) > MAX_FILE:
        raise DocumentError(
            f"{called} is longer than {MAX_FILE} bytes ({MAX_FILE >> 20} MiB), the most that a page takes: "
            "folioviz look reads it in a terminal"
        )
    try:
        return Taken(read(data), _named(name))
    except DocumentError as error:
        raise DocumentError(f"{called}: {error}") from None


def of_paste(text: str) -> Taken:
    """Read a capture that was pasted: its JSON, or its file in base64.

    Raises:
        DocumentError: saying what is wrong.
    """
    plain = "".join(text.split()) if text.lstrip().startswith(GZIP) else ""
    try:
        data = base64.b64decode(plain, validate=True) if plain else text.encode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise DocumentError("the paste begins as base64 of a file, and goes on otherwise") from None
    return Taken(read(data), "pasted")


def _named(name: str) -> str:
    """Return a file's name as it is shown: what cannot be printed is left out; nobody else's name is taken."""
    plain = "".join(one for one in name if one.isprintable())[:MAX_NAME]
    return plain if plain not in {"", *FILES} else "a file"
