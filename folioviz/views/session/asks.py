"""What some operations need to know besides pages, process and folio: numbers and addresses that a person types."""

from __future__ import annotations

from typing import NamedTuple

from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.memory import NR_VPNS
from folioviz.machine.swap import MOST_SWAP_PAGES
from folioviz.views.page.text import address, vpn_of

TYPED = "a hexadecimal address such as 0x7f0000010000, at the start of a 4 KiB page, or a page number, 0 to 262143"


class Ask(NamedTuple):
    """A field beside a button.

    Attributes:
        label: what it is called; the button before it says so, too.
        what: what is typed there, in a sentence.
        least, most: its bounds.
        first: what it says at first.
        page: whether it is a page, which is typed as an address.
    """

    label: str
    what: str
    least: int
    most: int
    first: int
    page: bool = False

    @property
    def place(self) -> str:
        """Return where on the screen it is told what is wrong with it."""
        return "move" if self.page else "operations"

    @property
    def title(self) -> str:
        """Return what may be typed."""
        return f"{self.what}: {TYPED if self.page else f'{self.least} to {self.most}'}"

    def text(self, value: int) -> str:
        """Return a value as it is typed."""
        return address(value) if self.page else str(value)

    def read(self, text: str) -> int | str:
        """Return what a person typed; what does not read, as its beginning."""
        text = text.strip()
        if self.page:
            found = vpn_of(text)
            return text[:40] if found is None else found
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else text[:40]


ASKS = {
    "order": Ask("order", "the order to fault in", 0, 9, 4),
    "target": Ask("move to", "where the selected pages move", 0, NR_VPNS - 1, 32, page=True),
    "into": Ask("to order", "the order of the folios that a split makes", 0, 8, 0),
    "scan": Ask("scan at most", "the number of folios that the shrinker takes at most", 1, 100_000, 64),
    "swap": Ask("pages of swap space", "the pages of swap space", 1, MOST_SWAP_PAGES, 4096),
    "cgroup": Ask("cgroup", "the cgroup, 0 for the root", 0, MAX_MEMCGS, 1),
    "none": Ask("max_ptes_none", "max_ptes_none", 0, 511, 409),
}
"""Name, as :class:`~folioviz.views.session.action.Action` asks for it -> its field."""
