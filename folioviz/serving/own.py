"""The notebooks as a reader's own: copies in a folder of theirs, in which nothing that is there is ever written."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from folioviz.errors import FoliovizError, shown
from folioviz.serving.serve import INDEX, notebooks

PLACE = "folioviz-notebooks"
"""The folder that is offered."""


def _same(path: Path, data: bytes) -> bool:
    """Tell whether a file holds just these bytes."""
    try:
        return path.read_bytes() == data
    except OSError:
        return False


def copied(folder: Path) -> list[str]:
    """Copy the notebooks and their index to a folder, which is made; what is there already stays as it is.

    Returns:
        The names of what stays and is not as this version has it: a reader's work, or an earlier version's.

    Raises:
        FoliovizError: if the folder is one of installed packages, where the next upgrade would take the work away.
        OSError: if it cannot be written; of a file that could not be written whole, nothing stays.
    """
    where, paths = folder.resolve(), sysconfig.get_paths()
    if any(where.is_relative_to(Path(paths[kind]).resolve()) for kind in ("purelib", "platlib")):
        raise FoliovizError(
            f"--into is {shown(str(folder))}: it must be a folder of yours, outside of installed packages"
        )
    folder.mkdir(parents=True, exist_ok=True)
    kept, source = [], notebooks()
    for path in [source / INDEX, *sorted(source.glob("*.ipynb"))]:
        target, data = folder / path.name, path.read_bytes()
        try:
            file = target.open("xb")
        except FileExistsError:
            if not _same(target, data):
                kept.append(path.name)
            continue
        try:
            with file:
                file.write(data)
        except OSError:
            target.unlink()
            raise
    return kept
