"""The stories' notebooks: they run, are kept clean and short, lead from one to the next, and spell the kernel right."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from markupsafe import Markup

from folioviz import stories
from folioviz.evidence.recordings import kernels, scenarios
from folioviz.machine import journal
from folioviz.machine.journal import Journal
from folioviz.readout.glossary import TERMS
from folioviz.serving import landing
from folioviz.views import Story
from tests.boards import on_page
from tools.dashboard import PATIENCE

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
FILES = {key: FOLDER / f"{number:02}-{key}.ipynb" for number, key in enumerate(stories.KEYS, start=1)}
MAX_ROWS = 400_000
"""Journal rows: about a second's work."""
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
NUMBER = re.compile(r"(?<![\w./])\d[\d,]*(?!\w|[./]\d)")
FREE = {"0", "1", "2"}
"""Numbers that are everywhere, and tell nothing."""
SPAN = re.compile(r"`([^`]+)`")
NAME = re.compile(r"\b_*[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*\b|\b[a-z][a-z0-9_]*(?=\(\))")
"""What looks like the name of something in C: with an underscore, or called."""
OURS = re.compile(r"(my|your|test)_|\w+_example\b")
"""What names in examples, and of tests, begin with."""
KNOWN = set((Path(__file__).with_name("identifiers.txt")).read_text(encoding="utf-8").split())


@cache
def opened(path):
    """Return a notebook, each cell's source in one piece."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def read(key):
    """Return a story's notebook."""
    return opened(FILES[key])


@cache
def names_of_ours():
    """Return the model's own names, and those of the recordings' scenarios."""
    files = [file for end in ("py", "js") for file in ROOT.glob(f"folioviz/**/*.{end}")]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r"\w+", source)) | {name for kernel in kernels() for name in scenarios(kernel)}


def prose(notebook):
    """Return a notebook's words."""
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def title(notebook):
    """Return a notebook's question."""
    return re.search(r"^# (.+)$", prose(notebook), re.MULTILINE)[1]


def test_there_is_a_notebook_for_every_story_and_no_other():
    """In reading order, beside those of the tour, the explorer and a running machine."""
    others = [FOLDER / f"{name}.ipynb" for name in ("00-tour", "explorer", "running-machine")]

    assert sorted(FOLDER.glob("*.ipynb")) == sorted([*FILES.values(), *others])


GROUPS = re.compile(r'^  "(.+?)": "', re.MULTILINE)
LANDING = landing.TEMPLATE / "tree.html"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_its_card_says_it_in_short(path):
    """Each has a summary of at most 60 characters, a whole sentence, and stands in one of the four groups."""
    own = opened(path)["metadata"]["folioviz"]
    groups = GROUPS.findall(LANDING.read_text(encoding="utf-8"))

    assert len(groups) == 4
    assert own.get("group", "") in (groups if path.stem != "explorer" else [""])
    assert len(own["summary"]) <= 60
    assert own["summary"].endswith(".")
    assert "..." not in own["summary"]


@pytest.fixture(scope="module")
def run():
    """Return what runs a notebook, one after the other in one kernel: starting one takes longer than a notebook."""
    import nbformat
    from nbclient import NotebookClient

    empty = nbformat.v4.new_notebook()
    client = NotebookClient(empty, timeout=PATIENCE, startup_timeout=PATIENCE, kernel_name="python3")

    def one(path):
        client.nb = nbformat.read(path, 4)
        client.nb.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
        return client.execute(cleanup_kc=False)

    yield one
    client.nb = empty
    client.execute()


@pytest.mark.slow
@pytest.mark.parametrize("key", stories.KEYS)
def test_it_runs_and_shows_a_widget(key, run):
    """Top to bottom without an exception or a word on stderr, and without what another notebook has defined."""
    outputs = [output for cell in run(FILES[key]).cells for output in cell.get("outputs", [])]

    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]


@pytest.mark.slow
@pytest.mark.parametrize("key", stories.KEYS)
def test_it_is_soon_there(key, monkeypatch):
    """What the kernels write before a story is shown is bounded, so that no machine takes long for it."""
    rows = []

    class Counted(Journal):
        def extend(self, more):
            rows.append(len(more))
            super().extend(more)

    monkeypatch.setattr(journal, "Journal", Counted)
    Story(key)

    assert 0 < sum(rows) < MAX_ROWS


@pytest.mark.parametrize("key", stories.KEYS)
def test_it_is_kept_clean_and_short(key):
    """No outputs, at most eight cells, none of code over fifteen lines; JupyterLab finds the kernel."""
    notebook = read(key)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert len(notebook["cells"]) <= 8
    assert max(len(cell["source"].splitlines()) for cell in code) <= 15
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert f'"{key}"' in code[0]["source"]
    assert code[-1]["source"].endswith("story.follow(serve.query())")


@pytest.mark.parametrize("key", stories.KEYS)
def test_it_leads_to_the_ones_beside_it(key):
    """The first line says which one this is, and names the one before and the one after."""
    number = stories.KEYS.index(key)
    first = prose(read(key)).splitlines()[0]
    wanted = [("Gallery", ".")]
    if number:
        before = stories.KEYS[number - 1]
        wanted.append((f"← {title(read(before))}", FILES[before].name))
    if number + 1 < len(stories.KEYS):
        after = stories.KEYS[number + 1]
        wanted.append((f"{title(read(after))} →", FILES[after].name))

    assert LINK.findall(first) == wanted
    assert f" · story {number + 1} · " in f"{first} · "


@pytest.mark.parametrize("key", stories.KEYS)
def test_its_words_are_where_they_belong(key):
    """The notebook has a title and an introduction, the story the rest; every link leads to what is there."""
    first, heading, introduction = prose(read(key)).split("\n\n")
    text = "".join(stories.words(key))
    pages = [to for _, to in LINK.findall(text) if ":" not in to]

    assert heading == f"# {title(read(key))}"
    assert introduction
    assert [found for found in ("## What to notice", "## Where it is") if found not in text] == []
    assert [to for _, to in LINK.findall(first) if not (FOLDER / to).exists()] == []
    assert [to for to in pages if not (FOLDER / to.split("?")[0]).exists()] == []


def words(text, many):
    """Return the runs of so many words in a text."""
    found = re.findall(r"[\w.’'-]*\w", text.lower())
    return {" ".join(found[at : at + many]) for at in range(len(found) - many + 1)}


@pytest.mark.parametrize("key", stories.KEYS)
def test_nothing_of_the_answer_is_on_the_page_before_the_guess(key):
    """No number of the explanation, and no four words of it or of the rest, but the question's own and its folio's.

    Nor is anything of the explanation in what the underlined words open.
    """
    board = Story(key)
    asked = board.story.question
    right, because = asked.answer()
    sizes = [f"{one.order} {one.mapcount.size}" for one in board.session.frame.sides[0].folios]
    own = " ".join([asked.text, *asked.options, *sizes])
    parts = on_page(board)
    page = Markup("\n").join(parts.values())
    captured = str(
        parts.get("captured_process", Markup()).striptags()
    )  # another machine's, with regions by the dozen
    meant = "\n".join(TERMS[name].text for name in set(re.findall(r'data-term="(\w+)"', page)))
    there = prose(read(key)).partition("\n")[2] + page.striptags()
    told = f"{asked.options[right]} {because}"

    assert "What to notice" not in there
    assert (words(f"{told} {''.join(stories.words(key))}", 4) - words(own, 4)) & words(there, 4) == set()
    assert (words(told, 4) - words(own, 4)) & words(meant, 4) == set()
    assert (set(NUMBER.findall(told)) - set(NUMBER.findall(own)) - FREE) & set(
        NUMBER.findall(there.replace(captured, "") + meant)
    ) == set()
    board.events.heard({"click": f"guess:{right}"})
    assert because in on_page(board)["question"].striptags()


@pytest.mark.parametrize(
    "path",
    [
        *FILES.values(),
        *stories.WORDS.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("docs/kernel/*.md"),
        ROOT / "README.md",
    ],
    ids=lambda p: p.stem,
)
def test_the_kernels_names_are_spelt_as_in_the_kernel(path):
    """Names in code spans are the model's own, a recording's, or on the list of the kernel's."""
    text = prose(opened(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    spans = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    used = {name for span in SPAN.findall(spans) for name in NAME.findall(span) if not OURS.match(name)}

    assert sorted(used - names_of_ours() - KNOWN) == []
