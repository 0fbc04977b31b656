"""The browser's modules, joined into one text."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from folioviz.errors import ScriptError
from folioviz.views.page import screen
from folioviz.views.page.modules import join
from tools import npm


@pytest.fixture
def write(tmp_path):
    """Return a function that writes modules, given by their names, and returns their folder."""

    def write(**modules):
        for stem, text in modules.items():
            (tmp_path / f"{stem}.js").write_text(text)
        return tmp_path

    return write


def test_a_module_comes_after_what_it_imports(write):
    """Imports become constants, exports what a function returns, and each function is called before it is needed."""
    folder = write(
        first='// says\nimport { far } from "./third.js";\nimport {\n  near,\n  size,\n} from "./second.js";\n\n'
        "const own = 1;\nexport const widget = () => near(far, size, own);\n",
        second='import { far } from "./third.js";\nexport async function near() {}\n'
        "export class size {}\nlet own = far;\n",
        third="export const far = 3;\nexport function* own() {}\n",
    )

    assert join(folder, "first", "widget") == (
        "const $third = (() => {\nconst far = 3;\nfunction* own() {}\nreturn { far, own };\n})();\n"
        "const $second = (() => {\nconst { far } = $third;\nasync function near() {}\nclass size {}\nlet own = far;\n"
        "return { near, size };\n})();\n"
        "const $first = (() => {\n// says\nconst { far } = $third;\nconst {\n  near,\n  size } = $second;\n\n"
        "const own = 1;\nconst widget = () => near(far, size, own);\nreturn { widget };\n})();\n"
        "export default $first.widget;\n"
    )


@pytest.mark.parametrize(
    "line",
    [
        "export default widget;",
        "export { widget };",
        'export { other } from "./other.js";',
        'export * from "./other.js";',
        "export let count = 0;",
        "export const { a, b } = pair;",
        'import other from "./other.js";',
        'import * as other from "./other.js";',
        'import "./other.js";',
        'import { other as another } from "./other.js";',
        'import { other } from "../other.js";',
        'import { other } from "other";',
        "import { other } from './other.js';",
    ],
)
def test_other_module_syntax_is_refused(write, line):
    """What would have to be rewritten to be joined is an error that names the file and shows the line."""
    folder = write(first=f"{line}\nexport const widget = 1;\n", other="export const other = 1;\n")

    with pytest.raises(ScriptError, match=rf"^first\.js has {re.escape(repr(line))}: joined are"):
        join(folder, "first", "widget")


def test_an_import_of_no_module_is_refused(write):
    """The message names the file that is not there."""
    folder = write(first='import { a } from "./none.js";\nexport const widget = a;\n')

    with pytest.raises(ScriptError, match=r"^none\.js is wanted, and is not in "):
        join(folder, "first", "widget")


def test_an_import_of_what_is_not_exported_is_refused(write):
    """What a module keeps for itself cannot be reached, and neither can what it only imports."""
    folder = write(
        first='import { a, b, c } from "./second.js";\nexport const widget = a + b + c;\n',
        second='import { c } from "./third.js";\nexport const a = c;\nconst b = 1;\n',
        third="export const c = 1;\n",
    )

    with pytest.raises(ScriptError, match=r"^first needs b, c, which second\.js does not export$"):
        join(folder, "first", "widget")


def test_the_first_module_must_export_what_the_widget_is(write):
    """Without it the browser would get nothing."""
    folder = write(first="const widget = 1;\n")

    with pytest.raises(ScriptError, match=r"^the page needs widget, which first\.js does not export$"):
        join(folder, "first", "widget")


def test_modules_that_import_each_other_are_refused(write):
    """One of them would have to run before what it needs."""
    folder = write(
        first='import { a } from "./second.js";\nexport const widget = a;\n',
        second='import { b } from "./third.js";\nexport const a = b;\n',
        third='import { a } from "./second.js";\nexport const b = a;\n',
    )

    with pytest.raises(
        ScriptError, match=r"^modules import each other in a circle: (second|third), \w+, \1$"
    ):
        join(folder, "first", "widget")


def test_every_module_of_the_page_is_joined():
    """None of the files is left over, and the text exports the widget alone."""
    text = screen.Screen._esm

    assert set(re.findall(r"^const \$(\w+) = ", str(text), re.MULTILINE)) == {
        path.stem for path in screen.STATIC.glob("*.js")
    }
    assert re.findall(r"^(?:export|import).*", str(text), re.MULTILINE) == ["export default $screen.widget;"]


def test_the_joined_text_is_a_module(tmp_path):
    """Node.js loads it as a browser does, and finds what anywidget asks for."""
    path = tmp_path / "joined.mjs"
    path.write_text(str(screen.Screen._esm), encoding="utf-8")
    code = f"import widget from {str(path)!r}; console.log(Object.keys(widget()).join());"
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", code],
        check=False,
        capture_output=True,
        text=True,
        env=npm.npm(os.environ)[1],
    )

    assert (done.stdout, done.stderr) == ("initialize,render\n", "")
