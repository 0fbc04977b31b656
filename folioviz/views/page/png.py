"""Small indexed PNGs, made of numpy and zlib alone: the same picture is always the same bytes."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0 to 255 each."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return one chunk: its length, name, data and checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encode(picture: np.ndarray, palette: Sequence[Colour]) -> bytes:
    """Return a PNG of a picture.

    Args:
        picture: uint8 of shape (height, width), each a place in the palette.
        palette: at most 256 colours.
    """
    height, width = picture.shape
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = picture
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(bytes(colour[:3]) for colour in palette)),
            _chunk(b"tRNS", bytes(colour[3] for colour in palette)),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def data_uri(png: bytes) -> str:
    """Return what an ``<img src>`` takes."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
