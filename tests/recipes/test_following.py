"""What follows a page does what the page says, and nothing on a page goes untried."""

from __future__ import annotations

import pytest

from tests.recipes.following import ROOT, Step, changed, steps

PAGE = """# A page

1. Write `folioviz/news.py`,
   with a number in it:

   ```python
   NEWS = 1
   ```

In `folioviz/news.py`, somewhere else
than where you think:

```diff
-NEWS = 1
+NEWS = 2
```

At the end of `folioviz/news.py`, add:

```python
OLD = NEWS
```

It says now:

```console
$ python -c "from folioviz import news; print(news.NEWS, news.OLD)"
2 2
$ python -c "import folioviz.news; print(folioviz.news.__name__)"
folioviz.news
```

which looks so:

```text
any thing
```
"""


def test_a_page_is_a_list_of_steps():
    """Each block is one step, whose kind and file the paragraph above it tells."""
    assert [(step.kind, step.path) for step in steps(PAGE)] == [
        ("write", "folioviz/news.py"),
        ("change", "folioviz/news.py"),
        ("append", "folioviz/news.py"),
        ("run", ""),
        ("read", ""),
    ]
    assert steps(PAGE)[0].body == "NEWS = 1\n"


def test_a_block_that_nothing_explains_is_an_error():
    """Nothing on a page is passed over."""
    with pytest.raises(AssertionError, match="nothing above says"):
        steps("Look at this:\n\n```python\n1\n```\n")


def test_a_page_is_followed_in_a_copy(copy):
    """Its commands see the copy's files; the repository stays as it is."""
    copy.follow(PAGE)

    assert copy.touched == ["folioviz/news.py"]
    assert (copy.root / "folioviz" / "news.py").read_text() == "NEWS = 2\nOLD = NEWS\n"
    assert not (ROOT / "folioviz" / "news.py").exists()


def test_what_a_command_prints_is_compared(copy):
    """A page that promises another output is wrong."""
    with pytest.raises(AssertionError, match="does not print '3'"):
        copy.do(Step("run", "", '$ python -c "print(2)"\n3\n'))


def test_the_names_of_failing_tests_are_told(copy):
    """Those of the copy, and only those that fail."""
    test = "def test_good():\n    pass\n\n\ndef test_bad():\n    raise AssertionError\n"
    copy.write(Step("write", "tests/test_two.py", test))

    assert copy.failures("tests/test_two.py") == ["tests/test_two.py::test_bad"]


def test_a_diff_changes_one_place():
    """Also several in one block, and lines that are empty."""
    text = "a\n\nb\nc\nd\n"

    assert changed(text, " a\n\n+new\n b\n@@\n-d\n+e\n") == "a\n\nnew\nb\nc\ne\n"


@pytest.mark.parametrize("diff", ["-b\n+c\n", "-a\n+c\n", "+c\n"])
def test_a_diff_that_does_not_fit_is_an_error(diff):
    """What it takes away is not there, is there twice, or is nothing at all."""
    with pytest.raises(AssertionError, match="times, not once"):
        changed("a\na\n", diff)
