"""What must hold while CPUs run, and when they are done."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.laws.census import Census, InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.fields import FIELDS
from folioviz.machine.memory import LOWEST_QUEUED_ORDER
from folioviz.ops.walk import live_folios, queue

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine
    from folioviz.race.history import History
    from folioviz.race.memory import Shared

OWN_ORDER: Final = frozenset(
    (
        "list_next",
        "list_prev",
        "page_buddy",
        "folio_id",
        "next_folio_id",
        "vma_next",
        "free_vma",
        "pte_table_next",
    )
)
"""What depends on the order in which memory was taken or given back, and tells no outcome from another."""
NO_QUEUE: Final = ("v6.1.0", "v6.1", "v6.5-rc3")
"""Kernels that queue PMD-mappable folios only."""


class AtRest:
    """The laws of a race's end, and the outcome."""

    def __init__(self, history: History, shared: Shared, *, migrates: bool) -> None:
        """Look at a race's memory with the machine of its history; ``migrates``: whether a CPU moves folios."""
        self.machine, self.shared = history.machine, shared
        requeues = history.linked.sources.get("migrate_folio_queued", "").endswith("migrate_requeue")
        self.queues = (
            history.kernel.key not in NO_QUEUE
            and "page_mapcount" not in self.machine.drops
            and (requeues or not migrates)
        )

    def __call__(self) -> tuple[str, bytes]:
        """Return the law that is broken, or "", and a hash of what the memory comes to."""
        held = np.flatnonzero(self.shared.array[self.shared.size :])
        if held.size:
            return f"still held in the end: {self.shared.name(self.shared.size + int(held[0]))}", b""
        machine, before = self.machine, self.machine.mem.copy()
        machine.mem[:] = self.shared.array[: self.shared.size]
        try:
            check(machine)
            return (lost(machine) if self.queues else ""), outcome(machine)
        except InvariantError as error:
            return str(error), b""
        finally:
            machine.mem[:] = before


def outcome(machine: Machine) -> bytes:
    """Return a hash of a machine, whatever the order in which memory was given back."""
    digest = blake2b(digest_size=8)
    for row in FIELDS:
        if row.name not in OWN_ORDER:
            digest.update(getattr(machine, row.name).tobytes())
    digest.update(np.array(queue(machine), np.int32).tobytes())
    return digest.digest()


def lost(machine: Machine) -> str:
    """Return the law that a folio is queued of which some pages are mapped and others are not, or "" if it holds."""
    census = Census(machine)
    mapped = census.per_folio(census.ptes > 0)
    queued = np.isin(census.heads, census.queued)
    large = census.nr_pages >= 1 << LOWEST_QUEUED_ORDER
    whole = census.pmds[census.heads] > 0
    wrong = census.heads[large & (mapped > 0) & (mapped < census.nr_pages) & ~whole & ~queued]
    return f"lost: the partially mapped folio at page {wrong[0]} is on no queue" if wrong.size else ""


class References:
    """The rule that a folio has a reference for each mapping, at every moment."""

    def __init__(self, history: History, shared: Shared) -> None:
        """Watch the folios that are there after the setup."""
        machine, mem = history.machine, shared.mem
        base = {row.name: start for row, start in zip(FIELDS, machine.base, strict=True)}
        self.mem = mem
        self.folios = [
            (
                base["folio_refcount"] + head,
                base["folio_entire_mapcount"] + head,
                range(
                    base["page_mapcount"] + head,
                    base["page_mapcount"] + head + (1 << int(machine.folio_order[head])),
                ),
            )
            for head in live_folios(machine).tolist()
        ]

    @property
    def watched(self) -> set[int]:
        """The addresses whose changes are steps."""
        return {address for one, entire, pages in self.folios for address in (one, entire, *pages)}

    def __call__(self) -> str:
        """Return the law, if it is broken."""
        mem = self.mem
        for references, entire, pages in self.folios:
            if mem[references] < mem[entire] + 1 + sum(mem[page] + 1 for page in pages):
                return "fewer references than mappings"
        return ""
