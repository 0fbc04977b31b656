"""The pictures of the landing page: few colours, the same pixels."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from tools import palette_png


def decoded(png):
    """Return the pixels of a PNG with a palette, whose rows have no filter."""
    parts, at = {}, 8
    while at < len(png):
        [size] = struct.unpack_from(">I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", png, at + 8 + size)[0] == zlib.crc32(kind + data)
        parts[kind] = data
        at += size + 12
    width, height = struct.unpack_from(">II", parts[b"IHDR"])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)
    table = np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)
    assert not rows[:, 0].any()
    return table[rows[:, 1:]]


def test_few_colours_are_kept_as_they_are():
    """A picture that has no more colours than the palette comes back pixel by pixel."""
    rgb = np.arange(8 * 7 * 3, dtype=np.uint8).reshape(8, 7, 3) // 21 * 21

    assert np.array_equal(decoded(palette_png.encoded(rgb)), rgb)


def test_many_colours_become_the_nearest_ones():
    """The commonest stay, every pixel gets the nearest of those that stay, and there are no more than asked for."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, 2)
    rgb = np.concatenate([ramp, np.full((256, 9, 3), 77, np.uint8)], 1)
    found = decoded(palette_png.encoded(rgb, 16))
    left = np.unique(found).astype(int)
    far = np.abs(found[:, 0, 0].astype(int) - np.arange(256))

    assert left.size == 16
    assert (found[:, 1:] == 77).all()
    assert np.array_equal(far, np.abs(np.arange(256)[:, None] - left).min(1))
