"""The question to a kernel: what munmap and the shrinker would do to what is selected; and the way to the explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from folioviz import kernels
from folioviz.stories import ways
from folioviz.views.machine_panels.answers import Answer, equal, key_of
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.panels.pickers import options
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from folioviz.views.machine_panels.look import Look

LISTED: Final = 30
"""So many differences are listed one by one."""


WAITING: Final = Markup('<p class="fv-dim">One moment …</p>')


class Asking:
    """Asks a little at a time, so that the page goes on to react; the last question alone is answered.

    Args:
        show: draws the page anew, as far as the answer is.

    Attributes:
        come_from: what links into the explorer say of the page, if there is a way back to it.
    """

    def __init__(self, show: Callable[[], None]) -> None:
        self.come_from = ""
        self.work = Work(show)
        self.answer: Answer | None = None
        self.last: dict[str, Markup] = {"wait": WAITING}

    def ask(self, look: Look) -> None:
        """Begin to answer what is asked of the selection, unless that is known."""
        if self.known(look) or not look.region:
            return
        if self.work.task is not None:
            self.work.task.cancel()
            self.work.task = None
        self.answer = Answer(key_of(look))
        steps = self.answer.find(look)
        if self.work.able:
            self.work.start(steps)
        else:
            for _ in steps:
                pass
            self.work.draw()

    def known(self, look: Look) -> Answer | None:
        """Return what is known of the selection, None if it was not asked."""
        return self.answer if self.answer and self.answer.key == key_of(look) else None


def picker(look: Look, page: str) -> Markup:
    """Return the menu of kernels; ``page`` makes its id the only one of the window."""
    return html(
        '<span class="fv-field fv-pick"><label for="fv-asked-{0}">kernel</label><span class="fv-closed">'
        '<select id="fv-asked-{0}" data-pick="A" data-fv="pick:A" title="the kernel that is asked">{1}</select>'
        '<span aria-hidden="true">{2}</span></span></span>',
        page,
        options("A", look.kernel),
        kernels.find(look.kernel).label,
    )


def into(query: str, text: str, kind: str = "", come_from: str = "") -> Markup:
    """Return a link into the explorer; in JupyterLab, the cell that opens it."""
    return html(
        '<a class="{0} fv-served" target="_blank" href="{1}">{2}</a>'
        '<details class="fv-lab"><summary>{2}</summary><code>Explorer(link="{3}")</code></details>',
        kind or "fv-mc-step",
        ways.explorer(query, come_from),
        text,
        query,
    )


def _listed(what: str, items: Sequence[str]) -> Markup:
    """Return items behind their number."""
    if not items:
        return EMPTY
    more = html("<li>and {} more</li>", len(items) - LISTED) if len(items) > LISTED else EMPTY
    inside = joined(html("<li>{}</li>", one) for one in items[:LISTED])
    return html(
        '<details class="fv-mc-more"><summary>{}: {}</summary><ul>{}{}</ul></details>',
        what,
        len(items),
        inside,
        more,
    )


def pieces(look: Look, asking: Asking, page: str) -> dict[str, Markup]:
    """Return the question and what is known of its answer; until that is known, the last one stays, dimmed."""
    found = asking.known(look)
    if not look.region:
        return {}
    out = {"kernel": html('<div class="fv-mc-ask">{}</div>', picker(look, page))}
    if found is None:
        out["go"] = html(
            '<p><button class="fv-btn" data-fv="do:ask">What would munmap and the shrinker do?</button></p>'
        )
        return out
    if found.refused:
        out["refused"] = html('<p class="fv-bad" role="status">Not rebuilt: {}.</p>', found.refused)
        return out
    if not found.done:
        old = '<div class="fv-mc-old fv-mc-of-{}" inert>{}</div>'
        return out | {f"old {name}": html(old, name, piece) for name, piece in asking.last.items()}
    out["open"] = html(
        '<p class="fv-mc-of-open">{}</p>',
        into(found.query, "Open in the explorer", "fv-btn", asking.come_from),
    )
    out["equal"] = html('<p role="status">{}</p>', equal(found))
    for place, deed in enumerate(found.deeds):
        step = (
            html(" {}", into(deed.query, "Step through it", come_from=asking.come_from))
            if deed.query
            else EMPTY
        )
        out[f"deed{place}"] = html("<p>{}{}</p>", deed.sentence, step)
    out["lists"] = html(
        "<div>{}{}{}</div>",
        _listed("differences", found.differences),
        _listed("left out", found.left_out),
        html('<p class="fv-dim">{}</p>', found.note) if found.note else EMPTY,
    )
    asking.last = {name: piece for name, piece in out.items() if name != "kernel"}
    return out
