"""What a recorded step did."""

from __future__ import annotations

import pytest

from folioviz.errors import DocumentError
from folioviz.evidence.recordings import kernels, recording, scenarios
from folioviz.evidence.recordings.grammar import Act, parse, read


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("P map a 40 +5", Act("map", process="P", region="a", end=40, value=5)),
        ("P touch a 0 1024 16", Act("touch", process="P", region="a", end=1024, stride=16)),
        ("C dontneed a 8 16", Act("dontneed", process="C", region="a", start=8, end=16)),
        ("P fork C", Act("fork", process="P", name="C")),
        ("P mremap a 0 512 b 3", Act("mremap", process="P", region="a", end=512, name="b", value=3)),
        ("P mprotect a 0 1 rw", Act("mprotect", process="P", region="a", end=1, name="rw")),
        ("split P a 0 512 4", Act("split", process="P", region="a", end=512, value=4)),
        ("sysfs shrink_underused 0", Act("sysfs", name="shrink_underused")),
        ("dropcaches 2", Act("dropcaches", value=2)),
        ("P collapse a 0 512", Act("collapse", process="P", region="a", end=512)),
        ("khugepaged 6", Act("khugepaged", value=6)),
        ("P mergeable a", Act("mergeable", known=False, process="P")),
        ("thp 4+9", Act("thp", name="4+9")),
        ("P huge a 0 512", Act("huge", process="P", region="a", end=512)),
        ("P pin a 3 4", Act("pin", process="P", region="a", start=3, end=4)),
        ("P unpin", Act("unpin", process="P")),
        ("P map a 64 nohuge", Act("map", process="P", region="a", end=64, name="nohuge")),
        ("P map a 64 +5 nohuge", Act("map", process="P", region="a", end=64, value=5, name="nohuge")),
        ("P gup a 3 4", Act("gup", process="P", region="a", start=3, end=4)),
        ("P migrate a 0 16 1", Act("migrate", process="P", region="a", end=16, value=1)),
        ("C migrateall a 0 16 0", Act("migrateall", process="C", region="a", end=16)),
        ("rmcgroup", Act("rmcgroup")),
        ("swapoff", Act("swapoff")),
        ("ksm 4", Act("ksm", known=False)),
    ],
)
def test_an_operation_is_read(text, act):
    """Words and numbers become an act; of a word that is not known, nothing more is read."""
    assert act == parse(text)


NONE = ("", "P", "PC map a 4", "MAP", "P <script>")
"""What has no word at all."""
FORMS = (
    "P map a 64 small", "P map a 64 nohuge +5", "P migrate a 0 16",
    "P migrate a 0 16 64", "P map a", "P touch a 0 4 1 1", "C mprotect a 0 1 x", "P fork", "P exit now", "split a 0 1",
    "dropcaches 4", "thp 4+", "P pin a 4", "P free a 4 4", "reclaim all",
)  # fmt: skip
"""Words that are known, in other forms."""


@pytest.mark.parametrize("text", FORMS)
def test_an_unknown_form_is_an_act_that_is_not_known(text):
    """Its word and process are read, and why no more is: the form that is known, or the argument's."""
    words = text.split()
    act = read(text)

    assert not act.known
    assert [act.process, act.word] == ([words[0], words[1]] if len(words[0]) == 1 else ["", words[0]])
    assert f"op is '{text}': " in act.why


@pytest.mark.parametrize("text", NONE)
def test_what_has_no_word_is_no_act(text):
    """A file that holds it is no recording."""
    with pytest.raises(DocumentError, match=r"op is"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "P map",
        "P map a",
        "P map a 0",
        "P map i 4",
        "P map a 4 5",
        "P map a 99999",
        "P map a 4 +512",
        "P touch a 4 4",
        "P touch a 5 4",
        "P touch a 0 4 0",
        "P touch a 0 4 1 1",
        "P mprotect a 0 1 x",
        "P fork P",
        "P fork",
        "P exit now",
        "split a 0 1",
        "dropcaches 4",
        "dropcaches two",
        "thp 10",
        "thp 4+",
        "P pin a 4",
        *NONE,
    ],
)
def test_what_is_no_operation_is_refused(text):
    """The message repeats the operation and says what it must be."""
    with pytest.raises(DocumentError, match=r"op is|it must be"):
        parse(text)


def test_every_recorded_operation_is_known():
    """The library holds no word that is not in the grammar."""
    acts = [
        parse(step.op)
        for kernel in kernels()
        for scenario in scenarios(kernel)
        for step in recording(kernel, scenario).steps
    ]

    assert all(act.known for act in acts)
    assert acts
