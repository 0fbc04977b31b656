"""The documents' examples are followed literally, and work."""

from __future__ import annotations

import re
import runpy
import textwrap
from pathlib import Path

import pytest

from folioviz.evidence.recordings import EXCLUSIONS
from folioviz.files import scenario
from folioviz.views.panels.glossary import TERMS
from tests.evidence.conformance.test_conformance import RECORDS
from tests.evidence.recordings.test_conformance import LISTED
from tests.kernels import test_v6_1
from tests.mutations import test_series, test_v6_8, test_v6_9, test_v6_12, test_v7_3

DOCS = Path(__file__).parents[1] / "docs"

BROKEN = (test_series, test_v6_1, test_v6_8, test_v6_9, test_v6_12, test_v7_3)
BLOCK = re.compile(r"^ *```python\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def example(name):
    """Return the first example of a document."""
    return textwrap.dedent(BLOCK.search((DOCS / name).read_text(encoding="utf-8"))[1])


@pytest.fixture
def run(tmp_path):
    """Return what runs code and returns what it defines."""

    def running(code):
        file = tmp_path / "example.py"
        file.write_text(code, encoding="utf-8")
        return runpy.run_path(str(file))

    return running


def test_trying_a_patch(run):
    """The function of docs/kernels.md queues nothing: the last line says what it gives."""
    *lines, last = example("kernels.md").rstrip().splitlines()
    code, _, wanted = last.partition("#")

    assert run("\n".join([*lines, f"found = {code}"]))["found"] == int(wanted)


def test_the_example_of_a_scenario_is_one():
    """The YAML of docs/scenarios.md."""
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")

    assert scenario.loads(text.split("```yaml\n")[1].split("```")[0]).ops


def test_every_counter_has_two_sentences_and_a_place():
    """Each counter's name opens two sentences and its place in the kernel."""
    for term in TERMS.values():
        assert len(re.findall(r"[.](?: |$)", term.text)) == 2, term
        assert re.search(r"(mm|include)/\S+\.[ch]$", term.source), term


def test_a_word_is_explained_in_one_place():
    """docs/glossary.md has none of the counters and costs, which the tables of the machine explain."""
    words = re.findall(r"^\| ([^|]+) \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert {term.title for term in TERMS.values()}.isdisjoint(words)
    assert "folio" in words


def test_the_readme_counts_what_the_tests_count():
    """Records, mutations, recorded steps and exceptions, as the tests that establish the truth have them."""
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    by_key = [records for of_kind in RECORDS.values() for records in of_kind.items()]
    older = sum(n for key, n in by_key if key.split("/")[0] in {"base", "p1", "p12", "v3", "v4"})
    mutations = sum(len(module.MUTATIONS) for module in BROKEN)
    steps = sum(row.compared for row in LISTED.values())

    assert f"{older:,} records" in text
    assert f"{sum(n for _, n in by_key) - older:,} records" in text
    assert f"{mutations} single-rule mutations" in text
    assert f"{steps:,} steps" in text
    assert len(EXCLUSIONS) == 6
    assert "six listed exceptions" in text
