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
        held: process id -> the ids of the folios that it took references on.
        registered: the ids of folios that are held by FOLL_PIN, of which fork makes copies at once.
    """

    def __init__(self, machine: Machine) -> None:
        """Begin with none."""
        self.machine = machine
        self.held: dict[int, list[int]] = {}
        self.registered: set[int] = set()

    def take(self, mm: int, vpn: int, pages: int, *, pin: bool = False) -> Iterator[Op]:
        """Yield a reference for each page; a registered buffer takes one for each folio.

        Args:
            mm: the process.
            vpn: the first virtual page.
            pages: how many.
            pin: whether it is FOLL_PIN: then a page that may not be written in place would be copied first.

        Raises:
            NotModelledError: if a page is not there, or would be copied.
        """
        slot = mm_slot(self.machine, mm)
        found = [page_at(self.machine, slot, page) for page in range(vpn, vpn + pages)]
        if min(found) < 0:
            raise NotModelledError(f"{'gup' if pin else 'pin'} brings pages that nobody has touched")
        heads = [int(self.machine.page_folio[page]) for page in found]
        if pin:
            by_pmd = self.machine.folio_entire_mapcount >= 0
            if not all(
                self.machine.page_anon_exclusive[head if by_pmd[head] else page]
                for page, head in zip(found, heads, strict=True)
            ):
                raise NotModelledError("gup copies what is shared")
            heads = list(dict.fromkeys(heads))  # a buffer holds each folio once
        for head in heads:
            folio = int(self.machine.folio_id[head])
            self.registered |= {folio} if pin else set()
            self.held.setdefault(mm, []).append(folio)
            yield ops.Get(folio)

    def drop(self, mm: int) -> Iterator[Op]:
        """Yield what drops the references of a process."""
        self.registered -= set(self.held.get(mm, ()))
        for folio in self.held.pop(mm, []):
            yield ops.Put(folio)
