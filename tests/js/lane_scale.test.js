import assert from "node:assert/strict";
import { test } from "node:test";
import { makeScale, pagesOn } from "../../folioviz/views/page/static/lane_scale.js";

const CUT = [
  [16, 1016],
  [1032, 9000],
];

test("without a cut gap pages are as wide as each other", () => {
  const { x, pageAt, page } = makeScale([64, 128], [], 640);

  assert.deepEqual([page, x(64), x(65), x(128)], [10, 0, 10, 640]);
  assert.deepEqual([-5, 0, 9.9, 10, 639, 999].map(pageAt), [64, 64, 64, 65, 127, 127]);
});

test("with cut gaps each page still begins where it is found, from left to right", () => {
  const { x, pageAt, page } = makeScale([0, 9016], CUT, 532);

  assert.deepEqual([page, x(16), x(1016), x(1032), x(9000), x(9016)], [10, 160, 186, 346, 372, 532]);
  let before = -1;
  for (let at = 0; at < 9016; at++) {
    assert.ok(x(at) > before);
    before = x(at);
    assert.equal(pageAt(x(at) + (x(at + 1) - x(at)) / 2), at);
  }
});

test("the gaps never take more than a third", () => {
  const { x, page } = makeScale([0, 9016], CUT, 72);

  assert.deepEqual([page, x(1016) - x(16)], [1, 12]);
});

test("steps count the pages that have room: a cut gap is one step from end to end", () => {
  const moves = [
    [14, 1],
    [15, 1],
    [15, 3],
    [8, 16],
    [1016, -1],
    [1018, -4],
    [500, 1],
    [500, -1],
    [10, 30],
    [9002, -30],
  ];

  assert.deepEqual(
    moves.map(([page, by]) => pagesOn(page, by, CUT)),
    [15, 1016, 1018, 1024, 15, 14, 1016, 15, 9008, 4],
  );
  assert.deepEqual([pagesOn(15, 1, []), pagesOn(15, -1, [])], [16, 14]);
});

test("from any page, all pages beside the gaps are met once, in either direction", () => {
  const met = (page, by, stop) => {
    const found = [];
    for (let at = page; at !== stop; at = pagesOn(at, by, CUT)) found.push(at);
    return found;
  };
  const on = met(0, 1, 9016);

  assert.equal(on.length, 16 + 16 + 16);
  assert.deepEqual(met(9015, -1, -1), on.reverse());
});
