import assert from "node:assert/strict";
import { test } from "node:test";
import { makeReading, scrolled } from "../../folioviz/views/page/static/reading.js";
import { at, show } from "./page.js";

test("it scrolls no further than it takes", () => {
  assert.equal(scrolled(0, 200, 50, 90), 0);
  assert.equal(scrolled(0, 200, 300, 320), 162);
  assert.equal(scrolled(500, 200, 300, 320), 258);
  assert.equal(scrolled(500, 200, 10, 30), 0);
});

test("lines too far apart: the one that is followed is shown, and who scrolls is left alone", async () => {
  const line = (side, fv) => `<div><button class="now ${side}" data-fv="${fv}"></button></div>`;
  const root = show(
    `<div class="fv-panel-trace"><div class="fv-trace fv-of-b">${line("a", "1")}<div></div>${line("b", "2")}</div></div>`,
  );
  const box = root.querySelector(".fv-panel-trace");
  at(box, 0, 0, 200, 100);
  Object.defineProperty(box, "clientHeight", { value: 100 });
  const [first, between, last] = root.querySelectorAll(".fv-trace > div");
  at(first, 0, 0, 200, 20);
  at(between, 0, 20, 200, 580);
  at(last, 0, 600, 200, 20);
  for (const one of root.querySelectorAll("button")) at(one, 0, 0, 200, 20);
  const reading = makeReading(root);
  const look = () => {
    reading();
    return new Promise(requestAnimationFrame);
  };
  await look();
  assert.equal(box.scrollTop, 600 + 20 + 40 - 100);
  box.scrollTop = 0;
  await look();
  assert.equal(box.scrollTop, 0);
});

test("another file is read from its top, and the same one stays where it is", async () => {
  const root = show(`<div class="fv-panel-trace"><div class="fv-proc" data-file="smaps"></div></div>`);
  const box = root.querySelector(".fv-panel-trace");
  const list = root.querySelector(".fv-proc");
  const reading = makeReading(root);
  const look = () => {
    reading();
    return new Promise(requestAnimationFrame);
  };
  box.scrollTop = 70;
  await look();
  assert.equal(box.scrollTop, 0);
  box.scrollTop = 40;
  await look();
  assert.equal(box.scrollTop, 40);
  list.dataset.file = "vmstat";
  await look();
  assert.equal(box.scrollTop, 0);
});
