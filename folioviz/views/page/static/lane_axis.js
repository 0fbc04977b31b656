// What goes with the strips of a lane: where a gap is cut short, addresses, an overview.
/** @import { Ink } from "./ink.js" */
/** @import { Place } from "./lane_paint.js" */
/** @import { Scale } from "./lane_scale.js" */
/** @import { Range } from "./messages" */
/** @import { Pen } from "./pen.js" */
import { clamp } from "./dom.js";
import { faded, ofFolio } from "./ink.js";
import { OVERVIEW, STRIP } from "./lane_paint.js";

/** What stands in a gap that is cut short. */
const CUT = "//";

/**
 * Mark where a gap is cut short.
 * @param {Pen} pen
 * @param {Range} gap
 * @param {number} top
 * @param {Place} place
 * @param {Ink} ink
 */
export function paintBreak(pen, [start, end], top, place, ink) {
  pen.fillStyle = ink.dim;
  pen.fillText(CUT, (place(start) + place(end) - pen.measureText(CUT).width) / 2, top + STRIP / 2);
}

/**
 * Write addresses below the strips, as many as there is room for: where a gap ends, and at round pages.
 * @param {Pen} pen
 * @param {number} top
 * @param {Scale} scale
 * @param {number} base the address of page 0
 * @param {number} width
 * @param {Ink} ink
 */
export function paintAxis(pen, top, { x: place, view, breaks }, base, width, ink) {
  pen.fillStyle = ink.dim;
  pen.font = "11px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace";
  /** @param {number} page */
  const written = (page) => {
    const text = `0x${(base + page * 4096).toString(16)}`;
    const x = Math.round(place(page));
    return { page, text, x, end: x + pen.measureText(text).width };
  };
  const after = breaks.map(([, end]) => written(end)).filter(({ end }) => end <= width);
  const round = rounds(view, breaks, width)
    .map(written)
    .filter(({ x, end }) => end <= width && after.every((one) => end + 8 < one.x || x > one.end + 8));
  for (const { text, x } of [...round, ...after]) {
    pen.fillRect(x, top, 1, 4);
    pen.fillText(text, x + 3, top + 9);
  }
}

/**
 * Return round pages that are seen, none of them in a gap that is cut.
 * @param {Range} view
 * @param {Range[]} breaks
 * @param {number} width
 */
function rounds([lo, hi], breaks, width) {
  const seen = breaks.reduce((sum, [start, end]) => sum - end + start, hi - lo);
  const most = clamp(Math.floor(width / 120), 1, 5);
  let step = 1;
  while (seen / step > most) step *= 2;
  const found = [];
  let at = lo;
  for (const [start, end] of [...breaks, /** @type {Range} */ ([hi, hi])]) {
    for (let page = Math.ceil(at / step) * step; page < start; page += step) found.push(page);
    at = end;
  }
  return found;
}

/**
 * Paint all pages of a process as a thin bar, with a frame around those that the strips show.
 * @param {Pen} pen
 * @param {Uint8Array} bins 0 nothing, 1 a VMA, else 2 + the place of a folio's colour
 * @param {Range} view
 * @param {Range} whole
 * @param {number} width
 * @param {Ink} ink
 */
export function paintOverview(pen, bins, view, whole, width, ink) {
  const cell = width / bins.length;
  for (const [k, bin] of bins.entries()) {
    if (!bin) continue;
    pen.fillStyle = bin === 1 ? faded(ink.unmapped, 20) : ofFolio(ink, bin - 1);
    pen.fillRect(Math.floor(k * cell), 1, Math.ceil(cell), OVERVIEW - 2);
  }
  /** @type {Place} */
  const x = (page) => ((page - whole[0]) * width) / (whole[1] - whole[0]);
  const left = Math.min(x(view[0]), width - 4);
  pen.strokeStyle = ink.accent;
  pen.lineWidth = 2;
  pen.strokeRect(left + 1, 1, Math.max(x(view[1]) - left - 2, 3), OVERVIEW - 1);
}
