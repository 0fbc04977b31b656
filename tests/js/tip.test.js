import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTip } from "../../folioviz/views/page/static/tip.js";
import { at, makeModel, show } from "./page.js";

const PAGE = ["lane", 1, 7];
const NEXT = ["lane", 1, 8];
const TERM = ["term", "refcount"];

function made() {
  const root = at(show('<i aria-valuetext="page"></i><b></b>'), 100, 50, 600, 400);
  const model = makeModel();
  const tip = makeTip(root, model);
  const box = at(root.querySelector(".fv-tip"), 0, 0, 80, 40);
  const [page, plain] = root.children;
  return { root, said: model.said, tip, box, page, plain };
}

test("what is looked at is asked for once, and the answer is shown", () => {
  const { said, tip, box, page } = made();
  tip.ask(PAGE, 200, 100, page);
  tip.ask(PAGE, 201, 100, page);
  assert.deepEqual([said, box.hidden], [[{ look: PAGE }], true]);

  tip.told("<b>folio 1</b>, page 7");
  assert.equal(box.getAttribute("role"), "status");
  assert.deepEqual([box.hidden, box.innerHTML], [false, "<b>folio 1</b>, page 7"]);
  assert.equal(page.getAttribute("aria-valuetext"), "folio 1, page 7");
});

test("while an answer is waited for, only what is asked last is asked next", () => {
  const { said, tip, plain } = made();
  for (const look of [PAGE, TERM, NEXT]) tip.ask(look, 0, 0, plain);
  assert.deepEqual(said, [{ look: PAGE }]);

  tip.told("seven");
  assert.deepEqual(said, [{ look: PAGE }, { look: NEXT }]);
  tip.told("eight");
  assert.equal(said.length, 2);
});

test("an answer that comes after the pointer has left is not shown", () => {
  const { tip, box, plain } = made();
  tip.ask(PAGE, 0, 0, plain);
  tip.hide();
  tip.told("seven");

  assert.deepEqual([box.hidden, plain.hasAttribute("aria-valuetext")], [true, false]);
});

test("an empty answer hides the tooltip", () => {
  const { tip, box, plain } = made();
  tip.ask(PAGE, 0, 0, plain);
  tip.told("seven");
  tip.ask(NEXT, 0, 0, plain);
  tip.told("");

  assert.equal(box.hidden, true);
});

test("it stands right below the pointer, inside the page, and above it at the window's end", () => {
  const { tip, box, plain } = made();
  const places = [
    [300, 200],
    [50, 200],
    [690, 200],
    [300, 741],
    [300, 742],
  ].map(([x, y]) => {
    tip.ask(["lane", 1, x + y], x, y, plain);
    tip.told("here");
    return [box.style.left, box.style.top];
  });

  assert.deepEqual(places, [
    ["210px", "168px"],
    ["4px", "168px"],
    ["512px", "168px"],
    ["210px", "709px"],
    ["210px", "642px"],
  ]);
});

test("the same question at another place moves it, and asks nobody", () => {
  const { said, tip, box, plain } = made();
  tip.ask(PAGE, 300, 200, plain);
  tip.told("seven");
  tip.ask(PAGE, 320, 200, plain);

  assert.deepEqual([box.style.left, said.length], ["230px", 1]);
});

test("once the machine has moved on, a page is asked for again; a counter's name is what it was", () => {
  const { said, tip, plain } = made();
  tip.ask(PAGE, 0, 0, plain);
  tip.told("seven");
  tip.stale();
  assert.deepEqual(said, [{ look: PAGE }, { look: PAGE }]);

  tip.told("seven, later");
  tip.ask(TERM, 0, 0, plain);
  tip.told("what it is");
  tip.stale();
  assert.equal(said.length, 3);
});

test("what nobody looks at is not asked for again, and what has left the page is hidden", () => {
  const { said, tip, box, plain } = made();
  tip.stale();
  assert.equal(said.length, 0);

  tip.ask(PAGE, 0, 0, plain);
  tip.stale();
  assert.equal(said.length, 1);

  tip.told("seven");
  plain.remove();
  tip.stale();
  assert.deepEqual([said.length, box.hidden], [1, true]);
});
