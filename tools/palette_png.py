"""Make a picture small: the same pixels from a palette of few colours, as a PNG of one byte a pixel."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLOURS = 64
"""Enough for flat panels and the edges of letters on them."""
PIXELS = """async text => {
    const image = new Image();
    image.src = `data:image/png;base64,${text}`;
    await image.decode();
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    const reader = new FileReader();
    const done = new Promise(then => { reader.onload = () => then(reader.result) });
    reader.readAsDataURL(new Blob([data]));
    return [image.height, (await done).split(',')[1]];
}"""
"""A browser knows how to read a PNG."""


def pixels(page: Page, png: bytes) -> np.ndarray:
    """Return a PNG's pixels, uint8 of shape (height, width, 3); the page that reads it may be any."""
    height, text = page.evaluate(PIXELS, base64.b64encode(png).decode())
    found = np.frombuffer(base64.b64decode(text), np.uint8)
    return found.reshape(height, -1, 4)[:, :, :3]


def palette(colours: np.ndarray, counts: np.ndarray, most: int) -> np.ndarray:
    """Choose colours: the commonest one, then always the one that is worst served by those before, times its count.

    Args:
        colours: int64 of shape (n, 3).
        counts: how many pixels have each.
        most: how many to choose at most.
    """
    chosen = [int(counts.argmax())]
    far = ((colours - colours[chosen[0]]) ** 2).sum(1)
    while len(chosen) < most and far.any():
        chosen.append(int((far * counts).argmax()))
        far = np.minimum(far, ((colours - colours[chosen[-1]]) ** 2).sum(1))
    return colours[chosen]


def encoded(rgb: np.ndarray, most: int = COLOURS) -> bytes:
    """Return pixels, uint8 of shape (height, width, 3), as a PNG of at most ``most`` colours (256 or fewer)."""
    height, width, _ = rgb.shape
    flat = rgb.reshape(-1, 3).astype(np.int64) @ (1 << 16, 1 << 8, 1)
    values, place, counts = np.unique(flat, return_inverse=True, return_counts=True)
    colours = np.stack([values >> 16, values >> 8 & 255, values & 255], 1)
    table = palette(colours, counts, most)
    nearest = ((colours[:, None] - table[None]) ** 2).sum(2).argmin(1).astype(np.uint8)
    rows = np.zeros((height, width + 1), np.uint8)  # each begins with its filter: none
    rows[:, 1:] = nearest[place.reshape(height, width)]
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": table.astype(np.uint8).tobytes(),
        b"IDAT": zlib.compress(rows.tobytes(), 9),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
