"""All buttons, and the rows in which they stand, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.session.actions_of_machine import OF_MACHINE, SIZED
from folioviz.views.session.actions_of_programs import OF_PROGRAMS

if TYPE_CHECKING:
    from folioviz.views.session.action import Action, Row

INTENTS = {
    "mapping": "map",
    "write": "write",
    "give_back": "give back",
    "share": "share",
    "machine": "machine",
    SIZED: "sizes",
}
"""Room of operations, or what buttons stand under -> its heading; in the order of the screen."""

ACTIONS: dict[str, Action] = {action.name: action for action in (*OF_PROGRAMS, *OF_MACHINE)}


def standing(row: Row) -> tuple[Action, ...]:
    """Return the buttons of a row, or, for "", those that only a search finds; by what they are for."""
    order = list(INTENTS)
    there = [action for action in ACTIONS.values() if action.row == row]
    return tuple(sorted(there, key=lambda one: order.index(one.under or one.intent)))
