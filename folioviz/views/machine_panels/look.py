"""What a person looks at: a capture, the order of its regions, and a region or a 2 MiB block that was selected."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from folioviz.errors import FoliovizError, KernelError, LimitError, shown
from folioviz.kernels import KERNELS, find
from folioviz.views.machine_panels.taken import EXAMPLE, MAX_NAME, Taken, example

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDERS: Final = ("waste", "address")
"""How regions are sorted."""
WHOLE: Final = -1
"""No block of a region: all of it."""
PART: Final = 40
"""So many regions are shown at first, and so many more each time."""
KERNEL: Final = "v7.3"
"""What is asked at first."""
PLACE: Final = re.compile(r"([1-9][0-9]{0,4})(?:\.([0-9]{1,5}))?")


@dataclass
class Look:
    """What is looked at; methods check what they are given, and change nothing if it is wrong.

    Attributes:
        taken: the capture.
        by: how regions are sorted.
        region: the selected one, 0 for none.
        block: the selected block of it, WHOLE for all.
        kernel: the kernel that is asked what it would do.
        shown: so many regions are shown.
        wanted: what a link says that is about another file: its name, and its fields.
    """

    taken: Taken = field(default_factory=example)
    by: str = ORDERS[0]
    region: int = 0
    block: int = WHOLE
    kernel: str = KERNEL
    shown: int = PART
    wanted: tuple[str, Mapping[str, str]] | None = None

    def __post_init__(self) -> None:
        """Select what wastes most."""
        self._first()

    def take(self, taken: Taken) -> None:
        """Show another capture; a link that waited for it is followed."""
        self.taken, self.shown = taken, PART
        self._first()
        if self.wanted and self.wanted[0] == taken.name:
            fields, self.wanted = self.wanted[1], None
            self._follow(fields)

    def _first(self) -> None:
        """Select the block that holds most of the region that holds most."""
        numbers = self.taken.sorted("waste")
        self.region, self.block = (numbers[0], WHOLE) if numbers else (0, WHOLE)
        if numbers:
            first, end = self.taken.starts[numbers[0] - 1 : numbers[0] + 1].tolist()
            self.block = int(self.taken.blocks.held[first:end].argmax())

    @property
    def numbers(self) -> list[int]:
        """Return the regions that are shown, in order."""
        return self.taken.sorted(self.by)[: self.shown]

    @property
    def hidden(self) -> list[int]:
        """Return the regions that are not."""
        return self.taken.sorted(self.by)[self.shown :]

    def select(self, region: int, block: int = WHOLE) -> None:
        """Select a region, or a block of it.

        Raises:
            LimitError: if there is no such one.
        """
        blocks = self.taken.capture.region(region).blocks
        if not WHOLE <= block < blocks:
            raise LimitError.of(f"the block of region {region}", block, f"0 to {blocks - 1}")
        self.region, self.block = region, block

    def sort(self, by: str) -> None:
        """Sort the regions.

        Raises:
            LimitError: if there is no such order.
        """
        if by not in ORDERS:
            raise LimitError.of("sort", shown(by), " or ".join(ORDERS))
        self.by = by

    def ask(self, kernel: str) -> None:
        """Ask another kernel.

        Raises:
            KernelError: if there is none.
        """
        key = find(kernel).key
        if key not in KERNELS:
            raise KernelError(f"kernel {shown(kernel)} is none that is asked")
        self.kernel = key

    def more(self) -> None:
        """Show more regions."""
        self.shown += PART

    # ------------------------------------------------------------------------------------------------- links

    @property
    def query(self) -> str:
        """Return the fields of an address that bring this back; the file itself is not in it."""
        name = self.taken.name
        fields = {} if name == EXAMPLE else {"example" if self.taken.example else "file": name}
        if self.region:
            fields["at"] = f"{self.region}" if self.block < 0 else f"{self.region}.{self.block}"
        fields |= {"sort": self.by, "kernel": self.kernel}
        return urlencode(fields)

    def follow(self, fields: Mapping[str, str]) -> list[str]:
        """Take what a link says; return a sentence for each fault."""
        name = fields.get("file", "")
        if name and name != self.taken.name:
            name = name[:MAX_NAME]
            self.wanted = name, {key: fields[key] for key in ("at", "sort", "kernel") if key in fields}
            return [
                f"This link is about a file, {shown(name, MAX_NAME)}, which is not in it: drop the file here."
            ]
        return self._follow(fields)

    def _follow(self, fields: Mapping[str, str]) -> list[str]:
        """Take a link's fields; return a sentence for each fault."""
        faults = []
        takers = (("example", self._example), ("at", self._at), ("sort", self.sort), ("kernel", self.ask))
        for name, taker in takers:
            try:
                if name in fields:
                    taker(fields[name])
            except FoliovizError as error:
                faults.append(f"{error}.")
        return faults

    def _example(self, name: str) -> None:
        """Show a capture that comes with folioviz, unless it is shown.

        Raises:
            LimitError: if there is none of that name.
        """
        if name != self.taken.name:
            self.take(example(name))

    def _at(self, text: str) -> None:
        """Select what "2.17" says: block 17 of region 2.

        Raises:
            LimitError: if it says nothing.
        """
        match = PLACE.fullmatch(text)
        if match is None:
            raise LimitError.of("at", shown(text), "a region, or a region and a block like 2.17")
        self.select(int(match[1]), WHOLE if match[2] is None else int(match[2]))
