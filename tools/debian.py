"""Kernels out of Debian's packages, as files; nothing is installed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PARTS = re.compile(r"Depends: (linux-(?:image|binary|modules)-\d\S*)")
"""What a metapackage stands for, and what kernels are split into from 7.3 on."""


def vmlinuz(packages: Sequence[str], folder: Path) -> Path:
    """Unpack a kernel's packages, files or names for apt, into ``folder``/files, and return its image.

    Raises:
        SystemExit: if there is no image in them, or more than one.
    """
    folder.mkdir()
    files = folder / "files"
    named = [name for name in packages if not name.endswith(".deb")]
    given = [Path(name).resolve() for name in packages if name.endswith(".deb")]
    for package in [*given, *fetched(named, folder)]:
        subprocess.run(["dpkg-deb", "-x", package, files], check=True)
    images = [*files.glob("boot/vmlinuz-*"), *files.glob("usr/lib/modules/*/vmlinuz")]
    if len(images) != 1:
        raise SystemExit(
            f"{', '.join(packages)}: {len(images)} images of a kernel, and there must be 1 (from 7.3 on Debian"
            " has it in linux-binary-..., and modules in linux-modules-...)"
        )
    [image] = images
    named_by = image.name if "-" in image.name else f"vmlinuz-{image.parent.name}"
    return image.rename(folder / named_by)


def fetched(names: Iterable[str], folder: Path) -> list[Path]:
    """Let apt get packages into a folder, with those that they depend on for a kernel."""
    wanted = [*names]
    for name in wanted:
        said = subprocess.run(
            ["apt-cache", "depends", name], capture_output=True, text=True, check=True
        ).stdout
        wanted += [part for part in PARTS.findall(said) if part not in wanted]
    if wanted:
        subprocess.run(["apt-get", "-q", "download", *wanted], cwd=folder, check=True, capture_output=True)
    return sorted(folder.glob("*.deb"))
