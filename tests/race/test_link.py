"""Links to races: what they bring back, and what they refuse."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError
from folioviz.files.share import fields_of
from folioviz.race import document, link
from folioviz.race.document import RaceDocument
from folioviz.race.library import LIBRARY

OWN = RaceDocument(
    ("munmap 1 0 4", "dontneed 2 0 1; exit 2", "shrink 4"),
    "v6.9",
    "mm; mmap 1 0 16; fault 1 0 2; fork 1",
    "none",
    ("references",),
    schedule="0x3.2x1",
)


def test_a_race_comes_back_from_its_link():
    """Each of the library by its name alone, with its schedule; another one with all that it is."""
    for name, known in LIBRARY.items():
        found = link.read(fields_of(link.query(document.of(known))))
        assert found == document.of(known)
        assert link.query(found) == f"race={name}"
    assert link.read(fields_of(link.query(OWN))) == OWN
    assert link.pasted(f"see https://example.org/voila/render/explorer.ipynb?{link.query(OWN)}.") == OWN
    assert link.pasted(document.dumps(OWN)) == OWN
    assert link.pasted("mm; mmap 1 0 4") is link.pasted("kernels: [v6.9]\nops: mm") is None
    assert link.read({"at": "3"}) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("race=nope", "there is no race 'nope'"),
        ("race=../../etc/passwd", "there is no race '../../etc/passwd'"),
        ("race=k1&schedule=9x", "'9x' in a schedule"),
        ("race=k1&schedule=4x1", "CPU 4 in a schedule: there are CPUs 0 to 1"),
        ("race=own&cpus=zap 1", "unknown operation 'zap 1'"),
        ("race=own&cpus=" + "|".join(["exit 1"] * 5), "it must be what 1 to 4 CPUs do"),
        ("race=own&cpus=exit 1||exit 2", "it must be what 1 to 4 CPUs do"),
        ("race=own&cpus=exit 1&kernel=v0", "v0"),
        ("race=own&cpus=exit 1&gather=all", "gather is 'all'"),
        (
            "race=own&cpus=exit 1&setup=" + "mm;" * 900,
            "setup is 2700 characters long: it must be at most 2000",
        ),
    ],
)
def test_a_hostile_link_is_refused_in_words(query, said):
    """The thing, its value and the bound are named."""
    with pytest.raises(DocumentError) as error:
        link.read(fields_of(query))
    assert said in str(error.value)
