"""The pickers of kernels A and B: a menu in groups, and a line that says what the kernel is and how it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.kernels import CHANGES, KERNELS
from folioviz.kernels.kernel import BRACKETED, ERAS, READING, RECORDED, VECTORS
from folioviz.views.page.text import esc

if TYPE_CHECKING:
    from folioviz.kernels.kernel import Change, Kernel
    from folioviz.views.session.frame import Frame

NONE = "none"
"""Kernel B of a page that shows A alone."""
PROOFS = {
    VECTORS: "vectors",
    BRACKETED: "vectors, patches taken back",
    RECORDED: "vectors and recordings",
    READING: "reading only",
}
"""How a kernel is known to be right -> in few words."""
ROLES = {
    "A": "kernel A: drawn first, in orange",
    "B": "kernel B: drawn beside A, in blue; none shows A alone",
}


def proof(kernel: Kernel) -> str:
    """Return how a kernel is known to be right, in few words."""
    return PROOFS.get(kernel.proof) or kernel.proof.partition(":")[0]


def option(kernel: Kernel, chosen: str) -> str:
    """Return a kernel as a line of the menu: its name, what is special about it, how it is proven."""
    on = " selected" if kernel.key == chosen else ""
    text = f"{kernel.label} — {kernel.line} ({proof(kernel)})"
    return f'<option value="{esc(kernel.key)}"{on}>{esc(text)}</option>'


def options(side: str, chosen: str) -> str:
    """Return the kernels, oldest first, in the groups of their eras."""
    out = (
        [f'<option value="{NONE}"{" selected" if chosen == NONE else ""}>none</option>']
        if side == "B"
        else []
    )
    for era, title in ERAS.items():
        inside = "".join(option(kernel, chosen) for kernel in KERNELS.values() if kernel.era == era)
        out.append(f'<optgroup label="{esc(title)}">{inside}</optgroup>')
    return "".join(out)


def picker(side: str, chosen: str, page: str) -> str:
    """Return the menu of a side; ``page`` makes its id the only one of the window."""
    name = f"fv-kernel-{side}-{page}"
    return (
        f'<span class="fv-field fv-pick fv-{side}"><label class="widget-label" for="{name}">{side}</label>'
        f'<select id="{name}" data-pick="{side}" data-fv="pick:{side}" title="{esc(ROLES[side])}">'
        f"{options(side, chosen)}</select></span>"
    )


def note(side: str, kernel: Kernel) -> str:
    """Return the line under a picker: when, how it is proven, what it is; opened, also where its rules are from."""
    head = " · ".join(part for part in (kernel.date, proof(kernel)) if part)
    return (
        f'<details class="fv-knote"><summary><b class="fv-{side}">{side}</b> <span>{esc(kernel.title)}</span> '
        f"<small>{esc(head)}</small></summary>"
        f"<p>{esc(kernel.title)}</p><p>From: {esc(kernel.source)}.</p><p>How it is proven: {esc(kernel.proof)}.</p>"
        f"{changes(kernel)}</details>"
    )


def changes(kernel: Kernel) -> str:
    """Return what a kernel is made of: the upstream changes that its modules follow, beyond its parent."""
    made = dict.fromkeys(
        change for module in kernel.modules for change in CHANGES.get(module.__name__.rpartition(".")[2], ())
    )
    if not made:
        return ""
    lines = "".join(f"<li>{line(one)}</li>" for one in made)
    return f"<p>Made of {esc(kernel.parent)} and:</p><ul>{lines}</ul>"


def line(change: Change) -> str:
    """Return one change: commit and title as `git log --oneline` has them, then release, file and date."""
    rest = ", ".join(filter(None, (change.text, change.file, change.date)))
    if not change.commit:
        return f"{esc(change.words)} <small>· {esc(rest)}</small>"
    before = "before " if change.before else ""
    return f"{before}<code>{change.commit}</code> {esc(change.title)} <small>· {esc(rest)}</small>"


def pickers(frame: Frame, page: str) -> dict[str, str]:
    """Return both menus."""
    chosen = {side.name: side.kernel.key for side in frame.sides}
    return {side: picker(side, chosen.get(side, NONE), page) for side in "AB"}


def notes(frame: Frame) -> dict[str, str]:
    """Return a line per kernel on the screen."""
    return {side.name: note(side.name, side.kernel) for side in frame.sides}
