"""The documents as a site: ``python -m tools.manual`` (`make docs`) writes build/docs, and any warning is an error.

Pages stay plain Markdown, as a forge shows them. They are copied to build/docs-source, where links out of the site
become addresses of the repository, and what a site has besides is added: the home page, the lists of pages, the API.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from tools.addresses import set_to

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
CONTENTS: Final[dict[str, tuple[str, ...]]] = {
    "For reviewers": (
        "docs/kernels.md",
        "docs/kernel/README.md",
        "docs/recordings.md",
        "docs/machine.md",
        "docs/rebuild.md",
        "docs/selftests.md",
        "docs/races.md",
        "docs/contention.md",
        "docs/sweeps.md",
        "docs/watch.md",
        "docs/capture.md",
    ),
    "For learners": ("docs/model.md", "docs/scenarios.md", "docs/diagnosis.md", "docs/glossary.md"),
    "For operators": ("docs/install.md", "docs/serving.md", "docs/lite.md", "SECURITY.md"),
    "For maintainers": (
        "CONTRIBUTING.md",
        "docs/views.md",
        "docs/engine.md",
        "docs/decisions.md",
        "docs/releasing.md",
        "benchmarks/README.md",
        "CHANGELOG.md",
    ),
}
"""Who reads -> pages, as paths in the repository, in order."""
BELOW: Final = {"docs/kernel/README.md": "docs/kernel/*.md", "CONTRIBUTING.md": "docs/recipes/*.md"}
"""A page -> those that stand below it in the list."""
API: Final[dict[str, tuple[str, ...]]] = {
    "Labs and machines": ("Lab", "Machine", "Sizes"),
    "Operations and kernels": ("parse", "parse_line", "kernels.KERNELS", "link"),
    "Sweeps": ("sweep", "Sweep"),
    "Several CPUs": ("Race", "contention"),
    "Errors": ("FoliovizError", "DocumentError", "KernelError", "LimitError", "OperationError"),
}
"""A page of the API -> what of ``folioviz.__all__`` stands on it; a table where its docstring is."""
GIVEN: Final[dict[str, tuple[str, ...]]] = {
    "Labs and machines": ("lab.Applied", "rehearsal.Rehearsal"),
    "Operations and kernels": ("ops.op.Op", "kernels.kernel.Kernel", "kernels.kernel.Change"),
    "Sweeps": ("files.scenario.Scenario",),
    "Several CPUs": (
        "race.explored.Explored",
        "race.explored.Found",
        "race.history.History",
        "contention.curves.Contention",
        "contention.curves.Band",
        "contention.workloads.Workload",
        "contention.hardware.Hardware",
    ),
}
"""A page of the API -> what its functions take and give back, as names in ``folioviz``."""
LINK: Final = re.compile(r"```.*?```|`[^`\n]*`|\]\((?P<to>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)", re.DOTALL)
"""A link of a page; code is passed over."""
ELSEWHERE: Final = re.compile(
    r"""<(?:script|img|source|iframe|link)\b[^>]*?\b(?:src|srcset|href)=["'](?:https?:)?//[^"']*"""
    r"""|@import\b[^;]*|url\(\s*["']?(?:https?:)?//[^)]*"""
)
"""What makes a browser fetch something from another server."""


def places() -> dict[str, str]:
    """Return the pages of the site: path in the repository -> path in the site's source, which ends in .md."""
    found = [
        *(path.relative_to(ROOT).as_posix() for path in sorted(DOCS.rglob("*.md"))),
        *(path for paths in CONTENTS.values() for path in paths if not path.startswith("docs/")),
    ]
    return {path: _place(path) for path in found}


def _place(path: str) -> str:
    """Return where a page stands in the site: a README is what its folder shows, or is called like it."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/").replace("README.md", "index.md")
    return f"{path.removesuffix('/README.md').removesuffix('.md').lower()}.md"


def address(path: str, owner: str, tag: str) -> str:
    """Return the address of a file or a folder of the repository."""
    kind = "tree" if (ROOT / path).is_dir() else "blob"
    return f"https://github.com/{owner}/folioviz/{kind}/{tag}/{path}"


def linked(text: str, path: str, place: str) -> str:
    """Return a page's text with links as its place in the site needs them.

    Args:
        text: the page as the repository has it.
        path: its path there.
        place: its path in the site's source.
    """
    pages, (owner, tag) = places(), set_to()

    def one(hit: re.Match[str]) -> str:
        """Return a link anew, and code as it is."""
        to = hit["to"]
        if not to or re.match(r"[a-z]+:", to):
            return hit[0]
        target = os.path.relpath((ROOT / path).parent.joinpath(to).resolve(), ROOT)
        if target.startswith("docs/images/"):
            here = target.removeprefix("docs/")
        elif target in pages:
            here = pages[target]
        else:
            return f"]({address(target, owner, tag)}{hit['anchor'] or ''})"
        return f"]({os.path.relpath(here, Path(place).parent)}{hit['anchor'] or ''})"

    return LINK.sub(one, text)


def listed(caption: str, entries: list[str]) -> str:
    """Return a list of pages for the side of the site."""
    return "\n".join(
        ["```{toctree}", ":hidden:", f":caption: {caption}" * bool(caption), "", *entries, "```", ""]
    )


def home(live: str) -> str:
    """Return the home page: the README's start, and every list. ``live`` is where the dashboards run, or ""."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## The stories\n")[0]
    lists = [
        listed(who, [pages[path].removesuffix(".md") for path in paths])
        for pages in [places()]
        for who, paths in CONTENTS.items()
    ]
    running = [listed("Live", [f"The dashboards <{live}>"])] if live else []
    calls = listed("In Python", [f"api/{slug(title)}" for title in API])
    return "\n".join([linked(readme, "README.md", "index.md"), *running, *lists, calls])


def slug(title: str) -> str:
    """Return the name of a page of the API."""
    return title.lower().replace(" ", "-")


def api(title: str) -> str:
    """Return a page of the API in reStructuredText, which asks for docstrings."""
    lines = [title, "=" * len(title), ""]
    for name in API[title]:
        lines += _asked(f"folioviz.{name}")
    if title in GIVEN:
        lines += ["What they take and give", "-----------------------", ""]
        for name in GIVEN[title]:
            lines += _asked(f"folioviz.{name}")
    return "\n".join(lines)


def _asked(name: str) -> list[str]:
    """Return what asks for the docstring of one name."""
    last = name.rpartition(".")[2]
    if last.isupper():
        return [f".. autodata:: {name}", "   :no-value:", ""]
    if last[0].islower():
        return [f".. autofunction:: {name}", ""]
    if last.endswith("Error"):
        return [f".. autoexception:: {name}", "   :show-inheritance:", ""]
    return [f".. autoclass:: {name}", "   :members:", ""]


def compose(folder: Path) -> None:
    """Write the site's source to a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "api").mkdir(parents=True)
    shutil.copytree(DOCS / "images", folder / "images")
    pages = places()
    for path, place in pages.items():
        text = linked((ROOT / path).read_text(encoding="utf-8"), path, place)
        if path in BELOW:
            below = [pages[one.relative_to(ROOT).as_posix()] for one in sorted(ROOT.glob(BELOW[path]))]
            names = [os.path.relpath(one, Path(place).parent) for one in below if one != place]
            text += "\n" + listed("", [name.removesuffix(".md") for name in names])
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["folioviz"]
    (folder / "index.md").write_text(home(own["live"]), encoding="utf-8")
    for title in API:
        (folder / "api" / f"{slug(title)}.rst").write_text(api(title), encoding="utf-8")


def fetched(folder: Path) -> list[str]:
    """Return what the pages of a folder would fetch from another server, each with its file."""
    return [
        f"{path.relative_to(folder)}: {hit[0]}"
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".html", ".css"}
        for hit in ELSEWHERE.finditer(path.read_text(encoding="utf-8"))
    ]


def main() -> None:
    """Build the site.

    Raises:
        SystemExit: if a link, an anchor or a docstring is wrong, or a page fetches something from elsewhere.
    """
    build = ROOT / "build"
    source, site = build / "docs-source", build / "docs"
    compose(source)
    shutil.rmtree(site, ignore_errors=True)
    flags = ["--quiet", "--fail-on-warning", "--fresh-env", "--jobs=auto"]
    places = ["--conf-dir", DOCS / "site", "--doctree-dir", build / "docs-trees", source, site]
    done = subprocess.run([sys.executable, "-m", "sphinx", *flags, *map(str, places)], check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(done.returncode)
    if found := fetched(site):
        raise SystemExit("fetched from elsewhere:\n" + "\n".join(found))
    print((site / "index.html").relative_to(ROOT))


if __name__ == "__main__":
    main()
