"""What is known of the machine without privileges: release, settings of huge pages, counters."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from folioviz.capture.words import System

if TYPE_CHECKING:
    from folioviz.capture.form import Setting

THP: Final = Path("/sys/kernel/mm/transparent_hugepage")
OPTION: Final = re.compile(rb"^(# )?CONFIG_NO_PAGE_MAPCOUNT( is not set|=y)?", re.MULTILINE)
SETTINGS: Final[tuple[Setting, ...]] = ("always", "inherit", "madvise", "never")
SINCE: Final = (6, 15)
"""The first release that can be built with CONFIG_NO_PAGE_MAPCOUNT."""
CONFIGS: Final = ("/proc/config.gz", "/boot/config-{release}")
"""The running kernel's own configuration, and that of a kernel of its name."""
MAX_CONFIG: Final = 4 << 20
MAX_NUMBER: Final = 2**53


def system() -> System:
    """Return what this machine tells; what cannot be read is left out."""
    names = os.uname()
    sizes = {
        path.name.removeprefix("hugepages-"): setting
        for path in sorted(THP.glob("hugepages-*kB"))
        if (setting := chosen(_text(path / "enabled")))
    }
    return System(
        names.release,
        names.version,
        chosen(_text(THP / "enabled")),
        sizes,
        no_page_mapcount(names.release),
        numbers(_text(Path("/proc/vmstat"))),
        {
            path.parent.name.removeprefix("hugepages-"): {
                file.name: int(text)
                for file in sorted(path.iterdir())
                if (text := _text(file).strip()).isdigit()
            }
            for path in sorted(THP.glob("hugepages-*kB/stats"))
        },
    )


def chosen(text: str) -> Setting | None:
    """Return what stands in brackets: "always [madvise] never" is madvise; None if it is no setting."""
    return next((setting for setting in SETTINGS if f"[{setting}]" in text), None)


def numbers(text: str) -> dict[str, int]:
    """Return the numbers of lines like "nr_anon_pages 12"; others are passed over."""
    pairs = (line.split() for line in text.splitlines())
    return {
        pair[0]: int(pair[1])
        for pair in pairs
        if len(pair) == 2 and re.fullmatch(r"[a-z0-9_]{1,64}", pair[0]) and re.fullmatch(r"\d{1,16}", pair[1])
    }


def no_page_mapcount(release: str) -> bool | None:
    """Return whether the running kernel was built with CONFIG_NO_PAGE_MAPCOUNT; None if that cannot be read."""
    version = re.match(r"(\d+)\.(\d+)", release)
    if version and (int(version[1]), int(version[2])) < SINCE:
        return False
    for path in (Path(name.format(release=release)) for name in CONFIGS):
        try:
            with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
                found = OPTION.search(file.read(MAX_CONFIG))
        except OSError:
            continue
        return bool(found and found[2] == b"=y" and not found[1])
    return None


def _text(path: Path) -> str:
    """Return a file's text, '' if it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:  # a few hundred small files
            return file.readall().decode()
    except (OSError, UnicodeDecodeError):
        return ""
