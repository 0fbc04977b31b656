"""The code beside the state: at every step the function and the line that made it, of the kernel that is followed."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

import pytest

from folioviz.readout import source
from folioviz.views import Explorer
from folioviz.views.session.session import Session


def shown(explorer, slot):
    """Return the HTML of a slot."""
    return "".join(piece for _, piece in explorer.screen.get_state()["parts"].get(slot, []))


def marked(explorer):
    """Return the side, the number and the text of the line that is marked."""
    found = re.findall(
        r'<code class="now \w" data-line="(\w) [\w.]+ (\d+)" aria-current="step"><i>▶ \d+</i>(.*?)</code>',
        shown(explorer, "codelines"),
        re.DOTALL,
    )
    return [(side, int(number), unescape(text)) for side, number, text in found]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["first-look", "fork-one-side", "underused"])
def test_the_marked_line_is_the_one_that_made_the_step(name):
    """At every step of every operation, under both kernels, with the function's name, file and release above it."""
    explorer = Explorer(Session(name))
    session = explorer.session
    session.selection.read("code")
    for side in "AB":
        session.selection.trace(side)
        track = session.history.tracks["AB".index(side)]
        for index, (begin, end) in enumerate(pairwise(session.history.axis.begins)):
            if track.refused[index]:
                continue
            ran = source.ran(track.lab, track.lab.op_at(track.parts[index].start + 1))
            for position in range(begin + 1, end, max(1, (end - begin) // 16)):
                session.seek(position)
                half = session.frame.side(side)
                if half.at < 0:
                    assert not marked(explorer)
                    continue
                function, line = ran.at(half.at - track.parts[index].start)
                said = source.read(track.lab, function)
                assert marked(explorer) == [(side, line, said.lines[line - said.first])]
                above = unescape(shown(explorer, "trace"))
                assert f"{function}()" in above
                assert said.file in above


def test_code_is_run_again_only_while_it_is_read():
    """The trace costs nothing more; a step within an operation does not run it again."""
    explorer = Explorer(Session("first-look"))
    session = explorer.session
    asked = []
    for track in session.history.tracks:
        again = track.lab.again
        track.lab.again = lambda *all_, again=again, **named: asked.append(1) or again(*all_, **named)
    session.step(1)
    assert not asked
    explorer.events.heard({"key": "c"})
    session.step(1)
    session.step(1)
    assert asked == [1]
    assert marked(explorer)
    explorer.events.heard({"click": "read:trace"})
    session.step(1)
    assert not shown(explorer, "codelines")
    assert asked == [1]


def test_what_cannot_be_read_changes_nothing():
    """A name that is none is told, and the trace stays."""
    session = Session("first-look")
    session.selection.read("<b>")

    assert session.frame.reading == "trace"
    assert "what to read" in session.frame.messages["trace"]
