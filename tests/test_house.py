"""How the house is built: arrows point down, modules are short, kernel functions can be compiled."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from folioviz import kernels
from folioviz.kernels import no_gather
from folioviz.kernels.since_v6_8 import no_gather_runs
from folioviz.link import V6_5_RC3, constants_of, functions_of
from folioviz.machine import costs, fields, journal, memory, primitives
from folioviz.mm import charges, entries, headers
from folioviz.ops import ops

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "folioviz"
FLOORS = (
    {"errors"},
    {"extras"},
    {"machine"},
    {"mm"},
    {"link", "ops", "laws"},
    {"engine"},
    {"kernels"},
    {"rehearsal"},
    {"lab"},
    {"readout"},
    {"proc"},
    {"files"},
    {"compare"},
    {"sweep", "contention"},
    {"evidence"},
    {"diagnosis", "race", "rebuild"},
    {"capture", "watch"},
    {"record", "vmcore"},
    {"stories", "serving"},
    {"cli", "views", "__init__"},
    {"__main__"},
)
"""The rooms of the house, from the ground up. A room imports from floors below, and from itself."""
VIEWS = (
    {"page"},
    {"player"},
    {"session"},
    {"panels"},
    {"machine_panels"},
    {"story_panels"},
    {"boards"},
)
"""The rooms of views/, from the ground up."""
WIDGETS = {"anywidget", "bqplot", "ipywidgets", "jupyterlab", "llvmlite", "voila"}
MODULES = sorted(HOUSE.rglob("*.py"))
REGISTRY = {"__init__.py", "kernel.py"}
FUNCTIONS = [path for path in MODULES if {"mm", "kernels"} & set(path.parts) and path.name not in REGISTRY]
LIMIT = 300
ONE_TABLE = [*(HOUSE / "kernels").glob("*/__init__.py")]
ONE_FILE = [HOUSE / "mm" / name for name in ("huge_memory.py", "khugepaged.py", "memory.py")]
TABLES = dict.fromkeys(ONE_TABLE, 500) | dict.fromkeys(ONE_FILE, 400)
"""A module that is one table may be longer: the registries; so may what is one file of mm/."""
FIELDS = {row.name for row in fields.FIELDS}


def dotted(path):
    """Return a file's module name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path) for path in MODULES}


@cache
def tree(path):
    """Return a file's syntax tree."""
    return ast.parse(path.read_text())


@cache
def for_readers(path):
    """Return the nodes below ``if TYPE_CHECKING:``."""
    tests = [
        n for n in ast.walk(tree(path)) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"
    ]
    return {inner for test in tests for inner in ast.walk(test)}


@cache
def imports(path, *, readers):
    """Return the modules of the house that a file imports: while it runs, or those for readers and checkers only."""
    aside = for_readers(path)
    found = set()
    for node in ast.walk(tree(path)):
        if (node in aside) != readers:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & NAMES or {node.module}
    return frozenset(name for name in found if name.split(".")[0] == "folioviz")


def room(name):
    """Return the part of a module's name that has a floor."""
    return name.split(".")[1] if "." in name else "__init__"


def inside(name):
    """Return the room of views/ that a module is in, or "" for the face of views/ itself."""
    return name.split(".")[2] if name.count(".") > 1 else ""


def below(lower, upper, floors):
    """Tell whether one room is another, or stands on a floor below it."""
    heights = {name: height for height, rooms in enumerate(floors) for name in rooms}
    return lower == upper or heights[lower] < heights[upper]


def faults(look, paths):
    """Return what a look at each file finds, by the module's name; nothing of those in which it finds nothing."""
    return {dotted(path): found for path in paths if (found := look(path))}


def used(path):
    """Return the modules of the house that a file imports, for whatever reason."""
    return imports(path, readers=False) | imports(path, readers=True)


def arrows_up(path):
    """Return the modules that a file imports from a room that is not below its own."""
    name = dotted(path)
    if name == "folioviz":
        wrong = {other for other in used(path) if room(other) in {"views", "cli"}}
    else:
        wrong = {other for other in used(path) if not below(room(other), room(name), FLOORS)}
    if room(name) == "views" and inside(name):
        wrong |= {o for o in used(path) if room(o) == "views" and not below(inside(o), inside(name), VIEWS)}
    return wrong


def test_arrows_point_down():
    """No module imports from a room above its own or beside it, not even a type; in views/ likewise."""
    assert faults(arrows_up, MODULES) == {}


def test_every_room_has_one_floor():
    """Each module of the house stands in the table once, and the table names nothing else."""
    rooms = [name for rooms in FLOORS for name in rooms]
    views = [name for rooms in VIEWS for name in rooms]

    assert sorted(rooms) == sorted({room(name) for name in NAMES})
    assert sorted(views) == sorted({inside(name) for name in NAMES if room(name) == "views" and inside(name)})


def test_no_import_runs_in_a_circle():
    """Whatever a module needs while it is imported is there before it."""
    needs = {dotted(path): imports(path, readers=False) - {dotted(path)} for path in MODULES}

    assert set(TopologicalSorter(needs).static_order()) >= NAMES


def test_only_the_files_of_mm_refer_to_each_other_in_a_circle():
    """Not even the types that a module names do, but for mm/, whose functions call each other as in C."""
    needs = {}
    for path in MODULES:
        name = dotted(path)
        needs[name] = {other for other in used(path) - {name} if {room(name), room(other)} != {"mm"}}

    assert set(TopologicalSorter(needs).static_order()) >= NAMES


def test_no_arrows_make_a_circle():
    """Not even those to types do; in mm/ alone they may, whose files call each other as the kernel's do."""
    arrows = {}
    for path in MODULES:
        name = dotted(path)
        arrows[name] = {other for other in used(path) - {name} if not room(other) == room(name) == "mm"}

    assert set(TopologicalSorter(arrows).static_order()) >= NAMES


def test_what_looks_at_a_machine_knows_no_kernel():
    """Operations, refusals and laws are the same whichever kernel runs: of mm/ they know the headers only."""
    looking = [path for path in MODULES if room(dotted(path)) in {"ops", "laws"}]
    of_mm = {other for path in looking for other in used(path) if room(other) == "mm"}

    assert of_mm == {"folioviz.mm.headers"}


def test_a_function_of_mm_is_found_by_the_linker_alone():
    """mm/ imports no function of another file of mm/ while it runs, inlines aside, so that patches win."""
    for path in FUNCTIONS:
        rooms = {other for other in imports(path, readers=False) if room(other) in {"mm", "kernels"}}

        assert rooms <= {"folioviz.mm.headers", "folioviz.mm.entries", "folioviz.mm.charges"}, path


def test_importing_folioviz_loads_no_widget_library():
    """Neither the package nor any module outside views needs a browser's libraries, or a compiler."""
    modules = sorted(name for name in NAMES if room(name) not in {"views", "__main__"})
    code = f"import sys, {', '.join(modules)}; print(*sorted({WIDGETS!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)

    assert done.stdout.split() == []


def test_no_module_is_long():
    """A module can be read in one sitting."""
    lines = {path: len(path.read_text().splitlines()) for path in MODULES}

    assert {path: long for path, long in lines.items() if long > TABLES.get(path, LIMIT)} == {}


def test_what_needs_a_browser_says_so():
    """A browser leaves an event loop behind, in which tests of the other half would run."""
    files = [*(ROOT / "tests" / "browser").glob("test_*.py")]

    assert len(files) > 30
    assert [
        file.name for file in files if "\npytestmark = pytest.mark.browser\n" not in file.read_text()
    ] == []


MACHINES = re.compile(r"(.*\.)?(m|machine)")
"""What machines are called."""
ATTRIBUTES = FIELDS | set(dir(memory.Machine(memory.Sizes(pages=512)))) | {"rows", "cursor"}
"""What a machine has, and what kernel functions see of it."""


def unknown(code):
    """Return what code asks a machine for that it does not have."""
    return [
        ast.unparse(node)
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute)
        and MACHINES.fullmatch(ast.unparse(node.value))
        and node.attr not in ATTRIBUTES
    ]


def test_a_machine_has_what_is_asked_of_it():
    """The table of fields names a machine's attributes, so mypy does not know them: a slip of the pen is found here."""
    assert faults(lambda path: unknown(tree(path)), MODULES) == {}


@pytest.mark.parametrize("code", ["machine.folio_recount[3]", "lab.machine.page_mapcounts", "c.m.ptes.size"])
def test_a_name_that_no_field_has_is_noticed(code):
    """Whatever the machine is called."""
    assert len(unknown(ast.parse(code))) == 1


# ------------------------------------------------------------------------------------ what can be compiled

CALLABLE = {"range", "int", "bool", "min", "max", "len"}
STATEMENTS = (
    *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Pass),
    *(ast.If, ast.For, ast.While, ast.Break, ast.Continue),
)
EXPRESSIONS = (
    *(ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.Tuple),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp),
)


def functions(path):
    """Return the functions of a file."""
    return [node for node in tree(path).body if isinstance(node, ast.FunctionDef)]


def body(function):
    """Return every node of a function's body, its docstring left out."""
    assert ast.get_docstring(function), f"{function.name}() has no docstring"
    return [node for statement in function.body[1:] for node in ast.walk(statement)]


def odd_call(node):
    """Tell what is wrong with a call, or return None."""
    if not isinstance(node.func, ast.Name) or node.keywords:
        return "functions are called by name, with arguments in order"
    if hasattr(builtins, node.func.id) and node.func.id not in CALLABLE:
        return f"{node.func.id}() is none of the builtins that compile"
    return None


def odd(node):
    """Tell what is wrong with one node of a function, or return None."""
    wrong = None
    if isinstance(node, (ast.stmt, ast.expr)) and not isinstance(node, (*STATEMENTS, *EXPRESSIONS)):
        wrong = f"{type(node).__name__} cannot be compiled"
    elif isinstance(node, ast.Constant) and not isinstance(node.value, int):
        wrong = "only integers"
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        wrong = "only primitives write"
    elif isinstance(node, ast.Attribute) and (ast.unparse(node.value) != "m" or node.attr not in FIELDS):
        wrong = "only m.<field> is read"
    elif isinstance(node, ast.Call):
        wrong = odd_call(node)
    return wrong


@pytest.mark.parametrize(
    "code",
    [
        "m.pte[0] = 1",
        "m.bug = 1",
        "m.bug[0] += 1",
        "nr = m.nothing[0]",
        "nr = m.rows.append(1)",
        "nr = other.pte[0]",
        "nr = {}",
        "nr = {1}",
        "nr = [1]",
        "nr = 'text'",
        "nr = f'{addr}'",
        "nr = 0.5",
        "nr = None",
        "nr = [i for i in range(3)]",
        "nr = sum(i for i in range(3))",
        "nr = lambda: 1",
        "print(addr)",
        "folio_put(m, folio=3)",
        "raise ValueError",
        "try:\n    pass\nfinally:\n    pass",
        "class Thing:\n    pass",
        "def inner():\n    pass",
        "with m:\n    pass",
        "assert addr",
        "global nr",
        "import numpy",
    ],
)
def test_the_rule_notices_what_cannot_be_compiled(code):
    """Each of these would pass unseen if the rule below looked away."""
    assert any(odd(node) for node in ast.walk(ast.parse(code)))


def not_compiled(path):
    """Return what cannot be compiled in the functions of a file, or that it has none."""
    return [
        f"{function.name}() line {node.lineno}: {ast.unparse(node)}: {why}"
        for function in functions(path)
        for node in body(function)
        if (why := odd(node))
    ] + ["no function"] * (not functions(path))


def test_functions_can_be_compiled():
    """Integers, array reads, loops, and calls by name: no dict, string, object, exception or write to the machine."""
    assert faults(not_compiled, FUNCTIONS) == {}


def test_a_file_of_functions_holds_nothing_else():
    """Besides functions there are imports and integer constants: no state."""
    for path in FUNCTIONS:
        for node in tree(path).body[1:]:
            constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            allowed = constant or isinstance(node, (ast.ImportFrom, ast.If, ast.FunctionDef))
            assert allowed, f"{path}: {ast.unparse(node)}"
            if isinstance(node, ast.If):
                assert ast.unparse(node.test) == "TYPE_CHECKING", path


def test_the_machine_comes_first():
    """A kernel function takes the machine before everything else and says what it returns; headers may do without."""
    for path in FUNCTIONS:
        for function in functions(path):
            first, name = function.args.args[0], f"{path}: {function.name}()"
            assert first.arg in {"m", "_m"} or path.stem == "headers", name
            assert function.returns is not None, name
            assert [*function.args.defaults, *function.args.kwonlyargs, *function.decorator_list] == [], name


CALLS = {kind.call for kind in ops.WORDS.values()}
"""The functions that operations call."""


@pytest.mark.parametrize("key", [key for key, kernel in kernels.KERNELS.items() if kernel.parent])
def test_a_patch_replaces_or_helps(key):
    """What a patch's module defines exists in an ancestor, or is called by an operation or by the kernel's modules."""
    kernel = kernels.KERNELS[key]
    below = (headers, entries, charges, *kernels.modules_of(kernels.KERNELS[kernel.parent]))
    before = {name for module in below for name in functions_of(module)}
    modules = (*kernel.modules, no_gather, no_gather_runs)
    every = [function for module in modules for function in functions_of(module).values()]
    called = CALLS | {name for function in every for name in function.__code__.co_names}
    for module in kernel.modules:
        own = set(functions_of(module))

        assert own & (before | called), f"{module.__name__} replaces nothing, and nobody calls it"
        assert own - before <= called


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_a_constant_means_one_thing(key):
    """The linker joins constants by name: no two that meet in one kernel may differ, nor be a function's name."""
    modules = (
        fields,
        memory,
        costs,
        journal,
        primitives,
        headers,
        entries,
        charges,
        *kernels.modules_of(kernels.KERNELS[key]),
    )
    constants = {}
    for module in modules:
        for name, value in constants_of(module).items():
            assert constants.setdefault(name, value) == value, name

    assert not set(constants) & {name for module in modules for name in functions_of(module)}


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_no_two_modules_of_a_kernel_define_the_same(key):
    """Which of them wins would depend on their order in the registry."""
    names = [name for module in kernels.KERNELS[key].modules for name in functions_of(module)]

    assert sorted(set(names)) == sorted(names)


def test_a_name_means_one_thing_in_the_base():
    """The files of mm/ share one namespace: no function is defined twice, no constant has two values."""
    names = [name for module in (*V6_5_RC3, headers, entries, charges) for name in functions_of(module)]
    constants = {}
    for module in (*V6_5_RC3, headers, entries, charges):
        for name, value in constants_of(module).items():
            assert constants.setdefault(name, value) == value, name

    assert len(names) == len(set(names))
    assert not set(names) & set(constants)
