import assert from "node:assert/strict";
import { test } from "node:test";
import { watchWays } from "../../folioviz/views/page/static/ways.js";
import { show, turn } from "./page.js";

Object.defineProperty(globalThis, "navigator", {
  value: { clipboard: { writeText: async (text) => copied(text) } },
});
let copied;

function opened(voila) {
  document.body.dataset.voila = voila;
  const root = show(
    '<a class="in" href="explorer.ipynb?s=abc&title=a%22b">1</a><a class="out" href="04-batch-end.ipynb">2</a>',
  );
  const stop = watchWays(root);
  const click = async (kind) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true });
    root.querySelector(kind).dispatchEvent(event);
    await turn();
    return event.defaultPrevented;
  };
  return { stop, click, note: () => document.querySelector(".fv-offer") };
}

test("in JupyterLab a link into the explorer copies a cell, and says so", async () => {
  const { stop, click, note } = opened("");
  const cells = [];
  copied = (text) => cells.push(text);

  assert.deepEqual([await click(".out"), await click(".in")], [false, true]);
  assert.deepEqual(cells, ['Explorer(link="s=abc&title=a%22b")']);
  assert.match(note().textContent, /is copied: Explorer\(link="s=abc/);
  note().querySelector("button").click();
  assert.equal(note(), null);
  stop();
});

test("a browser that does not let us copy shows the cell all the same", async () => {
  const { stop, click, note } = opened("");
  copied = () => {
    throw new Error("not allowed");
  };
  await click(".in");

  assert.match(note().textContent, /^This cell opens it: Explorer/);
  stop();
  assert.equal(note(), null);
});

test("a page of its own is opened by the browser", async () => {
  const { stop, click, note } = opened("voila");

  assert.deepEqual([await click(".in"), note()], [false, null]);
  stop();
});
