"""A stage: one page and one kernel behind it, on which any board is put up anew for whoever needs no others."""

from __future__ import annotations

from tools import dashboard

NAME = "stage.ipynb"
CELL = """
import traceback

import ipywidgets as w
from IPython import get_ipython
from IPython.display import HTML, display

from folioviz.views import Explorer, Machine, Story, Tour

asked, wrong, place = w.Text(), w.Text(), w.VBox()


def shut(widget):
    for child in getattr(widget, "children", ()):
        shut(child)
    widget.close()


def put_up(change):
    number, name, link = change["new"].split(" ", 2)
    if name == "same":
        place.children[0].follow_link(link)
        return
    wrong.value = wrong.value if name == "nothing" else ""
    before, place.children = place.children, ()
    for board in before:
        shut(board)
    if name == "nothing":
        board = w.Label("nothing")
    else:
        board = {"explorer": Explorer, "machine": Machine, "tour": Tour}.get(name, lambda: Story(name))()
    board.add_class(f"t-{number}")
    place.children = (board,)
    if link:
        board.follow_link(link)


def note(*_args, **_more):
    wrong.value = traceback.format_exc()


get_ipython().showtraceback = note
asked.observe(put_up, "value")
display(HTML(f'<span id="stage" data-asked="{asked.model_id}" data-wrong="{wrong.model_id}"></span>'))
place
"""
"""Boards come as a notebook makes them, links as its last cell hands them on. What fails in the kernel is kept."""
READY = """() => document.getElementById('stage')
    && window.jupyterapp?.widgetManager?.kernel?.connectionStatus === 'connected'"""
ASK = """async value => {
    const { asked } = document.getElementById('stage').dataset;
    const model = await window.jupyterapp.widgetManager.get_model(asked);
    model.set('value', value);
    model.save_changes();
}"""
ANSWERED = """async () => {
    await window.jupyterapp.widgetManager.kernel.requestKernelInfo();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
"""The kernel answers in turn: what the page has sent before is done, and shown."""
WRONG = """async () => {
    const { wrong } = document.getElementById('stage').dataset;
    return (await window.jupyterapp.widgetManager.get_model(wrong)).get('value');
}"""


def notebook(path):
    """Write the stage's notebook, as long as the explorer's above the board."""
    dashboard.write_notebook(path, CELL, words="# What does a zap of a large folio cost?")


def answered(view):
    """Wait until a page shows what the kernel says to all that it was asked; then no answer is under a click."""
    view.evaluate(ANSWERED)


class Stage:
    """The page."""

    def __init__(self, view, errors):
        """Take a page that has been opened, and the list that its console's errors go to."""
        self.view, self.errors = view, errors
        self.number = 0
        dashboard.holds(view, READY)

    def put_up(self, name, link=""):
        """Show a new board, the explorer, a machine or a story, as a fresh page would; return the page."""
        view = self.view
        view.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="no-preference")
        view.set_viewport_size({"width": 1440, "height": 1400})
        self._ask(name, link)
        board = f".t-{self.number}"
        if name == "explorer":
            view.wait_for_selector(f"{board} .fv-trace button.now")
            view.wait_for_selector(f"{board} .fv-lane canvas")
        elif name == "machine":
            view.wait_for_selector(f"{board} canvas[data-heat]")
        else:
            view.wait_for_selector(f"{board} :is(.fv-guess, .fv-answer, .fv-sentence)", state="visible")
        answered(view)
        view.mouse.move(0, 0)
        view.evaluate("scrollTo(0, 0)")
        return view

    def follow(self, link):
        """Let the board that is shown follow another link."""
        self._ask("same", link)

    def clear(self):
        """Take the board down; return the errors that the console and the kernel have had since the last time."""
        for other in self.view.context.pages:
            if other != self.view:  # what is behind another tab is drawn once a second, and has no focus
                other.close()
        self._ask("nothing", "")
        self.view.wait_for_selector(f".t-{self.number}")
        found = [*self.errors, *filter(None, [self.view.evaluate(WRONG)])]
        self.errors.clear()
        return found

    def _ask(self, name, link):
        """Ask the kernel for a board."""
        self.number += 1
        self.view.evaluate(ASK, f"{self.number} {name} {link}")
