"""A race as a document, and by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from folioviz.errors import DocumentError, unknown
from folioviz.files.documents import MAX_BYTES, builtins_of, open_document, text_of
from folioviz.race.library import CANDIDATE, LIBRARY, Known
from folioviz.race.race import Race

if TYPE_CHECKING:
    from pathlib import Path


class RaceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What stands in a file.

    Attributes:
        cpus: what each CPU does, in the short form.
        kernel, setup, mmu_gather, laws, without: as :class:`folioviz.race.race.Race` takes them.
        title, about: words about it.
        schedule: one that is to be looked at.
    """

    cpus: tuple[str, ...]
    kernel: str = "v6.12"
    setup: str = ""
    mmu_gather: str = "batched"
    laws: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    title: str = ""
    about: str = ""
    schedule: str = ""

    def race(self) -> Race:
        """Set the race up.

        Raises:
            FoliovizError: as :class:`folioviz.race.race.Race` does.
        """
        return Race(self.kernel, self.setup, self.cpus, self.mmu_gather, laws=self.laws, without=self.without)


def loads(text: str | bytes) -> RaceDocument:
    """Read a document, YAML or JSON.

    Raises:
        DocumentError: naming what is wrong, and where.
    """
    raw: Any = builtins_of(text_of(text))
    try:
        return msgspec.convert(raw, RaceDocument)
    except msgspec.ValidationError as error:
        raise DocumentError(f"this is no race: {error}") from None


def dumps(found: RaceDocument) -> str:
    """Write a document: YAML."""
    return yaml.safe_dump(msgspec.to_builtins(found), sort_keys=False, allow_unicode=True, width=100)


def load(path: str | Path) -> RaceDocument:
    """Read a file.

    Raises:
        DocumentError: if it is not there, or wrong.
    """
    with open_document(path) as file:
        return loads(file.read(MAX_BYTES + 1))


def of(known: Known) -> RaceDocument:
    """Return a race of the library as a document."""
    about = f"{known.about} {CANDIDATE}" if known.candidate else known.about
    return RaceDocument(
        cpus=known.cpus,
        kernel=known.kernel,
        setup=known.setup,
        mmu_gather=known.mmu_gather,
        laws=known.laws,
        without=known.without,
        title=known.name,
        about=about,
    )


def find(name: str) -> RaceDocument:
    """Return a race by its name in the library, or from a file.

    Raises:
        DocumentError: if there is neither.
    """
    if name in LIBRARY:
        return of(LIBRARY[name])
    if "/" in name or "." in name:
        return load(name)
    raise DocumentError(unknown("race", name, LIBRARY, "folioviz race"))
