"""Numbers in words."""

from __future__ import annotations

from folioviz.readout import words


def test_numbers_are_written_as_people_read_them():
    """Plurals, thousands, how often, real minus signs, first and last, folio sizes."""
    assert [words.count(number, "page") for number in (1, 0, 4096)] == ["1 page", "0 pages", "4,096 pages"]
    assert [words.times(number) for number in (0, 1, 2, 3, 1024)] == [
        "never",
        "once",
        "twice",
        "3 times",
        "1,024 times",
    ]
    assert [words.minus(number) for number in (-1, 16)] == ["−1", "16"]
    assert [words.signed(number) for number in (-2000, 3, 0)] == ["−2,000", "+3", "0"]
    assert [words.dashed(3, end) for end in (4, 6)] == ["3", "3–5"]
    assert [words.size(order) for order in (0, 7, 8, 9)] == ["4 KiB", "512 KiB", "1 MiB", "2 MiB"]
