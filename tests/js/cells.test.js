import assert from "node:assert/strict";
import { test } from "node:test";
import { cellValues, paintAll, paintCells } from "../../folioviz/views/page/static/cells.js";
import { drawnOn, GREEN, GREY, INK, ORANGE, show } from "./page.js";

function canvas(cells, { folio = 1, changed = "" } = {}) {
  const root = show(
    `<canvas data-cells="${cells}" data-changed="${changed}" data-pages-of="${folio}"></canvas><canvas></canvas>`,
  );
  return root.firstElementChild;
}

function painted(cells, given) {
  const node = canvas(cells, given);
  paintCells(node, INK);
  return drawnOn(node);
}

test("runs are pages, each with what is marked on it", () => {
  assert.deepEqual(cellValues("2*1e,1*0,3*12ez"), ["1e", "1e", "0", "12ez", "12ez", "12ez"]);
});

test("a mapped page is filled, darker the more PTEs map it, and from four on the same", () => {
  assert.deepEqual(painted("1*1,1*2,1*3,1*4,1*9"), [
    ["fill", 0, 0, 6, 6, GREY],
    ["fill", 7, 0, 6, 6, "rgb(80 80 80)"],
    ["fill", 14, 0, 6, 6, "rgb(62 62 62)"],
    ["fill", 21, 0, 6, 6, "rgb(48 48 48)"],
    ["fill", 28, 0, 6, 6, "rgb(48 48 48)"],
  ]);
});

test("folios take their colours in turn", () => {
  assert.deepEqual(
    [1, 2, 3, 4].map((folio) => painted("1*1", { folio })[0].at(-1)),
    [GREY, ORANGE, GREEN, GREY],
  );
});

test("a page that nothing maps is a frame", () => {
  assert.deepEqual(painted("1*0"), [["frame", 0.5, 0.5, 5, 5, "rgb(9 9 9 / 55%)", 1]]);
});

test("AnonExclusive is underlined, a page of zeros has a dot, mapped or not", () => {
  assert.deepEqual(painted("1*1e,1*1z,1*1ez,1*0z"), [
    ["fill", 0, 0, 6, 6, GREY],
    ["fill", 1, 4, 4, 1, "rgb(1 1 1 / 60%)"],
    ["fill", 7, 0, 6, 6, GREY],
    ["fill", 10, 0, 3, 3, INK.zeros],
    ["fill", 14, 0, 6, 6, GREY],
    ["fill", 15, 4, 4, 1, "rgb(1 1 1 / 60%)"],
    ["fill", 17, 0, 3, 3, INK.zeros],
    ["frame", 21.5, 0.5, 5, 5, "rgb(9 9 9 / 55%)", 1],
    ["fill", 24, 0, 3, 3, INK.unmapped],
  ]);
});

test("64 pages stand in a row, and what the last step changed is framed", () => {
  const drawn = painted("130*1", { changed: "0,65,129" });

  assert.deepEqual(drawn[63].slice(1, 3), [63 * 7, 0]);
  assert.deepEqual(drawn[64].slice(1, 3), [0, 7]);
  assert.deepEqual(drawn.slice(130), [
    ["frame", 1, 1, 4, 4, INK.changed, 2],
    ["frame", 8, 8, 4, 4, INK.changed, 2],
    ["frame", 8, 15, 4, 4, INK.changed, 2],
  ]);
});

test("a canvas is as large as its pages, in whole pixels of the screen", () => {
  const sizes = [1, 1.3, 2.6, 5].map((ratio) => {
    window.devicePixelRatio = ratio;
    const node = canvas("65*1");
    paintCells(node, INK);
    return [node.width, node.height, node.getContext("2d").scales.at(-1)[0]];
  });
  window.devicePixelRatio = 1;

  assert.deepEqual(
    sizes,
    [1, 1, 3, 3].map((scale) => [448 * scale, 14 * scale, scale]),
  );
});

test("all canvases of cells that an element is or holds are painted, and no other", () => {
  const node = canvas("3*1");
  paintAll(node.parentNode, INK);
  assert.equal(drawnOn(node).length, 3);
  assert.equal(drawnOn(node.nextSibling).length, 0);

  paintAll(node, INK);
  assert.equal(drawnOn(node).length, 6);
});
