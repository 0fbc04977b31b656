"""The menus of the bar: open a capture, share what is looked at, save and draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError
from folioviz.views.machine_panels import figures, taken
from folioviz.views.machine_panels.amounts import memory
from folioviz.views.page.markup import html, joined
from folioviz.views.panels.menus import menu

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.machine_panels.look import Look

FILES: Final = {
    "regions": ("regions.csv", "Regions, CSV", "a line for each region"),
    "blocks": ("blocks.csv", "Blocks, CSV", "a line for each 2 MiB in which something is"),
    "capture": ("capture.json.gz", "Capture", "what is shown, to open again here or in a shell"),
}
"""What can be saved -> its file, its button and its tooltip."""
PICTURES: Final = {
    "heat": "address space",
    "figures": "figures",
    "regions": "regions",
    "chosen": "what is selected",
    "counters": "counters",
    "page": "the whole page",
}


def checked(text: str) -> Markup:
    """Return what a pasted text holds, or why it is no capture."""
    if not text.strip():
        return html('<p class="fv-dim">Nothing yet. A capture is made by {}.</p>', figures.HOW)
    try:
        found = taken.of_paste(text)
    except DocumentError as error:
        return html('<p class="fv-bad" role="status">{}</p>', str(error))
    return html(
        '<p class="fv-good" role="status" data-good>A capture of Linux {}: {} mapped.</p>',
        found.capture.about.release,
        memory(int(found.regions.mapped.sum())),
    )


def _open() -> Markup:
    """Return the menu that opens."""
    return html(
        "<h2>Open a capture</h2><p>{} makes one, on the machine that you ask about. It holds no contents of memory, "
        "and by default no addresses, names or process ids.</p>"
        '<div class="fv-copy"><label>a file, which can be dropped on the page, too'
        '<input type="file" data-open accept=".gz,.json"></label></div>'
        '<label class="fv-copy">or its text: JSON, or what <code>base64 -w0 FILE</code> prints'
        '<textarea data-paste rows="4" spellcheck="false"></textarea></label>'
        '<div class="fv-checked" data-slot="pasted"></div>'
        '<div class="fv-copy fv-mc-acts"><button class="fv-btn" data-fv="do:example">The example</button>'
        '<button class="fv-btn fv-primary" data-opens>Open</button></div>',
        figures.HOW,
    )


def _share() -> Markup:
    """Return the menu that shares."""
    return html(
        "<h2>Share</h2><p>The link brings back what is selected, and how regions are sorted. A file of your own is not "
        "in it: who opens the link is asked for the file by its name.</p>"
        '<div class="fv-copy" data-row="link"><label>link<input readonly data-out="link" spellcheck="false"></label>'
        '<button class="fv-btn" data-copy="link">Copy</button></div>'
        '<p class="fv-dim" data-near hidden>This address works on this machine alone.</p>'
        '<p class="fv-dim" data-launched hidden>Starts this version on Binder: a minute or more.</p>'
        '<div class="fv-copy" data-row="cell"><label>cell for JupyterLab<input readonly data-out="cell" '
        'spellcheck="false"></label><button class="fv-btn" data-copy="cell">Copy</button></div>'
        '<p class="fv-copied" role="status"></p>'
    )


def _export() -> Markup:
    """Return the menu that saves and draws."""
    files = joined(
        html(
            '<button class="fv-btn" data-fv="do:save{0}" title="{1}">{2}</button><small>{1}</small>',
            name,
            tip,
            label,
        )
        for name, (_, label, tip) in FILES.items()
    )
    pictures = joined(html('<option value="{}">{}</option>', name, label) for name, label in PICTURES.items())
    return html(
        '<h2>Save</h2><div class="fv-saves">{}</div><h2>Picture</h2><div class="fv-copy"><label>of'
        '<select data-picture>{}</select></label><button class="fv-btn" data-draw="png">PNG</button>'
        '<button class="fv-btn" data-draw="svg">SVG</button><button class="fv-btn" data-draw="html" '
        'title="a page with the picture">HTML</button></div>',
        files,
        pictures,
    )


def pieces(key: str) -> dict[str, Markup]:
    """Return the menus; ``key`` makes their ids the only ones of the window."""
    inside = {"open": _open(), "share": _share(), "export": _export()}
    return {name: menu(key, name, one) for name, one in inside.items()}


def link(look: Look) -> dict[str, str]:
    """Return what the browser is told of the address, and of what stands below pictures."""
    about = look.taken.capture.about
    what = look.taken.called
    return {
        "query": look.query,
        "plain": "",
        "explorer": "",
        "why": "",
        "text": "",
        "caption": f"folioviz · {what} · Linux {about.release}",
        "shell": "",
        "title": f"{what}: {figures.held(look.taken)} held, mapped by nobody – folioviz",
    }
