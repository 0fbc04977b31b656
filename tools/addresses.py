"""Let every address of the project follow pyproject.toml, [tool.folioviz]: the owner and the tag.

``python -m tools.addresses`` rewrites the files below; tests compare them, and find an address in any other file.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("pyproject.toml", "README.md", "SECURITY.md", "CITATION.cff", "conda/recipe.yaml")
"""Where addresses of the project stand."""
OWNED = re.compile(r"(https://(?:github\.com|mybinder\.org/v2/gh)/)[\w.-]+(/folioviz\b)")
"""The project at a public forge or on Binder, around its owner."""
TAGGED = re.compile(
    r"(https://(?:github\.com/[\w.-]+/folioviz/(?:blob|raw|tree)|mybinder\.org/v2/gh/[\w.-]+/folioviz)/)[\w.-]+"
)
"""An address of one version, before and with its tag."""


def set_to() -> tuple[str, str]:
    """Return the owner and the tag that pyproject.toml sets."""
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["folioviz"]
    return own["owner"], own["tag"]


def followed(text: str, owner: str, tag: str) -> str:
    """Return a text in which every address of the project has this owner, and this tag if it has one."""
    return TAGGED.sub(rf"\g<1>{tag}", OWNED.sub(rf"\g<1>{owner}\g<2>", text))


def main() -> None:
    """Rewrite what does not follow, and say which files that were."""
    for path in FILES:
        text = (ROOT / path).read_text(encoding="utf-8")
        if (new := followed(text, *set_to())) != text:
            (ROOT / path).write_text(new, encoding="utf-8")
            print(path)


if __name__ == "__main__":
    main()
