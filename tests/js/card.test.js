import assert from "node:assert/strict";
import { test } from "node:test";
import { watchCards } from "../../folioviz/views/page/static/card.js";
import { at, fire, makeTipStub, press, show } from "./page.js";

const SLIDER = 'data-kernel="B" role="slider" tabindex="0" aria-valuenow="0"';

/** A folio of 128 pages on a canvas, two rows of 64 of ten pixels each. */
function many() {
  const root = show(`<canvas data-pages-of="3" data-pages="128" ${SLIDER}></canvas><p></p>`);
  const tip = makeTipStub();
  const stop = watchCards(root, tip);
  return { root, tip, stop, box: at(root.firstElementChild, 100, 200, 640, 20) };
}

/** A folio of four pages, an element each. */
function few() {
  const root = show(`<div data-pages-of="1" data-pages="4" ${SLIDER}>${"<i></i>".repeat(4)}</div>`);
  const tip = makeTipStub();
  const box = root.firstElementChild;
  for (const [k, cell] of [...box.children].entries()) at(cell, 300 + 20 * k, 400, 17, 17);
  return { tip, stop: watchCards(root, tip), box };
}

test("a canvas tells which page is under the pointer, and nothing beside them", () => {
  const { tip, box } = many();
  for (const [clientX, clientY] of [
    [100, 200],
    [739, 205],
    [105, 219],
    [99, 205],
    [740, 205],
    [105, 221],
  ])
    fire(box, "pointermove", { clientX, clientY });

  assert.deepEqual(tip.asked, [
    [["card", "B", 3, 0], 100, 200],
    [["card", "B", 3, 63], 739, 205],
    [["card", "B", 3, 64], 105, 219],
  ]);
});

test("an element is a page, too", () => {
  const { tip, box } = few();
  fire(box.children[2], "pointermove", { clientX: 345, clientY: 405 });
  fire(box, "pointermove", { clientX: 318, clientY: 405 });

  assert.deepEqual(tip.asked, [[["card", "B", 1, 2], 345, 405]]);
});

test("keys walk through pages, a row up and down, and stop at the ends", () => {
  const { tip, box } = many();
  const pages = ["ArrowRight", "ArrowDown", "ArrowDown", "Home", "ArrowLeft", "End", "ArrowUp"].map((key) => {
    press(box, key);
    return box.getAttribute("aria-valuenow");
  });

  assert.deepEqual(pages, ["1", "65", "127", "0", "0", "127", "63"]);
  assert.deepEqual(tip.asked[1], [["card", "B", 3, 65], 110, 210]);
});

test("where pages are elements, the tooltip stands at theirs", () => {
  const { tip, box } = few();
  assert.equal(press(box, "End"), false);
  assert.equal(press(box, "x"), true);

  assert.deepEqual(tip.asked, [[["card", "B", 1, 3], 360, 400]]);
});

test("leaving the pages hides the tooltip", () => {
  const { tip, box, root } = many();
  fire(root.lastElementChild, "pointerout");
  fire(box, "pointerout");
  fire(box, "focusout");

  assert.deepEqual(tip.asked, ["hide", "hide"]);
});

test("what watches can be stopped", () => {
  const { tip, box, stop } = many();
  stop();
  press(box, "End");
  fire(box, "pointermove", { clientX: 100, clientY: 200 });

  assert.deepEqual(tip.asked, []);
});
