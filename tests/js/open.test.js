import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { watchOpen } from "../../folioviz/views/page/static/open.js";
import { fire, makeModel, show, turn } from "./page.js";

const HTML = `<div data-pop="open"><textarea data-paste></textarea><p class="said"></p>
  <input type="file" data-open><button data-opens>Open</button></div>`;
let close = () => {};
afterEach(() => {
  close();
  mock.timers.reset();
});

function made() {
  const root = show(HTML);
  const model = makeModel();
  const find = (selector) => root.querySelector(selector);
  const hidden = [];
  find("[data-pop=open]").hidePopover = () => hidden.push("open");
  close = watchOpen(root, model);
  return { root, said: model.said, find, hidden };
}

test("what is pasted is looked at once it rests, and opened when it is good", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { find, said, hidden } = made();
  const area = find("[data-paste]");
  for (const text of ["m", "mm"]) {
    area.value = text;
    fire(area, "input");
    mock.timers.tick(100);
  }
  mock.timers.tick(100);
  assert.deepEqual(said, [{ check: "mm" }]);

  fire(find("[data-opens]"), "click");
  assert.deepEqual(said.slice(1), [{ check: "mm" }]);
  assert.deepEqual(hidden, []);

  find(".said").dataset.good = "";
  fire(find("[data-opens]"), "click");
  assert.deepEqual(said.slice(2), [{ open: "mm" }]);
  assert.deepEqual(hidden, ["open"]);
});

test("a chosen file is read up to one byte more than may be, and sent", async () => {
  const { find, said, hidden } = made();
  const input = find("[data-open]");
  for (const size of [5, 256 * 1024, 300 * 1024]) {
    const file = new File(["x".repeat(size)], "scenario.yaml");
    Object.defineProperty(input, "files", { configurable: true, value: [file] });
    const values = [];
    Object.defineProperty(input, "value", { configurable: true, set: (value) => values.push(value) });
    fire(input, "change");
    assert.deepEqual(values, [""]); // so that the same file can be chosen again
    await turn();
  }
  await turn();

  assert.deepEqual(
    said.map(({ open }) => open.length),
    [5, 256 * 1024, 256 * 1024 + 1],
  );
  assert.deepEqual(hidden, ["open", "open", "open"]);
});

test("a file can be dropped anywhere; other things are left to the browser", async () => {
  const { root, said } = made();
  const files = [new File(["folioviz: 1"], "x.yaml")];
  const things = { dataTransfer: { types: ["Files"], files } };
  const words = { dataTransfer: { types: ["text/plain"], files: [] } };

  assert.deepEqual(
    ["dragover", "drop"].flatMap((kind) => [fire(root, kind, words), fire(root, kind, things)]),
    [true, false, true, false],
  );
  await turn();
  assert.deepEqual(said, [{ open: "folioviz: 1" }]);
});
