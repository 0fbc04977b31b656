import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { makeFinder } from "../../folioviz/views/page/static/finder.js";
import { fire, makeModel, press, show } from "./page.js";

const HTML = `<button class="fv-do-more" aria-expanded="false">More</button>
  <div data-finder><input data-find value="gua"><button class="fv-do" id="one">Guard</button>
  <button class="fv-do" disabled>Unguard</button><input data-asked="into" value="3">
  <button class="fv-do" id="two">Split</button></div><input id="other">`;
let stop = () => {};
afterEach(() => stop());

function made() {
  const root = show(HTML);
  const model = makeModel();
  const finder = makeFinder(root, model);
  stop = finder.stop;
  const find = (selector) => root.querySelector(selector);
  const open = (on) => {
    find(".fv-do-more").setAttribute("aria-expanded", String(on));
    finder.show();
  };
  const has = (selector) => document.activeElement === find(selector);
  return { said: model.said, find, open, has };
}

test("who opens the search types next, and goes on at its button", () => {
  const { find, open, has } = made();
  globalThis.matchMedia = () => ({ matches: true });
  open(true);
  assert.ok(has("[data-find]"));
  find("#one").focus();
  open(true);
  assert.ok(has("#one"));
  open(false);
  assert.ok(has(".fv-do-more"));
  globalThis.matchMedia = () => ({ matches: false });
  open(true);
  assert.ok(has(".fv-do-more"));
});

test("arrows go through what can be done, and stay at its ends", () => {
  const { find, has } = made();
  find("[data-find]").focus();
  for (const [key, at] of [
    ["ArrowUp", "[data-find]"],
    ["ArrowDown", "#one"],
    ["ArrowDown", "#two"],
    ["ArrowDown", "#two"],
    ["ArrowUp", "#one"],
  ]) {
    press(document.activeElement, key);
    assert.ok(has(at), `${key} to ${at}`);
  }
});

test("what is typed is searched, Enter does it, Escape closes; fields beside operations say what they hold", () => {
  const { find, said } = made();
  fire(find("[data-find]"), "input");
  press(find("[data-find]"), "Enter");
  press(find("[data-find]"), "Escape");
  fire(find("[data-asked]"), "change");
  press(find("[data-asked]"), "Enter");
  find("[data-find]").value = " ";
  press(find("[data-find]"), "Enter");
  press(find("#one"), "Enter");
  press(find("#other"), "Enter");
  fire(find("#other"), "input");
  fire(find("#other"), "change");

  assert.deepEqual(said, [
    { find: "gua" },
    { dofind: "gua" },
    { key: "Escape" },
    { asked: "into 3" },
    { asked: "into 3" },
  ]);
});
