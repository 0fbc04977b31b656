"""Every error that folioviz raises on purpose; the message names the thing, the value and the bound."""

from __future__ import annotations

from typing import Self


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


class ScriptError(FoliovizError, ValueError):
    """A JavaScript module that cannot be joined with the others."""


def shown(value: object, limit: int = 60) -> str:
    """Return a value as a short, printable text, cut at ``limit`` characters."""
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
