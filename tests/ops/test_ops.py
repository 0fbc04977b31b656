"""Operations: the short form, there and back, and what a kernel function is given."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import assume, given

from folioviz.errors import DocumentError
from folioviz.kernels import KERNELS, link
from folioviz.lab import Lab
from folioviz.machine.memory import MAX_ORDER, Sizes
from folioviz.ops import ops
from folioviz.ops.ops import parse, parse_line
from folioviz.ops.walk import folio_head, live_folios, live_mms, mm_slot
from tests.pages import DOCS
from tests.strategies import WILD

WORDS = ", ".join(ops.WORDS)


@pytest.fixture
def lab():
    """Return a lab with three processes, of which the second has ended, and some folios."""
    lab = Lab(sizes=Sizes(pages=1024, tables=8, vmas=8))
    for op in parse_line(
        "mm; mm; mmap 1 512 64; mmap 2 0 64; fault 1 512 4; fault 2 0 0; fault 2 16 4; exit 2; mm"
    ):
        lab.apply(op)
    return lab


@given(WILD)
def test_the_short_form_reads_back(op):
    """Any operation with any integers survives its short form, and its typed form."""
    assert parse(op.short()) == op
    assert msgspec.json.decode(msgspec.json.encode(op), type=ops.Operation) == op


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"unknown operation '': it must start with one of {WORDS}"),
        ("zap 1 0", f"unknown operation 'zap 1 0': it must start with one of {WORDS}"),
        ("fault 1 0", "'fault 1 0' has 2 arguments: it must be fault MM VPN ORDER"),
        ("mm 1", "'mm 1' has 1 arguments: it must be mm"),
        ("fault 1 0 x", "'fault 1 0 x': the arguments must be integers of at most 32 bits"),
        ("fault 1 0 1.0", "'fault 1 0 1.0': the arguments must be integers of at most 32 bits"),
        ("fault 1 0 1_0", "'fault 1 0 1_0': the arguments must be integers of at most 32 bits"),
        ("exit 2147483648", "'exit 2147483648': the arguments must be integers of at most 32 bits"),
        (
            "exit 99999999999999999999",
            "'exit 99999999999999999999': the arguments must be integers of at most 32 bits",
        ),
        ("exit ²", r"'exit \xb2': the arguments must be integers of at most 32 bits"),
    ],
)
def test_what_does_not_read(text, message):
    """The message quotes the text and says what is allowed."""
    with pytest.raises(DocumentError) as error:
        parse(text)

    assert str(error.value) == message


def test_a_long_text_is_cut_in_the_message():
    """An error stays one line, whatever was given."""
    with pytest.raises(DocumentError) as error:
        parse("x" * 10_000)

    assert len(str(error.value)) < 600
    assert "xxx...:" in str(error.value)


def test_a_line_names_the_place_of_an_error():
    """Operations are counted from 1; empty ones are allowed and counted."""
    assert parse_line(" mm ;; exit 1; ") == [ops.Mm(), ops.Exit(1)]
    with pytest.raises(DocumentError, match=r"^operation 3: unknown operation 'nix'"):
        parse_line("mm;; nix")


@pytest.mark.parametrize("key", KERNELS)
def test_every_operation_calls_a_function(key):
    """The function takes the machine and what arguments() returns, in every kernel that has it."""
    lab = Lab(key, sizes=Sizes(pages=512, tables=1, vmas=1))
    code = link(key).code
    kinds = [kind for kind in ops.WORDS.values() if kind.call in code]
    for kind in kinds:
        given_ = kind(*[1 for _ in kind.__struct_fields__]).arguments(lab.machine)

        assert code[kind.call].__code__.co_argcount == 1 + len(given_)


@pytest.mark.parametrize("key", KERNELS)
def test_a_kernel_keeps_the_operations_of_the_one_it_stands_on(key):
    """A patch or a release takes none away; the newest kernel has all."""
    mine = set(link(key).code)
    before = set(link(KERNELS[key].parent).code) if KERNELS[key].parent else set()
    calls = {kind.call for kind in ops.WORDS.values()}

    assert calls & before <= mine
    assert calls <= set(link("v7.3").code)


@pytest.mark.parametrize("word", ops.WORDS)
def test_the_example_of_an_operation_works(word):
    """It ends with one of its kind, and does what it says wherever a kernel has it and its sizes."""
    kind, done = ops.WORDS[word], 0
    *before, last = parse_line(kind.example)
    assert type(last) is kind
    for key in KERNELS:
        lab = Lab(key, sizes=Sizes(pages=1024, tables=4, vmas=16))
        if any(lab.refusal(op) or not lab.apply(op) for op in before):
            continue
        done += lab.refusal(last) is None
    assert done


def test_the_page_about_scenarios_tells_every_operation():
    """Its table is the operations' own: usage, docstring, example; a row that is wrong is shown as it must be."""
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8").splitlines()
    first = page.index("| short form | what it does | for example |") + 2

    assert page[first : first + len(ops.WORDS) + 1] == [*map(row, ops.WORDS.values()), ""]


def row(kind):
    """Return an operation's row in docs/scenarios.md."""
    told = kind.help().removesuffix(".").replace("``", "`")
    for name in kind.__struct_fields__:
        told = told.replace(f"`{name}`", f"`{name.upper()}`")
    first = told.split()[0]
    start = first if first.isupper() or "_" in first else first.lower()
    return f"| `{kind.usage()}` | {start}{told[len(first) :]} | `{kind.example}` |"


@given(WILD)
def test_a_range_begins_where_it_may(op):
    """An operation whose range must be aligned is moved down to the nearest such place; others stay as they are."""
    fields = msgspec.structs.asdict(op)
    assume(0 <= fields.get("order", 0) <= MAX_ORDER)
    near = type(op).near(*fields.values())

    assert near == op if op.aligned == 1 else 0 <= op.vpn - near.vpn < 512
    assert op.aligned == 1 or near.vpn % (1 << op.order if op.aligned == "order" else op.aligned) == 0


def test_later_operations_become_arguments():
    """Ranges become ends; a switch comes last; settings are handed on as they are."""
    lab = Lab("v7.3", sizes=Sizes(pages=512, tables=4, vmas=4))
    for op in parse_line("mm; mmap 1 0 64; fault 1 16 4"):
        lab.apply(op)

    assert ops.Touch(1, 0, 8).arguments(lab.machine) == (0, 0, 8)
    assert ops.Mprotect(1, 8, 4, 1).arguments(lab.machine) == (0, 8, 12, 1)
    assert ops.Free(1, 8, 4).arguments(lab.machine) == ops.Cold(1, 8, 4).arguments(lab.machine) == (0, 8, 12)
    head = folio_head(lab.machine, 1)
    assert ops.Zero(1, 3, 2).arguments(lab.machine) == (head, 3, 2)
    assert ops.Remap(1).arguments(lab.machine) == ops.Migrate(1).arguments(lab.machine) == (head,)
    assert ops.Enabled(4, 1).arguments(lab.machine) == (4, 1)
    assert ops.MaxNone(7).arguments(lab.machine) == (7,)
    assert ops.Underused(0).arguments(lab.machine) == (0,)


def test_ids_are_looked_up(lab):
    """Processes and folios are found by id while they live; -1 stands for none, 0 and negative ids included."""
    assert [mm_slot(lab.machine, mm) for mm in (-1, 0, 1, 2, 3, 4)] == [-1, -1, 0, -1, 1, -1]
    assert [folio_head(lab.machine, folio) for folio in (-1, 0, 1, 2, 3)] == [-1, -1, 0, -1, -1]
    assert live_mms(lab.machine) == [0, 1]
    assert live_folios(lab.machine).tolist() == [0]


def test_ranges_become_ends(lab):
    """Kernel functions get slots and [start, end) for ids and lengths."""
    assert ops.Munmap(3, 512, 64).arguments(lab.machine) == (1, 512, 576)
    assert ops.Mremap(1, 512, 8, 4096).arguments(lab.machine) == (0, 512, 4096, 8)
    assert ops.Get(1).arguments(lab.machine) == (0,)
    assert ops.Shrink(4).arguments(lab.machine) == (4,)


def test_operations_are_values():
    """They compare and hash by value and cannot be changed."""
    assert {parse("fault 1 0 4"), ops.Fault(1, 0, 4)} == {ops.Fault(mm=1, vpn=0, order=4)}
    with pytest.raises(AttributeError):
        ops.Fault(1, 0, 4).order = 5


@pytest.mark.parametrize(
    "text", ["fault 1 0 1_0", "fault 1 0 +4", "fault 1 0 ٤", "fault 1 0 4.0", "fault 1 0 0x4"]
)
def test_only_plain_decimal_integers_are_arguments(text):
    """What int() would take but the vectors' form does not have is refused."""
    with pytest.raises(DocumentError, match="the arguments must be integers"):
        parse(text)
