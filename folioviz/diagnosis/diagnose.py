"""From a paste to what it means: reads the files, draws the conclusions, and says what it cannot know."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from folioviz.diagnosis import pieces, shape
from folioviz.diagnosis.findings import Bounds, Diagnosis, Recognised, Unknown, amount
from folioviz.diagnosis.ledger import Ledger, ledger
from folioviz.errors import DocumentError
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER

if TYPE_CHECKING:
    from folioviz.diagnosis.findings import Offer


def explain(text: str | bytes) -> Diagnosis:
    """Say what a paste means.

    Args:
        text: one or several files, as a person copies them; bytes are UTF-8. At most 4 MiB.

    Raises:
        DocumentError: naming the thing, the value and what is allowed; nothing else, whatever the text.
    """
    found = pieces.read(text_of(text))
    counts = Counter(piece.kind for piece in found)
    ledgers = [one for piece in found if (one := ledger(piece)) is not None]
    whole = [one for one in ledgers if not one.missing]
    best = min(whole, key=lambda one: one.piece.kind, default=None)  # a cgroup's before the machine's
    held = best.held if best else None
    return Diagnosis(
        recognised=tuple(Recognised(kind, count) for kind, count in counts.items()),
        numbers=tuple(number for one in ledgers for number in one.numbers),
        sentences=tuple(sentence for one in whole for sentence in told(one)),
        held=held,
        gives_back=held,
        cannot_know=tuple(unknown(ledgers)),
        offer=offer(best) if best else None,
    )


def text_of(text: str | bytes) -> str:
    """Return a paste's text.

    Raises:
        DocumentError: if it is too long, or not UTF-8.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        if len(data) > pieces.MAX_BYTES:
            raise DocumentError(
                f"the paste is longer than {pieces.MAX_BYTES} bytes (4 MiB), which is the limit"
            )
        return data.decode("utf-8-sig")
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"the paste is not UTF-8: {error.reason} at byte {error.start}") from None


def told(one: Ledger) -> list[str]:
    """Return what a file's numbers say."""
    low, high = one.held
    where = one.piece.title
    if high == 0:
        return [f"{where}: every anonymous page that is held is mapped by somebody."]
    if low == high:
        return [f"{where}: {amount(high)} are held by large folios and mapped by nobody."]
    return [f"{where}: between {amount(low)} and {amount(high)} are held and mapped by nobody."]


def unknown(ledgers: list[Ledger]) -> list[Unknown]:
    """Return what the files do not tell."""
    found = [
        Unknown(
            f"{one.piece.title} lacks {', '.join(one.missing)}: nothing follows from it",
            f"the whole of {one.piece.kind}",
        )
        for one in ledgers
        if one.missing
    ]
    return [
        *found,
        Unknown("which process maps what is left of these folios", "/proc/PID/smaps of each"),
        Unknown(
            "of which size the folios are, and how many",
            "/sys/kernel/mm/transparent_hugepage/hugepages-*kB/stats/nr_anon_partially_mapped (v6.12 on)",
        ),
    ]


def offer(one: Ledger) -> Offer | None:
    """Return the smallest scenario in which the same share is mapped, or None if all is."""
    held = Bounds(*one.held).high
    if not held:
        return None
    mapped = shape.pages_mapped(one.kib["anon"], held, HPAGE_PMD_NR)
    return shape.partly_mapped(
        HPAGE_PMD_ORDER,
        mapped,
        f"A 2 MiB folio of which {mapped} of {HPAGE_PMD_NR} pages are mapped",
        f"Of the anonymous memory that {one.piece.title} holds, the same share is mapped.",
    )
