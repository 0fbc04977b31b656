// Pens of canvases.
import { penOf } from "./dom.js";

/** @typedef {CanvasRenderingContext2D} Pen */

export const FONT = "11px system-ui, 'Segoe UI', sans-serif";

/**
 * Size a canvas in pixels of the screen, and return its pen, which counts in pixels of the page.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {number} least so many pixels of the canvas to one of the page, at least
 */
export function penFor(canvas, width, height, least = 1) {
  const scale = Math.max(window.devicePixelRatio || 1, least);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (canvas.width !== size.width) canvas.width = size.width;
  if (canvas.height !== size.height) canvas.height = size.height;
  canvas.style.height = `${height}px`;
  const pen = penOf(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = FONT;
  pen.textBaseline = "middle";
  return pen;
}

/**
 * Return slanted lines.
 * @param {Pen} pen
 * @param {string} colour
 */
export function hatch(pen, colour) {
  const tile = document.createElement("canvas");
  tile.width = 6;
  tile.height = 6;
  const ink = penOf(tile);
  ink.strokeStyle = colour;
  ink.lineWidth = 1.6;
  for (const shift of [-6, 0, 6]) {
    ink.beginPath();
    ink.moveTo(shift, 6);
    ink.lineTo(shift + 6, 0);
    ink.stroke();
  }
  return pen.createPattern(tile, "repeat") ?? colour;
}
