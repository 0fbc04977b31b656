"""The program of examples/ as a running kernel had it, what becomes of it, and how to run and capture it oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz.views.machine_panels import taken
from folioviz.views.page.markup import html
from folioviz.views.story_panels.captured_process import CapturedProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from folioviz.views.session.frame import Frame


class CapturedProgram(CapturedProcess):
    """The capture of the chosen program; a 2 MiB block of it becomes operations at once."""

    name = "captured_program"
    title = "The same program, captured"

    def choose(self, values: Mapping[str, Any]) -> None:
        """Show the chosen program, unless something of the reader's own is shown."""
        if values["program"] != self.values.get("program"):
            self.said = ""
            self.look.take(taken.example(values["program"]))
        super().choose(values)

    def update(self, frame: Frame) -> None:
        """Ask what becomes of the block, once the story's answer is told."""
        super().update(frame)
        self.asking.ask(self.look)
        self.draw()

    def ways(self) -> Markup:
        """Return the commands: run it, capture it, look at it; and where the file can be dropped."""
        return html(
            '<div data-captures class="fv-captured-ways"><ol><li><code>python3 examples/{0}.py</code> runs it; it waits'
            "</li><li><code>sudo folioviz capture PID -o capture.json.gz</code> in another terminal, as it has printed"
            "</li><li><code>folioviz look capture.json.gz</code>, or drop the file here, or choose it: "
            '<label><span class="fv-captured-hidden">a capture of yours</span><input type="file" data-capture-file '
            'accept=".gz,.json"></label></li></ol><p>Below: {1}. {2}</p></div>',
            self.values.get("program", "allocator"),
            self.look.taken.called,
            self.all_of_it(),
        )
