"""The proof: what every kernel is compared with and how much that is, and the comparison again, where the page runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as w

from folioviz.errors import FoliovizError
from folioviz.evidence import proof
from folioviz.evidence.proof import NOT_MODELLED, Amount, Outcome
from folioviz.evidence.recordings import library
from folioviz.kernels import KERNELS
from folioviz.readout.words import count
from folioviz.stories.parts.pieces import label
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

HEADS = ("kernel", "compared with", "scenarios", "steps", "values", "exceptions", "verify here", "outcome")
ABOUT = (
    "All that the kernels of the model are held against comes with folioviz. Its tests compare every value of it, "
    "and fail at a difference that is not listed with its reason. Verify does the same once more, now, in the process "
    "that serves this page: its outcome is computed, not stored."
)


class Proof(Panel):
    """The table of kernels and sets; what is asked for is compared one set after the other."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.amounts = proof.amounts()
        self.rows = range(len(self.amounts))
        self.chosen = 0
        self.asked: list[int] = []
        """Places of the sets that are asked for and not done, the one under way first."""
        self.total = 0
        """So many steps have been asked for since there was nothing to do."""
        self.found: dict[int, Outcome] = {}
        self.faults: dict[int, str] = {}
        """Why a set could not be compared to its end."""
        self.work = Work(self.redraw)
        self.actions = {"proofall": partial(self.ask, self.rows), "proofstop": self.stop}
        self.actions |= {f"proof{place}": partial(self.ask, [place]) for place in self.rows}
        self.actions |= {f"proofrow{place}": partial(self.choose_row, place) for place in self.rows}
        self.widget = alike(w.VBox, [slot("proof")])
        self.update(session.frame)

    def choose_row(self, place: int) -> None:
        """Say of a row how its kernel is proven, what is excepted and why."""
        self.chosen = place
        self.redraw()

    def ask(self, places: Sequence[int]) -> None:
        """Compare sets, behind those that are waited for; one that is waited for is not asked for again."""
        new = [place for place in places if place not in self.asked]
        if not new:
            return
        if not self.asked:
            self.total = 0
        self.chosen = new[0]
        for place in new:
            self.found.pop(place, None)
            self.faults.pop(place, None)
        self.asked += new
        self.total += sum(self.amounts[place].compared for place in new)
        self.work.start(self._compare())
        self.redraw()

    def stop(self) -> None:
        """Stop; the sets that are done keep their outcome, of the one under way nothing is said."""
        if self.asked:
            self.found.pop(self.asked[0], None)
        self.asked = []
        self.work.stop()

    def _compare(self) -> Iterator[None]:
        """Compare what is asked for, record by record, until nothing is left."""
        while self.asked:
            place = self.asked[0]
            try:
                for outcome in proof.verify(*self.amounts[place][:2]):
                    self.found[place] = outcome
                    yield
            except FoliovizError as error:
                self.faults[place] = str(error)
            self.asked.pop(0)

    def update(self, _frame: Frame) -> None:
        """Show the button or the progress, the sum, the table, and what there is to say of the chosen row."""
        left = sum(self.amounts[place].compared for place in self.asked)
        here = self.found[self.asked[0]].steps if self.asked and self.asked[0] in self.found else 0
        done = self.total - left + here
        go = button("proofall", "Verify all", "compare every kernel with every set; takes some minutes")
        bar = self.work.pieces(go, "proofstop", done, self.total)
        head = heading(
            "Every kernel, every proof", "a set’s name says more of it; arrow keys go about", "recording"
        )
        names = joined(html('<th scope="col">{}</th>', name) for name in HEADS)
        table = html(
            '<div class="fv-rows-box fv-proof"><table role="grid" aria-label="what each kernel is compared with">'
            "<thead><tr>{}</tr></thead><tbody>{}{}</tbody></table></div>",
            names,
            joined(map(self._row, self.rows)),
            joined(map(reading, proof.readings())),
        )
        self.screen.put(
            "proof",
            {
                "head": html("<div>{}<p>{}</p></div>", head, ABOUT),
                **bar,  # pieces of their own: Cancel stays where it is while the bar moves
                "sum": self._sum(),
                "table": table,
                "said": html('<div class="fv-proof-said" role="status">{}</div>', self._said()),
                "not": html("<p><b>Not modelled, under any kernel:</b> {}.</p>", ", ".join(NOT_MODELLED)),
            },
        )

    def _sum(self) -> Markup:
        """Return how much there is, and what has come of it here."""
        done = [self.found[place] for place in self.found if place not in self.asked]
        values = sum(one.values for one in self.amounts)
        said = f"{count(len(self.amounts), 'set')}, {values:,} values"
        if done:
            bad = sum(one.differences for one in done)
            said = (
                f"verified here: {len(done)} of {count(len(self.amounts), 'set')}, {sum(one.values for one in done):,} "
                f"of {values:,} values, {count(bad, 'difference')}"
            )
        return html('<span class="fv-proof-sum">{}</span>', said)

    def _row(self, place: int) -> Markup:
        """Return the row of a kernel and a set; the kernel's name stands in its first one."""
        one = self.amounts[place]
        first = place == 0 or self.amounts[place - 1].kernel != one.kernel
        excepted = sum(len(reason.scenarios) for reason in proof.reasons(one.evidence))
        cells = (
            f"{one.scenarios:,}" + (" × 2 modes" if one.runs > one.scenarios else ""),
            f"{one.compared:,}" + (f" of {one.steps:,}" if one.compared < one.steps else ""),
            f"{one.values:,}",
            f"in {count(excepted, 'scenario')}" if excepted else "none",
        )
        kind, text = self._outcome(place)
        return html(
            '<tr{}><th scope="row">{}</th><td><button class="fv-link" data-fv="do:proofrow{}"{}>{}</button></td>{}'
            '<td><button class="fv-btn" data-fv="do:proof{}" aria-label="verify {} with {}">verify</button></td>'
            '<td class="fv-{}">{}</td></tr>',
            html(' class="fv-first"') if first else EMPTY,
            html("{}" if first else '<span class="fv-dim">{}</span>', label(one.kernel)),
            place,
            html(' aria-current="true"') if place == self.chosen else EMPTY,
            name_of(one),
            joined(html("<td>{}</td>", cell) for cell in cells),
            place,
            label(one.kernel),
            one.evidence,
            kind,
            text,
        )

    def _outcome(self, place: int) -> tuple[str, str]:
        """Return a class and what has come of a set."""
        if place in self.faults:
            return "bad", "could not be read"
        if place in self.asked:
            return "dim", "under way …" if place == self.asked[0] else "waits"
        if place not in self.found:
            return "dim", "not yet"
        found = self.found[place]
        if found.differences:
            return "bad", f"≠ {count(found.differences, 'difference')}"
        return "good", "≈ equal, but for the exceptions" if found.excepted else "= equal"

    def _said(self) -> Markup:
        """Return what there is to say of the chosen row."""
        one, found = self.amounts[self.chosen], self.found.get(self.chosen)
        why = joined(
            html("<li>{}: {}. {}</li>", ", ".join(reason.scenarios), reason.what, reason.why)
            for reason in proof.reasons(one.evidence)
        )
        ran = f"{count(one.scenarios, 'scenario')}{' in 2 modes' if one.runs > one.scenarios else ''}"
        much = f"{ran}, {one.compared:,} of {count(one.steps, 'step')} compared, in {count(one.values, 'value')}."
        parts = [html("<h3>{} with {}</h3><p>{}</p>", label(one.kernel), name_of(one), much)]
        if self.chosen in self.faults:
            parts += [html('<p class="fv-bad">{}</p>', self.faults[self.chosen])]
        if found and self.chosen not in self.asked:
            line = f"{count(found.steps, 'step')} compared in {count(found.values, 'value')}: "
            line += count(found.differences, "difference") + (
                f", and {found.excepted} that are listed" if found.excepted else ""
            )
            parts += [html("<p>Here, now: {}.</p>", line)]
            parts += [html('<p class="fv-bad">The first: {}.</p>', found.first)] if found.first else []
        parts += [html("<p>The kernel rests on {}.</p>", KERNELS[one.kernel].proof)]
        parts += [html("<p>{}</p>", of_set(one))]
        parts += (
            [html("<p>Not equal or not compared, and why that is accepted:</p><ul>{}</ul>", why)]
            if why
            else []
        )
        return joined(parts)


def name_of(one: Amount) -> str:
    """Return what a set is called."""
    if one.recorded:
        return f"a running {one.evidence}"
    return f"vectors {one.evidence}"


def of_set(one: Amount) -> str:
    """Return what a set is, and what it lacks."""
    if not one.recorded:
        return "Vectors are what the kernel’s own functions, compiled, did: every field of every record is compared."
    lacking = len(library.scenarios(one.evidence)) - one.scenarios
    more = (
        f" It could not run {count(lacking, 'scenario')}: they need folios of sizes that it lacks."
        if lacking
        else ""
    )
    return f"A program ran on {one.evidence}, and after each step all that the kernel shows was read.{more}"


def reading(key: str) -> Markup:
    """Return the row of a kernel that nothing was recorded of."""
    return html(
        '<tr class="fv-first"><th scope="row">{}</th><td colspan="7" class="fv-dim">{}</td></tr>',
        label(key),
        KERNELS[key].proof,
    )
