// The help: a modal dialog, in the browser's top layer. Opened by "?" or its button, closed by Esc, "?", its own button,
// or a click beside it; the kernel is not asked. While it is open it hears every key before anybody else.
/** @import { Ink } from "./ink.js" */
/** @import { Range } from "./messages" */
import { around, chord, listen, typing, within } from "./dom.js";
import { paintBreak } from "./lane_axis.js";
import { AXIS, BETWEEN, laneHeight, paintChosen, paintStrip, STRIP } from "./lane_paint.js";
import { makeScale } from "./lane_scale.js";
import { penFor } from "./pen.js";

const DIALOG = "dialog.fv-help";
const BUTTON = ".fv-help-button";

/** @param {string | undefined} text */
const numbers = (text) => (text ?? "").split(",").filter(Boolean).map(Number);

/**
 * Paint a piece of a lane of the legend.
 * @param {HTMLCanvasElement} canvas its data-runs are those of each kernel
 * @param {Ink} ink
 */
export function paintSample(canvas, ink) {
  const strips = (canvas.dataset.runs ?? "").split(";");
  const width = canvas.clientWidth;
  const height = laneHeight(strips.length, false) - AXIS;
  const pen = penFor(canvas, width, height);
  const [start = 0, end = 0] = numbers(canvas.dataset.cut);
  /** @type {Range[]} */
  const breaks = end ? [[start, end]] : [];
  const { x: at, page } = makeScale([0, Number(canvas.dataset.view)], breaks, width);
  for (const [row, runs] of strips.entries()) {
    const top = row * (STRIP + BETWEEN);
    paintStrip(pen, Int32Array.from(numbers(runs)), top, at, page, ink);
    for (const one of breaks) paintBreak(pen, one, top, at, ink);
  }
  const [lo = 0, hi = 0] = numbers(canvas.dataset.chosen);
  if (hi) paintChosen(pen, at(lo), at(hi), 0, height, 0.09, ink);
}

/**
 * Watch what opens and closes the help, and return what stops it.
 * @param {HTMLElement} root
 * @param {() => Ink} inkNow
 */
export function watchHelp(root, inkNow) {
  /** @type {Element | null} What had the focus before. */
  let before = null;
  /** @returns {HTMLDialogElement | null} */
  const dialog = () => root.querySelector(DIALOG);
  /** @returns {HTMLElement | null} */
  const button = () => root.querySelector(BUTTON);

  const open = () => {
    const box = dialog();
    if (!box || box.open) return;
    before = document.activeElement;
    box.showModal();
    /** @type {NodeListOf<HTMLCanvasElement>} */
    const samples = box.querySelectorAll("canvas[data-runs]");
    for (const canvas of samples) paintSample(canvas, inkNow());
    within(box, "[data-help=close]").focus();
    button()?.setAttribute("aria-expanded", "true");
  };
  // Wherever it was closed from: back to where the person was.
  /** @param {Event} event */
  const closed = (event) => {
    if (event.target !== dialog()) return;
    button()?.setAttribute("aria-expanded", "false");
    const back = before instanceof HTMLElement && before !== document.body && before.isConnected;
    const to = back ? before : button();
    if (to instanceof HTMLElement) to.focus({ preventScroll: true });
    before = null;
  };
  /** @type {(box: HTMLDialogElement, event: KeyboardEvent) => void} */
  const tab = (box, event) => {
    /** @type {NodeListOf<HTMLElement>} */
    const found = box.querySelectorAll("button, [tabindex='0']");
    const stops = [...found];
    const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    event.preventDefault();
    stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length]?.focus();
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const box = dialog();
    if (box?.open) {
      event.stopImmediatePropagation();
      if (event.key === "Tab") tab(box, event);
      else if (event.key === "?") {
        event.preventDefault();
        box.close();
      }
      return;
    }
    const node = event.target;
    if (event.key !== "?" || chord(event) || typing(node)) return;
    const mine = node instanceof Node && (root.contains(node) || node === document.body);
    if (!mine || document.querySelector(`${DIALOG}[open]`)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open();
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    const box = dialog();
    if (around(event, BUTTON)) open();
    else if (box?.open && (event.target === box || around(event, "[data-help=close]"))) box.close();
  };
  const listening = [
    listen(window, { keydown }, { capture: true }),
    listen(root, { click }),
    listen(root, { close: closed }, { capture: true }),
  ];
  return () => {
    for (const quiet of listening) quiet();
  };
}
