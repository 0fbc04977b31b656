"""The code: the function that runs, as its kernel links it, with the line that made the step just done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.markup import EMPTY, html

if TYPE_CHECKING:
    from folioviz.readout.source import Source
    from folioviz.views.session.frame import Frame


UNFOLLOWED = Markup('<p class="fv-empty">In a schedule of several CPUs the line is not followed.</p>')


def origin(source: Source) -> Markup:
    """Return where a function is from: the kernel's file and release, the change, and its module here."""
    name = html("<b><code>{}()</code></b>", source.name)
    other = source.function if source.function != source.name else ""
    follows = html("follows {}{}", html("<code>{}()</code> of ", other) if other else EMPTY, source.file)
    change = html(", {}", source.change) if source.change else EMPTY
    return html(
        '<p class="fv-origin">{} {}{} · read in <code>{}</code></p>', name, follows, change, source.module
    )


def head(frame: Frame) -> dict[str, Markup]:
    """Return what stands above the lines."""
    code = frame.code
    if code is None:
        side = frame.side(frame.tracing) or frame.sides[0]
        text = "This kernel refused the operation." if side.refused else "Nothing has run."
        return {"empty": html('<p class="fv-empty">{}</p>', text)}
    begins = Markup('<p class="fv-empty">Nothing has run yet: the operation begins here.</p>')
    if code.line < 0:
        return {"origin": origin(code.source), "begins": UNFOLLOWED}
    return {"origin": origin(code.source)} | ({} if code.line else {"begins": begins})


def place(frame: Frame) -> Markup:
    """Return where the lines stand."""
    return html(
        '<div class="fv-code fv-of-{}" data-slot="codelines" translate="no"></div>', frame.tracing.lower()
    )


def lines(frame: Frame) -> dict[str, Markup]:
    """Return the function's lines, by number."""
    code = frame.code
    if code is None:
        return {}
    found = {}
    for number, text in enumerate(code.source.lines, code.source.first):
        now = number == code.line
        found[f"{code.source.module}:{number}"] = html(
            '<div><code class="{}" data-line="{} {} {}"{}><i>{}{}</i>{}</code></div>',
            f"now {code.side.lower()}" if now else "",
            code.side,
            code.source.module,
            number,
            Markup(' aria-current="step"') if now else EMPTY,
            "▶ " if now else "",
            number,
            text,
        )
    return found
