import assert from "node:assert/strict";
import { test } from "node:test";
import { watchEvents } from "../../folioviz/views/page/static/events.js";
import { settleGrids, watchGrids } from "../../folioviz/views/page/static/grid.js";
import { makeModel, makeTipStub, press, show } from "./page.js";

/** Rows of cells: "b" is a button, "a" a link, "-" only text, "B" a button that is chosen. */
const ROWS = ["-----", "-b-ab", "-bBab", "--bab", "-bbab", ...Array(20).fill("-bb-b")];
const CELL = {
  "-": (name) => name,
  a: (name) => `<a href="#${name}">${name}</a>`,
  b: (name) => `<button data-fv="do:${name}">${name}</button>`,
  B: (name) => `<button data-fv="do:${name}" aria-current="true">${name}</button>`,
};

let quiet = [];
function made(rows = ROWS) {
  for (const one of quiet) one();
  const body = rows.map((row, y) => {
    const cells = [...row].map((kind, x) => `<td>${CELL[kind](`${y}.${x}`)}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  const root = show(`<button id="before">x</button><table role="grid">${body.join("")}</table>`);
  const model = makeModel({ heard: ["ArrowLeft", "ArrowRight", "Home", "End", "u"] });
  const events = watchEvents(root, model, makeTipStub(), { key: () => false });
  quiet = [events.stop, watchGrids(root)];
  settleGrids(root);
  const named = (name) =>
    [...root.querySelectorAll("table :is(a, button)")].find((one) => one.textContent === name);
  const stops = () =>
    [...root.querySelectorAll("table :is(a, button)")]
      .filter((one) => one.tabIndex === 0)
      .map((one) => one.textContent);
  const go = (key, given = {}) => {
    const left = press(document.activeElement, key, given);
    return [document.activeElement.textContent, left];
  };
  return { root, said: model.said, named, stops, go };
}

test("a table is one stop: its current cell, or else its first that can be pressed", () => {
  assert.deepEqual(made().stops(), ["2.2"]);
  assert.deepEqual(made(["---", "-ab"]).stops(), ["1.1"]);
});

test("the stop is where the focus was last, also when a piece with the table comes anew", () => {
  const { named, stops, root } = made();
  named("3.4").focus();
  assert.deepEqual(stops(), ["3.4"]);

  root.querySelector("#before").focus();
  assert.deepEqual(stops(), ["3.4"]);
  settleGrids(root);
  assert.deepEqual(stops(), ["2.2"]);
});

test("arrow keys go to the next cell that can be pressed, and stop at the edge", () => {
  const { named, go, said } = made();
  named("1.1").focus();

  assert.deepEqual(
    ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp"].map(
      (key) => go(key)[0],
    ),
    ["1.3", "2.3", "3.3", "3.2", "3.2", "3.2", "2.2"],
  );
  assert.deepEqual(go("ArrowUp"), ["2.2", false]);
  assert.deepEqual(said, []);
});

test("Home and End go along the row, with Ctrl to the table's ends, page keys ten rows", () => {
  const { named, go } = made();
  named("3.3").focus();

  assert.deepEqual(go("Home"), ["3.2", false]);
  assert.deepEqual(go("End"), ["3.4", false]);
  assert.deepEqual(go("PageDown"), ["13.4", false]);
  assert.deepEqual(go("PageDown"), ["23.4", false]);
  assert.deepEqual(go("PageDown"), ["24.4", false]);
  assert.deepEqual(go("PageUp"), ["14.4", false]);
  assert.deepEqual(go("PageUp"), ["4.4", false]);
  assert.deepEqual(go("PageUp"), ["1.4", false]);
  assert.deepEqual(go("End", { ctrlKey: true }), ["24.4", false]);
  assert.deepEqual(go("Home", { ctrlKey: true }), ["1.1", false]);
});

test("where nothing that far can be pressed, page keys go as far as there is", () => {
  const { named, go } = made(["--", "b-", "b-", ...Array(15).fill("--")]);
  named("1.0").focus();

  assert.equal(go("PageDown")[0], "2.0");
  assert.equal(go("PageUp")[0], "1.0");
});

test("other keys, and those of the browser's own, do what they do elsewhere", () => {
  const { named, go, said, root } = made();
  named("2.2").focus();
  for (const given of [{ altKey: true }, { metaKey: true }, { shiftKey: true }])
    assert.equal(go("ArrowRight", given)[0], "2.2");
  assert.deepEqual(go("ArrowRight", { ctrlKey: true }), ["2.2", true]);
  assert.deepEqual(go("Enter"), ["2.2", true]);
  go("u");
  root.querySelector("#before").focus();
  go("ArrowRight");

  assert.deepEqual(said, [{ key: "u" }, { key: "ArrowRight" }]);
});
