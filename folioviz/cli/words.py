"""What a shell completes, and a help that names values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand

from folioviz import kernels as registry
from folioviz.files.scenario import shipped
from folioviz.race.library import RACES

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPE = re.compile(r"^(  \S+)( <[a-z]+(?:\[[a-z]+\])?>)", re.MULTILINE)
"""In a help: an argument's name, and the type that typer puts behind it."""


class Command(TyperCommand):
    """A command whose help has the names of values, and not their types in Python."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        lines = TYPE.sub(lambda hit: hit[1] + " " * len(hit[2]), super().get_help(ctx)).splitlines()
        return "\n".join(map(str.rstrip, lines))


def _begun(names: Iterable[str], incomplete: str) -> list[str]:
    """Return the names that begin like a word."""
    return [name for name in names if name.startswith(incomplete)]


def kernels(incomplete: str) -> list[str]:
    """Return the kernels whose key begins so."""
    return _begun(registry.KERNELS, incomplete)


def scenarios(incomplete: str) -> list[str]:
    """Return the scenarios of the library whose name begins so."""
    return _begun(shipped(), incomplete)


def races(incomplete: str) -> list[str]:
    """Return the races of the library whose name begins so."""
    return _begun((race.name for race in RACES), incomplete)
