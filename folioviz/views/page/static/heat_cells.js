// The cells of a heat map, one for each 2 MiB: four bytes each (machine_panels/heat_map.py): the order of its folios, how
// much is mapped and how much is held (of 255), marks.
/** @import { Ink } from "./ink.js" */
import { clamp } from "./dom.js";
import { faded, ofOrder } from "./ink.js";
import { hatch } from "./pen.js";

export const CELL = 14;
export const STEP = CELL + 1;
const BYTES = 4;
const NOTHING = 255;
const SHARED = 1;
const SWAPPED = 2;

/**
 * Return how many cells a row has.
 * @param {number} width
 */
export function columnsOf(width) {
  return Math.max(1, Math.floor((width + 1) / STEP));
}

/**
 * Paint a cell: from below what is mapped, above it what is held, then what is not there.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} x
 * @param {number} y
 * @param {Uint8Array} cell
 * @param {Ink} ink
 * @param {CanvasPattern | string} held
 */
export function paintCell(pen, x, y, cell, ink, held) {
  const [order = NOTHING, mapped = 0, waste = 0, marks = 0] = cell;
  pen.fillStyle = faded(ink.unmapped, 16);
  pen.fillRect(x, y, CELL, CELL);
  const high = mapped && clamp(Math.round((mapped / 255) * CELL), 2, CELL);
  const over = waste && clamp(Math.round((waste / 255) * CELL), 2, high ? CELL - 2 : CELL);
  const full = Math.min(high, CELL - over);
  if (order !== NOTHING) {
    pen.fillStyle = ofOrder(ink, order);
    pen.fillRect(x, y + CELL - full, CELL, full);
  }
  if (over) {
    pen.fillStyle = held;
    pen.fillRect(x, y + CELL - full - over, CELL, over);
  }
  if (marks & SHARED) {
    pen.fillStyle = ink.onFolio;
    pen.fillRect(x + 5.5, y + CELL - 8, 3, 3);
  }
  if (marks & SWAPPED) {
    pen.fillStyle = ink.dim;
    pen.fillRect(x, y, CELL, 1);
  }
}

/**
 * Paint some cells, and frames in cells.
 * @param {CanvasRenderingContext2D} pen
 * @param {Iterable<number>} cells
 * @param {DataView} bytes of all cells of the page
 * @param {number} first the cell of the page that is the first one here
 * @param {number} columns
 * @param {[number, string][]} frames cells and colours
 * @param {Ink} ink
 */
export function paintCells(pen, cells, bytes, first, columns, frames, ink) {
  const all = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const slanted = hatch(pen, ink.held);
  /** @type {(k: number) => [number, number]} */
  const place = (k) => [(k % columns) * STEP, Math.floor(k / columns) * STEP];
  for (const k of cells) {
    const [x, y] = place(k);
    const from = (first + k) * BYTES;
    pen.clearRect(x - 0.5, y - 0.5, STEP, STEP);
    paintCell(pen, x, y, all.subarray(from, from + BYTES), ink, slanted);
  }
  pen.lineWidth = 2;
  for (const [k, colour] of frames) {
    const [x, y] = place(k);
    pen.strokeStyle = colour;
    pen.strokeRect(x + 1, y + 1, CELL - 2, CELL - 2);
  }
}
