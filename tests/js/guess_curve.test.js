import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { drawTo, filled, watchCurve } from "../../folioviz/views/page/static/guess_curve.js";
import { at, fire, makeModel, press, show } from "./page.js";

let stop;
afterEach(() => stop?.());

/** A field of five columns, values 0 to 8, that begins at 4; in the picture's own units. */
function made() {
  const root = show(
    `<div data-curve="5 8 4" tabindex="0"><svg><polyline/><circle/></svg></div><button data-drawn disabled>done</button>`,
  );
  const box = root.querySelector("[data-curve]");
  at(root.querySelector("svg"), 0, 0, 640, 190);
  const model = makeModel();
  stop = watchCurve(root, model);
  const done = root.querySelector("[data-drawn]");
  return { root, box, done, said: model.said };
}
const x = (column) => 34 + (column * 594) / 4;
const y = (value) => 12 + ((8 - value) * 154) / 8;
const point = (box, kind, column, value) => fire(box, kind, { clientX: x(column), clientY: y(value) });

test("a stroke fills the columns between, and what nobody drew goes on", () => {
  const stroke = { values: [4, undefined, undefined, undefined, undefined], most: 8, column: 0 };
  drawTo(stroke, 2, 0);
  assert.deepEqual(filled(stroke), [4, 2, 0, 0, 0]);

  drawTo(stroke, 9, 99);
  assert.deepEqual(filled(stroke), [4, 2, 0, 4, 8]);

  drawTo(stroke, 3, 1);
  assert.deepEqual(filled(stroke), [4, 2, 0, 1, 8]);
});

test("the pointer draws while it is down, and the guess is what was drawn", () => {
  const { box, done, said } = made();
  point(box, "pointermove", 3, 8);
  assert.equal(done.disabled, true);

  point(box, "pointerdown", 1, 4);
  point(box, "pointermove", 3, 0);
  fire(box, "pointerup");
  point(box, "pointermove", 4, 8);
  done.click();

  assert.deepEqual(said, [{ drawn: [4, 4, 2, 0, 0] }]);
  assert.equal(box.querySelector("polyline").getAttribute("points").split(" ").length, 9);
});

test("the first column is given", () => {
  const { box, done, said } = made();
  point(box, "pointerdown", -3, 0);
  done.click();

  assert.deepEqual(said, [{ drawn: [4, 0, 0, 0, 0] }]);
});

test("arrow keys draw, too, and nobody else hears them", () => {
  const { root, box, done, said } = made();
  const heard = [];
  document.body.addEventListener("keydown", (event) => heard.push(event.key), { once: true });
  for (const key of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowUp"])
    press(box, key);
  done.click();

  assert.deepEqual(said, [{ drawn: [4, 3, 3, 3, 3] }]);
  assert.equal(box.getAttribute("aria-valuetext"), "3 at step 1 of 4");
  assert.deepEqual(heard, []);
  press(root, "x");
  assert.deepEqual(heard, ["x"]);
});

test("keys and clicks elsewhere are nobody's guess", () => {
  const { root, done, said } = made();
  press(root, "ArrowUp");
  fire(root, "pointerdown", { clientX: 100, clientY: 100 });
  fire(root, "click");

  assert.deepEqual(said, []);
  assert.equal(done.disabled, true);
});
