"""All kernels: a row for each, as computed; the sentence names the first later one that differs from A."""

from __future__ import annotations

import re

import pytest

from folioviz import KERNELS
from folioviz.compare.every_kernel import every_kernel
from folioviz.files import scenario
from folioviz.views import Explorer
from folioviz.views.session.session import Session


def asked(name, first):
    """Return what stands in the table once it is asked for."""
    explorer = Explorer(Session(name))
    explorer.session.choose(0, first)
    explorer.events.heard({"click": "do:every"})
    return explorer, explorer.screen._now["every"][""]


@pytest.mark.parametrize(
    ("name", "first"), [("whole-folio", "v6.5-rc3"), ("front", "v6.10"), ("copy-on-write", "v6.9")]
)
def test_the_table_is_what_is_computed(name, first):
    """Kernels in order; the operation at which each differs; the first later one in the sentence."""
    _, shown = asked(name, first)
    rows = list(every_kernel(scenario.library()[name].ops, first))
    found = re.findall(r'<tr data-kernel="([^"]+)">.*?<td>(?:<span[^>]*>)?(A|no|at \d+)', shown)

    assert [key for key, _ in found] == list(KERNELS)
    for row, (key, at) in zip(rows, found, strict=True):
        assert at == ("A" if key == first else f"at {row.differs}" if row.differs else "no")
    keys = list(KERNELS)
    later = [row for row in rows if keys.index(row.key) > keys.index(first) and row.differs]
    words = f"The first kernel after {KERNELS[first].label} that differs is {KERNELS[later[0].key].label}, at"
    assert words in shown


def test_the_last_kernel_has_none_after_it():
    """No later kernel differs; nothing done has rows, too."""
    explorer, shown = asked("front", "v7.3+no-page-mapcount")

    assert "No later kernel of the list differs from v7.3 no page mapcount" in shown
    explorer.session.run([], "v6.12")
    explorer.events.heard({"click": "do:every"})
    assert explorer.screen._now["every"][""].count("<tr data-kernel") == len(KERNELS)


def test_a_row_shows_its_kernel_as_b():
    """The browser reports the key of the row; one that is none is told."""
    explorer, _ = asked("front", "v6.5-rc3")
    explorer.events.heard({"kernel": ["B", "v6.12"]})
    assert explorer.session.frame.sides[1].kernel.key == "v6.12"
    explorer.events.heard({"kernel": ["B", "<b>"]})
    assert explorer.session.frame.sides[1].kernel.key == "v6.12"
