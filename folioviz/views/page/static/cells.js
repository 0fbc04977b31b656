// Pages of a large folio, painted on a canvas from its runs: data-cells="3*1e,509*0" is 3 pages that one PTE maps and
// that are AnonExclusive, then 509 that none maps; "z" is a page of zeros. data-changed lists what the last step changed;
// data-order is the order whose colour a folio has that was seen on a running machine;
// data-marked="4-8" are highlighted pages, from 4 on and before 8.
/** @import { Ink } from "./ink.js" */
import { penOf } from "./dom.js";
import { darker, faded, ofFolio, ofOrder } from "./ink.js";

const CELL = 7;
export const PER_ROW = 64;

/**
 * Return what each page is.
 * @param {string} text
 */
export function cellValues(text) {
  return text.split(",").flatMap((run) => {
    const [count, value] = run.split("*");
    return Array(Number(count)).fill(value ?? "");
  });
}

/**
 * Paint the pages of a folio.
 * @param {HTMLCanvasElement} canvas
 * @param {Ink} ink
 */
export function paintCells(canvas, ink) {
  /** @type {string[]} */
  const values = cellValues(canvas.dataset.cells ?? "");
  const columns = Math.min(PER_ROW, values.length);
  const rows = Math.ceil(values.length / columns);
  const { order, pagesOf } = canvas.dataset;
  const colour = order === undefined ? ofFolio(ink, Number(pagesOf)) : ofOrder(ink, Number(order));
  const shades = [colour, colour, darker(colour, 0.8), darker(colour, 0.62), darker(colour, 0.48)];
  const scale = Math.max(1, Math.min(3, Math.round(window.devicePixelRatio || 1)));
  canvas.width = columns * CELL * scale;
  canvas.height = rows * CELL * scale;
  const pen = penOf(canvas);
  pen.scale(scale, scale);
  for (const [place, value] of values.entries()) {
    const x = (place % columns) * CELL;
    const y = Math.floor(place / columns) * CELL;
    const mappings = parseInt(value, 10);
    if (mappings) {
      pen.fillStyle = shades[Math.min(mappings, shades.length - 1)] ?? colour;
      pen.fillRect(x, y, CELL - 1, CELL - 1);
      if (value.includes("e")) {
        pen.fillStyle = faded(ink.onFolio, 60);
        pen.fillRect(x + 1, y + CELL - 3, CELL - 3, 1);
      }
    } else {
      pen.strokeStyle = faded(ink.unmapped, 55);
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, CELL - 2, CELL - 2);
    }
    if (value.endsWith("z")) {
      pen.fillStyle = mappings ? ink.zeros : ink.unmapped;
      pen.fillRect(x + 3, y, 3, 3);
    }
  }
  pen.lineWidth = 2;
  /** @type {(place: number, colour: string) => void} */
  const frame = (place, colour) => {
    pen.strokeStyle = colour;
    pen.strokeRect((place % columns) * CELL + 1, Math.floor(place / columns) * CELL + 1, CELL - 3, CELL - 3);
  };
  for (const place of (canvas.dataset.changed ?? "").split(",").filter(Boolean).map(Number))
    frame(place, ink.changed);
  const [first = 0, after = 0] = (canvas.dataset.marked ?? "").split("-").map(Number);
  for (let place = first; place < Math.min(after, values.length); place++) frame(place, ink.marked);
}

/**
 * Paint every canvas of cells that an element is or holds.
 * @param {Element} node
 * @param {Ink} ink
 */
export function paintAll(node, ink) {
  if (node instanceof HTMLCanvasElement && node.matches("[data-cells]")) paintCells(node, ink);
  /** @type {NodeListOf<HTMLCanvasElement>} */
  const canvases = node.querySelectorAll("canvas[data-cells]");
  for (const canvas of canvases) paintCells(canvas, ink);
}
