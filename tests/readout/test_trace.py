from folioviz import Lab, parse_line
from folioviz.machine import journal
from folioviz.readout.trace import lines


def traced(kernel, text):
    """Return (lab, lines of the last operation)."""
    lab = Lab(kernel)
    for op in parse_line(text):
        lab.apply(op)
    return lab, lines(lab, len(lab.applied) - 1)


def test_tree_of_one_small_zap():
    """One page of an order-2 folio: calls nest as in the kernel, writes stand inside the function that made them."""
    _, tree = traced("v6.5-rc3+v4.1", "mm; mmap 1 0 4; fault 1 0 2; dontneed 1 1 1")
    inside = tree[[line.name for line in tree].index("page_remove_rmap") :][:10]

    expected = [
        (0, "page_remove_rmap", ""),
        (1, "_mapcount[1]", "0 → -1"),
        (1, "_nr_pages_mapped", "4 → 3"),
        (1, "NR_ANON_MAPPED", "-1"),
        (1, "deferred_split_folio", ""),
        (2, "spin_lock", "split_queue_lock"),
        (2, "THP_DEFERRED_SPLIT_PAGE", "+1"),
        (2, "split_queue_len", "0 → 1"),
    ]
    assert expected == [(line.depth - inside[0].depth, line.name, line.what) for line in inside[:8]]


def test_depths_and_ends_nest():
    """Every line lies inside the call whose depth is one less, and a call ends after all that is inside it."""
    _, tree = traced(
        "v6.5-rc3+v4", "mm; mmap 1 0 64; fault 1 0 4; fork 1; write 1 3; exit 1; dontneed 2 0 8; shrink 1"
    )
    stack = []
    for line in tree:
        del stack[line.depth :]
        assert line.depth == len(stack)
        assert all(call.row < line.row < call.end for call in stack)
        if line.kind == journal.ENTER:
            stack.append(line)


def test_costly_rows_are_never_hidden():
    """Every row that costs something has a line, also inside functions that are hidden."""
    lab, tree = traced("v6.5-rc3+v4", "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 64")
    step = lab.applied[-1]
    rows = lab.journal[step.start : step.end]
    costly = {
        step.start + i for i, kind in enumerate(rows[:, 0].tolist()) if journal.STORE < kind < journal.WHY
    }

    assert costly <= {line.row for line in tree}


def test_allocator_is_shown_on_demand():
    """The page allocator's bookkeeping is left out unless asked for; then every row but EXITs has a line."""
    lab, tree = traced("v6.5-rc3", "mm; mmap 1 0 64; fault 1 0 4")
    full = lines(lab, 2, allocator=True)
    step = lab.applied[2]
    kinds = lab.journal[step.start : step.end][:, 0].tolist()

    assert "alloc_pages" not in {line.name for line in tree}
    assert len([kind for kind in kinds if kind != journal.EXIT]) == len(full)


def test_pages_of_recycled_folios_get_the_right_id():
    """A page that belonged to a freed folio is named by the folio that it belongs to at that row."""
    _, tree = traced(
        "v6.5-rc3", "mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16; mmap 1 0 16; fault 1 0 4; dontneed 1 0 1"
    )

    assert {2} == {line.folio for line in tree if line.name.startswith("_mapcount")}


def test_reading_the_trace_leaves_the_cursor():
    """Asking for lines does not move the lab."""
    lab, _ = traced("v6.5-rc3", "mm; mmap 1 0 64; fault 1 0 4")
    lab.seek(7)
    before = lab.machine.snapshot()
    lines(lab, 2)

    assert (7, True) == (lab.cursor, bool((before == lab.machine.mem).all()))
