import assert from "node:assert/strict";
import { test } from "node:test";
import { widget } from "../../folioviz/views/page/static/screen.js";
import { makeModel, press, show, turn, watchFiles } from "./page.js";

const SHEET = "<style>.fv-root { --fv-page: #111111; --fv-folio-1: #010203; }</style>";
const PAGE = `${SHEET}<div data-slot="top"></div><div class="widget"></div>`;
const STATE = {
  parts: {
    top: [
      ["a", "<p>A</p>"],
      ["in", '<div data-slot="deep"></div>'],
    ],
    deep: [["", "<b>deep</b>"]],
  },
  serial: 7,
  heard: ["u"],
};
const change = (serial, parts = {}, more = {}) => ({ serial, parts, data: {}, binary: [], ...more });

function made(state = STATE) {
  const root = show(PAGE);
  const model = makeModel(state);
  const { initialize, render } = widget();
  initialize({ model });
  const el = root.querySelector(".widget");
  const stop = render({ model, el });
  const tell = (said, buffers = []) => model.tell("msg:custom", said, buffers);
  const text = () => root.querySelector("[data-slot=top]").textContent;
  return { root, model, said: model.said, el, stop, tell, text, render };
}

test("a view begins with all that is on the screen, slots within pieces too, and tells how far it is", () => {
  const { said, text, el } = made();

  assert.equal(text(), "Adeep");
  assert.equal(el.style.display, "none");
  assert.deepEqual(said, [{ have: 7 }]);
});

test("changes are shown in order", () => {
  const { tell, text, said } = made();
  tell(change(8, { top: { set: { a: "<p>B</p>" }, order: null } }));
  tell(change(9, { deep: { set: { "": "<b>deeper</b>" }, order: null } }));
  tell(change(10, { top: { set: { c: "<p>C</p>" }, order: ["c", "in"] } }));

  assert.equal(text(), "Cdeeper");
  assert.equal(said.length, 1);
});

test("after a change that was missed, everything is asked for and shown again", () => {
  const { model, tell, text, said } = made();
  tell(change(9, { top: { set: { a: "<p>lost</p>" }, order: null } }));
  assert.deepEqual(said.at(-1), { have: 7 });
  assert.equal(text(), "Adeep");

  Object.assign(model.state, { parts: { ...STATE.parts, top: [["a", "<p>whole</p>"]] }, serial: 9 });
  model.tell("change:serial");
  assert.equal(text(), "whole");
  tell(change(10, { top: { set: { a: "<p>next</p>" }, order: null } }));
  assert.equal(text(), "next");
});

test("what is no longer on the screen then is gone", async () => {
  const link = { query: "a=1", plain: "a=1", why: "", caption: "" };
  const old = { ...STATE.parts, late: [["", "<i>late</i>"]] };
  const { root, model } = made({ ...STATE, parts: old, data: { link } });
  assert.equal(root.dataset.fvQuery, "a=1");
  Object.assign(model.state, { parts: STATE.parts, data: {}, serial: 9 });
  model.tell("change:serial");
  root.insertAdjacentHTML("beforeend", '<div data-slot="late"></div>');
  await turn();

  assert.equal(root.dataset.fvQuery, "");
  assert.equal(root.querySelector("[data-slot=late]").innerHTML, "");
});

test("a change that came before its view began is part of what the view begins with", () => {
  const { root, tell, render } = made();
  tell(change(8, { top: { set: { a: "<p>B</p>" }, order: null } }));
  root.outerHTML = `<div class="fv-root">${PAGE}</div>`;
  const fresh = document.querySelector(".fv-root");
  render({ model: makeModel(), el: fresh.querySelector(".widget") });

  assert.equal(fresh.querySelector("[data-slot=top]").textContent, "Bdeep");
});

test("a view that is gone before its page has come never begins", async () => {
  const model = makeModel(STATE);
  const { initialize, render } = widget();
  initialize({ model });
  const root = show(PAGE);
  const el = document.createElement("div");
  render({ model, el })();
  root.append(el);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  assert.equal(root.querySelector("[data-slot=top]").textContent, "");
});

test("a slot that comes later is filled when it comes", async () => {
  const { root, tell } = made();
  tell(change(8, { late: { set: { "": "<i>late</i>" }, order: [""] } }));
  root.querySelector(".widget").innerHTML = '<p><i data-slot="late"></i></p>';
  await turn();

  assert.equal(root.querySelector("[data-slot=late]").textContent, "late");
});

test("data comes with its change: in it, or as a buffer; null takes it away", () => {
  const { root, tell } = made();
  const link = { query: "a=1", plain: "a=1", why: "", caption: "" };
  const head = {
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
  tell(change(8, {}, { data: { link, head } }));
  assert.equal(root.dataset.fvQuery, "a=1&at=3");

  tell(change(9, {}, { data: { link: null, head } }));
  assert.equal(root.dataset.fvQuery, "");
});

test("every view of a widget shows the same", () => {
  const { root, model, tell, render } = made();
  document.body.insertAdjacentHTML("beforeend", `<div class="fv-root">${PAGE}</div>`);
  const other = document.body.lastElementChild;
  render({ model, el: other.querySelector(".widget") });
  tell(change(8, { top: { set: { a: "<p>B</p>" }, order: null } }));

  assert.deepEqual(
    [root, other].map((one) => one.querySelector("[data-slot=top]").textContent),
    ["Bdeep", "Bdeep"],
  );
});

test("a view begins once its page and the colours are there", async () => {
  const root = show('<div data-slot="top"></div>');
  const model = makeModel(STATE);
  const { initialize, render } = widget();
  initialize({ model });
  const el = document.createElement("div");
  render({ model, el });
  root.append(el);
  await new Promise(requestAnimationFrame);
  assert.equal(root.textContent, "");

  root.className = "fv-root colours";
  root.insertAdjacentHTML("beforebegin", "<style>.colours { --fv-page: #111111; }</style>");
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  assert.equal(root.querySelector("[data-slot=top]").textContent, "Adeep");
});

test("a view that is gone hears nothing more", () => {
  const { root, said, stop, tell, text } = made();
  press(root, "u");
  assert.deepEqual(said.at(-1), { key: "u" });

  stop();
  press(root, "u");
  tell(change(8, { top: { set: { a: "<p>B</p>" }, order: null } }));
  assert.deepEqual([said.length, text()], [2, "Adeep"]);
});

test("a tooltip is told to the view, a file is saved", ({ mock }) => {
  const { root, tell } = made();
  const files = watchFiles(mock);
  tell({ tip: "nobody asked" });
  tell({ file: "trace.csv" }, [new DataView(new ArrayBuffer(2))]);

  assert.equal(root.querySelector(".fv-tip").hidden, true);
  assert.deepEqual(files.saved, [["trace.csv", "blob:1"]]);
  assert.equal(files.held[0].size, 2);
});
