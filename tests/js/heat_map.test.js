import assert from "node:assert/strict";
import { test } from "node:test";
import { CELL, STEP } from "../../folioviz/views/page/static/heat_cells.js";
import { goal, makeHeatMap } from "../../folioviz/views/page/static/heat_map.js";
import { at, bytesOf, drawnOn, fire, INK, makeModel, makeTipStub, press, resize, show } from "./page.js";

const HTML = `
  <section data-region="2"><canvas data-heat="0-5" tabindex="0" aria-valuenow="0"></canvas></section>
  <section data-region="1"><canvas data-heat="5-7" tabindex="0" aria-valuenow="0"></canvas></section>`;
const CELLS = [
  9, 255, 0, 0, 4, 128, 127, 1, 255, 0, 0, 0, 0, 1, 0, 2, 9, 6, 249, 0, 4, 255, 0, 0, 10, 255, 0, 0,
];

function made({ width = 2 * STEP } = {}) {
  const root = show(HTML);
  const model = makeModel();
  const data = new Map([
    ["heat", bytesOf(new Uint8Array(CELLS))],
    ["chosen", { region: 2, block: 1 }],
  ]);
  const tip = makeTipStub();
  const map = makeHeatMap(root, model, data, () => INK, tip);
  map.found(root);
  const places = [...root.querySelectorAll("section")];
  for (const [k, place] of places.entries()) {
    at(place.firstElementChild, 0, 100 * k, width, 50);
    resize(place, width);
  }
  const canvases = places.map((place) => place.firstElementChild);
  return {
    root,
    model,
    data,
    tip,
    map,
    canvases,
    frames: (k) => drawnOn(canvases[k]).filter(([kind]) => kind === "frame"),
  };
}

test("keys go from cell to cell and row to row, and stop at the ends", () => {
  const go = (key, now) => goal(key, now, 10, 95);

  assert.deepEqual(
    [go("ArrowLeft", 0), go("ArrowRight", 94), go("ArrowUp", 9), go("ArrowDown", 85)],
    [null, null, null, null],
  );
  assert.deepEqual([go("ArrowUp", 94), go("ArrowDown", 3), go("Home", 50), go("End", 50)], [84, 13, 0, 94]);
  assert.deepEqual(
    [go("PageUp", 94), go("PageUp", 25), go("PageDown", 3), go("PageDown", 93), go("x", 1)],
    [14, 5, 83, 94, null],
  );
});

test("what is selected has a frame; a click frames another at once, and tells the kernel", () => {
  const { canvases, model, frames } = made();

  assert.deepEqual(frames(0), [["frame", STEP + 1, 1, CELL - 2, CELL - 2, INK.changed, 2]]);
  fire(canvases[1], "click", { clientX: 3, clientY: 100 + STEP - 3 });
  assert.deepEqual(model.said, [{ cell: [1, 0] }]);
  assert.deepEqual([frames(0).length, frames(1).length], [0, 1]);
});

test("of a click, nothing but the cells that lose or get a frame is painted", () => {
  const { canvases, frames } = made();
  const pen = canvases[0].getContext("2d");
  const cleared = [];
  pen.clearRect = (...box) => cleared.push(box);
  const before = drawnOn(canvases[1]).length;
  fire(canvases[0], "click", { clientX: 3, clientY: 3 });

  assert.deepEqual(cleared, [
    [STEP - 0.5, -0.5, STEP, STEP],
    [-0.5, -0.5, STEP, STEP],
  ]);
  assert.deepEqual(frames(0).at(-1).slice(1, 3), [1, 1]);
  assert.equal(drawnOn(canvases[1]).length, before);
});

test("the kernel's word is the last", () => {
  const { canvases, data, map, frames } = made();
  fire(canvases[1], "click", { clientX: 3, clientY: 103 });
  data.set("chosen", { region: 2, block: 4 });
  map.show(new Set(["chosen"]));

  assert.deepEqual(frames(0)[0].slice(1, 3), [1, 2 * STEP + 1]);
  assert.equal(frames(1).length, 0);
});

test("a click beside the cells, or in the gap of the last row, selects nothing", () => {
  const { canvases, model } = made();
  fire(canvases[0], "click", { clientX: STEP + 3, clientY: 2 * STEP + 3 });
  fire(canvases[0], "click", { clientX: 2 * STEP + 1, clientY: 3 });

  assert.deepEqual(model.said, []);
});

test("arrows look at cells, across regions; Enter selects", () => {
  const { canvases, model, tip } = made();
  canvases[0].focus();
  press(canvases[0], "ArrowLeft");
  press(canvases[0], "ArrowDown");
  press(canvases[0], "ArrowDown");
  press(document.activeElement, "Enter");

  assert.deepEqual(
    tip.asked.filter((one) => one !== "hide").map(([look]) => look),
    [
      ["block", 2, 0],
      ["block", 2, 2],
      ["block", 2, 4],
    ],
  );
  assert.deepEqual(model.said, [{ cell: [2, 4] }]);
  press(canvases[0], "ArrowRight");
  assert.equal(document.activeElement, canvases[1]);
  assert.deepEqual(tip.asked.at(-1)[0], ["block", 1, 0]);
});

test("the pointer asks what a cell is, and nothing beside it", () => {
  const { canvases, tip } = made();
  fire(canvases[0], "pointermove", { clientX: STEP + 2, clientY: STEP + 2 });
  fire(canvases[0], "pointermove", { clientX: 5000, clientY: 2 });

  assert.deepEqual(tip.asked, [[["block", 2, 3], STEP + 2, STEP + 2], "hide"]);
});

test("a new width lays the cells out anew; what has left the page is forgotten", () => {
  const { canvases, root, map, data } = made({ width: 10 * STEP });
  resize(canvases[0].parentElement, STEP);

  assert.equal(canvases[0].height, 5 * STEP);
  root.firstElementChild.remove();
  data.set("heat", bytesOf(new Uint8Array(CELLS)));
  drawnOn(canvases[0]).length = 0;
  map.show(new Set(["heat"]));
  assert.deepEqual(drawnOn(canvases[0]), []);
});

test("a picture has twice the pixels, and then the page's again", () => {
  const { canvases, map } = made();

  assert.equal(
    map.sharply(() => canvases[0].width),
    4 * STEP,
  );
  assert.equal(canvases[0].width, 2 * STEP);
});
