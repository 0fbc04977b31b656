import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { makeMenus, saveFile } from "../../folioviz/views/page/static/share.js";
import { at, fire, INK, makeModel, press, show, turn, watchFiles } from "./page.js";

const HTML = `
  <button></button><div data-pop="share">
    <a data-explorer>in the explorer</a>
    <label data-row="link"><input data-out="link"></label><button data-copy="link">Copy</button>
    <label data-row="cell"><input data-out="cell"></label><button data-copy="cell">Copy</button>
    <p class="fv-copied"></p></div>
  <button></button><div data-pop="export"><input type="file" data-open><select data-picture></select></div>`;
const LINK = { query: "story=s390", plain: "s=abc", why: "", caption: "A: v6.5" };

let clipboard;
let close = () => {};
Object.defineProperty(globalThis, "navigator", {
  value: { clipboard: { writeText: (text) => clipboard(text) } },
});
afterEach(() => close());

function made({ link = LINK, served = true, story = true, refuse = false, search = "" } = {}) {
  window.happyDOM.setURL(`http://localhost:8866/voila/render/05-s390.ipynb${search}`);
  document.body.dataset.voila = served ? "voila" : "";
  const copied = [];
  clipboard = async (text) => {
    if (refuse) throw new Error("not allowed");
    copied.push(text);
  };
  const root = show(HTML);
  root.classList.toggle("fv-story", story);
  const model = makeModel();
  const data = new Map([["head", { value: 42 }]]);
  if (link) data.set("link", link);
  const menus = makeMenus(root, model, data, () => INK);
  close = menus.stop;
  const find = (selector) => root.querySelector(selector);
  const open = async () => {
    fire(find("[data-pop=share]"), "toggle", { newState: "open" });
    await turn();
  };
  return {
    root,
    said: model.said,
    menus,
    data,
    copied,
    find,
    open,
    word: () => find(".fv-copied").textContent,
  };
}

test("the open menu holds the link of this step, and has copied it", async () => {
  const { find, open, copied, word } = made();
  await open();
  const link = "http://localhost:8866/voila/render/05-s390.ipynb?story=s390&at=42";

  assert.equal(find("[data-out=link]").value, link);
  assert.equal(find("[data-out=cell]").value, 'Explorer(link="s=abc&at=42")');
  assert.deepEqual(copied, [link]);
  assert.equal(word(), "The link is copied.");
});

test("in a notebook there is no link to a page: the cell is what is copied", async () => {
  const { find, open, copied, word } = made({ served: false });
  await open();

  assert.deepEqual(copied, ['Explorer(link="s=abc&at=42")']);
  assert.equal(word(), "The cell is copied.");
  assert.deepEqual(
    ["link", "cell"].map((row) => find(`[data-row=${row}]`).hidden),
    [true, false],
  );
});

test("a story offers its moment in the explorer, the explorer does not, and neither does a notebook", async () => {
  const hidden = [];
  for (const given of [{}, { story: false }, { served: false }, { link: { ...LINK, plain: "" } }]) {
    const { find, open } = made(given);
    await open();
    hidden.push(find("[data-explorer]").hidden);
    if (hidden.length === 1)
      assert.equal(find("[data-explorer]").getAttribute("href"), "explorer.ipynb?s=abc&at=42");
    close();
  }

  assert.deepEqual(hidden, [false, true, true, true]);
});

test("where there is no link, the reason stands instead of it", async () => {
  const { find, open, copied, word } = made({ link: { ...LINK, query: "", why: "too long: save a file" } });
  await open();

  assert.equal(word(), "too long: save a file");
  assert.deepEqual(
    [find("[data-row=link]").hidden, find("[data-row=cell]").hidden, copied],
    [true, true, []],
  );
});

test("a browser that does not let us copy leaves the text selected", async () => {
  const { find, open, word } = made({ refuse: true });
  await open();

  assert.equal(document.activeElement, find("[data-out=link]"));
  assert.equal(word(), "Press Ctrl+C to copy what is selected.");
});

test("each copy button copies its own field", async () => {
  const { find, open, copied } = made();
  await open();
  fire(find("[data-copy=cell]"), "click");
  await turn();

  assert.equal(copied[1], 'Explorer(link="s=abc&at=42")');
});

test("the page keeps what it would be opened again with, its theme too", () => {
  const themed = made({ search: "?theme=dark&other=1" });
  themed.menus.show();
  assert.equal(themed.root.dataset.fvQuery, "story=s390&at=42&theme=dark");

  close();
  const plain = made();
  plain.menus.show();
  assert.equal(plain.root.dataset.fvQuery, "story=s390&at=42");

  close();
  const early = made({ link: null, search: "?theme=dark" });
  early.menus.show();
  assert.equal(early.root.dataset.fvQuery, "");
});

test("a menu stands below its button, inside the window", async () => {
  const { find } = made();
  const box = at(find("[data-pop=share]"), 0, 0, 400, 300);
  const places = [
    [700, 60],
    [100, 60],
    [990, 760],
  ].map(([right, bottom]) => {
    at(box.previousElementSibling, right - 80, bottom - 30, 80, 30);
    fire(box, "toggle", { newState: "open" });
    return [box.style.left, box.style.top];
  });

  assert.deepEqual(places, [
    ["300px", "66px"],
    ["8px", "66px"],
    ["590px", "492px"],
  ]);
});

test("s and e open a menu, Esc is used up only while one is open", () => {
  const { find, menus, root } = made();
  const toggled = [];
  for (const name of ["share", "export"]) find(`[data-pop=${name}]`).togglePopover = () => toggled.push(name);
  const used = (key) => {
    let found;
    const heard = (event) => {
      found = menus.key(event);
    };
    root.addEventListener("keydown", heard);
    press(root, key);
    root.removeEventListener("keydown", heard);
    return found;
  };
  root.querySelector = new Proxy(root.querySelector, {
    apply: (query, self, [selector]) =>
      selector.endsWith(":popover-open") ? null : query.call(self, selector),
  });

  assert.deepEqual(["s", "e", "x", "Escape"].map(used), [true, true, false, false]);
  assert.deepEqual(toggled, ["share", "export"]);
  root.querySelector = () => root;
  assert.equal(used("Escape"), true);
});

test("a chosen file is read up to one byte more than may be, and sent", async () => {
  const { find, said } = made();
  const hidden = [];
  find("[data-pop=export]").hidePopover = () => hidden.push("export");
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
  assert.deepEqual(hidden, ["export", "export", "export"]);
});

test("a file can be dropped anywhere; other things are left to the browser", async () => {
  const { root, find, said } = made();
  find("[data-pop=export]").hidePopover = () => {};
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

test("a file is saved under its name, and let go a minute later", async ({ mock }) => {
  const files = watchFiles(mock);
  saveFile("trace.csv", "a,b");
  assert.deepEqual(files.saved, [["trace.csv", "blob:1"]]);
  assert.equal(await files.held[0].text(), "a,b");

  files.later(60_000);
  assert.deepEqual(files.held, []);
});
