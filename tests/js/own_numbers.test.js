import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { bringBack, watchOwnNumbers } from "../../folioviz/views/page/static/own_numbers.js";
import { fire, makeModel, show, turn } from "./page.js";

const HTML = `<div data-own><textarea data-own-text></textarea><input type="file" data-own-file>
  <button data-own-example="anon 4096">an example</button><p data-own-refused></p>
  <span data-own-kept>kept</span><span data-own-unkept hidden>not kept</span></div><p class="elsewhere"></p>`;
const MIB = 1024 * 1024;
let close = () => {};
afterEach(() => {
  close();
  mock.timers.reset();
  sessionStorage.clear();
});

function made(html = HTML) {
  const root = show(html);
  const model = makeModel();
  const find = (selector) => root.querySelector(selector);
  close = watchOwnNumbers(root, model);
  return { root, said: model.said, find, why: () => find("[data-own-refused]").textContent };
}

/** A file of so many bytes that nobody may read. */
function large(size) {
  const file = new File(["x"], "smaps");
  Object.defineProperty(file, "size", { value: size });
  file.text = () => assert.fail("it was read");
  return file;
}

test("what is typed is sent once it rests, and stays", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { find, said } = made();
  const area = find("[data-own-text]");
  for (const text of ["a", "anon 1"]) {
    area.value = text;
    fire(area, "input");
    mock.timers.tick(150);
  }
  assert.deepEqual(said, []);
  mock.timers.tick(50);
  assert.deepEqual(said, [{ numbers: "anon 1" }]);
  assert.equal(area.value, "anon 1");
});

test("an example fills the box and is sent at once", () => {
  const { find, said } = made();
  fire(find("[data-own-example]"), "click");
  assert.equal(find("[data-own-text]").value, "anon 4096");
  assert.deepEqual(said, [{ numbers: "anon 4096" }]);
});

test("a paste of 100 MiB is refused before it is in the box; what stood there stays, and can be sent", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { find, said, why } = made();
  const area = find("[data-own-text]");
  area.value = "anon 1";
  const paste = (text) => fire(area, "paste", { clipboardData: { getData: () => text } });
  assert.equal(paste("x".repeat(100 * MIB)), false);
  assert.match(why(), /^That is 100\.0 MiB; at most 4 MiB/);
  assert.equal(area.value, "anon 1");
  assert.deepEqual(said, []);

  assert.equal(paste("anon 2"), true);
  assert.equal(why(), "");
  fire(area, "input");
  mock.timers.tick(200);
  assert.deepEqual(said, [{ numbers: "anon 1" }]);
});

test("what grows too long in the box is not sent, and stays: what counts is its size on the way", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { find, said, why } = made();
  const area = find("[data-own-text]");
  for (const [text, sent] of [
    ["x".repeat(4 * MIB - 2), true],
    ["x".repeat(4 * MIB - 1), false],
    ["\u0001".repeat(MIB), false],
    ["é".repeat(2 * MIB), false],
  ]) {
    said.length = 0;
    area.value = text;
    fire(area, "input");
    mock.timers.tick(200);
    assert.equal(said.length === 1, sent, `${text.length}`);
    assert.equal(why() === "", sent);
    assert.equal(area.value.length, text.length);
  }
});

test("a file is read, shown and sent; one that is too long is not even read", async () => {
  const { find, said, why } = made();
  const input = find("[data-own-file]");
  const choose = async (file) => {
    Object.defineProperty(input, "files", { configurable: true, value: [file] });
    Object.defineProperty(input, "value", { configurable: true, set: () => {} });
    fire(input, "change");
    await turn();
  };
  await choose(new File(["anon 8192"], "memory.stat"));
  assert.deepEqual(said, [{ numbers: "anon 8192" }]);
  assert.equal(find("[data-own-text]").value, "anon 8192");

  await choose(large(100 * MIB));
  assert.match(why(), /100\.0 MiB/);
  assert.equal(said.length, 1);
  assert.equal(find("[data-own-text]").value, "anon 8192");
});

test("a file dropped on the box is for it alone; elsewhere it is left to whoever opens scenarios", async () => {
  const { root, find, said } = made();
  const heard = [];
  root.addEventListener("drop", () => heard.push("open"));
  const things = { dataTransfer: { types: ["Files"], files: [new File(["anon 1"], "x")] } };
  assert.equal(fire(find("[data-own-text]"), "dragover", things), false);
  assert.equal(fire(find("[data-own-text]"), "drop", things), false);
  await turn();
  assert.deepEqual(heard, []);
  assert.deepEqual(said, [{ numbers: "anon 1" }]);

  fire(find(".elsewhere"), "drop", things);
  await turn();
  assert.deepEqual(heard, ["open"]);
  assert.equal(said.length, 1);
});

test("what stands in the box is there again after a reload, and asked about; an empty one stays empty", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const type = (text) => {
    const { find } = made();
    find("[data-own-text]").value = text;
    fire(find("[data-own-text]"), "input");
    mock.timers.tick(200);
    close();
  };
  const reload = () => {
    const { root, find, said } = made();
    bringBack(root, { send: (message) => said.push(message) });
    return [find("[data-own-text]").value, said];
  };
  type("anon 1");
  const address = location.href;
  assert.deepEqual(reload(), ["anon 1", [{ numbers: "anon 1" }]]);
  type("");
  assert.deepEqual(reload(), ["", []]);
  assert.equal(location.href, address);
  assert.equal(sessionStorage.length, 0);
});

test("what is too long to be kept says so, and no older text comes back instead", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { root, find, said } = made();
  const area = find("[data-own-text]");
  const room = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
  const full = () => {
    throw new Error("full");
  };
  for (const [text, storage, kept] of [
    ["anon 1", null, true],
    ["x".repeat(2 * MIB), null, true],
    ["x".repeat(2 * MIB + 1), null, false],
    ["anon 2", null, true],
    ["anon 3", { getItem: full, setItem: full, removeItem: full }, false],
  ]) {
    if (storage) Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });
    said.length = 0;
    area.value = text;
    fire(area, "input");
    mock.timers.tick(200);
    assert.equal(said.length, 1);
    assert.deepEqual([find("[data-own-kept]").hidden, find("[data-own-unkept]").hidden], [!kept, kept]);
    if (!storage) assert.equal(sessionStorage.length, kept ? 1 : 0);
  }
  area.value = "";
  bringBack(root, { send: () => assert.fail("nothing was kept") });
  Object.defineProperty(globalThis, "sessionStorage", room);
  assert.equal(area.value, "");
});

test("a page without the box hears nothing of it", () => {
  const { find, said } = made('<textarea data-paste></textarea><p class="elsewhere"></p>');
  for (const kind of ["input", "paste", "change", "click"]) fire(find("[data-paste]"), kind);
  assert.deepEqual(said, []);
});
