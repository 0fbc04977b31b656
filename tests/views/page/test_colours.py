"""Every colour stands once, in folioviz/colours.css, and whoever needs it names it."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment, FileSystemLoader
from tinycss2.color4 import parse_color

from folioviz.serving import landing, serve
from folioviz.serving.server import PACKAGE
from folioviz.views.page import palette
from folioviz.views.page.screen import style

SHEET = PACKAGE / "colours.css"
TEMPLATES = landing.TEMPLATE
KINDS = {".css", ".html", ".ipynb", ".j2", ".js", ".py"}
FILES = sorted(
    path
    for folder in (PACKAGE / "serving", PACKAGE / "views", serve.notebooks())
    for path in folder.rglob("*")
    if path.suffix in KINDS and not {".ipynb_checkpoints", "__pycache__"} & set(path.parts)
)
"""What of the package reaches a browser; elsewhere a # begins the number of a page."""
VALUE = re.compile(
    r"#[0-9a-zA-Z]+|%23[0-9a-fA-F]+|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\((?=\s*[\d.])"
)
PROPERTY = re.compile(
    r"(?:colou?rs?|fill\w*|stroke\w*|background|border|outline|shadow)[\w-]*[\"']?\s*[:=]\s*(.*)",
    re.IGNORECASE,
)
WORD = re.compile(r"(?<![\w.(-])[a-z]+(?![\w.(-])", re.IGNORECASE)
NO_COLOURS = {"transparent", "currentcolor"}


def literals(text):
    """Return the colours that a text writes down: by value anywhere, by name where a colour is due."""
    values = [word for word in VALUE.findall(text) if not word.startswith("#") or parse_color(word)]
    named = [word for said in PROPERTY.findall(text) for word in WORD.findall(said)]
    return values + [word for word in named if word.lower() not in NO_COLOURS and parse_color(word)]


@pytest.mark.parametrize(
    "text",
    [
        "color: #d1344b;",
        "pen.fillStyle = '#FFF';",
        "rgb(125 133 144 / 20%)",
        "box-shadow: 0 0 2px rgba(0,0,0,.5)",
        "hsl( 120 50% 50%)",
        "fill='%23d1344b'",
        "stroke='white'",
        'stroke="white",',
        "border: 1px solid Black;",
        'colors=["red"]',
        "background: linear-gradient(90deg, red, var(--fv-b))",
    ],
)
def test_a_colour_that_is_written_down_is_noticed(text):
    """Each of these would pass unseen if the test below looked away."""
    assert len(literals(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "color: var(--fv-changed);",
        "background: transparent; border: 1px solid currentColor;",
        "`rgb(${parts(colour).join(' ')})`",
        "color-mix(in srgb, var(--fv-shade) 35%, transparent)",
        "white-space: nowrap; outline: 2px solid Highlight;",
        'root.querySelector("#rendered_cells")',
        "f'{value:#x}'",
    ],
)
def test_what_is_no_colour_of_ours_is_not(text):
    """Names of variables, what takes its colour from elsewhere, and what only looks like one."""
    assert literals(text) == []


def test_no_colour_stands_anywhere_else():
    """Neither in Python nor in scripts, style sheets, templates or notebooks."""
    assert [(path, one) for path in FILES for one in literals(path.read_text(encoding="utf-8"))] == []


def defined():
    """Return name -> value of what colours.css defines."""
    return dict(re.findall(r"^  --fv-([a-z0-9-]+): (.+);$", SHEET.read_text(encoding="utf-8"), re.MULTILINE))


def test_a_colour_is_one_line():
    """Red, green and blue in two digits each, for both themes or for each; a picture is the only exception."""
    one = "#[0-9a-f]{6}"
    mixed = f"{one}[0-9a-f]{{2}}"  # what a chart mixes is seen through
    odd = {
        name
        for name, value in defined().items()
        if not re.fullmatch(rf"{one}|{mixed}|light-dark\({one}, {one}\)", value)
    }
    lines = re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8"), flags=re.DOTALL).split("\n")

    assert odd == {"dropdown-arrow"}
    assert [line for line in lines if line.strip() and not line.startswith("  --fv-")] == [":root {", "}"]
    assert palette.NAMES == set(defined())


def test_whatever_is_named_is_there_and_whatever_is_there_is_named():
    """No misspelt name, which a browser would pass over in silence, and no colour that nobody uses."""
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    named = re.compile(r"var\(--fv-([a-z0-9-]+)[,)]|\b(?:colour|mixed)\([\"']([a-z0-9-]+)[\"']\)")
    used = {first or second for text in texts for first, second in named.findall(text)}
    numbered = {name for name in defined() if name.startswith(("folio-", "order-"))}

    assert used ^ set(defined()) == numbered


def test_folios_take_their_colours_in_turn():
    """They are numbered from 1; after the last comes the first again; a name that is no colour is an error."""
    nr = palette.NR_FOLIO_COLOURS
    found = [palette.of_folio(folio) for folio in range(1, nr + 2)]

    assert found == [*(f"var(--fv-folio-{k + 1})" for k in range(nr)), "var(--fv-folio-1)"]
    assert {f"folio-{k + 1}" for k in range(nr)} == {name for name in defined() if name.startswith("folio-")}
    with pytest.raises(KeyError, match="crimson"):
        palette.colour("crimson")


def test_a_widgets_style_sheet_begins_with_the_colours():
    """They are on the page wherever a widget is."""
    assert style().startswith(SHEET.read_text(encoding="utf-8"))


def test_templates_take_them_from_there():
    """The landing page and the page that says that it is full hold all colours; their icon's are values."""
    jinja = Environment(loader=FileSystemLoader([TEMPLATES, PACKAGE]), autoescape=True)
    page = jinja.get_template("busy.html").render(visitors=3)
    icon = re.search(r'rel="icon" href="([^"]+)"', page)[1]
    wanted = [defined()[name].replace("#", "%23") for name in ("icon", "icon-mapped", "icon-changed")]

    assert SHEET.read_text(encoding="utf-8").strip() in page
    assert re.findall(r"fill='([^']+)'", icon) == wanted
    assert SHEET.read_text(encoding="utf-8").strip() in str(
        jinja.get_template("start.macro.html.j2").module.css()
    )
