"""What is known of a kernel, and of the upstream changes that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Change:
    """What one module follows.

    Attributes:
        title: what changed, in upstream's words.
        release: the first release that has it, or the version of the series.
        file: the kernel's file that holds most of it.
        date: when it was posted or released.
    """

    title: str
    release: str
    file: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One row of the registry.

    Attributes:
        key: how it is named in documents, links and on the command line.
        label: short, for a picker.
        title: what it is, one sentence.
        parent: the key of the kernel that it changes, or ''.
        date: when its text was posted or released.
        source: where its rules come from.
        proof: how it is known to be right.
        modules: what it replaces in its parent.
        alias: its name in the conformance vectors, or ''.
        keeps: the fields of :data:`folioviz.layout.LATER` that its parent does not keep.
    """

    key: str
    label: str
    title: str
    parent: str
    date: str
    source: str
    proof: str
    modules: tuple[ModuleType, ...]
    alias: str
    keeps: tuple[str, ...] = ()


VECTORS = "vectors: equal to the kernel's compiled functions, every field of every step"
READING = "reading only: never posted in this form, no vectors"
