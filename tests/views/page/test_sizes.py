"""Text has one of seven sizes, each named once, in folioviz/sizes.css: on boards, the gallery, and at a start."""

from __future__ import annotations

import re

import pytest

from folioviz.serving import landing
from folioviz.views.page.screen import SIZES, STATIC, style

TEMPLATES = landing.TEMPLATE
SHEETS = [*sorted(STATIC.glob("*.css")), *sorted(TEMPLATES.glob("*.css")), *sorted(TEMPLATES.glob("*.j2"))]
FONT = re.compile(r"font(?:-size)?:\s*(?:\d+\s+)?([^;]*?)(?:\s*/|;|$)", re.MULTILINE)
NAMED = re.compile(r"--size-(\w+): (\d+)px;")


def fonts(text):
    """Return the sizes of text that a sheet asks for, but the named ones and that of what is around."""
    said = [one.strip() for one in FONT.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))]
    return [one for one in said if not re.fullmatch(r"var\(--size-\w+\)|inherit", one)]


def test_there_are_seven_sizes():
    """Whole pixels, the smallest first; boards have them."""
    sizes = [int(size) for _, size in NAMED.findall(SIZES)]

    assert len(sizes) == 7
    assert sizes == sorted(set(sizes))
    assert NAMED.findall(style()) == NAMED.findall(SIZES)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_text_has_one_of_them(sheet):
    """Or that of what is around it; each that is named is there."""
    text = sheet.read_text(encoding="utf-8")

    assert fonts(text) == []
    assert set(re.findall(r"var\(--size-(\w+)\)", text)) <= {name for name, _ in NAMED.findall(SIZES)}


@pytest.mark.parametrize(
    "text",
    [
        "font-size: 12.5px;",
        "font: 600 14px/1.2 inherit;",
        "font:\n    14px / 1.4 system-ui,\n    Arial;",
        "code { font: 0.94em / 1.4 monospace; }",
    ],
)
def test_another_one_is_noticed(text):
    """In long and in short."""
    assert len(fonts(text)) == 1
