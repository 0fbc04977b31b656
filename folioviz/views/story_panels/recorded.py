"""A recording: its steps, and the one that is looked at, what the kernel showed beside what the model has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.evidence.recordings import recording, replayed
from folioviz.files import scenario, share
from folioviz.readout.words import count
from folioviz.stories.parts import both_sides
from folioviz.stories.parts.both_sides import ALONE, DIFFERS, EQUAL, EXCEPTED, Group, Line
from folioviz.stories.parts.pieces import label
from folioviz.stories.truth import KERNELS, NAMES, Place, ends, judged, place, scene, worth
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import colour, of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import into
from folioviz.views.panels.transport import button

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.evidence.recordings import Done, Observed, Replay
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

SIGNS = {
    EQUAL: ("=", "equal"),
    DIFFERS: ("≠", "differs"),
    EXCEPTED: ("≈", "differs, and why is known"),
    ALONE: ("·", "not compared"),
}
"""State of a line -> its sign, and what that means."""


def strip(view: Observed, region: str, pages: int) -> Markup:
    """Return a region's pages as a strip, coloured by folio."""
    parts = []
    for run in view.runs(region):
        own = of_folio(run.folio + 1) if run.state == "p" else colour("dim")
        left, width = 100 * run.first / pages, 100 * run.pages / pages
        kind = Markup(' class="fv-each"') if run.each or run.state != "p" else ""
        parts.append(
            html('<i{} style="left:{}%;width:{}%;--c:{}"></i>', kind, f"{left:.3f}", f"{width:.3f}", own)
        )
    return html('<div class="fv-rec-strip" aria-hidden="true">{}</div>', joined(parts))


def breakable(name: str) -> Markup:
    """Return a name that may be broken after an underscore."""
    return Markup("_<wbr>").join(name.split("_"))


def value(text: str, picture: Markup = EMPTY) -> Markup:
    """Return one side of a line."""
    lines = joined(html("<span>{}</span>", one) for one in text.split("\n"))
    return html("<td>{}{}</td>", picture, lines)


def row(line: Line, done: Done) -> Markup:
    """Return a line of the table: what, the kernel's side, how they stand to each other, the model's side."""
    sign, means = SIGNS[line.state]
    pictures = [EMPTY, EMPTY]
    if line.region:
        views = (done.kernel, done.model)
        pages = max([1, *(len(view.tables.get(line.region, ())) for view in views)])
        pictures = [
            strip(view, line.region, pages) if line.region in view.tables else EMPTY for view in views
        ]
    alone = line.why if line.state == ALONE else ""
    theirs, ours = (
        value(text, picture) if text or not alone else html('<td class="fv-dim">{}</td>', alone)
        for text, picture in zip((line.kernel, line.model), pictures, strict=True)
    )
    mark = html('<td class="fv-sign"><b role="img" aria-label="{0}" title="{0}">{1}</b></td>', means, sign)
    return html(
        '<tr class="fv-{}"><th scope="row">{}</th>{}{}{}</tr>',
        line.state,
        breakable(line.what),
        theirs,
        mark,
        ours,
    )


def reasons(group: Group) -> Markup:
    """Return why lines of a group are not equal, each reason once."""
    found = dict.fromkeys(line.why for line in group.lines if line.why and line.state != ALONE)
    return joined(
        html('<tr class="fv-excepted"><td></td><td colspan="3">≈ {}</td></tr>', why) for why in found
    )


def body(group: Group, done: Done) -> Markup:
    """Return a group of lines under its title."""
    rest = html('<tr class="fv-rec-rest"><td colspan="4">{}</td></tr>', group.rest) if group.rest else ""
    title = html('<tr class="fv-title"><th scope="rowgroup" colspan="4">{}</th></tr>', group.title)
    return html(
        "<tbody>{}{}{}{}</tbody>",
        title,
        joined(row(line, done) for line in group.lines),
        reasons(group),
        rest,
    )


def summary(found: tuple[Group, ...], done: Done) -> Markup:
    """Return what comes of a step, in a sentence."""
    states = [line.state for group in found for line in group.lines]
    equal, differs, excepted = (states.count(one) for one in (EQUAL, DIFFERS, EXCEPTED))
    if done.not_modelled:
        return html(
            '<p class="fv-rec-said fv-excepted" role="status">Not compared: {}</p>', done.not_modelled
        )
    kind = DIFFERS if differs else EXCEPTED if excepted else EQUAL
    said = [f"{count(differs, 'value')} not equal"] if differs else []
    said += [f"{count(excepted, 'value')} not equal, and why is known"] if excepted else []
    said += ["all that is compared is equal"] if kind == EQUAL else [f"{equal} equal"]
    return html(
        '<p class="fv-rec-said fv-{}" role="status"><b>{}</b> {}</p>', kind, SIGNS[kind][0], ", ".join(said)
    )


def sign_of(replay: Replay, number: int) -> str:
    """Return the sign of a step, for the list."""
    done = replay.steps[number]
    if done.not_modelled:
        return ALONE
    found = judged(Place(replay.release.name, replay.about.scenario)).findings
    mine = [one for one in found if one.step == done.number]
    return EQUAL if not mine else EXCEPTED if all(one.exclusion for one in mine) else DIFFERS


class Recorded(Panel):
    """Steps through a recording; the playhead follows, and is followed."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.step = 0
        self.place = Place(KERNELS[0], NAMES[0])
        self.replay = replayed(*self.place)
        most = max(len(recording(kernel, name).steps) for kernel in KERNELS for name in NAMES)
        self.actions = {f"rec{number}": partial(self.go, number) for number in range(most)}
        self.actions |= {"recback": lambda: self.go(self.step - 1), "recnext": lambda: self.go(self.step + 1)}
        steps = alike(w.VBox, [slot("recsteps"), slot("recgo", "fv-rec-go")])
        steps.add_class("fv-rec-steps")
        sides = alike(w.VBox, [slot("recsides", "fv-rec-sides")])
        both = alike(w.HBox, [steps, sides])
        both.add_class("fv-rec")
        self.widget = alike(w.VBox, [slot("rechead"), both])

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say."""
        if place(values) != self.place:
            self.place = place(values)
            self.replay = replayed(*self.place)
            self.step = worth(self.place)

    def go(self, number: int) -> None:
        """Look at a step; the playhead goes to where it is complete."""
        if 0 <= number < len(self.replay.steps):
            self.step = number
            if self._follows(self.session.frame):
                self.session.seek(self.session.frame.begins[ends(self.replay)[number]])
            self.redraw()

    def _follows(self, frame: Frame) -> bool:
        """Tell whether the board shows what the model did for this recording."""
        return bool(frame.ops) and frame.ops == scene(self.place).ops

    def _sync(self, frame: Frame) -> None:
        """Look at the step under the playhead; where several end there, at the one that was looked at."""
        done = self.session.history.axis.complete(frame.position)
        after = ends(self.replay)
        if after[self.step] != done:
            self.step = next((number for number, end in enumerate(after) if end >= done), self.step)

    def update(self, frame: Frame) -> None:
        """Show the steps and both sides."""
        replay = self.replay
        model = label(replay.release.model)
        self.screen.put("rechead", {"": html("<div>{}</div>", self._head(replay, model))})
        if not replay.steps:
            why = "it has folios of 2 MiB only" if replay.skip.startswith("no sysfs") else replay.skip
            said = f"{self.place.kernel} could not run this scenario: {why}. Choose a later kernel."
            self.screen.put("recsteps", {})
            self.screen.put("recgo", {})
            self.screen.put("recsides", {"": html('<p class="fv-empty" role="status">{}</p>', said)})
            return
        if self._follows(frame):
            self._sync(frame)
        done = replay.steps[self.step]
        found = both_sides.groups(replay, done)
        items = joined(map(self._item, range(len(replay.steps))))
        self.screen.put("recsteps", {"": html('<nav aria-label="recorded steps"><ol>{}</ol></nav>', items)})
        self.screen.put("recgo", self._buttons(len(replay.steps)))
        names = html(
            '<td></td><th scope="col"><b>{}</b> showed</th><td></td>'
            '<th scope="col">the model of <b>{}</b> has</th>',
            self.place.kernel,
            model,
        )
        grid = html(
            '<div class="fv-rec-grid" tabindex="0" role="group" aria-label="both sides">'
            "<table><thead><tr>{}</tr></thead>{}</table></div>",
            names,
            joined(body(group, done) for group in found),
        )
        title = html("<h3>Step {}: <code>{}</code></h3>", self.step + 1, done.text)
        sides = {
            "said": html('<div class="fv-rec-line">{}{}</div>', title, summary(found, done)),
            "grid": grid,
            "ops": html("<div>{}</div>", self._ops(done)),
        }
        self.screen.put("recsides", sides)

    def _head(self, replay: Replay, model: str) -> Markup:
        """Return the panel's heading and what the scenario is for."""
        title = heading(
            "Recording and model", f"{self.place.kernel} beside the model of {model}", "recording"
        )
        signs = joined(html("<span><b>{}</b> {}</span>", sign, means) for sign, means in SIGNS.values())
        return html('{}<p>{}</p><p class="fv-rec-signs fv-dim">{}</p>', title, replay.about.desc, signs)

    def _item(self, number: int) -> Markup:
        """Return a step of the list."""
        kind = sign_of(self.replay, number)
        sign, means = SIGNS[kind]
        now = Markup(' aria-current="step"') if number == self.step else ""
        return html(
            '<li><button data-fv="do:rec{0}"{1}><small>{2}</small> <code>{3}</code> '
            '<b class="fv-{4}" role="img" aria-label="{5}" title="{5}">{6}</b></button></li>',
            number,
            now,
            number + 1,
            self.replay.steps[number].text,
            kind,
            means,
            sign,
        )

    def _buttons(self, steps: int) -> dict[str, Markup]:
        """Return what goes back and forth."""
        return {
            "back": button("recback", "◀ step", "the recorded step before", off=self.step == 0),
            "next": button("recnext", "step ▶", "the next recorded step", off=self.step == steps - 1),
        }

    def _ops(self, done: Done) -> Markup:
        """Return what the model did for a step, as a link to it in the explorer."""
        if not done.ops:
            return Markup('<p class="fv-dim">The model has nothing to do for this step.</p>')
        shown = "; ".join(op.short() for op in done.ops[:3])
        more = f" and {len(done.ops) - 3:,} more" if len(done.ops) > 3 else ""
        at = self._position()
        query = share.query(scenario.replace(scene(self.place), at=at, step=None))
        link = into(query, "open this step in the explorer", "", self.come_from)
        return html(
            '<p class="fv-rec-ops">The model’s operations for it: <code>{}</code>{} · {}</p>',
            shown,
            more,
            link,
        )

    def _position(self) -> int | None:
        """Return where the playhead stands once the step is complete; None if the board shows something else."""
        frame = self.session.frame
        return frame.begins[ends(self.replay)[self.step]] if self._follows(frame) else None
