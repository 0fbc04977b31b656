"""What a person pastes is opened: operations, documents, links, and our own texts; anything else says why not."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.compare.mail import mail
from folioviz.compare.random_ops import wander
from folioviz.compare.report import report
from folioviz.errors import DocumentError
from folioviz.files import paste, scenario, share

NAMED = scenario.replace(
    scenario.find("front"), kernels=("v6.8", "v7.3"), title="a title of one's own that fills a line of a mail"
)
SHORT = "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8"


@pytest.mark.parametrize(
    "text",
    [
        SHORT,
        f"  {SHORT}  # what a comment says\n",
        SHORT.replace("; ", "\n"),
        SHORT.replace("; ", ";\n") + ";",
        f"ops: {SHORT}",
        "ops:\n- mm\n- mmap 1 0 64\n- fault 1 0 4\n- munmap 1 0 8\n",
    ],
)
def test_operations_are_read_in_any_layout(text):
    """In one line or in many, with comments, or as a document."""
    assert [op.short() for op in paste.read(text).ops] == SHORT.split("; ")


@pytest.mark.parametrize("name", scenario.library())
def test_a_link_is_found_wherever_it_stands(name):
    """Alone, as an address, in a sentence, in the report and in the mail, quoted by a mail program."""
    found = scenario.replace(scenario.library()[name], at=5, step=None)
    query = share.query(found)
    texts = [
        query,
        f"?{query}",
        f"http://127.0.0.1:8866/voila/render/explorer.ipynb?{query}",
        f"See <https://example.org/explorer.ipynb?{query}>, please.",
        f"(https://example.org/explorer.ipynb?{query})",
    ]
    for text in texts:
        assert paste.read(text) == share.from_query(share.fields_of(query))
    for text in (mail(found), report(found), "".join(f"> {line}\n" for line in mail(found).splitlines())):
        seen = paste.read(text)
        assert (seen.ops, seen.kernels, seen.mmu_gather) == (found.ops, found.kernels[:2], found.mmu_gather)


@pytest.mark.parametrize(
    "found",
    [
        scenario.Scenario(wander(3, 20), kernels=("v6.5-rc3+v4.1", "v7.3")),
        NAMED,
    ],
    ids=["packed", "named"],
)
def test_a_link_is_joined_that_was_broken_into_lines(found):
    """Operations or words of one's own make a link of many lines; so it stands in mails and reports, quoted or not."""
    for text in (mail(found), report(found)):
        assert re.search(r"^folioviz open '.{57}\n\S+", text, re.MULTILINE)
        for lines in (text, "".join(f"> {line}\n" for line in text.splitlines())):
            seen = paste.read(lines)
            assert (seen.ops, seen.kernels, seen.title) == (found.ops, found.kernels, found.title)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the document is empty"),
        ("mm; mmap 1 0", "operation 2: 'mmap 1 0' has 2 arguments"),
        ("mm\nmmap 1 0 64\nfautl 1 0 4", "operation 3: unknown operation 'fautl"),
        ("?scenario=no-such", "no scenario 'no-such'"),
        ("?s=AAAA", "the link's s is 'AAAA'"),
        ("?scenario=front&a=v9.9&b=none", "v9.9"),
        ("mm; " * 100_000, "the limit"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    """The place, the value and the bound."""
    with pytest.raises(DocumentError, match=said.replace("?", r"\?")):
        paste.read(text)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_read_or_refused(text):
    """Nothing but a DocumentError, whatever it is."""
    with suppress(DocumentError):
        assert paste.read(text) is not None
