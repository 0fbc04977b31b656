"""The large folios of a capture in lines: where each is, what is mapped of it, and what the kernel says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.capture import kernel_side
from folioviz.capture.captured import EACH, FIRST, FOLIO, REGION
from folioviz.diagnosis.findings import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture.captured import Capture

MOST_FOLIOS: Final = 20
"""So many folios are listed, unless all are asked for."""


def folios(capture: Capture, *, everything: bool = False) -> Iterator[str]:
    """Yield a line for each large folio, those with most pages that nobody maps first, and a heading before them.

    Cost: some passes over the runs and the pages of folios.
    """
    here = np.flatnonzero((capture.runs[:, FOLIO] >= 0) & (capture.runs[:, EACH] == 0))
    large, at = np.unique(capture.runs[here, FOLIO], return_index=True)
    if not large.size:
        yield "No large folio was seen."
        return
    first = capture.runs[here[at]]
    mapped = np.concatenate(([0], np.cumsum(capture.mapcounts + capture.foreign > 0)))
    mapped = mapped[capture.slots[large + 1]] - mapped[capture.slots[large]]
    pages = 1 << capture.orders[large].astype(np.int64)
    order = np.argsort(mapped - pages, kind="stable")
    shown = order if everything else order[:MOST_FOLIOS]
    yield f"{'folio':>7} {'order':>5} {'region':>6} {'page':>8} {'mapped':>9}  the kernel's own"[
        : None if capture.raw else 39
    ]
    for one in shown.tolist():
        said = ", ".join(
            f"{what} {value}".strip()
            for what, value in kernel_side.words(kernel_side.seen(capture, large[one]))
        )
        line = (
            f"{large[one]:>7} {capture.orders[large[one]]:>5} {first[one, REGION]:>6} {first[one, FIRST]:>8}"
            f" {f'{mapped[one]}/{pages[one]}':>9}  {said}"
        )
        yield line.rstrip()
    if rest := order.size - len(shown):
        yield f"... and {plural(rest, 'more folio')}; --all lists them"
