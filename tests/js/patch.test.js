import assert from "node:assert/strict";
import { test } from "node:test";
import { makePatcher } from "../../folioviz/views/page/static/patch.js";
import { show } from "./page.js";

const SLOTS = '<ul data-slot="list">loading</ul><p data-slot="lanehead:1"></p>';
const PIECES = [
  ["a", "<li>A</li>"],
  ["b", "<li>B</li>"],
  ["c", "<li>C</li>"],
];

function filled() {
  const root = show(SLOTS);
  const painted = [];
  const patcher = makePatcher(root, (node) => painted.push(node.textContent));
  assert.equal(patcher.fill("list", PIECES), true);
  const list = root.querySelector("ul");
  return { root, list, painted, patcher, texts: () => [...list.children].map((node) => node.textContent) };
}

test("a slot is filled with all its pieces, in order, instead of what was in it", () => {
  const { list, painted } = filled();

  assert.equal(list.innerHTML, "<li>A</li><li>B</li><li>C</li>");
  assert.deepEqual(painted, ["A", "B", "C"]);
});

test("only a piece that changed is replaced, where it stands", () => {
  const { list, painted, patcher } = filled();
  const before = [...list.children];

  assert.equal(patcher.patch("list", { set: { b: " <li>B2</li> " }, order: null }), true);
  assert.deepEqual(
    [...list.children].map((node) => before.indexOf(node)),
    [0, -1, 2],
  );
  assert.equal(list.children[1].textContent, "B2");
  assert.deepEqual(painted.slice(3), ["B2"]);
});

test("pieces come, go and change places; those that stay are not made anew", () => {
  const { list, painted, patcher, texts } = filled();
  const [a, , c] = list.children;
  patcher.patch("list", { set: { d: "<li>D</li>" }, order: ["d", "c", "a"] });

  assert.deepEqual(texts(), ["D", "C", "A"]);
  assert.equal(list.children[1], c);
  assert.equal(list.children[2], a);
  assert.deepEqual(painted.slice(3), ["D"]);
});

test("pieces that are in place are not moved, so that they keep their focus", () => {
  const { list, patcher, texts } = filled();
  const moved = [];
  const insert = list.insertBefore.bind(list);
  list.insertBefore = (node, before) => {
    moved.push(node.textContent);
    return insert(node, before);
  };
  patcher.patch("list", { set: { d: "<li>D</li>" }, order: ["a", "d", "b", "c"] });
  patcher.patch("list", { set: {}, order: ["a", "d", "c"] });

  assert.deepEqual(moved, ["D"]);
  assert.deepEqual(texts(), ["A", "D", "C"]);
});

test("a piece that went and came back is the new one", () => {
  const { patcher, texts } = filled();
  patcher.patch("list", { set: {}, order: ["a"] });
  assert.throws(() => patcher.patch("list", { set: {}, order: ["a", "b"] }), /no piece "b"/);
  patcher.patch("list", { set: { b: "<li>again</li>" }, order: ["a", "b"] });

  assert.deepEqual(texts(), ["A", "again"]);
});

test("a slot that is not on the page yet is told, and found when it is", () => {
  const { root, patcher } = filled();

  assert.equal(patcher.fill("late", [["", "<b>late</b>"]]), false);
  root.insertAdjacentHTML("beforeend", '<div data-slot="late"></div>');
  assert.equal(patcher.fill("late", [["", "<b>late</b>"]]), true);
  assert.equal(root.querySelector("[data-slot=late]").innerHTML, "<b>late</b>");
});

test("a slot whose place was replaced is looked for again", () => {
  const { root, patcher } = filled();
  root.querySelector("ul").outerHTML = '<ol data-slot="list"></ol>';
  patcher.patch("list", { set: { a: "<li>new</li>" }, order: ["a"] });

  assert.equal(root.querySelector("ol").innerHTML, "<li>new</li>");
});

test("a slot that is filled anew holds nothing else", () => {
  const { list, patcher, texts } = filled();
  list.append("stray");
  patcher.fill("list", PIECES.slice(1));

  assert.deepEqual([texts(), list.textContent], [["B", "C"], "BC"]);
});

test("a slot's name may hold what selectors give a meaning", () => {
  const { root, patcher } = filled();

  assert.equal(patcher.fill("lanehead:1", [["", "<b>x</b>"]]), true);
  assert.equal(root.querySelector("p").textContent, "x");
});

test("what is no element, and an order of what is not there, are errors", () => {
  const { patcher } = filled();

  assert.throws(
    () => patcher.patch("list", { set: { a: "words" }, order: null }),
    /one element, not "words"/,
  );
  assert.throws(() => patcher.patch("list", { set: {}, order: ["a", "z"] }), /no piece "z"/);
});
