import assert from "node:assert/strict";
import { test } from "node:test";
import { asRuns, laneHeight, paintChosen, paintStrip } from "../../folioviz/views/page/static/lane_paint.js";
import { bytesOf, GREY, INK, makePen, ORANGE } from "./page.js";

const [WRITABLE, HUGE, MIGRATING, ZERO, GUARD] = [1, 2, 4, 8, 16];
const VIEW = [0, 16];

/** What a strip of pages, each so wide, shows at height 100. */
function strip(runs, { page = 10, view = VIEW } = {}) {
  const pen = makePen();
  paintStrip(pen, Int32Array.from(runs.flat()), 100, (at) => (at - view[0]) * page, page, INK);
  return pen.drawn;
}

const dark = "rgb(66 66 66)";
const lines = (from, to, page = 10) =>
  Array.from({ length: to - from - 1 }, (_, k) => ["fill", (from + k + 1) * page, 100, 1, 22, dark]);

test("runs are read from where they lie in a larger buffer", () => {
  const runs = Int32Array.of(0, 4, 1, 1, 1, 70_000, 70_001, 0, 2, 8);

  assert.deepEqual(asRuns(bytesOf(runs)), runs);
  assert.equal(asRuns(undefined).length, 0);
});

test("a lane is as high as its strips, addresses and overview", () => {
  assert.deepEqual(
    [laneHeight(1, false), laneHeight(2, false), laneHeight(2, true)],
    [22 + 17, 22 + 4 + 22 + 17, 9 + 6 + 22 + 4 + 22 + 17],
  );
});

test("mapped pages have their folio's colour, lines between them, and its number on a plate", () => {
  assert.deepEqual(strip([[0, 8, 1, 1, WRITABLE]]), [
    ["fill", 0, 100, 79.5, 22, GREY],
    ...lines(0, 8),
    ["fill", 3, 104, 7 * 6 + 5, 14, GREY],
    ["text", "folio 1", 5, 111.5, INK.onFolio],
  ]);
});

test("narrow pages have no lines between them, and no plate", () => {
  assert.deepEqual(strip([[0, 16, 2, 1, WRITABLE]], { page: 4 }), [
    ["fill", 0, 100, 64, 22, ORANGE],
    ["text", "folio 2", 5, 111.5, INK.onFolio],
  ]);
});

test("from five pixels on a page is set apart", () => {
  const parts = (page) =>
    strip([[0, 4, 1, 1, WRITABLE]], { page }).filter(([, , , width]) => width === 1).length;

  assert.deepEqual([4.9, 5].map(parts), [0, 3]);
});

test("a folio's number is written in short where there is little room, and not at all in less", () => {
  const texts = (end) => strip([[0, end, 1, 1, WRITABLE]], { page: 4 }).filter(([what]) => what === "text");

  assert.deepEqual(
    [14, 13, 5, 4].map((end) => texts(end).map(([, words]) => words)),
    [["folio 1"], ["1"], ["1"], []],
  );
});

test("read-only pages are hatched, migrating ones are grey, a PMD's have a dark base", () => {
  const narrow = { page: 1 };

  assert.deepEqual(strip([[0, 8, 1, 1, 0]], narrow), [
    ["fill", 0, 100, 8, 22, GREY],
    ["fill", 0, 100, 8, 22, `hatch ${dark}`],
  ]);
  assert.deepEqual(strip([[0, 8, 1, 1, MIGRATING]], narrow), [["fill", 0, 100, 8, 22, "rgb(9 9 9 / 50%)"]]);
  assert.deepEqual(strip([[0, 8, 1, 1, WRITABLE | HUGE]], narrow), [
    ["fill", 0, 100, 8, 22, GREY],
    ["fill", 0, 117, 8, 5, dark],
  ]);
});

test("pages of a VMA that are not mapped are a dashed frame, a gap is nothing", () => {
  assert.deepEqual(
    strip(
      [
        [0, 4, 0, 1, 0],
        [4, 6, 0, 0, 0],
        [6, 7, 0, 2, 0],
      ],
      { page: 2 },
    ),
    [
      ["fill", 0, 100, 8, 22, "rgb(9 9 9 / 9%)"],
      ["dashes 3,2", 0.5, 100.5, 7, 21, "rgb(9 9 9 / 75%)", 1],
      ["fill", 12, 100, 2, 22, "rgb(9 9 9 / 9%)"],
    ],
  );
});

test("a pixel parts folios and VMAs that touch, not the parts of one, and not what a gap parts", () => {
  const runs = [
    [0, 2, 1, 1, WRITABLE],
    [2, 4, 1, 1, MIGRATING],
    [4, 6, 2, 1, WRITABLE],
    [6, 8, 2, 2, WRITABLE],
    [8, 9, 0, 0, 0],
    [9, 11, 1, 3, WRITABLE],
  ];
  const boxes = strip(runs, { page: 3 }).filter(([what]) => what === "fill");

  assert.deepEqual(
    boxes.map(([, left, , width]) => [left, width]),
    [
      [0, 6],
      [6, 6],
      [13, 5],
      [19, 5],
      [27, 6],
    ],
  );
});

test("the zero page is a ring for each page that maps it, or a line where they are narrow", () => {
  assert.deepEqual(strip([[1, 3, 0, 1, ZERO]]).slice(2), [
    ["ellipse", 15, 111, 3, 4.5, INK.dim],
    ["ellipse", 25, 111, 3, 4.5, INK.dim],
  ]);
  assert.deepEqual(strip([[1, 3, 0, 1, ZERO]], { page: 7 }).at(-1), ["fill", 7, 110, 14, 2, INK.dim]);
});

test("a guard marker is a cross, or a line where pages are narrow", () => {
  assert.deepEqual(strip([[1, 2, 0, 1, GUARD]]).slice(2), [
    ["fill", 12, 110.25, 6, 1.5, INK.dim],
    ["fill", 14.25, 108, 1.5, 6, INK.dim],
  ]);
  assert.deepEqual(strip([[1, 3, 0, 1, GUARD]], { page: 7 }).at(-1), ["fill", 7, 110, 14, 2, INK.dim]);
});

test("a selection is a frame on a dark edge, and a veil of its colour", () => {
  const pen = makePen();
  paintChosen(pen, 10, 50, 5, 40, 0.09, INK);

  assert.deepEqual(pen.drawn, [
    ["frame", 11, 6, 38, 38, INK.onFolio, 4],
    ["frame", 11, 6, 38, 38, INK.accent, 2],
    ["fill", 10, 5, 40, 40, INK.accent, 0.09],
  ]);
  assert.equal(pen.globalAlpha, 1);

  paintChosen(pen, 10, 11, 5, 40, 0.09, INK);
  assert.deepEqual(pen.drawn[4], ["frame", 11, 6, 2, 38, INK.accent, 2]);
});
