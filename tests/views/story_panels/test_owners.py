"""What a write would do, as the panel of the owners tells it."""

from __future__ import annotations

import pytest

from folioviz import kernels
from folioviz.readout import state
from folioviz.stories.parts.pieces import ran
from folioviz.stories.reuse_after_fork import STORY
from folioviz.views.player.asking import Asking
from folioviz.views.session.session import Session
from folioviz.views.story_panels.owners import Owners, rule_of, uses, verdict

SHARED = "mm; mmap 1 0 64; fault 1 0 4; fork 1"
HUGE = "mm; mmap 1 0 512; faultpmd 1 0; fork 1"
PART = "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1"


def told(line, key, mm=1):
    """Return what the panel says of the next write of a process: in words, and why."""
    lab = ran(line, key)
    folio = state.folios(lab.machine)[0]
    process = next(one for one in state.processes(lab.machine) if one.id == mm)
    said = verdict(Asking(lab), folio, uses(folio, process))
    word, _, why = said.removesuffix("</small>").rpartition("<small>")
    return word.removesuffix("</span>").rpartition(">")[2], why


@pytest.mark.parametrize(
    ("line", "key", "want"),
    [
        (f"{SHARED}; exit 2", "v6.5-rc3", ("copies", "16 references")),
        (f"{SHARED}; exit 2; dontneed 1 1 15", "v6.5-rc3", ("in place", "1 reference")),
        (f"{SHARED}; exit 2; dontneed 1 1 15", "v6.12", ("copies", "large, and not AnonExclusive")),
        (f"{SHARED}; exit 2", "v7.3", ("in place", "one owner has all mappings")),
        (f"{SHARED}; exit 2; get 1", "v7.3", ("copies", "17 references, 16 mappings")),
        (SHARED, "v7.3", ("copies", "maybe shared")),
        (
            f"{SHARED}; exit 2; dontneed 1 1 15",
            "v7.3",
            ("copies", "the last mapping: copied, to be rid of the folio"),
        ),
        (f"{HUGE}; exit 2", "v6.1", ("in place", "one reference: this PMD’s")),
        (HUGE, "v6.12", ("copies", "2 references: PMD split, page copied")),
        (f"{PART}; exit 2", "v6.1.0", ("copies", "512 references")),
    ],
)
def test_the_kernel_decides_and_the_panel_says_why(line, key, want):
    """Each cause of a copy and of a reuse, under the kernels that have it."""
    assert told(line, key) == want


def test_a_write_without_a_fault():
    """What may be written already asks no kernel."""
    lab = ran("mm; mmap 1 0 64; fault 1 0 4", "v7.3")
    [folio], [process] = state.folios(lab.machine), state.processes(lab.machine)

    assert ">no fault<" in verdict(Asking(lab), folio, uses(folio, process))


def test_what_cannot_be_written_now():
    """A VMA that is read-only is the reason, not a rule of copy-on-write."""
    said, why = told("mm; mmap 1 0 64; fault 1 0 4; mprotect 1 0 16 0", "v7.3")

    assert said == "not now"
    assert "the VMA at 0x7f0000000000 is read-only" in why


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_each_rule_in_words_is_the_kernels(key):
    """One reference left, one owner with several mappings: who reuses is told by the sentence, and by the kernel."""
    size = "fault 1 0 4" if 4 in kernels.find(key).orders else "faultpmd 1 0; splitpmd 1 0; dontneed 1 16 496"
    alone = f"mm; mmap 1 0 512; {size}; fork 1; exit 2"
    one = told(f"{alone}; dontneed 1 1 15", key)[0], told(alone, key)[0]

    assert (
        rule_of(key)
        == {
            ("in place", "copies"): "reuses a page if the folio has one reference left",
            ("copies", "copies"): "never reuses a page of a large folio that fork has shared",
            (
                "copies",
                "in place",
            ): "reuses a page if one process has all mappings, more than one, and nobody else a reference",
        }[one]
    )


class Sheet(dict):
    """What a panel puts on the screen."""

    def put(self, name, pieces):
        """Take a part of the page."""
        self[name] = pieces


@pytest.mark.parametrize("kind", ["pte", "late"])
def test_there_is_an_answer_at_every_step(kind):
    """Wherever the playhead stands in the story, in the middle of a fork, an exit or a write too."""
    session = Session(STORY.make(STORY.values | {"kind": kind, "processes": 3, "exits": "none"}))
    panel = Owners(Sheet(), session)
    last = session.history.axis.last
    for position in range(0, last + 1, max(1, last // 100)):
        session.seek(position)
        panel.update(session.frame)

        assert panel.screen["owners"]["A"].startswith("<section>")
