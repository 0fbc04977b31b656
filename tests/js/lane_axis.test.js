import assert from "node:assert/strict";
import { test } from "node:test";
import { paintAxis, paintOverview } from "../../folioviz/views/page/static/lane_axis.js";
import { makeScale } from "../../folioviz/views/page/static/lane_scale.js";
import { GREEN, GREY, INK, makePen, ORANGE } from "./page.js";

function axis(view, width, breaks = []) {
  const pen = makePen();
  paintAxis(pen, 60, makeScale(view, breaks, width), 0x7f0000000000, width, INK);
  return pen.drawn;
}

test("addresses stand at round pages, as many as there is room for", () => {
  assert.deepEqual(axis([0, 64], 600), [
    ["fill", 0, 60, 1, 4, INK.dim],
    ["text", "0x7f0000000000", 3, 69, INK.dim],
    ["fill", 150, 60, 1, 4, INK.dim],
    ["text", "0x7f0000010000", 153, 69, INK.dim],
    ["fill", 300, 60, 1, 4, INK.dim],
    ["text", "0x7f0000020000", 303, 69, INK.dim],
    ["fill", 450, 60, 1, 4, INK.dim],
    ["text", "0x7f0000030000", 453, 69, INK.dim],
  ]);
  assert.deepEqual(
    [600, 240, 130].map((width) => axis([0, 64], width).length / 2),
    [4, 2, 1],
  );
});

test("the first address is the first round page that is seen, and none is cut at the edge", () => {
  assert.deepEqual(
    axis([10, 42], 240)
      .filter(([what]) => what === "text")
      .map(([, text]) => text),
    ["0x7f0000010000"],
  );
});

test("where a cut gap ends stands its address, and no round one lies in the gap or on that", () => {
  const texts = (width, breaks) =>
    axis([0, 4128], width, breaks)
      .filter(([what]) => what === "text")
      .map(([, text]) => text)
      .sort();
  const [first, eighth] = ["0x7f0000000000", "0x7f0000008000"];

  assert.deepEqual(texts(600, [[16, 4112]]), [first, eighth, "0x7f0001010000", "0x7f0001018000"]);
  assert.deepEqual(texts(400, [[16, 4114]]), [first, "0x7f0001012000"]);
});

test("an overview shows folios and VMAs in bins, and a frame around what the strips show", () => {
  const pen = makePen();
  paintOverview(pen, Uint8Array.of(0, 1, 2, 3, 4, 0, 0, 5), [192, 320], [64, 576], 80, INK);

  assert.deepEqual(pen.drawn, [
    ["fill", 10, 1, 10, 7, "rgb(9 9 9 / 20%)"],
    ["fill", 20, 1, 10, 7, GREY],
    ["fill", 30, 1, 10, 7, ORANGE],
    ["fill", 40, 1, 10, 7, GREEN],
    ["fill", 70, 1, 10, 7, GREY],
    ["frame", 21, 1, 18, 8, INK.accent, 2],
  ]);
});

test("the frame in an overview is never too small to be seen", () => {
  const pen = makePen();
  paintOverview(pen, new Uint8Array(8), [510, 512], [0, 512], 80, INK);

  assert.deepEqual(pen.drawn, [["frame", 77, 1, 3, 8, INK.accent, 2]]);
});
