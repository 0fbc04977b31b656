"""References that a recorded process takes on pages: by vmsplice(), or by a registered buffer (FOLL_PIN)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


class Pins:
    """Who holds references on what.

    Attributes:
        machine: the machine that operations are done on.
        held: process id -> what drops its references.
    """

    def __init__(self, machine: Machine) -> None:
        """Begin with none."""
        self.machine = machine
        self.held: dict[int, list[Op]] = {}

    def take(self, mm: int, vpn: int, pages: int) -> Iterator[Op]:
        """Yield a reference for each page, as vmsplice() takes it.

        Raises:
            NotModelledError: if a page is not there.
        """
        slot = mm_slot(self.machine, mm)
        found = [page_at(self.machine, slot, page) for page in range(vpn, vpn + pages)]
        if min(found) < 0:
            raise NotModelledError("pin brings pages that nobody has touched")
        for page in found:
            folio = int(self.machine.folio_id[self.machine.page_folio[page]])
            self.held.setdefault(mm, []).append(ops.Put(folio))
            yield ops.Get(folio)

    def register(self, mm: int, vpn: int, pages: int) -> Iterator[Op]:
        """Yield the pins of a registered buffer: each page is pinned, and then each folio keeps one."""
        yield ops.Pin(mm, vpn, pages)
        slot = mm_slot(self.machine, mm)
        kept: set[int] = set()
        for page in range(vpn, vpn + pages):
            folio = int(self.machine.folio_id[self.machine.page_folio[page_at(self.machine, slot, page)]])
            if folio in kept:
                yield ops.Unpin(folio)
            else:
                kept.add(folio)
                self.held.setdefault(mm, []).append(ops.Unpin(folio))

    def drop(self, mm: int) -> Iterator[Op]:
        """Yield what drops the references of a process."""
        yield from self.held.pop(mm, [])
