// The heat map: a canvas for each region of a running machine's memory, a cell for each 2 MiB.
/** @import { Ink } from "./ink.js" */
/** @import { Data, Model } from "./messages" */
/** @import { Tip } from "./tip.js" */
import { around, chord, listen, penOf } from "./dom.js";
import { columnsOf, paintCells, STEP } from "./heat_cells.js";
import { penFor } from "./pen.js";

/** Rows that a page of keys goes. */
const PAGE = 8;
const PLACES = "canvas[data-heat]";

/**
 * @typedef {{ canvas: HTMLCanvasElement, region: number, first: number, end: number, width: number, cursor: number,
 *   framed: number[] }} Map
 */
/** @typedef {{ region: number, block: number }} Chosen */

/**
 * Return where a key leads among cells, null where it leads nowhere.
 * @param {string} key
 * @param {number} now
 * @param {number} columns
 * @param {number} count
 */
export function goal(key, now, columns, count) {
  /** @type {Record<string, number>} */
  const ways = {
    ArrowLeft: now - 1,
    ArrowRight: now + 1,
    ArrowUp: now - columns,
    ArrowDown: now + columns,
    PageUp: Math.max(now - PAGE * columns, now % columns),
    PageDown: Math.min(now + PAGE * columns, count - 1),
    Home: 0,
    End: count - 1,
  };
  const to = ways[key];
  return to === undefined || to < 0 || to >= count ? null : to;
}

/**
 * Make the heat map of a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Data} data
 * @param {() => Ink} inkNow
 * @param {Tip} tip
 */
export function makeHeatMap(root, model, data, inkNow, tip) {
  /** @type {globalThis.Map<HTMLCanvasElement, Map>} */
  const maps = new globalThis.Map();
  /** @type {Chosen | null} What a hand has chosen, before the kernel says so. */
  let held = null;
  let least = 1;

  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const canvas = target.querySelector(PLACES);
      const map = canvas instanceof HTMLCanvasElement ? maps.get(canvas) : undefined;
      if (!map || !contentRect.width || map.width === contentRect.width) continue;
      map.width = contentRect.width;
      paint(map);
    }
  });
  const chosen = () => held ?? data.get("chosen");

  /**
   * Return which cells of a map have a frame, and its colour.
   * @param {Map} map
   * @param {Ink} ink
   */
  const framesOf = (map, ink) => {
    const now = chosen();
    /** @type {[number, string][]} */
    const found = [];
    if (now?.region === map.region && now.block >= 0) found.push([now.block, ink.changed]);
    if (document.activeElement === map.canvas) found.push([map.cursor, ink.accent]);
    return found;
  };
  /** @type {(map: Map, pen: CanvasRenderingContext2D, cells: Iterable<number>, frames: [number, string][]) => void} */
  const paintSome = (map, pen, cells, frames) => {
    const bytes = data.get("heat");
    if (bytes) paintCells(pen, cells, bytes, map.first, columnsOf(map.width), frames, inkNow());
    map.framed = frames.map(([cell]) => cell);
  };
  /** @param {Map} map */
  const paint = (map) => {
    if (!map.width) return;
    const count = map.end - map.first;
    const height = Math.ceil(count / columnsOf(map.width)) * STEP;
    const pen = penFor(map.canvas, map.width, height, least);
    paintSome(map, pen, Array(count).keys(), framesOf(map, inkNow()));
  };
  /**
   * Move the frames of a map to where they belong: only cells that lose or get one are painted.
   * @param {Map} map
   */
  const frame = (map) => {
    if (!map.width) return;
    const frames = framesOf(map, inkNow());
    const cells = new Set([...map.framed, ...frames.map(([cell]) => cell)]);
    if (cells.size) paintSome(map, penOf(map.canvas), cells, frames);
  };
  const paintEvery = () => {
    for (const map of maps.values()) paint(map);
  };

  /**
   * Take the regions of a piece that is about to come onto the page.
   * @param {Element} node
   */
  const found = (node) => {
    /** @type {NodeListOf<HTMLCanvasElement>} */
    const fresh = node.querySelectorAll(PLACES);
    for (const canvas of fresh) {
      const section = canvas.closest("[data-region]");
      const region = section instanceof HTMLElement ? Number(section.dataset.region) : 0;
      const [first = 0, end = 0] = (canvas.dataset.heat ?? "").split("-").map(Number);
      const now = data.get("chosen");
      const cursor = now?.region === region ? Math.max(now.block, 0) : 0;
      maps.set(canvas, { canvas, region, first, end, width: 0, cursor, framed: [] });
      if (section) resized.observe(section);
    }
  };
  const forget = () => {
    for (const [canvas] of maps) if (!root.contains(canvas)) maps.delete(canvas);
  };
  /**
   * Show what changed.
   * @param {Set<string> | null} names of data; null: all
   */
  const show = (names = null) => {
    if (names && !names.has("heat") && !names.has("chosen")) return;
    held = null;
    forget();
    for (const map of maps.values())
      if (names === null || names.has("heat")) paint(map);
      else frame(map);
  };

  /** @param {Event} event */
  const mapOf = (event) => {
    const canvas = around(event, PLACES);
    return canvas instanceof HTMLCanvasElement ? maps.get(canvas) : undefined;
  };
  /**
   * Return the cell under a place of the window, null beside all.
   * @param {Map} map
   * @param {MouseEvent} event
   */
  const cellAt = (map, event) => {
    const area = map.canvas.getBoundingClientRect();
    const columns = columnsOf(map.width);
    const x = Math.floor((event.clientX - area.left) / STEP);
    const y = Math.floor((event.clientY - area.top) / STEP);
    const cell = y * columns + x;
    return x >= 0 && x < columns && cell >= 0 && cell < map.end - map.first ? cell : null;
  };
  /** @type {(map: Map, cell: number) => void} */
  const point = (map, cell) => {
    map.cursor = cell;
    map.canvas.setAttribute("aria-valuenow", String(cell));
    const area = map.canvas.getBoundingClientRect();
    const columns = columnsOf(map.width);
    const y = area.top + (Math.floor(cell / columns) + 1) * STEP;
    frame(map);
    tip.ask(["block", map.region, cell], area.left + (cell % columns) * STEP, y, map.canvas);
  };
  /** @type {(map: Map, block: number) => void} */
  const choose = (map, block) => {
    held = { region: map.region, block };
    map.cursor = block;
    for (const one of maps.values()) frame(one);
    model.send({ cell: [map.region, block] });
  };
  /** @type {(map: Map, by: number) => Map | undefined} */
  const neighbour = (map, by) => {
    const all = [...root.querySelectorAll(PLACES)];
    const next = all[all.indexOf(map.canvas) + by];
    return next instanceof HTMLCanvasElement ? maps.get(next) : undefined;
  };

  /** @param {MouseEvent} event */
  const click = (event) => {
    const map = mapOf(event);
    const cell = map ? cellAt(map, event) : null;
    if (map && cell !== null) choose(map, cell);
  };
  /** @param {PointerEvent} event */
  const pointermove = (event) => {
    const map = mapOf(event);
    const cell = map ? cellAt(map, event) : null;
    if (map && cell !== null) tip.ask(["block", map.region, cell], event.clientX, event.clientY, map.canvas);
    else if (map) tip.hide();
  };
  /** @param {PointerEvent} event */
  const pointerout = (event) => {
    if (mapOf(event)) tip.hide();
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const map = mapOf(event);
    if (!map || chord(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(map, map.cursor);
      return;
    }
    const columns = columnsOf(map.width);
    const to = goal(event.key, map.cursor, columns, map.end - map.first);
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (to === null && by === undefined) return;
    event.preventDefault();
    if (to !== null) {
      point(map, to);
      return;
    }
    const next = neighbour(map, by ?? 0);
    if (!next) return;
    next.canvas.focus();
    point(next, (by ?? 0) > 0 ? 0 : next.end - next.first - 1);
  };
  /** @param {FocusEvent} event */
  const focus = (event) => {
    const map = mapOf(event);
    if (map) frame(map);
    if (map && event.type === "focusout") tip.hide();
  };
  const quiet = listen(root, {
    click,
    pointermove,
    pointerout,
    keydown,
    focusin: focus,
    focusout: (event) => setTimeout(focus, 0, event),
  });
  /**
   * Do something while the cells have twice the pixels of the page.
   * @template T
   * @param {() => T} take
   */
  const sharply = (take) => {
    least = 2;
    paintEvery();
    try {
      return take();
    } finally {
      least = 1;
      paintEvery();
    }
  };
  const stop = () => {
    resized.disconnect();
    quiet();
  };
  return { found, show, sharply, stop };
}
