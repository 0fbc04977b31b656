"""The documents' examples are followed literally, and work."""

from __future__ import annotations

import importlib
import re
import runpy
import shlex

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.compare.compare import compare
from folioviz.evidence.proof import NOT_MODELLED
from folioviz.files import scenario
from folioviz.machine.costs import COSTS
from folioviz.readout.glossary import TERMS, WORDS
from tests.pages import DOCS, ROOT, links, table

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line[2:]
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
CALLS = [line for line in COMMANDS if "folioviz" in line]
SHOWN = {COSTS[name].words: name for name in ("sqlock", "nrpm", "thw")}
"""A column of the README's table -> the cost that it shows."""


@pytest.mark.parametrize("line", CALLS)
def test_a_command_of_the_readme_works(line):
    """Each command of the block prints something and nothing on stderr, and succeeds."""
    before, _, command = line.rpartition("|")
    words = shlex.split(command)
    done = CliRunner().invoke(app, words[1:], input=shlex.split(before)[1] if before else None)

    assert words[0] == "folioviz"
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout


def test_the_python_of_the_readme_says_what_it_gives(tmp_path):
    """The number in its comment is the lock's count, and the last line goes to the row that it names."""
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    lab, done = map(runpy.run_path(str(tmp_path / "example.py")).get, ("lab", "done"))
    wanted = re.search(r'\["(\w+)"\]  # (\d+):', code)

    assert lab.costs(done.start, done.end)[wanted[1]] == int(wanted[2])
    assert lab.cursor == done.start + 40


def test_the_table_of_the_readme_is_computed():
    """Each kernel of each row costs what the row says, for one munmap of 64 order-4 folios."""
    ops = scenario.find("sixty-four-folios").ops
    rows = table(ROOT / "README.md", "what-the-model-shows")
    keys = {key: row for row in rows for key in row["kernel"].split(", ")}
    result = compare(ops, list(keys))
    last = dict(zip(keys, result.operations[-1].outcomes, strict=True))

    assert len(keys) > len(rows) > 5
    assert ops[-1].short() == "munmap 1 0 1024"
    assert {key: {name: row[name] for name in SHOWN} for key, row in keys.items()} == {
        key: {name: str(last[key].costs.get(cost, 0)) for name, cost in SHOWN.items()} for key in keys
    }


def test_what_is_not_modelled_is_what_the_page_of_proof_says():
    """The README has the same list, with what else there is to say of it in brackets."""
    said = " ".join(README.split("Not modelled: ")[1].split("(the boundary")[0].split())
    said = re.sub(r" \((?:[^()]|\([^()]*\))*\)", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", said))

    assert said.split(".")[0].split(", ") == list(NOT_MODELLED)


def test_every_recipe_is_led_to_and_followed():
    """CONTRIBUTING.md leads to each page of docs/recipes/, and each has a test."""
    recipes = sorted(path.stem for path in (DOCS / "recipes").glob("*.md"))

    assert [
        name for name in recipes if f"docs/recipes/{name}.md" not in links(ROOT / "CONTRIBUTING.md")
    ] == []
    assert [name for name in recipes if not (ROOT / f"tests/recipes/test_{name}.py").exists()] == []


def test_the_modules_of_the_changelog_are_there():
    """What an import is to be changed to can be imported."""
    rows = table(ROOT / "CHANGELOG.md", "for-developers")
    modules = {name for row in rows for name in row["now"].split(", ")}

    assert len(modules) > 30
    assert all(importlib.import_module(name) for name in modules)


def test_the_example_of_a_scenario_is_one():
    """The YAML of docs/scenarios.md."""
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")

    assert scenario.loads(text.split("```yaml\n")[1].split("```")[0]).ops


def test_every_word_has_two_sentences_and_every_counter_a_place():
    """Each word opens two sentences; a counter's, and whatever has a place in the kernel, that too."""
    for name, term in TERMS.items():
        assert len(re.findall(r"[.](?: |$)", term.text)) == 2, term
        place = re.search(r"(mm|include)/\S+\.[ch]( \([^)]+\))?$", term.source)
        assert bool(place) == bool(term.source), term
        assert term.source or name in WORDS, term


def test_the_glossary_is_the_table_of_words():
    """docs/glossary.md has the words and sentences that pages show, and none of the counters and costs."""
    rows = [(row["word"], row["what it means here"]) for row in table(DOCS / "glossary.md", "glossary")]
    counted = {term.title for name, term in TERMS.items() if name not in WORDS}

    assert rows == [(word.title, word.text) for word in WORDS.values()]
    assert counted.isdisjoint(word for word, _ in rows)
