"""The bar: scenario, kernels, gather mode, undo, redo, help; and the sentence that says what to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz import kernels
from folioviz.files import scenario
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html
from folioviz.views.page.screen import fill, filled, slot
from folioviz.views.panels.controls import message
from folioviz.views.panels.help import help_card
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.pickers import notes, pickers
from folioviz.views.panels.ways import tellers
from folioviz.views.session.first import BLANK, FIRST, TRY
from folioviz.views.session.opening import pair_of

if TYPE_CHECKING:
    from folioviz.kernels.kernel import Kernel
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.expected import Expected
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

OWN, OWN_TITLE = "", "your own operations"
GATHER = {"batched": "batched (x86-64)", "none": "none (s390)"}


class Bar(Panel):
    """Chooses what is run."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self._quiet = False
        self._shown: tuple[Kernel, ...] = ()
        self._made = [(item.title, item.name) for item in (*scenario.shipped().values(), BLANK)]
        self._names = {name for _, name in self._made}
        self.scenario = self._menu("scenario", [(OWN_TITLE, OWN), *self._made], "what was done to get here")
        self.gather = self._menu(
            "mmu_gather",
            [(text, mode) for mode, text in GATHER.items()],
            "how the architecture frees what a zap unmaps",
        )
        for menu, kind in (
            (self.scenario, "fv-scenario"),
            (self.gather, "fv-gather"),
        ):
            menu.add_class(kind)
        self.undo = alike(w.Button, description="↶ Undo", tooltip="go back to before this operation (u)")
        self.redo = alike(
            w.Button, description="↷ Redo", tooltip="go forward; at the end, bring back what was dropped (r)"
        )
        self.help = filled(help_card())
        self.undo.on_click(lambda _: session.undo())
        self.redo.on_click(lambda _: session.redo())
        for button in (self.undo, self.redo):
            button.add_class("fv-small")
        self.said = filled()
        self.about = filled()
        self.tail = alike(w.HBox, [self.undo, self.redo, self.help])
        self.tail.add_class("fv-tail")
        pair = alike(w.HBox, [slot("kernels", "fv-kernels"), slot("kernelnotes", "fv-knotes")])
        pair.add_class("fv-two")
        row = alike(w.HBox, [self.scenario, pair, self.gather, self.tail])
        row.add_class("fv-topbar")
        line = alike(w.HBox, [self.about, self.said])
        line.add_class("fv-line-about")
        self.widget = alike(w.VBox, [row, line])
        self.scenario.observe(self._opened, "value")
        self.gather.observe(self._gathered, "value")

    def tell(self, summary: w.Widget) -> None:
        """Take the sentence of the operation between the buttons and what the scenario is about."""
        row, *rest = self.widget.children
        self.widget.children = (row, summary, *rest)

    def hold(self, ways: w.Widget, menus: w.Widget) -> None:
        """Take the ways to other pages as the first, and the menus among the buttons."""
        row = self.widget.children[0]
        row.children = (ways, *row.children)
        self.tail.children = (self.undo, self.redo, menus, self.help)

    @staticmethod
    def _menu(label: str, options: list[tuple[str, str]], tooltip: str) -> w.Dropdown:
        """Make a menu."""
        style = {"description_width": "auto"}
        menu = alike(w.Dropdown, options=options, description=label, tooltip=tooltip, style=style)
        menu.add_class("fv-field")
        return menu

    def _opened(self, change: Any) -> None:
        """Open a scenario; one's own operations cannot be opened, so the menu goes on to name what is shown."""
        if self._quiet:
            return
        if change["new"] == OWN:
            self.update(self.session.frame)
        else:
            self.session.open(change["new"])

    def _gathered(self, change: Any) -> None:
        """Take another gather mode."""
        if not self._quiet:
            self.session.gather(change["new"])

    def update(self, frame: Frame) -> None:
        """Let the menus show what is run."""
        self._quiet = True
        known = frame.scenario in self._names
        own = OWN_TITLE if known or not frame.title else frame.title
        if self.scenario.options[0][0] != own:
            self.scenario.options = [(own, OWN), *self._made]
        self.scenario.value = frame.scenario if known else OWN
        self.gather.value = frame.mmu_gather
        self._quiet = False
        shown = tuple(side.kernel for side in frame.sides)
        if shown != self._shown:  # hundreds of lines that a step does not change
            self._shown = shown
            self.screen.put("kernels", pickers(frame, self.screen.model_id))
            self.screen.put("kernelnotes", notes(frame))
        self.undo.disabled = frame.position == 0
        self.redo.disabled = frame.position == frame.last and not frame.dropped
        fill(self.said, message(frame.messages.get("scenario", "") or frame.messages.get("kernels", "")))
        fill(self.about, introduction(frame))


def told_of(frame: Frame) -> str:
    """Return which kernels a scenario's words are about, if those on the screen are others."""
    told = scenario.shipped()[frame.scenario].kernels if frame.scenario in scenario.shipped() else ()
    if not told or {side.kernel.key for side in frame.sides} == set(pair_of(told)):
        return ""
    return f" (told of {' and '.join(kernels.find(key).label for key in told)})"


def introduction(frame: Frame) -> Markup:
    """Return what the scenario shows and what to try."""
    if not frame.title:
        return EMPTY
    told = told_of(frame)
    more, tip = EMPTY, Markup("Step with <kbd>←</kbd> and <kbd>→</kbd>.")
    if frame.scenario == FIRST:
        tip = TRY if told else html("{} {}", frame.about, TRY)
    if frame.expected and frame.expected[0].fails is not None:
        tip = html("{}", outcome(frame.expected))
    if frame.about and (told or frame.scenario != FIRST):
        more = html(
            "<details><summary>more{}</summary>{} {}</details>", told, frame.about, statements(frame.expected)
        )
    return html(
        '<div class="fv-about"><p><b>{}.</b> {} {}</p> {}</div>',
        frame.title,
        tellers(frame.scenario),
        tip,
        more,
    )


def outcome(expected: tuple[Expected, ...]) -> str:
    """Return how much of what was expected is true, at the end."""
    failed = [one for one in expected if one.fails]
    if not failed:
        return f"Expected at the end: {len(expected)} of {len(expected)} true."
    sides = sorted({name for one in failed for name in one.fails or ()})
    return f"Expected at the end: {len(failed)} of {len(expected)} not true under {' and '.join(sides)}."


def statements(expected: tuple[Expected, ...]) -> Markup:
    """Return what a scenario expects at its end, and of what that is true, once it is there."""
    if not expected:
        return EMPTY
    lines = [html("<li>{}: {}</li>", one.words, _judged(one)) for one in expected]
    return html('<div class="fv-expected">Expected at the end:<ul>{}</ul></div>', EMPTY.join(lines))


def _judged(one: Expected) -> Markup:
    """Return whether a statement is true."""
    if one.fails is None:
        return Markup("seen at the end")
    return html("<b>not true under {}</b>", " and ".join(one.fails)) if one.fails else Markup("<b>true</b>")
