import assert from "node:assert/strict";
import { test } from "node:test";
import { CELL, columnsOf, paintCell, paintCells, STEP } from "../../folioviz/views/page/static/heat_cells.js";
import { bytesOf, INK, makePen } from "./page.js";

/** Where cells are filled, and with what. */
const filled = (cell) => {
  const pen = makePen();
  paintCell(pen, 0, 0, new Uint8Array(cell), INK, "hatch");
  return pen.drawn.slice(1).map(([, , y, , high, colour]) => [y, high, colour]);
};

test("a cell is filled from below: what is mapped in its order's colour, what is held hatched above", () => {
  assert.deepEqual(filled([9, 255, 0, 0]), [[0, CELL, INK.orders[9]]]);
  assert.deepEqual(filled([4, 128, 127, 0]), [
    [7, 7, INK.orders[4]],
    [0, 7, "hatch"],
  ]);
  assert.deepEqual(filled([255, 0, 0, 0]), []);
});

test("a single page is seen, mapped or held, and never hides what else is there", () => {
  assert.deepEqual(filled([0, 1, 0, 0]), [[12, 2, INK.orders[0]]]);
  assert.deepEqual(filled([9, 254, 1, 0]), [
    [2, 12, INK.orders[9]],
    [0, 2, "hatch"],
  ]);
  assert.deepEqual(filled([9, 1, 254, 0]), [
    [12, 2, INK.orders[9]],
    [0, 12, "hatch"],
  ]);
});

test("what is shared has a dot, what is swapped out a line; an order that was not seen is grey", () => {
  assert.equal(filled([9, 255, 0, 1]).at(-1)[2], INK.onFolio);
  assert.deepEqual(filled([255, 0, 0, 2]), [[0, 1, INK.dim]]);
  assert.deepEqual(filled([10, 255, 0, 0]), [[0, CELL, INK.unmapped]]);
});

test("as many cells are in a row as fit, one at least", () => {
  assert.deepEqual([0, STEP, 2 * STEP - 2, 2 * STEP - 1, 60 * STEP].map(columnsOf), [1, 1, 1, 2, 60]);
});

test("of some cells no other is painted, each on a cleared place; frames lie on top", () => {
  const cleared = [];
  const pen = makePen();
  pen.clearRect = (...box) => cleared.push(box);
  const bytes = bytesOf(new Uint8Array([0, 1, 0, 0, 9, 255, 0, 0, 4, 255, 0, 0, 3, 255, 0, 0]));
  paintCells(pen, [1, 2], bytes, 1, 2, [[2, "frame"]], INK);

  assert.deepEqual(cleared, [
    [STEP - 0.5, -0.5, STEP, STEP],
    [-0.5, STEP - 0.5, STEP, STEP],
  ]);
  assert.deepEqual(
    pen.drawn.filter(([kind, , , , , colour]) => kind !== "fill" || INK.orders.includes(colour)),
    [
      ["fill", STEP, 0, CELL, CELL, INK.orders[4]],
      ["fill", 0, STEP, CELL, CELL, INK.orders[3]],
      ["frame", 1, STEP + 1, CELL - 2, CELL - 2, "frame", 2],
    ],
  );
});
