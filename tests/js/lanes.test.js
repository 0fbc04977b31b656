import assert from "node:assert/strict";
import { test } from "node:test";
import { watchLanes } from "../../folioviz/views/page/static/lane_hands.js";
import { makeLanes } from "../../folioviz/views/page/static/lanes.js";
import {
  at,
  bytesOf,
  drawnOn,
  fire,
  INK,
  makeModel,
  makeTipStub,
  press,
  resize,
  show,
  turn,
} from "./page.js";

const LANES = [1, 2]
  .map((mm) => `<div class="fv-lane" data-lane="${mm}" tabindex="0" role="slider"><canvas></canvas></div>`)
  .join("");
const VIEW = { view: [0, 64], whole: [0, 512], breaks: [], mm: 1, lo: 4, hi: 8, sides: ["A", "B"], base: 0 };
const HEIGHT = 22 + 4 + 22 + 17;

/** Two lanes of 640 pixels: each of 64 pages is ten wide. The first one begins at (100, 200). */
function made({ view = {}, more = [] } = {}) {
  const root = show(LANES);
  const model = makeModel();
  const tip = makeTipStub();
  const data = new Map([["view", { ...VIEW, ...view }], ...more]);
  const lanes = makeLanes(root, data, () => INK);
  const stop = watchLanes(root, model, lanes, tip);
  lanes.found(root);
  const [first, second] = root.children;
  for (const [k, el] of [first, second].entries()) {
    at(el, 100, 200 + 100 * k, 640, HEIGHT);
    el.setPointerCapture = () => {};
    resize(el, 640);
  }
  const frames = (el) => drawnOn(el.firstElementChild).filter(([, , , , , ink]) => ink === INK.accent);
  return { root, said: model.said, tip, data, lanes, first, second, frames, stop };
}

const pointer = (page, y = 210) => ({ clientX: 100 + 10 * page + 5, clientY: y, button: 0, pointerId: 1 });

test("a lane is painted once it has a width: its strips, the selection where it is, addresses", () => {
  const runs = bytesOf(Int32Array.of(0, 4, 1, 1, 1));
  const { first, second, frames } = made({ more: [["lane:1:B", runs]] });

  assert.deepEqual(drawnOn(first.firstElementChild)[0], ["fill", 0, 26, 39.5, 22, INK.folios[0]]);
  assert.deepEqual(frames(first)[0], ["frame", 41, 1, 38, 46, INK.accent, 2]);
  assert.deepEqual(frames(second), []);
  assert.deepEqual(
    drawnOn(first.firstElementChild).filter(([what]) => what === "text"),
    [
      ["text", "1", 5, 37.5, INK.onFolio],
      ["text", "0x0", 3, 58, INK.dim],
      ["text", "0x10000", 163, 58, INK.dim],
      ["text", "0x20000", 323, 58, INK.dim],
      ["text", "0x30000", 483, 58, INK.dim],
    ],
  );
  assert.equal(first.firstElementChild.style.height, `${HEIGHT}px`);
});

test("while a picture is taken, the lanes have twice the pixels of the page", () => {
  const { lanes, first } = made();
  const { firstElementChild: canvas } = first;
  const size = () => [canvas.width, canvas.height, canvas.style.height];

  assert.deepEqual(lanes.sharply(size), [1280, 2 * HEIGHT, `${HEIGHT}px`]);
  assert.deepEqual(size(), [640, HEIGHT, `${HEIGHT}px`]);
});

test("an overview stands above the strips while they show a part", () => {
  const { first } = made({ more: [["over:1", bytesOf(Uint8Array.of(1, 0, 0, 0))]] });

  assert.deepEqual(drawnOn(first.firstElementChild)[0], ["fill", 0, 1, 160, 7, "rgb(9 9 9 / 20%)"]);
  assert.equal(first.firstElementChild.style.height, `${HEIGHT + 15}px`);
});

test("only the lanes are painted anew whose data changed", () => {
  const { data, lanes, first, second } = made();
  const mark = ["mark"];
  for (const el of [first, second]) drawnOn(el.firstElementChild).push(mark);
  const untouched = () => [first, second].map((el) => drawnOn(el.firstElementChild).includes(mark));
  lanes.show(new Set(["link"]));
  assert.deepEqual(untouched(), [false, false]); // the first time, all

  for (const el of [first, second]) drawnOn(el.firstElementChild).push(mark);
  data.set("lane:2:A", bytesOf(Int32Array.of(0, 4, 1, 1, 1)));
  lanes.show(new Set(["lane:2:A"]));
  assert.deepEqual(untouched(), [true, false]);
});

test("a lane that has left the page is forgotten", () => {
  const { lanes, first } = made();
  first.remove();
  lanes.show();

  assert.equal(resize(first, 100), 0);
});

test("a drag selects pages, in either direction; what is sent is the last, once a turn", async () => {
  const { said, first, frames } = made();
  fire(first, "pointerdown", pointer(20));
  for (const page of [21, 23, 30]) fire(first, "pointermove", pointer(page));
  await turn();
  assert.deepEqual(said, [{ select: [1, 20, 31] }]);
  assert.deepEqual(frames(first)[0].slice(1, 4), [201, 1, 108]);

  fire(first, "pointermove", pointer(12));
  fire(first, "pointerup", pointer(12));
  await turn();
  assert.deepEqual(said.slice(1), [{ select: [1, 12, 21] }]);
});

test("a click selects one page; a drag that leaves the lane selects up to its end", async () => {
  const { said, first } = made();
  fire(first, "pointerdown", pointer(20));
  fire(first, "pointerup", pointer(20));
  await turn();
  fire(first, "pointerdown", pointer(60));
  fire(first, "pointermove", pointer(99));
  await turn();

  assert.deepEqual(said, [{ select: [1, 20, 21] }, { select: [1, 60, 64] }]);
});

test("once a drag has ended, the selection is what the kernel says", async () => {
  const { data, lanes, first, frames } = made();
  fire(first, "pointerdown", pointer(20));
  fire(first, "pointerup", pointer(20));
  data.set("view", { ...VIEW, lo: 50, hi: 52 });
  lanes.show();
  await turn();

  assert.equal(frames(first)[0][1], 501);
});

test("a drag that the browser takes back shows the selection that was there", () => {
  const { first, frames } = made();
  fire(first, "pointerdown", pointer(20));
  assert.equal(frames(first)[0][1], 201);
  fire(first, "pointercancel");

  assert.equal(frames(first)[0][1], 41);
});

const FAR = { view: [0, 1048], whole: [0, 1048], breaks: [[16, 1032]], lo: 0, hi: 1 };

test("a gap that is cut takes a few pixels and has a mark; what is beside it has the room", () => {
  const runs = bytesOf(Int32Array.of(0, 16, 1, 1, 1, 1032, 1048, 2, 2, 1));
  const { first } = made({ view: FAR, more: [["lane:1:A", runs]] });
  const drawn = drawnOn(first.firstElementChild);

  const boxes = drawn.filter(([what, , top, , high]) => what === "fill" && top === 0 && high === 22);
  assert.deepEqual(
    boxes.filter(([, , , wide]) => wide > 100).map(([, left, , wide, , ink]) => [left, wide, ink]),
    [
      [0, 306.5, INK.folios[0]],
      [334, 305.5, INK.folios[1]],
    ],
  );
  assert.deepEqual(
    drawn.filter(([, text]) => text === "//"),
    [
      ["text", "//", 314, 11, INK.dim],
      ["text", "//", 314, 37, INK.dim],
    ],
  );
  assert.deepEqual(
    drawn.filter(([, text]) => String(text).startsWith("0x")).map(([, text, x]) => [text, x]),
    [
      ["0x0", 3],
      ["0x8000", 157],
      ["0x410000", 490],
      ["0x408000", 336],
    ],
  );
});

test("a drag over a cut gap selects all of its pages, and the frame goes across", async () => {
  const { said, first, frames } = made({ view: FAR });
  const over = (x) => ({ ...pointer(0), clientX: 100 + x });
  fire(first, "pointerdown", over(300));
  fire(first, "pointermove", over(340));
  fire(first, "pointerup", over(340));
  await turn();

  assert.deepEqual(said, [{ select: [1, 15, 1033] }]);
  const [, left, , width] = frames(first)[0];
  assert.deepEqual([Math.round(left), Math.round(left + width)], [289, 351]);
});

test("keys go over a gap that is cut: focus, leaps, and what Shift selects", async () => {
  const { said, first } = made({ view: { ...FAR, lo: 15, hi: 16 } });
  const cursor = () => Number(first.getAttribute("aria-valuenow"));
  const pages = ["ArrowRight", "ArrowLeft", "PageDown", "PageUp"].map((key) => {
    press(first, key);
    return cursor();
  });
  assert.deepEqual(pages, [1032, 15, 1033, 15]); // 32 pages have room: a leap is two of them

  press(first, "ArrowRight", { shiftKey: true });
  await turn();
  assert.deepEqual(said, [{ select: [1, 15, 1033] }]);
});

test("another button than the first drags nothing", async () => {
  const { said, first } = made();
  fire(first, "pointerdown", { ...pointer(20), button: 2 });
  fire(first, "pointerup", pointer(20));
  await turn();

  assert.deepEqual(said, []);
});

test("a drag in the overview moves what the strips show, within the whole", async () => {
  const { said, first } = made({ more: [["over:1", bytesOf(new Uint8Array(64))]] });
  fire(first, "pointerdown", pointer(32, 203));
  await turn();
  fire(first, "pointermove", pointer(63, 203));
  await turn();

  assert.deepEqual(said, [{ zoom: [228, 292] }, { zoom: [448, 512] }]);
});

test("an overview ends a little below its bins", async () => {
  const kinds = [];
  for (const y of [212, 213]) {
    const { said, first } = made({ more: [["over:1", bytesOf(new Uint8Array(64))]] });
    fire(first, "pointerdown", pointer(32, y));
    fire(first, "pointerup", pointer(32, y));
    await turn();
    kinds.push(Object.keys(said[0])[0]);
  }

  assert.deepEqual(kinds, ["zoom", "select"]);
});

test("the pointer over a strip asks what is there; over the addresses it asks nothing", () => {
  const { tip, first } = made();
  fire(first, "pointermove", pointer(7));
  fire(first, "pointermove", pointer(7, 200 + HEIGHT - 5));
  fire(first, "pointerout");

  assert.deepEqual(tip.asked, [[["lane", 1, 7], 175, 210], "hide", "hide"]);
});

test("keys move a cursor from the selection's start, tell its page, and stay in the whole", () => {
  const { tip, first } = made();
  const pages = ["ArrowRight", "ArrowLeft", "PageDown", "PageUp", "End", "Home", "ArrowLeft"].map((key) => {
    press(first, key);
    return Number(first.getAttribute("aria-valuenow"));
  });

  assert.deepEqual(pages, [5, 4, 8, 4, 63, 0, 0]);
  assert.deepEqual(tip.asked[0], [["lane", 1, 5], 150, 200 + HEIGHT - 17]);
});

test("the cursor is seen while the lane has the focus", () => {
  const { lanes, first, frames } = made();
  first.focus();
  press(first, "ArrowRight");
  assert.deepEqual(frames(first).slice(2), [
    ["frame", 51, 1, 8, 46, INK.accent, 2],
    ["fill", 50, 0, 10, 48, INK.accent, 0.25],
  ]);

  first.blur();
  lanes.show();
  assert.equal(frames(first).length, 2);
});

test("with Shift they select, from where Shift was pressed first; Enter selects a page", async () => {
  const { said, first } = made();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) press(first, key, { shiftKey: true });
  await turn();
  press(first, "PageUp", { shiftKey: true });
  await turn();
  press(first, "ArrowRight");
  press(first, "Enter");
  await turn();

  assert.deepEqual(said, [{ select: [1, 4, 8] }, { select: [1, 3, 5] }, { select: [1, 4, 5] }]);
});

test("a cursor that leaves what is shown takes it along", () => {
  const { said, first } = made({ view: { view: [64, 128], lo: 127, hi: 128 } });
  press(first, "ArrowRight");

  assert.deepEqual(said, [{ zoom: [96, 160] }]);
});

test("keys that are no cursor's, and the browser's own, are left alone", () => {
  const { said, tip, first } = made();

  assert.equal(press(first, "x"), true);
  assert.equal(press(first, "ArrowRight", { ctrlKey: true }), true);
  assert.equal(press(first, "ArrowRight"), false);
  assert.deepEqual([said.length, tip.asked.length], [0, 1]);
});

test("the wheel with Ctrl zooms around the page under it, not below sixteen pages; without, the page scrolls", async () => {
  const { said, first } = made({ view: { view: [64, 128] } });
  const wheel = (deltaY, ctrlKey = true) => fire(first, "wheel", { ...pointer(32), deltaY, ctrlKey });
  assert.equal(wheel(-1, false), true);
  assert.equal(wheel(-1), false);
  await turn();
  wheel(1);
  await turn();
  assert.deepEqual(said, [{ zoom: [80, 112] }, { zoom: [32, 160] }]);

  const near = made({ view: { view: [0, 20] } });
  fire(near.first, "wheel", { ...pointer(0), deltaY: -1, ctrlKey: true });
  await turn();
  assert.deepEqual(near.said, [{ zoom: [0, 16] }]);
});

test("what watches can be stopped", async () => {
  const { said, first, stop, lanes } = made();
  stop();
  lanes.stop();
  fire(first, "pointerdown", pointer(20));
  fire(first, "pointerup", pointer(20));
  await turn();

  assert.deepEqual(said, []);
  assert.equal(resize(first, 100), 0);
});
