"""Text has one of six sizes, which one stylesheet names."""

from __future__ import annotations

import re

import pytest

from folioviz.views.page.screen import STATIC

SHEETS = sorted(path for path in STATIC.glob("*.css") if not path.name.startswith("story"))
"""What the explorer is drawn with; stories have sheets of their own."""
FONT = re.compile(r"font(?:-size)?:\s+(?:\d+\s+)?([^;]*?)(?:\s/|;|$)", re.MULTILINE)


def test_there_are_six_sizes():
    """Whole pixels, the smallest first."""
    sizes = re.findall(r"--size-\w+: (\d+)px;", (STATIC / "base.css").read_text())

    assert len(sizes) == 6
    assert [int(size) for size in sizes] == sorted({int(size) for size in sizes})


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_text_has_one_of_them(sheet):
    """Or that of what is around it."""
    said = [one.strip() for one in FONT.findall(re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL))]

    assert [one for one in said if not re.fullmatch(r"var\(--size-\w+\)|inherit", one)] == []
