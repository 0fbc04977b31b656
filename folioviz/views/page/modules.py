"""Join JavaScript modules into the one text that a widget takes, so that whoever uses the package needs no build.

Each module becomes a function that is called at once and returns what the module exports: the rest stays its own, as
in a browser. Understood are named imports of neighbours and exported declarations; other module syntax is refused, and
so is what a browser would refuse.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from folioviz.errors import ScriptError

if TYPE_CHECKING:
    from pathlib import Path

NAME = r"[\w$]+"
IMPORT = re.compile(
    rf'^import \{{(\s*{NAME}(?:,\s*{NAME})*),?\s*\}} from "\./(?P<stem>\w+)\.js";$', re.MULTILINE
)
EXPORT = re.compile(rf"^export (?=(?:async )?(?:const|class|function\*?) ({NAME}))", re.MULTILINE)
OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
"""What is left of module syntax without the two above; the formatter puts it at the left margin."""


class Module(NamedTuple):
    """A module: what it imports from which others, what it exports, and the body of its function."""

    needs: dict[str, list[str]]
    gives: list[str]
    body: str


def read(folder: Path, stem: str) -> Module:
    """Return a module.

    Raises:
        ScriptError: if it is not there, or imports or exports in a way that is not understood.
    """
    path = folder / f"{stem}.js"
    if not path.is_file():
        raise ScriptError(f"{path.name} is wanted, and is not in {folder}")
    text = path.read_text(encoding="utf-8")
    needs: dict[str, list[str]] = {}
    for names, other in IMPORT.findall(text):
        needs.setdefault(other, []).extend(re.findall(NAME, names))
    body = EXPORT.sub("", IMPORT.sub(r"const {\1 } = $\g<stem>;", text))
    if odd := OTHER.search(body):
        raise ScriptError(
            f"{path.name} has {odd[0]!r}: joined are 'import {{ name }} from \"./neighbour.js\";' "
            "and 'export' before const, class or function"
        )
    return Module(needs, EXPORT.findall(text), body)


def join(folder: Path, entry: str, name: str) -> str:
    """Return a module with all that it needs as one, whose default export is what the first one exports by a name.

    Args:
        folder: where the modules are, beside each other.
        entry: the first module, without ``.js``.
        name: what it exports.

    Raises:
        ScriptError: if modules need each other in a circle or need what another does not export, or if a module is
            refused (see :func:`read`).
    """
    modules: dict[str, Module] = {}
    wanted = [entry]
    while wanted:
        stem = wanted.pop()
        if stem not in modules:
            modules[stem] = read(folder, stem)
            wanted += modules[stem].needs
    asked = [("the page", entry, [name])]
    asked += [(stem, other, names) for stem, one in modules.items() for other, names in one.needs.items()]
    for stem, other, names in asked:
        if missing := set(names) - set(modules[other].gives):
            raise ScriptError(f"{stem} needs {', '.join(sorted(missing))}, which {other}.js does not export")
    try:
        order = [*TopologicalSorter({stem: one.needs for stem, one in modules.items()}).static_order()]
    except CycleError as error:
        raise ScriptError(f"modules import each other in a circle: {', '.join(error.args[1])}") from None
    parts = [
        f"const ${stem} = (() => {{\n{modules[stem].body}return {{ {', '.join(modules[stem].gives)} }};\n}})();\n"
        for stem in order
    ]
    return "".join([*parts, f"export default ${entry}.{name};\n"])
