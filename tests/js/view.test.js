import assert from "node:assert/strict";
import { test } from "node:test";
import { makeMirror } from "../../folioviz/views/page/static/mirror.js";
import { makeView } from "../../folioviz/views/page/static/view.js";
import { at, bytesOf, drawnOn, fire, makeModel, press, resize, show, turn } from "./page.js";

const SHEET = `<style>
  .fv-root { --fv-page: #111111; --fv-folio-1: #010203; }
  [data-jp-theme-light="true"] .fv-root { --fv-accent: #0000aa; --fv-unmapped: rgb(0, 0, 170); }
  [data-jp-theme-light="false"] .fv-root { --fv-accent: #0000bb; --fv-unmapped: rgb(0, 0, 187); }</style>`;
const SLOTS = ["lanes", "slider", "cards", "buttons"]
  .map((name) => `<div data-slot="${name}"></div>`)
  .join("");
const LANE = '<div class="fv-lane" data-lane="1" tabindex="0"><canvas></canvas></div>';
const CARD = `<canvas data-cells="2*0" data-pages-of="1" data-pages="2" data-kernel="A" aria-valuenow="0"></canvas>`;
const VIEW = { view: [0, 64], whole: [0, 64], breaks: [], mm: 1, lo: 4, hi: 8, sides: ["A"], base: 0 };
const HEAD = {
  first: 0,
  last: 9,
  end: 9,
  value: 3,
  at: 3,
  words: "",
  stride: 1,
  playing: false,
  unasked: false,
  interval: 100,
};
const LINK = { query: "a=1", plain: "a=1", why: "", caption: "" };
const PARTS = {
  lanes: [["1", `<div>${LANE}</div>`]],
  slider: [["", '<div class="fv-playhead"><input type="range" min="0" max="1"></div>']],
  cards: [["1", `<div>${CARD}</div>`]],
  buttons: [["next", '<button data-fv="do:next">next</button>']],
};

let stop = () => {};
function made() {
  stop();
  document.body.dataset.jpThemeLight = "true";
  const root = show(SHEET + SLOTS);
  const model = makeModel({ parts: PARTS, data: { view: VIEW, head: HEAD, link: LINK }, heard: ["u"] });
  const mirror = makeMirror(model);
  const view = makeView(root, model, mirror);
  stop = view.stop;
  const find = (selector) => root.querySelector(selector);
  at(find(".fv-lane"), 0, 0, 640, 39).setPointerCapture = () => {};
  resize(find(".fv-lane"), 640);
  let serial = 0;
  const change = (parts, data = {}, binary = {}) => {
    serial += 1;
    const said = { serial, parts, data, binary: Object.keys(binary) };
    view.changed(parts, mirror.take(said, Object.values(binary)));
  };
  const lane = () => drawnOn(find(".fv-lane canvas"));
  const marks = (colour) => lane().filter((one) => one.includes(colour)).length;
  return { root, model, said: model.said, mirror, view, find, change, lane, marks };
}

test("what the page holds is painted and placed at first", () => {
  const { root, find, marks } = made();

  assert.equal(marks("#0000aa"), 2);
  assert.equal(drawnOn(find("[data-cells]")).length, 2);
  assert.deepEqual([find("input").max, find("input").value], ["9", "3"]);
  assert.equal(root.dataset.fvQuery, "a=1&at=3");
});

test("a box for one's own numbers that comes holds what the tab has kept", () => {
  sessionStorage.setItem("folioviz numbers", "anon 1");
  const { find, said, change } = made();
  const box = "<div><textarea data-own-text></textarea></div>";
  change({ cards: { set: { 1: box }, order: null } });
  sessionStorage.clear();

  assert.equal(find("[data-own-text]").value, "anon 1");
  assert.deepEqual(said, [{ numbers: "anon 1" }]);
});

test("everything that is said again is shown again", () => {
  const { root, model, mirror, view, find } = made();
  find("input").value = 5;
  fire(find("input"), "input");
  find("input").value = 6;
  fire(find("input"), "input");
  model.state.data = { view: VIEW, head: { ...HEAD, value: 7, at: 7 }, link: { ...LINK, query: "b=2" } };
  mirror.full();
  view.full();

  assert.equal(find("input").value, "7");
  assert.equal(root.dataset.fvQuery, "b=2&at=7");
  assert.deepEqual(model.said, [{ seek: 5 }, { seek: 6 }]);
});

test("a step moves the playhead and the link, and paints no lane", () => {
  const { root, find, change, lane } = made();
  lane().push(["mark"]);
  change({}, { head: { ...HEAD, value: 5, at: 5 } });

  assert.equal(find("input").value, "5");
  assert.equal(root.dataset.fvQuery, "a=1&at=5");
  assert.deepEqual(lane().at(-1), ["mark"]);
});

test("a link alone changes what the page is opened again with", () => {
  const { root, change } = made();
  change({}, { link: { ...LINK, query: "c=3" } });

  assert.equal(root.dataset.fvQuery, "c=3&at=3");
});

test("a lane's new pages are painted", () => {
  const { change, marks } = made();
  change({}, {}, { "lane:1:A": bytesOf(Int32Array.of(0, 64, 1, 1, 1)) });

  assert.equal(marks("#010203"), 2);
});

test("a lane that comes with a change is found, and painted once it has a width", () => {
  const { find, change } = made();
  const second = LANE.replaceAll('"1"', '"2"');
  change({ lanes: { set: { 2: `<div>${second}</div>` }, order: ["1", "2"] } }, { view: { ...VIEW, mm: 2 } });

  assert.equal(resize(find("[data-lane='2']"), 320), 1);
  assert.notEqual(drawnOn(find("[data-lane='2'] canvas")).length, 0);
});

test("another theme has other colours on every canvas", async () => {
  const { find, marks } = made();
  const cells = () => drawnOn(find("[data-cells]")).at(-1).at(-2);
  assert.equal(cells(), "rgb(0 0 170 / 55%)");
  document.body.dataset.jpThemeLight = "false";
  await turn();

  assert.deepEqual([marks("#0000aa"), marks("#0000bb")], [0, 2]);
  assert.equal(cells(), "rgb(0 0 187 / 55%)");
});

test("the kernel's answer lets the playhead go on, and the tooltip ask again", () => {
  const { said, view, find, change } = made();
  fire(find(".fv-lane"), "pointermove", { clientX: 15, clientY: 5 });
  view.told("a page");
  find("input").value = 5;
  fire(find("input"), "input");
  find("input").value = 6;
  fire(find("input"), "input");
  change({}, { head: { ...HEAD, value: 5, at: 5 } });

  assert.deepEqual(said, [{ look: ["lane", 1, 1] }, { seek: 5 }, { look: ["lane", 1, 1] }, { seek: 6 }]);
});

test("a button that is replaced keeps its focus", () => {
  const { find, change } = made();
  find("[data-fv]").focus();
  change({ buttons: { set: { next: '<button data-fv="do:next" class="new">next</button>' }, order: null } });

  assert.equal(document.activeElement, find(".new"));
});

test("once it is stopped, a view hears nothing: no key, no hand, no theme", async () => {
  const { root, said, find, view, lane } = made();
  view.stop();
  press(root, "u");
  fire(find("[data-fv]"), "click");
  fire(find("[data-cells]"), "keydown", { key: "End" });
  fire(find("input"), "input");
  fire(find(".fv-lane"), "pointermove", { clientX: 15, clientY: 5 });
  lane().push(["mark"]);
  document.body.dataset.jpThemeLight = "false";
  root.insertAdjacentHTML("beforeend", '<div data-slot="late"></div>');
  await turn();

  assert.deepEqual(said, []);
  assert.deepEqual(lane().at(-1), ["mark"]);
});
