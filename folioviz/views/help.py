"""The help: every key, and what is drawn."""

from __future__ import annotations

from folioviz.views.events import KEYS
from folioviz.views.text import esc

KEY_NAMES = {
    "ArrowRight": "→",
    "ArrowLeft": "←",
    "Shift+ArrowRight": "Shift →",
    "Shift+ArrowLeft": "Shift ←",
    " ": "Space",
    "Escape": "Esc",
}
"""Key, as a browser calls it -> what stands on it."""


def help_card() -> str:
    """Return the keys and the legend."""
    words = [(key, text) for key, (text, _) in KEYS.items()]
    words += [(" ", "play, or stop"), ("?", "this help"), ("Escape", "close the help")]
    keys = "".join(
        f"<div><dt><kbd>{esc(KEY_NAMES.get(key, key))}</kbd></dt><dd>{esc(text)}</dd></div>"
        for key, text in words
    )
    return (
        '<section class="fv-help" aria-label="help"><div><h2>Keys</h2><dl>'
        f"{keys}</dl></div><div><h2>What is drawn</h2><ul>"
        "<li>A lane is a process; a page has its folio’s colour. Hollow: in a VMA, not mapped. Hatched: read-only, a "
        "write copies. One bar over a dark base: mapped by a PMD. With two kernels, A is the upper strip.</li>"
        "<li>On a folio’s card each cell is a page, the number in it how many PTEs map it (_mapcount + 1). Underlined: "
        "AnonExclusive. A red frame: the last step changed it.</li>"
        "<li>Counters are the kernel’s: they begin at −1, and _nr_pages_mapped holds 0x800000 while a PMD maps "
        "all of the folio.</li>"
        "<li>Spurious: on the queue for nothing, because the same operation unmaps all of it.</li></ul></div></section>"
    )
