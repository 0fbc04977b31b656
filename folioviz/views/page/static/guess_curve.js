// A guess that is drawn: a curve over the steps of an operation, by pointer or by arrow keys. The kernel hears it once it
// is said to be the guess; where the curve really goes, the page does not know till then.
/** @import { Model } from "./messages" */
import { around, clamp, listen } from "./dom.js";

/** The field within the picture, as panels/guess_curve.py has it. */
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 190, 34, 12, 12, 24];

/**
 * @typedef {object} Stroke
 * @property {(number | undefined)[]} values what was drawn, per column
 * @property {number} most the highest value
 * @property {number} column where the pen is
 */

/**
 * Return a value for every column: what nobody drew goes on as before.
 * @param {Stroke} stroke
 */
export function filled({ values }) {
  let last = values[0] ?? 0;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}

/**
 * Draw from where the pen is to another column and value, in a straight line.
 * @param {Stroke} stroke
 * @param {number} column
 * @param {number} value
 */
export function drawTo(stroke, column, value) {
  const { values, most } = stroke;
  const to = clamp(column, 0, values.length - 1);
  const end = clamp(Math.round(value), 0, most);
  const from = stroke.column;
  const begin = values[from] ?? end;
  const steps = Math.abs(to - from);
  for (let step = 1; step <= steps; step += 1) {
    values[from + Math.sign(to - from) * step] = Math.round(begin + ((end - begin) * step) / steps);
  }
  values[to] = end;
  stroke.column = to;
}

/**
 * Watch the fields of a page, and return what stops it.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchCurve(root, model) {
  /** @type {WeakMap<HTMLElement, Stroke>} */
  const strokes = new WeakMap();
  /** @type {HTMLElement | null} The field that is drawn on. */
  let drawing = null;

  /** @param {HTMLElement} box */
  const strokeOf = (box) => {
    const known = strokes.get(box);
    if (known) return known;
    const [columns = 2, most = 1, start = 0] = (box.dataset.curve ?? "").split(" ").map(Number);
    const made = { values: Array(columns).fill(undefined), most, column: 0 };
    made.values[0] = start;
    strokes.set(box, made);
    return made;
  };
  /**
   * @param {Stroke} stroke
   * @param {number} column
   * @param {number} value
   */
  const place = ({ values, most }, column, value) => {
    const x = LEFT + (column * (WIDTH - LEFT - RIGHT)) / (values.length - 1);
    const y = TOP + ((most - value) * (HEIGHT - TOP - BOTTOM)) / most;
    return [x, y];
  };
  /** @param {HTMLElement} box */
  const show = (box) => {
    const stroke = strokeOf(box);
    const values = filled(stroke);
    const line = values.flatMap((value, column) =>
      column
        ? [place(stroke, column, values[column - 1] ?? 0), place(stroke, column, value)]
        : [place(stroke, 0, value)],
    );
    box.querySelector("polyline")?.setAttribute("points", line.map((at) => at.join(",")).join(" "));
    const now = values[stroke.column] ?? 0;
    const [x, y] = place(stroke, stroke.column, now);
    const pen = box.querySelector("circle");
    pen?.setAttribute("cx", `${x}`);
    pen?.setAttribute("cy", `${y}`);
    box.setAttribute("aria-valuenow", `${now}`);
    box.setAttribute("aria-valuetext", `${now} at step ${stroke.column} of ${values.length - 1}`);
    /** @type {HTMLButtonElement | null} */
    const done = root.querySelector("[data-drawn]");
    if (done) done.disabled = false;
  };
  /**
   * Draw to where the pointer is. The first column is given: there the counter is what it is.
   * @param {HTMLElement} box
   * @param {PointerEvent} event
   */
  const follow = (box, event) => {
    const stroke = strokeOf(box);
    const area = (box.querySelector("svg") ?? box).getBoundingClientRect();
    const x = ((event.clientX - area.left) * WIDTH) / area.width;
    const y = ((event.clientY - area.top) * HEIGHT) / area.height;
    const last = stroke.values.length - 1;
    const column = Math.round(((x - LEFT) * last) / (WIDTH - LEFT - RIGHT));
    drawTo(stroke, Math.max(column, 1), stroke.most - ((y - TOP) * stroke.most) / (HEIGHT - TOP - BOTTOM));
    show(box);
  };
  /** @param {PointerEvent} event */
  const pointerdown = (event) => {
    drawing = around(event, "[data-curve]");
    if (!drawing) return;
    event.preventDefault();
    drawing.focus({ preventScroll: true });
    drawing.setPointerCapture?.(event.pointerId);
    follow(drawing, event);
  };
  /** @param {PointerEvent} event */
  const pointermove = (event) => {
    if (drawing) follow(drawing, event);
  };
  const pointerup = () => {
    drawing = null;
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const box = around(event, "[data-curve]");
    const [right = 0, up = 0] =
      { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (!box || (!right && !up)) return;
    event.preventDefault();
    event.stopPropagation();
    const stroke = strokeOf(box);
    const now = filled(stroke)[stroke.column] ?? 0;
    if (right < 0) stroke.column = Math.max(stroke.column - 1, 1);
    else drawTo(stroke, Math.max(stroke.column + right, 1), now + up);
    show(box);
  };
  /** @param {Event} event */
  const click = (event) => {
    /** @type {HTMLElement | null} */
    const box = around(event, "[data-drawn]") ? root.querySelector("[data-curve]") : null;
    if (box) model.send({ drawn: filled(strokeOf(box)) });
  };
  return listen(root, {
    pointerdown,
    pointermove,
    pointerup,
    pointercancel: pointerup,
    keydown,
    click,
  });
}
