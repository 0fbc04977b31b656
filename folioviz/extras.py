"""Parts that need more than ``pip install folioviz`` brings: which packages, and the extra that brings them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Final

from folioviz.errors import MissingError

_VIEWS: Final = ("anywidget", "bqplot", "ipywidgets", "markupsafe")

MODULES: Final[dict[str, tuple[str, ...]]] = {
    "cluster": ("distributed",),
    "drgn": ("drgn",),
    "fast": ("llvmlite",),
    "lab": ("ipykernel", "jupyterlab", *_VIEWS),
    "parquet": ("pyarrow",),
    "serve": ("ipykernel", "voila", "websockets", *_VIEWS),
    "views": _VIEWS,
}
"""Extra -> the modules that its packages are for, as in pyproject.toml."""


def how(extra: str) -> str:
    """Return what installs an extra."""
    return f"pip install 'folioviz[{extra}]'"


def missing(extra: str) -> list[str]:
    """Return which modules of an extra are not installed; none of them is loaded."""
    return [name for name in MODULES[extra] if find_spec(name) is None]


@cache
def version(package: str) -> str:
    """Return which version of a package is installed; what reads that is loaded late, for it slows a start down."""
    from importlib.metadata import version as read

    return read(package)


def need(extra: str, what: str) -> None:
    """Check that a part has what it needs.

    Raises:
        MissingError: saying what is not installed, and what installs it.
    """
    if names := missing(extra):
        raise MissingError(f"{what} needs {', '.join(names)}: {how(extra)}")
