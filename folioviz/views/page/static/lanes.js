// Lanes: a canvas for each process, and what is painted on it.
/** @import { Ink } from "./ink.js" */
/** @import { Data, Given } from "./messages" */
import { around, within } from "./dom.js";
import { paintAxis, paintBreak, paintOverview } from "./lane_axis.js";
import {
  asRuns,
  BETWEEN,
  laneHeight,
  OVERVIEW,
  paintChosen,
  paintMarked,
  paintStrip,
  STRIP,
} from "./lane_paint.js";
import { makeScale } from "./lane_scale.js";
import { penFor } from "./pen.js";

/**
 * @typedef {object} Lane
 * @property {HTMLElement} el
 * @property {HTMLCanvasElement} canvas
 * @property {number} mm
 * @property {number} width
 * @property {number} height
 * @property {number | null} cursor the page at which the keys are
 * @property {number | null} anchor the page from which they select
 */

/** @typedef {{ mm: number, lo: number, hi: number }} Selection */
/** @typedef {ReturnType<typeof makeLanes>} Lanes */

/**
 * Make what paints the lanes of a page.
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {() => Ink} inkNow
 */
export function makeLanes(root, data, inkNow) {
  /** @type {Map<string, Lane>} */
  const lanes = new Map();
  /** @type {Selection | null} What a hand is selecting, before the kernel says so. */
  let held = null;
  /** So many pixels of a canvas to one of the page, at least. */
  let least = 1;
  /** @type {Given["view"] | undefined} */
  let shown;

  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const lane = target instanceof HTMLElement ? lanes.get(target.dataset.lane ?? "") : undefined;
      if (!lane || !contentRect.width) continue;
      lane.width = contentRect.width;
      paint(lane);
    }
  });
  const view = () => {
    const now = data.get("view");
    if (!now) throw new Error("lanes came before what they show");
    return now;
  };
  /** @param {Lane} lane */
  const scale = (lane) => makeScale(view().view, view().breaks, lane.width);
  /** @param {Lane} lane */
  const place = (lane) => scale(lane).x;

  /** @param {Lane} lane */
  const paint = (lane) => {
    const now = data.get("view");
    if (!now || !lane.width) return;
    const ink = inkNow();
    const bins = data.get(`over:${lane.mm}`);
    lane.height = laneHeight(now.sides.length, bins !== undefined);
    const pen = penFor(lane.canvas, lane.width, lane.height, least);
    if (bins) {
      const bytes = new Uint8Array(bins.buffer, bins.byteOffset, bins.byteLength);
      paintOverview(pen, bytes, now.view, now.whole, lane.width, ink);
    }
    const { x: at, page, breaks } = scale(lane);
    const first = bins ? OVERVIEW + 6 : 0;
    for (const [row, side] of now.sides.entries()) {
      const runs = asRuns(data.get(`lane:${lane.mm}:${side}`));
      paintStrip(pen, runs, first + row * (STRIP + BETWEEN), at, page, ink);
      for (const one of breaks) paintBreak(pen, one, first + row * (STRIP + BETWEEN), at, ink);
    }
    const under = first + now.sides.length * (STRIP + BETWEEN) - BETWEEN;
    /** @type {(lo: number, hi: number, fill: number) => void} */
    const mark = (lo, hi, fill) => {
      const left = Math.max(at(lo), 0);
      const right = Math.min(at(hi), lane.width);
      if (right < 0 || left > lane.width) return;
      if (fill) paintChosen(pen, left, right, first, under - first, fill, ink);
      else paintMarked(pen, left, right, first, under - first, ink);
    };
    const chosen = held ?? now;
    if (chosen.mm === lane.mm) mark(chosen.lo, chosen.hi, 0.09);
    const [process, from, to] = now.marked ?? [];
    if (process === lane.mm) mark(from ?? 0, to ?? 0, 0);
    if (lane.cursor !== null && document.activeElement === lane.el) mark(lane.cursor, lane.cursor + 1, 0.25);
    paintAxis(pen, under + 1, scale(lane), now.base, lane.width, ink);
  };

  /** @type {(lane: Lane, x: number) => number} */
  const across = (lane, x) => x - lane.el.getBoundingClientRect().left;
  /**
   * Return the page under a place of the window.
   * @param {Lane} lane
   * @param {number} x
   */
  const pageAt = (lane, x) => scale(lane).pageAt(across(lane, x));
  /**
   * Return the page of all under a place of the window, in an overview.
   * @param {Lane} lane
   * @param {number} x
   */
  const pageOfAll = (lane, x) => makeScale(view().whole, [], lane.width).pageAt(across(lane, x));

  /**
   * Return the lane that an event is about.
   * @param {Event} event
   */
  const laneOf = (event) => lanes.get(around(event, "[data-lane]")?.dataset.lane ?? "");

  /**
   * Tell whether an event is over a lane's overview.
   * @param {Lane} lane
   * @param {MouseEvent} event
   */
  const inOverview = (lane, event) =>
    data.get(`over:${lane.mm}`) !== undefined &&
    event.clientY - lane.el.getBoundingClientRect().top < OVERVIEW + 4;

  /**
   * Show what a hand selects; null: what the kernel says.
   * @param {Selection | null} selection
   */
  const hold = (selection) => {
    held = selection;
  };

  /**
   * Take the lanes of a piece that is about to come onto the page.
   * @param {Element} node
   */
  const found = (node) => {
    /** @type {NodeListOf<HTMLElement>} */
    const fresh = node.querySelectorAll("[data-lane]");
    for (const el of fresh) {
      const name = el.dataset.lane ?? "";
      /** @type {HTMLCanvasElement} */
      const canvas = within(el, "canvas");
      lanes.set(name, { el, canvas, mm: Number(name), width: 0, height: 0, cursor: null, anchor: null });
      resized.observe(el);
    }
  };
  const forget = () => {
    for (const [name, lane] of lanes) {
      if (root.contains(lane.el)) continue;
      resized.unobserve(lane.el);
      lanes.delete(name);
    }
  };

  /**
   * Paint the lanes that show what changed.
   * @param {Set<string> | null} names of data; null: all
   */
  const show = (names = null) => {
    const all = names === null || names.has("view") || shown === undefined;
    shown = data.get("view");
    forget();
    for (const lane of lanes.values()) {
      const mine = [...(names ?? [])].some(
        (name) => name.startsWith(`lane:${lane.mm}:`) || name === `over:${lane.mm}`,
      );
      if (all || mine) paint(lane);
    }
  };
  /**
   * Do something while the lanes have twice the pixels of the page: a picture is drawn at that size.
   * @template T
   * @param {() => T} take
   */
  const sharply = (take) => {
    least = 2;
    show();
    try {
      return take();
    } finally {
      least = 1;
      show();
    }
  };
  const stop = () => resized.disconnect();
  return { view, place, paint, pageAt, pageOfAll, laneOf, inOverview, hold, found, show, sharply, stop };
}
