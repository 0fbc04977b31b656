"""Functions in the small part of Python that compiles, for the tests: what each does with numbers is compared."""

from __future__ import annotations

THREE = 3


def arithmetic(m, a, b, c, d):
    """Use every operator."""
    return ((a + b * c - d) ^ (a & b | ~c)) + (-a >> 3) + (b << 2)


def remainders(m, a, b, c, d):
    """Divide, also negative numbers: quotient and remainder round down."""
    return a // 7 + (b % 512) * 1000 + c // 1 + d % THREE


def comparisons(m, a, b, c, d):
    """Compare once, several times, and in a chain."""
    return (
        (a < b)
        + 2 * (b <= c)
        + 4 * (a == d)
        + 8 * (a != c)
        + 16 * (a < b < c)
        + 32 * (d >= c > b)
        + 64 * (not a)
    )


def first_that_decides(m, a, b, c, d):
    """Return what ``and`` and ``or`` give: an operand."""
    return (a and b) * 3 + (c or d) * 5 + ((a and b) or (c and d))


def choices(m, a, b, c, d):
    """Choose, and choose again inside."""
    e = 0
    if a > 0 and (b > 0 or c > 0):
        e = 1 if b > 0 else 2
    elif a < 0:
        if not (b or c):
            return -1
        e += 4
    else:
        e |= 8
    return e + (a if a > b else max(c, b))


def loops(m, a, b, c, d):
    """Loop, end in the middle, or go on; a range's variable keeps its last value."""
    total, i = 0, 100
    for i in range(a & 15, (a & 15) + (b & 7)):
        if i == c & 15:
            continue
        if total > 50:
            break
        total += i
    while total > d & 31:
        total -= 3
        if total == 7:
            break
    for other in range(3):
        total += other * i
    return total * 1000 + i


def both(m, a, b):
    """Return two results."""
    if a > b:
        return b, True
    return a, False


def several(m, a, b, c, d):
    """Assign several names together."""
    a, b = b, a
    low, swapped = both(m, a, c)
    typed: int = low
    both(m, a, d)
    return typed * 10 + int(swapped) + min(a, b, c) - max(c, d) + bool(d)


def shifts(m, a, b, c, d):
    """Shift by a number that is computed."""
    return (1 << (a & 31)) + (b >> (c & 15)) + d


def scaled(a):
    """Do without the machine."""
    return a * THREE


def without(m, a, b, c, d):
    """Call what does without the machine."""
    return scaled(a) - scaled(b) + c + d


def nothing(m, a, b, c, d):
    """Return nothing."""
    if a:
        return
    scaled(b)


def table(m, a, b, c, d):
    """Read an element, a field's base and length, and what is behind an address."""
    at = a & 127
    return m.page_folio[at] + m.mem[m.base[2] + at] * 1000 + len(m.page_folio) + len(m.folio_flags) + b


ALL = (
    *(
        arithmetic,
        remainders,
        comparisons,
        first_that_decides,
        choices,
        loops,
        several,
        shifts,
        without,
        nothing,
    ),
    table,
)
