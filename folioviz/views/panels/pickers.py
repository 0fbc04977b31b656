"""The pickers of kernels A and B: a menu in groups, and a line that says what the kernel is and how it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.kernels import CHANGES, KERNELS, VARIANTS, find
from folioviz.kernels.kernel import BRACKETED, ERAS, READING, RECORDED, VECTORS
from folioviz.kernels.variants import CHANGES as OF_VARIANTS
from folioviz.views.page.markup import EMPTY, html, joined

if TYPE_CHECKING:
    from markupsafe import Markup

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


def option(kernel: Kernel, chosen: str) -> Markup:
    """Return a kernel as a line of the menu: its name, what is special about it, how it is proven."""
    on = " selected" if kernel.key == chosen else ""
    text = f"{kernel.label} — {kernel.line} ({proof(kernel)})"
    return html('<option value="{}"{}>{}</option>', kernel.key, on, text)


def options(side: str, chosen: str) -> Markup:
    """Return the kernels, oldest first, in the groups of their eras."""
    out = (
        [html('<option value="{}"{}>none</option>', NONE, " selected" if chosen == NONE else "")]
        if side == "B"
        else []
    )
    if chosen in VARIANTS:  # a race has it; nobody else is offered it
        out.append(option(VARIANTS[chosen], chosen))
    for era, title in ERAS.items():
        inside = joined(option(kernel, chosen) for kernel in KERNELS.values() if kernel.era == era)
        out.append(html('<optgroup label="{}">{}</optgroup>', title, inside))
    return joined(out)


def picker(side: str, chosen: str, page: str) -> Markup:
    """Return the menu of a side; ``page`` makes its id the only one of the window."""
    name = f"fv-kernel-{side}-{page}"
    return html(
        '<span class="fv-field fv-pick fv-{0}"><label class="widget-label" for="{1}">{0}</label>'
        '<span class="fv-closed"><select id="{1}" data-pick="{0}" data-fv="pick:{0}" title="{2}">{3}</select>'
        '<span aria-hidden="true">{4}</span></span></span>',
        side,
        name,
        ROLES[side],
        options(side, chosen),
        NONE if chosen == NONE else find(chosen).label,
    )


def note(side: str, kernel: Kernel) -> Markup:
    """Return the line under a picker: when, how it is proven, what it is; opened, also where its rules are from."""
    head = " · ".join(part for part in (kernel.date, proof(kernel)) if part)
    return html(
        '<details class="fv-knote"><summary><b class="fv-{0}">{0}</b> <span>{1}</span> '
        "<small>{2}</small></summary><p>{1}</p><p>From: {3}.</p><p>How it is proven: {4}.</p>{5}</details>",
        side,
        kernel.title,
        head,
        kernel.source,
        kernel.proof,
        changes(kernel),
    )


def changes(kernel: Kernel) -> Markup:
    """Return what a kernel is made of: the upstream changes that its modules follow, beyond its parent."""
    made = dict.fromkeys(
        change
        for module in kernel.modules
        if kernel.parent  # the base is its own text
        for change in (CHANGES | OF_VARIANTS).get(module.__name__.rpartition(".")[2], ())
    )
    if not made:
        return EMPTY
    lines = joined(html("<li>{}</li>", line(one)) for one in made)
    return html("<p>Made of {} and:</p><ul>{}</ul>", KERNELS[kernel.parent].label, lines)


def line(change: Change) -> Markup:
    """Return one change: commit and title as `git log --oneline` has them, then release, file and date."""
    rest = ", ".join(filter(None, (change.text, change.file, change.date)))
    if not change.commit:
        return html("{} <small>· {}</small>", change.words, rest)
    before = "before " if change.before else ""
    return html("{}<code>{}</code> {} <small>· {}</small>", before, change.commit, change.title, rest)


def pickers(frame: Frame, page: str) -> dict[str, Markup]:
    """Return both menus."""
    chosen = {side.name: side.kernel.key for side in frame.sides}
    return {side: picker(side, chosen.get(side, NONE), page) for side in "AB"}


def notes(frame: Frame) -> dict[str, Markup]:
    """Return a line per kernel on the screen."""
    return {side.name: note(side.name, side.kernel) for side in frame.sides}
