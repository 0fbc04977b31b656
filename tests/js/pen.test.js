import assert from "node:assert/strict";
import { test } from "node:test";
import { penFor } from "../../folioviz/views/page/static/pen.js";
import { drawnOn } from "./page.js";

test("a canvas counts in pixels of the screen, its pen in those of the page", () => {
  const canvas = document.createElement("canvas");
  window.devicePixelRatio = 1.5;
  const pen = penFor(canvas, 101, 40);
  window.devicePixelRatio = 1;

  assert.deepEqual([canvas.width, canvas.height, canvas.style.height], [152, 60, "40px"]);
  assert.deepEqual(pen.scales, [[1.5, 0, 0, 1.5, 0, 0]]);
  assert.deepEqual([pen.font.slice(0, 4), pen.textBaseline], ["11px", "middle"]);
});

test("a canvas that is painted again begins empty", () => {
  const canvas = document.createElement("canvas");
  penFor(canvas, 10, 10).fillRect(0, 0, 1, 1);
  penFor(canvas, 10, 10);

  assert.deepEqual(drawnOn(canvas), []);
});
