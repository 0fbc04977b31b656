import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { makeMenus, saveFile } from "../../folioviz/views/page/static/share.js";
import { at, fire, INK, makeModel, press, show, turn, watchFiles } from "./page.js";

const HTML = `
  <a data-explorer>in the explorer</a>
  <button></button><div data-pop="share">
    <label data-row="link"><input data-out="link"></label><button data-copy="link">Copy</button>
    <label data-row="cell"><input data-out="cell"></label><button data-copy="cell">Copy</button>
    <label data-row="open"><input data-out="open"></label><label data-row="shell"><input data-out="shell"></label>
    <textarea data-out="mail"></textarea><p data-near></p><p data-launched></p><p class="fv-copied"></p></div>
  <button></button><div data-pop="export"><select data-picture></select></div>
  <button></button><div data-pop="open"></div>`;
const LINK = {
  query: "story=s390",
  plain: "s=abc",
  explorer: "explorer.ipynb?s=abc&from=s390",
  why: "",
  caption: "A: v6.5",
  shell: "echo",
  title: "t",
  text: "",
};

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
  const data = new Map([["head", { value: 57, at: 42 }]]);
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

test("a story's way into the explorer has the step; what no link can hold has none", () => {
  const { find, menus, data } = made();
  const way = find("[data-explorer]");
  menus.show();
  assert.deepEqual([way.hidden, way.getAttribute("href")], [false, "explorer.ipynb?s=abc&from=s390&at=42"]);
  data.set("link", { ...LINK, plain: "", explorer: "" });
  menus.show();

  assert.equal(way.hidden, true);
});

test("what is read, and the zoom, are part of every link to the moment", async () => {
  const { root, find, menus, data, open } = made();
  data.set("looks", "&read=code&zoom=3");
  menus.show();
  await open();

  assert.equal(root.dataset.fvQuery, "story=s390&at=42&read=code&zoom=3");
  assert.match(find("[data-out=link]").value, /&at=42&read=code&zoom=3$/);
  assert.match(find("[data-out=open]").value, /&at=42&read=code&zoom=3'$/);
  assert.match(find("[data-explorer]").getAttribute("href"), /&at=42&read=code&zoom=3$/);
});

test("an explorer that was opened from a story remembers it, and the theme, in its address", () => {
  const { root, menus } = made({ search: "?s=x&from=batch-end%3Forder%3D3&theme=dark" });
  menus.show();

  assert.equal(root.dataset.fvQuery, "story=s390&at=42&theme=dark&from=batch-end%3Forder%3D3");
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
    [700, -800], // the page was scrolled, and a key opened it
  ].map(([right, bottom]) => {
    at(box.previousElementSibling, right - 80, bottom - 30, 80, 30);
    fire(box, "toggle", { newState: "open" });
    return [box.style.left, box.style.top];
  });

  assert.deepEqual(places, [
    ["300px", "66px"],
    ["8px", "66px"],
    ["590px", "492px"],
    ["300px", "8px"],
  ]);
});

test("s, e and o open a menu, Esc is used up only while one is open", () => {
  const { find, menus, root } = made();
  const toggled = [];
  for (const name of ["share", "export", "open"])
    find(`[data-pop=${name}]`).togglePopover = () => toggled.push(name);
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

  assert.deepEqual(["s", "e", "o", "x", "Escape"].map(used), [true, true, true, false, false]);
  assert.deepEqual(toggled, ["share", "export", "open"]);
  root.querySelector = () => root;
  assert.equal(used("Escape"), true);
});

test("a file is saved under its name, and let go a minute later", async ({ mock }) => {
  const files = watchFiles(mock);
  saveFile("trace.csv", "a,b");
  assert.deepEqual(files.saved, [["trace.csv", "blob:1"]]);
  assert.equal(await files.held[0].text(), "a,b");

  files.later(60_000);
  assert.deepEqual(files.held, []);
});

test("an address of this machine says so, and commands do it elsewhere", async () => {
  const { find, open } = made();
  await open();

  assert.equal(find("[data-near]").hidden, false);
  assert.equal(find("[data-launched]").hidden, true);
  assert.equal(find("[data-out=open]").value, "folioviz open '?s=abc&at=42'");
  assert.equal(find("[data-out=shell]").value, "echo");
  assert.equal(find("[data-row=cell]").hidden, true);
});

test("where Binder starts the server, the link does so, too", async () => {
  document.body.dataset.launch = "https://mybinder.org/v2/gh/o/folioviz/0123?urlpath=voila/render/a.ipynb";
  const { find, open } = made({ link: { ...LINK, query: "a=v6.5-rc3%2Bv4" } });
  await open();
  delete document.body.dataset.launch;

  const { searchParams } = new URL(find("[data-out=link]").value);
  assert.equal(searchParams.get("urlpath"), "voila/render/a.ipynb?a=v6.5-rc3%2Bv4&at=42");
  assert.equal(find("[data-near]").hidden, true);
  assert.equal(find("[data-launched]").hidden, false);
});

test("lines for a mail are shown and copied", async () => {
  const { find, menus, copied, word } = made();
  menus.mailed("A = v4\n  mm\n");
  await turn();

  assert.equal(find("[data-out=mail]").value, "A = v4\n  mm\n");
  assert.deepEqual(copied, ["A = v4\n  mm\n"]);
  assert.equal(word(), "The lines are copied.");
});

test("the explorer's page has the title of what it shows; a story keeps its own", () => {
  document.title = "a story";
  made().menus.show();
  assert.equal(document.title, "a story");
  made({ story: false }).menus.show();
  assert.equal(document.title, "t");
});
