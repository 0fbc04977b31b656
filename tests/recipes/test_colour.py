"""The recipe of a colour, followed to the letter."""

from __future__ import annotations

import re

import pytest

COUNT = """
import re, pathlib
from folioviz.views.page.screen import style
print(len(re.findall("{colour}", style() + "".join(
    path.read_text() for path in pathlib.Path("folioviz").rglob("*.*") if path.suffix in (".py", ".js", ".html", ".j2")
))))
"""
RED, VIOLET = "#d1344b", "#7a3fc8"


@pytest.mark.slow
def test_a_colour_is_changed_in_one_file_and_one_is_added(copy):
    """The old red is nowhere any more, the new one once; a line and a name make a colour; nothing else is touched."""
    before = [int(copy.python(COUNT.format(colour=one))) for one in (RED, VIOLET)]
    page = (copy.root / "docs" / "recipes" / "colour.md").read_text(encoding="utf-8")
    change, add = re.split(r"^## Add one\n", page, flags=re.MULTILINE)
    copy.follow(change)

    assert copy.touched == ["folioviz/colours.css"]
    assert before == [1, 0]
    assert [int(copy.python(COUNT.format(colour=one))) for one in (RED, VIOLET)] == [0, 1]

    copy.follow(add)
    assert copy.touched == ["folioviz/colours.css", "folioviz/views/page/static/folios.css"]
    assert copy.python("from folioviz.views.page.palette import colour; print(colour('focus'))") == (
        "var(--fv-focus)\n"
    )
