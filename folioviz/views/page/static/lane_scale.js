// Where a page stands in a lane, and what page stands where: all pages are as wide, but a gap that is cut short.
/** @import { Range } from "./messages" */
import { clamp } from "./dom.js";

/** Pixels of a gap that is cut short, and the most of a lane that all of them take. */
export const BREAK = 26;
const MOST = 1 / 3;

/** @typedef {ReturnType<typeof makeScale>} Scale */

/**
 * Return how pages [lo, hi) lie in so many pixels.
 * @param {Range} view
 * @param {Range[]} breaks gaps inside it, ascending and apart, each cut to a few pixels
 * @param {number} width
 */
export function makeScale([lo, hi], breaks, width) {
  const each = breaks.length ? Math.min(BREAK, (width * MOST) / breaks.length) : 0;
  const cut = breaks.reduce((sum, [start, end]) => sum + end - start, 0);
  const page = (width - each * breaks.length) / (hi - lo - cut);
  /** @type {{ from: number, to: number, left: number, each: number }[]} */
  const parts = [];
  let at = lo;
  let left = 0;
  for (const [start, end] of breaks) {
    parts.push({ from: at, to: start, left, each: page });
    left += (start - at) * page;
    parts.push({ from: start, to: end, left, each: each / (end - start) });
    left += each;
    at = end;
  }
  const last = { from: at, to: hi, left, each: page };
  parts.push(last);
  const [first = last] = parts;

  /**
   * Return where a page begins, in pixels.
   * @param {number} where
   */
  const x = (where) => {
    const part = parts.find(({ to }) => where < to) ?? last;
    return part.left + (where - part.from) * part.each;
  };
  /**
   * Return the page at a place.
   * @param {number} place in pixels
   */
  const pageAt = (place) => {
    const part = parts.findLast(({ left: begin }) => place >= begin) ?? first;
    return clamp(Math.floor(part.from + (place - part.left) / part.each), lo, hi - 1);
  };
  return { x, pageAt, page, view: /** @type {Range} */ ([lo, hi]), breaks };
}

/**
 * Return the page that is so many pages on, or back: those of a gap that is cut are not counted.
 * @param {number} page
 * @param {number} by
 * @param {Range[]} breaks
 */
export function pagesOn(page, by, breaks) {
  let to = page + by;
  if (by > 0) {
    for (const [start, end] of breaks) if (page < end && to >= start) to += end - Math.max(start, page + 1);
  } else if (by < 0) {
    for (const [start, end] of [...breaks].reverse())
      if (page >= start && to < end) to -= Math.min(end, page) - start;
  }
  return to;
}
