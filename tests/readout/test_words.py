"""Numbers in words."""

from __future__ import annotations

import pytest

from folioviz.readout.words import count, dashed, minus, signed, size


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (count(1, "page"), "1 page"),
        (count(0, "page"), "0 pages"),
        (count(4096, "page"), "4,096 pages"),
        (minus(-1), "−1"),
        (minus(16), "16"),
        (signed(-2000), "−2,000"),
        (signed(3), "+3"),
        (signed(0), "0"),
        (dashed(3, 4), "3"),
        (dashed(3, 6), "3–5"),
        (size(0), "4 KiB"),
        (size(7), "512 KiB"),
        (size(8), "1 MiB"),
        (size(9), "2 MiB"),
    ],
)
def test_numbers_are_written_as_people_read_them(said, wanted):
    """Plurals, thousands, real minus signs, first and last, folio sizes."""
    assert said == wanted
