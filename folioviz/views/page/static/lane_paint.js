// Paints one process's pages: a strip per kernel from runs of pages, and the selection.
// A run is five numbers: first page, page after the last, folio (0: none), number of its VMA (0: none), flags.
/** @import { Ink } from "./ink.js" */
/** @import { Pen } from "./pen.js" */
import { darker, faded, ofFolio } from "./ink.js";
import { hatch } from "./pen.js";

/** @typedef {(page: number) => number} Place Where a page begins, in pixels. */

export const STRIP = 22;
export const BETWEEN = 4;
export const AXIS = 17;
export const OVERVIEW = 9;
const RUN = 5;
const WRITABLE = 1;
const HUGE = 2;
const MIGRATING = 4;
const ZERO = 8;
const GUARD = 16;
const SWAPPED = 32;
/** Pixels from which a page is wide enough to be set apart. */
const ROOMY = 5;

/**
 * Return the runs that Python sent.
 * @param {DataView | undefined} bytes
 */
export function asRuns(bytes) {
  if (!bytes) return new Int32Array(0);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/**
 * Return the height of a lane.
 * @param {number} sides
 * @param {boolean} overview whether it has one
 */
export function laneHeight(sides, overview) {
  return (overview ? OVERVIEW + 6 : 0) + STRIP * sides + BETWEEN * (sides - 1) + AXIS;
}

/**
 * Paint pages that have a guard marker: a small cross each, or a thin line where they are narrow.
 * @param {Pen} pen
 * @param {number} start
 * @param {number} end
 * @param {Place} x
 * @param {number} page its width
 * @param {number} top
 * @param {Ink} ink
 */
function paintGuards(pen, start, end, x, page, top, ink) {
  pen.fillStyle = ink.dim;
  if (page < 8) {
    pen.fillRect(x(start), top + STRIP / 2 - 1, Math.max(x(end) - x(start), 1), 2);
    return;
  }
  for (let k = start; k < end; k++) {
    const middle = (x(k) + x(k + 1)) / 2;
    const arm = Math.min(page / 2 - 2, 3);
    pen.fillRect(middle - arm, top + STRIP / 2 - 0.75, 2 * arm, 1.5);
    pen.fillRect(middle - 0.75, top + STRIP / 2 - arm, 1.5, 2 * arm);
  }
}

/**
 * Paint pages that map the shared zero page: a small ring each, or a thin line where they are narrow.
 * @param {Pen} pen
 * @param {number} start
 * @param {number} end
 * @param {Place} x
 * @param {number} page its width
 * @param {number} top
 * @param {Ink} ink
 */
function paintZeros(pen, start, end, x, page, top, ink) {
  pen.strokeStyle = ink.dim;
  pen.fillStyle = ink.dim;
  pen.lineWidth = 1.4;
  if (page < 8) {
    pen.fillRect(x(start), top + STRIP / 2 - 1, Math.max(x(end) - x(start), 1), 2);
    return;
  }
  for (let k = start; k < end; k++) {
    pen.beginPath();
    pen.ellipse((x(k) + x(k + 1)) / 2, top + STRIP / 2, Math.min(page / 2 - 2, 3), 4.5, 0, 0, 2 * Math.PI);
    pen.stroke();
  }
}

/**
 * Paint pages that are swapped out: an arrow down each, or a line at the bottom where they are narrow.
 * @param {Pen} pen
 * @param {number} start
 * @param {number} end
 * @param {Place} x
 * @param {number} page its width
 * @param {number} top
 * @param {Ink} ink
 */
function paintSwapped(pen, start, end, x, page, top, ink) {
  pen.strokeStyle = ink.dim;
  pen.fillStyle = ink.dim;
  pen.lineWidth = 1.4;
  if (page < 8) {
    pen.fillRect(x(start), top + STRIP - 4, Math.max(x(end) - x(start), 1), 3);
    return;
  }
  const low = top + STRIP / 2 + 4;
  for (let k = start; k < end; k++) {
    const middle = (x(k) + x(k + 1)) / 2;
    pen.beginPath();
    pen.moveTo(middle, low - 9);
    pen.lineTo(middle, low);
    pen.moveTo(middle - 3, low - 3);
    pen.lineTo(middle, low);
    pen.lineTo(middle + 3, low - 3);
    pen.stroke();
  }
}

/**
 * Paint pages of a VMA that are not mapped.
 * @param {Pen} pen
 * @param {number} left
 * @param {number} width
 * @param {number} top
 * @param {Ink} ink
 */
function paintUnmapped(pen, left, width, top, ink) {
  pen.fillStyle = faded(ink.unmapped, 9);
  pen.fillRect(left, top, width, STRIP);
  if (width <= 3) return;
  pen.strokeStyle = faded(ink.unmapped, 75);
  pen.lineWidth = 1;
  pen.setLineDash([3, 2]);
  pen.strokeRect(left + 0.5, top + 0.5, width - 1, STRIP - 1);
  pen.setLineDash([]);
}

/**
 * Write a folio's number where it fits; on a plate of its colour if there are lines below.
 * @param {Pen} pen
 * @param {number} folio
 * @param {number} left
 * @param {number} width
 * @param {number} top
 * @param {boolean} plate
 * @param {Ink} ink
 */
function paintName(pen, folio, left, width, top, plate, ink) {
  const text = [`folio ${folio}`, `${folio}`].find((words) => pen.measureText(words).width + 10 < width);
  if (!text) return;
  if (plate) {
    pen.fillStyle = ofFolio(ink, folio);
    pen.fillRect(left + 3, top + 4, pen.measureText(text).width + 5, STRIP - 8);
  }
  pen.fillStyle = ink.onFolio;
  pen.fillText(text, left + 5, top + STRIP / 2 + 0.5);
}

/**
 * Paint the pages of a process under one kernel.
 * @param {Pen} pen
 * @param {Int32Array} runs
 * @param {number} top
 * @param {Place} place
 * @param {number} page the width of one
 * @param {Ink} ink
 */
export function paintStrip(pen, runs, top, place, page, ink) {
  /** @type {Place} */
  const x = (page) => Math.round(place(page));
  const roomy = page >= ROOMY;
  /** @type {Map<string, CanvasPattern | string>} */
  const patterns = new Map();
  let before = "";
  for (let at = 0; at < runs.length; at += RUN) {
    const [start = 0, end = 0, folio = 0, vma = 0, flags = 0] = runs.subarray(at, at + RUN);
    if (!vma && !folio) {
      before = "";
      continue;
    }
    const owner = `${folio} ${vma}`;
    const left = x(start) + (before && before !== owner ? 1 : 0);
    before = owner;
    const width = Math.max(x(end) - left - (roomy ? 0.5 : 0), 0.7);
    if (!folio) {
      paintUnmapped(pen, left, width, top, ink);
      if (flags & ZERO) paintZeros(pen, start, end, x, page, top, ink);
      if (flags & GUARD) paintGuards(pen, start, end, x, page, top, ink);
      if (flags & SWAPPED) paintSwapped(pen, start, end, x, page, top, ink);
      continue;
    }
    const colour = ofFolio(ink, folio);
    const dark = darker(colour, 0.66);
    pen.fillStyle = flags & MIGRATING ? faded(ink.unmapped, 50) : colour;
    pen.fillRect(left, top, width, STRIP);
    if (!(flags & WRITABLE) && !(flags & MIGRATING)) {
      const pattern = patterns.get(dark) ?? hatch(pen, dark);
      patterns.set(dark, pattern);
      pen.fillStyle = pattern;
      pen.fillRect(left, top, width, STRIP);
    }
    pen.fillStyle = dark;
    if (flags & HUGE) pen.fillRect(left, top + STRIP - 5, width, 5);
    else if (roomy) for (let k = start + 1; k < end; k++) pen.fillRect(x(k), top, 1, STRIP);
    paintName(pen, folio, left, width, top, roomy || !(flags & WRITABLE), ink);
  }
}

/**
 * Paint a frame around what is selected, on a dark edge: a folio's colour may be near the frame's.
 * @param {Pen} pen
 * @param {number} left
 * @param {number} right
 * @param {number} top
 * @param {number} height
 * @param {number} fill its opacity inside
 * @param {Ink} ink
 */
export function paintChosen(pen, left, right, top, height, fill, ink) {
  pen.fillStyle = ink.accent;
  frame(pen, left, right, top, height, [
    [ink.onFolio, 4],
    [ink.accent, 2],
  ]);
  pen.globalAlpha = fill;
  pen.fillRect(left, top, right - left, height);
  pen.globalAlpha = 1;
}

/**
 * Paint a frame around what is highlighted.
 * @param {Pen} pen
 * @param {number} left
 * @param {number} right
 * @param {number} top
 * @param {number} height
 * @param {Ink} ink
 */
export function paintMarked(pen, left, right, top, height, ink) {
  frame(pen, left, right, top, height, [
    [ink.onMarked, 5],
    [ink.marked, 3],
  ]);
}

/** @type {(pen: Pen, left: number, right: number, top: number, height: number, lines: [string, number][]) => void} */
function frame(pen, left, right, top, height, lines) {
  for (const [colour, wide] of lines) {
    pen.strokeStyle = colour;
    pen.lineWidth = wide;
    pen.strokeRect(left + 1, top + 1, Math.max(right - left - 2, 2), height - 2);
  }
}
