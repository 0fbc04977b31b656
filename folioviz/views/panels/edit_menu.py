"""The editor of the strip of operations: deletes the one under the playhead, changes it, or inserts one after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.errors import DocumentError
from folioviz.ops.ops import parse
from folioviz.views.page.markup import html
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.views.session.frame import Frame


HINT = Markup('<p class="fv-dim">For example: <code>munmap 1 0 8</code></p>')


def button(frame: Frame, key: str) -> Markup:
    """Return what opens the editor: it names the operation, and holds its short form."""
    op = frame.op
    return html(
        '<button class="fv-btn fv-edits" popovertarget="fv-edit-{}" data-place="{}" data-short="{}" '
        'title="change, delete or insert an operation, and see what would have been"{}>'
        "Edit {}</button>",
        key,
        frame.index,
        op.short() if op else "",
        "" if op else Markup(" disabled"),
        frame.index + 1 if op else "",
    )


def box(key: str) -> Markup:
    """Return the editor."""
    return html(
        '<div popover id="fv-edit-{}" class="fv-pop fv-edit" data-pop="edit" role="dialog" '
        'aria-label="Edit the operations"><h2>What would have been?</h2>'
        '<label class="fv-copy">operation, in the short form<input data-edit spellcheck="false"></label>'
        '<div class="fv-checked" data-slot="edited"></div><div class="fv-row">'
        '<button class="fv-btn fv-primary" data-edits="change">Change it</button>'
        '<button class="fv-btn" data-edits="insert">Insert after it</button>'
        '<button class="fv-btn" data-edits="delete">Delete it</button></div>'
        '<p class="fv-dim">All later operations are done again. What was there can be brought back.</p></div>',
        key,
    )


def checked(text: str) -> Markup:
    """Return what an operation in the short form is, or what is wrong with it."""
    try:
        return html('<p class="fv-good" role="status" data-good>{}</p>', described(parse(text)))
    except DocumentError as error:
        return html('<p class="fv-bad" role="status">{}</p>', str(error))
