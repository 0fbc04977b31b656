"""PNGs are read back and compared as arrays."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from folioviz.views.page import png


def chunks(data):
    """Return the chunks of a PNG by name, after checking their checksums."""
    assert data.startswith(png.SIGNATURE)
    at, found = len(png.SIGNATURE), {}
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        found[name] = body
        at += 12 + length
    return found


def decode(data):
    """Return (picture, palette) of an indexed PNG without filters."""
    parts = chunks(data)
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, kind) == (8, 3)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    colours = np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)
    return lines[:, 1:], [
        (*map(int, rgb), opacity) for rgb, opacity in zip(colours, parts[b"tRNS"], strict=True)
    ]


@pytest.mark.parametrize("shape", [(1, 1), (1, 512), (44, 1792), (56, 448)])
def test_a_picture_is_read_back(shape):
    """What was encoded is what is decoded, palette and all."""
    picture = np.random.default_rng(1).integers(0, 7, shape).astype(np.uint8)
    palette = [(i, 2 * i, 3 * i, 255 - i) for i in range(7)]
    found, colours = decode(png.encode(picture, palette))

    assert np.array_equal(picture, found)
    assert colours == palette


def test_the_same_picture_is_the_same_bytes():
    """Pictures can be compared as bytes."""
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8) % 4
    palette = [(0, 0, 0, 0)] * 4

    assert png.encode(picture, palette) == png.encode(picture.copy(), palette)
