"""Let every address of the project follow the one in pyproject.toml, [project.urls], Repository.

``python -m tools.addresses`` rewrites the files below; a test compares them. So OWNER is set once.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("pyproject.toml", "README.md", "CITATION.cff")
"""Where addresses of the project stand."""
ADDRESS = re.compile(r"(https://(?:github\.com|mybinder\.org/v2/gh)/)([\w.-]+)(/folioviz\b)")
"""The project at a public forge or on Binder; the second part is the owner."""


def owner() -> str:
    """Return the owner of the repository that pyproject.toml names.

    Raises:
        ValueError: if there is no such address.
    """
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    found = ADDRESS.fullmatch(urls["Repository"])
    if found is None:
        raise ValueError(
            f"Repository is {urls['Repository']!r}: it must be https://github.com/OWNER/folioviz"
        )
    return found[2]


def followed(text: str, name: str) -> str:
    """Return a text in which every address of the project has this owner."""
    return ADDRESS.sub(rf"\g<1>{name}\g<3>", text)


def main() -> None:
    """Rewrite what does not follow, and say which files that were."""
    name = owner()
    for path in FILES:
        text = (ROOT / path).read_text(encoding="utf-8")
        if (new := followed(text, name)) != text:
            (ROOT / path).write_text(new, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main()
