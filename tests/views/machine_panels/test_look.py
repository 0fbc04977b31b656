"""What is looked at changes by checked steps; links bring it back; what a browser sends is a capture, or is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.errors import DocumentError, FoliovizError
from folioviz.files import share
from folioviz.views.machine_panels import menus, taken
from folioviz.views.machine_panels.look import PART, WHOLE, Look
from tests.views.machine_panels import captures


def test_the_first_block_is_the_one_that_holds_most():
    """Whoever opens a file sees its waste at once."""
    look = Look(captures.taken())

    assert (look.region, look.block) == (2, 1)


@pytest.mark.parametrize(("region", "block"), [(0, 0), (4, 0), (1, 2), (1, -2)])
def test_what_is_not_there_is_not_selected(region, block):
    """Nothing changes, and the bounds are named."""
    look = Look(captures.taken())
    with pytest.raises(FoliovizError, match="region"):
        look.select(region, block)

    assert (look.region, look.block) == (2, 1)


def test_a_link_brings_it_back():
    """Selection, order and kernel; of the example without a word of a file."""
    look = Look(captures.taken())
    look.select(3, 0)
    look.sort("address")
    look.ask("v6.12")
    other = Look(captures.taken())

    assert other.follow(share.fields_of(look.query)) == []
    assert (other.region, other.block, other.by, other.kernel) == (3, 0, "address", look.kernel)
    assert "file=svc.json.gz" in look.query
    assert "file" not in Look().query


def test_a_link_to_a_file_waits_for_the_file():
    """It is asked for by its name, and followed when it comes; another file does not count."""
    look = Look()
    (said,) = look.follow({"file": "svc.json.gz", "at": "1.1", "sort": "address"})
    look.take(captures.taken(name="other.gz"))
    before = look.region
    look.take(captures.taken())

    assert "'svc.json.gz'" in said
    assert before == 2
    assert (look.region, look.block, look.by) == (1, 1, "address")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"at": "x"}, "at"),
        ({"at": "99"}, "99"),
        ({"at": "1.99999"}, "block"),
        ({"sort": "<b>"}, "sort"),
        ({"kernel": "v0"}, "v0"),
    ],
)
def test_a_bad_link_is_told(fields, word):
    """What is wrong is named; the rest is followed, and nothing else changes."""
    look = Look(captures.taken())
    (said,) = look.follow(fields | ({"sort": "address"} if "sort" not in fields else {}))

    assert word in said
    assert (look.region, look.block) == (2, 1)


@given(st.text())
def test_any_text_is_a_capture_or_is_refused(text):
    """Of a file and of a paste, in words."""
    for reader in (taken.of_browser, taken.of_paste):
        with pytest.raises(DocumentError):
            reader(text)


def test_a_capture_comes_as_a_file_or_is_pasted():
    """The same document as gzip, in base64 with line feeds, and as JSON; a name is cut, and is not the example's."""
    import gzip

    plain = gzip.decompress(captures.data()).decode()
    lines = base64.encodebytes(captures.data()).decode()
    found = [taken.of_browser(captures.sent()), taken.of_paste(plain), taken.of_paste(lines)]

    assert [one.large for one in found] == [3, 3, 3]
    assert [one.name for one in found] == ["svc.json.gz", "pasted", "pasted"]
    assert taken.of_browser(captures.sent(name="example")).name == "a file"
    assert len(taken.of_browser(captures.sent(name="x\x00y" * 99)).name) <= taken.MAX_NAME
    assert "data-good" in menus.checked(plain)
    assert "data-good" not in menus.checked("{}")


def test_a_file_that_is_too_long_is_refused():
    """With its bound, and what takes it all the same."""
    with pytest.raises(DocumentError, match=r"'big' is longer than 3145728 bytes .3 MiB.*folioviz look"):
        taken.of_browser("big\n" + base64.b64encode(bytes((3 << 20) + 1)).decode())


def test_of_many_regions_some_are_shown_at_first():
    """The others are summed up, and come on demand."""
    document = captures.DOCUMENT | {
        "regions": [
            {"process": 1, "first": 512 * place, "pages": 9, "rights": "rw-p"} for place in range(100)
        ],
        "processes": [{}],
        "procs": {},
        "orders": [],
    }
    look = Look(captures.taken(document))
    look.more()

    assert (len(look.numbers), len(look.hidden)) == (2 * PART, 100 - 2 * PART)
    assert look.block in (0, WHOLE)
