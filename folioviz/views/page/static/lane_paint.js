// Paints one process's pages: a strip per kernel from runs of pages, the selection, addresses, and an overview.
// A run is five numbers: first page, page after the last, folio (0: none), number of its VMA (0: none), flags.
import { darker } from "./cells.js";

export const STRIP = 22;
export const BETWEEN = 4;
export const AXIS = 17;
export const OVERVIEW = 9;
const RUN = 5;
const WRITABLE = 1;
const HUGE = 2;
const MIGRATING = 4;
const ZERO = 8;
const ROOMY = 5;

export function asRuns(bytes) {
  if (!bytes) return new Int32Array(0);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export function laneHeight(sides, overview) {
  return (overview ? OVERVIEW + 6 : 0) + STRIP * sides + BETWEEN * (sides - 1) + AXIS;
}

function hatch(pen, colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const ink = tile.getContext("2d");
  ink.strokeStyle = colour;
  ink.lineWidth = 1.6;
  for (const shift of [-6, 0, 6]) {
    ink.beginPath();
    ink.moveTo(shift, 6);
    ink.lineTo(shift + 6, 0);
    ink.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

export function makeInk(root) {
  const style = getComputedStyle(root);
  const get = (name) => style.getPropertyValue(name).trim();
  return { dim: get("--fv-dim"), line: get("--fv-line"), accent: get("--fv-accent"), card: get("--fv-card") };
}

// Pages that map the shared zero page: a small ring each, or a thin line where they are narrow.
function paintZeros(pen, start, end, x, page, top, ink) {
  pen.strokeStyle = pen.fillStyle = ink.dim;
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

export function paintStrip(pen, runs, top, place, view, colours, ink) {
  const x = (page) => Math.round(place(page));
  const page = place(view[0] + 1) - place(view[0]);
  const patterns = new Map();
  let before = null;
  for (let at = 0; at < runs.length; at += RUN) {
    const [start, end, folio, vma, flags] = runs.subarray(at, at + RUN);
    if (!vma && !folio) {
      before = null;
      continue;
    }
    const seam = before !== null && (before[0] !== folio || before[1] !== vma) ? 1 : 0;
    before = [folio, vma];
    const left = x(start) + seam;
    const width = Math.max(x(end) - left - (page >= ROOMY ? 0.5 : 0), 0.7);
    if (!folio) {
      pen.fillStyle = "rgb(125 133 144 / 9%)";
      pen.fillRect(left, top, width, STRIP);
      if (width > 3) {
        pen.strokeStyle = "rgb(125 133 144 / 75%)";
        pen.lineWidth = 1;
        pen.setLineDash([3, 2]);
        pen.strokeRect(left + 0.5, top + 0.5, width - 1, STRIP - 1);
        pen.setLineDash([]);
      }
      if (flags & ZERO) paintZeros(pen, start, end, x, page, top, ink);
      continue;
    }
    const colour = colours[(folio - 1) % colours.length];
    const dark = darker(colour, 0.66);
    pen.fillStyle = flags & MIGRATING ? "rgb(125 133 144 / 50%)" : colour;
    pen.fillRect(left, top, width, STRIP);
    if (!(flags & WRITABLE) && !(flags & MIGRATING)) {
      if (!patterns.has(dark)) patterns.set(dark, hatch(pen, dark));
      pen.fillStyle = patterns.get(dark);
      pen.fillRect(left, top, width, STRIP);
    }
    pen.fillStyle = dark;
    if (flags & HUGE) pen.fillRect(left, top + STRIP - 5, width, 5);
    else if (page >= ROOMY) for (let k = start + 1; k < end; k++) pen.fillRect(x(k), top, 1, STRIP);
    const text = [`folio ${folio}`, `${folio}`].find((words) => pen.measureText(words).width + 10 < width);
    if (text) {
      const letters = pen.measureText(text).width;
      pen.fillStyle = colour;
      if (page >= ROOMY || !(flags & WRITABLE)) pen.fillRect(left + 3, top + 4, letters + 5, STRIP - 8);
      pen.fillStyle = "#1c2128";
      pen.fillText(text, left + 5, top + STRIP / 2 + 0.5);
    }
  }
}

export function paintChosen(pen, left, right, top, height, fill, ink) {
  pen.strokeStyle = pen.fillStyle = ink.accent;
  pen.lineWidth = 2;
  pen.strokeRect(left + 1, top + 1, Math.max(right - left - 2, 2), height - 2);
  pen.globalAlpha = fill;
  pen.fillRect(left, top, right - left, height);
  pen.globalAlpha = 1;
}

export function paintAxis(pen, top, place, view, base, width, ink) {
  let step = 1;
  const most = Math.max(1, Math.min(5, Math.floor(width / 120)));
  while ((view[1] - view[0]) / step > most) step *= 2;
  pen.fillStyle = ink.dim;
  pen.font = "10.5px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace";
  for (let page = Math.ceil(view[0] / step) * step; page < view[1]; page += step) {
    const text = `0x${(base + page * 4096).toString(16)}`;
    const x = Math.round(place(page));
    if (x + pen.measureText(text).width > width) break;
    pen.fillRect(x, top, 1, 4);
    pen.fillText(text, x + 3, top + 9);
  }
}

export function paintOverview(pen, bins, view, whole, width, colours, ink) {
  const cell = width / bins.length;
  for (let k = 0; k < bins.length; k++) {
    if (!bins[k]) continue;
    pen.fillStyle = bins[k] === 1 ? "rgb(125 133 144 / 20%)" : colours[(bins[k] - 2) % colours.length];
    pen.fillRect(Math.floor(k * cell), 1, Math.ceil(cell), OVERVIEW - 2);
  }
  const x = (page) => ((page - whole[0]) * width) / (whole[1] - whole[0]);
  const left = Math.min(x(view[0]), width - 4);
  pen.strokeStyle = ink.accent;
  pen.lineWidth = 2;
  pen.strokeRect(left + 1, 1, Math.max(x(view[1]) - left - 2, 3), OVERVIEW - 1);
}
