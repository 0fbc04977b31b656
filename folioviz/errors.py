"""Every error that folioviz raises on purpose; the message names the thing, the value and the bound."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class FoliovizError(Exception):
    """The root: catch this to catch all of them."""


class LimitError(FoliovizError, ValueError):
    """A value is outside its bound."""

    @classmethod
    def of(cls, thing: str, value: object, bound: str) -> Self:
        """Build the usual sentence: what, which value, what is allowed."""
        return cls(f"{thing} is {shown(value)}: it must be {bound}")


class OperationError(FoliovizError, ValueError):
    """An operation that the kernel would answer with -EINVAL or that this machine has no room for."""


class KernelError(FoliovizError, KeyError):
    """No kernel, function or mode of that name."""

    def __str__(self) -> str:
        """Return the message without the quotes that KeyError adds."""
        return str(self.args[0])


class DocumentError(FoliovizError, ValueError):
    """A scenario, an operation or a file that does not read as one."""


class LiveError(FoliovizError, RuntimeError):
    """A running machine that has not what is asked for, or does not let it be read."""


class MissingError(FoliovizError, ImportError):
    """A part of folioviz needs a package that is not installed."""


class ScriptError(FoliovizError, ValueError):
    """A JavaScript module that cannot be joined with the others."""


NEAR = 3
"""So many names are offered for one that is none."""
LONGEST = 60
"""Characters of a name that are compared with others."""


def near(name: str, names: Iterable[str]) -> list[str]:
    """Return at most three names that begin like one, or come close to it."""
    known, asked = [*names], name[:LONGEST]
    begun = [one for one in known if asked and one.startswith(asked)]
    return [*dict.fromkeys([*begun, *get_close_matches(asked, known, NEAR)])][:NEAR]


def unknown(thing: str, name: str, names: Iterable[str], listed: str) -> str:
    """Say that there is nothing of a name: those that come close, and what lists them all."""
    found = near(name, names)
    meant = f"did you mean {' or '.join(found)}? " if found else ""
    return f"no {thing} {shown(name)}: {meant}{listed} lists them all"


def shown(value: object, limit: int = 60) -> str:
    """Return a value as a short, printable text, cut at ``limit`` characters."""
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
