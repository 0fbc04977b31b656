"""Each part of the language: what machine code computes is what Python computes, or the function is refused."""

from __future__ import annotations

import importlib.util
from types import FunctionType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.engine.compiled import Compiled, OutsideError
from folioviz.engine.subset import CannotCompileError
from folioviz.link import V6_5_RC3, Linked
from folioviz.machine.memory import Machine, Sizes
from folioviz.machine.view import View
from tests.engine import samples
from tests.engine.samples import ALL

SMALL = Sizes(pages=512, tables=1, vmas=1)
NUMBER = st.one_of(st.integers(-40, 40), st.integers(-(2**30), 2**30))


@pytest.fixture(scope="module", params=[False, True], ids=["free", "checked"])
def both(request):
    """Return the samples, compiled and plain, on one machine; machine code with checks, and without."""
    linked = Linked((*V6_5_RC3, samples))
    machine = Machine(SMALL)
    roots = [function.__name__ for function in ALL]
    return (
        Compiled(linked, "none", checked=request.param, roots=roots).bind(machine),
        linked.quiet(),
        View(machine),
    )


@pytest.mark.parametrize("name", [function.__name__ for function in ALL])
@given(numbers=st.tuples(NUMBER, NUMBER, NUMBER, NUMBER))
def test_machine_code_computes_what_python_does(both, name, numbers):
    """All operators, conditions, loops, calls and reads; a result that is nothing is 0."""
    native, plain, view = both

    assert native.call(name, numbers) == int(plain[name](view, *numbers) or 0)


REFUSED = {
    "a list": "    return [a][0]",
    "a keyword": "    return other(m, a=a)",
    "a text": "    return 'a'",
    "a float": "    return a * 0.5",
    "an unknown name": "    return unknown + a",
    "an unknown function": "    return unknown(m, a)",
    "a field that is none": "    return m.nothing[a]",
    "a write to a field": "    m.page_folio[a] = 1",
    "a division by what may be zero": "    return 5 % a",
    "a division of floats": "    return a / 2",
    "a power": "    return a ** 2",
    "a range that counts down": "    for i in range(a, 0, -1):\n        other(m, i)",
    "a loop with else": "    while a > 3:\n        a -= 1\n    else:\n        return 1",
    "a comparison of identity": "    return a is None",
    "two targets": "    b = a = 1\n    return b",
    "too few arguments": "    return other(m)",
    "two results for one name": "    b = pair(m, a)\n    return b",
    "one result or two": "    if a:\n        return 1\n    return 1, 2",
    "itself": "    return function(m, a - 1) if a else 0",
    "an exception": "    raise ValueError",
    "a row of the journal": "    return recorded(m, a, 1)",
    "a number of more than 64 bits": "    return a + 9223372036854775808",
    "a loop over a pair": "    for i, k in other(m, a):\n        return i",
}
BEFORE = """
def other(m, a):
    return a

def pair(m, a):
    return a, a

def function(m, a):
"""


def imported(path, code):
    """Return the module of a file with some code."""
    path.write_text(code)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_compiled_is_refused_by_name(tmp_path, what):
    """Before anything runs, with the function's name; plain Python has it, then."""
    module = imported(tmp_path / "sample.py", f"{BEFORE}{REFUSED[what]}\n")
    linked = Linked((*V6_5_RC3, module))

    with pytest.raises(CannotCompileError, match=r"^cannot compile function\(\)"):
        Compiled(linked, "none", checked=True, roots=["function"]).prepare()


NOT_EXACT = {
    "a sum": ("a + a", 2**62),
    "a difference": ("-2 - a", 2**63 - 1),
    "a product": ("a * a", 2**32),
    "a sign": ("-(a + a)", -(2**62)),
    "a shift of too much": ("a << 40", 2**24),
    "a shift of too much by what is computed": ("1 << a", 62 + 1),
    "a shift by less than nothing": ("5 << a", -1),
    "a shift back by less than nothing": ("5 >> a", -1),
    "a product without the machine": ("square(a)", 2**32),
    "a step": ("added(a)", 2**62),
}
HELPERS = """
def square(a):
    return a * a

def added(a):
    a += a
    return a

def function(m, a):
    set_gather_limit(m, 7)
    return """


@pytest.mark.parametrize("what", NOT_EXACT)
def test_checked_code_never_wraps(tmp_path, what):
    """Where 64 bits do not hold what Python computes, or Python raises, the call is given up and taken back."""
    text, number = NOT_EXACT[what]
    module = imported(tmp_path / "sample.py", f"{HELPERS}{text}\n")
    machine = Machine(SMALL)
    before = machine.snapshot()
    linked = Linked((*V6_5_RC3, module))
    bound = Compiled(linked, "writes", checked=True, roots=["function"]).bind(machine)

    assert bound.call("function", (3,), 10) == linked.quiet()["function"](View(machine), 3)
    machine.restore(before)
    with pytest.raises(OutsideError):
        bound.call("function", (number,), 10)
    np.testing.assert_array_equal(machine.mem, before)


ODD = {
    "a default": "def function(m, a=1):\n    return a\n",
    "any number of arguments": "def function(m, *a):\n    return 1\n",
    "a decorator": "import functools\n@functools.cache\ndef inner(m, a):\n    return a\nfunction = inner.__wrapped__\n",
    "another name": "def one(m, a):\n    return a\nfunction = one\n",
    "a name from around it": (
        "def around(k):\n    def function(m, a):\n        return a + k\n    return function\nfunction = around(1)\n"
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_a_function_of_an_odd_kind_is_refused(tmp_path, what):
    """Its tree would not say all that it does."""
    function = imported(tmp_path / "sample.py", ODD[what]).function
    linked = Linked(V6_5_RC3)
    linked.code["function"] = function

    with pytest.raises(CannotCompileError, match=r"^cannot compile function\(\)"):
        Compiled(linked, "none", checked=True, roots=["function"]).prepare()


def test_a_function_without_source_is_refused():
    """As one that was typed at a prompt which keeps nothing."""
    typed = samples.arithmetic.__code__.replace(co_filename="<prompt>", co_name="function")
    linked = Linked(V6_5_RC3)
    linked.code["function"] = FunctionType(typed, {})

    with pytest.raises(CannotCompileError, match="its source is not to be had"):
        Compiled(linked, "none", checked=True, roots=["function"]).prepare()


def test_a_source_that_has_changed_is_refused(tmp_path):
    """Machine code would do something else than plain Python, which has loaded what was there before."""
    before, after = (f"def function(m, a):\n    return a + {n}\n" for n in (1, 2))
    module = imported(tmp_path / "sample.py", before)
    linked = Linked((*V6_5_RC3, module))
    (tmp_path / "sample.py").write_text(after)

    with pytest.raises(CannotCompileError, match=r"function\(\): its source has changed since it was loaded"):
        Compiled(linked, "none", checked=True, roots=["function"]).prepare()
