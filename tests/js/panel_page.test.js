import assert from "node:assert/strict";
import { test } from "node:test";
import { panelPage } from "../../folioviz/views/page/static/panel_page.js";
import "./page.js";

const PANEL = {
  svg: '<svg viewBox="0 0 1 1"><text>folio 1</text></svg>',
  title: 'v4 & "v3" <b>',
  caption: "A: v6.5",
  live: "https://example.org/explorer/?scenario=front&at=3",
  command: "folioviz open '?scenario=front&at=3'",
};

/** Take the page apart without running it. */
const read = (text) => new DOMParser().parseFromString(text, "text/html");

test("a page has the picture, its words, the address and the command, and fetches nothing", () => {
  const page = read(panelPage(PANEL));
  assert.equal(page.title, PANEL.title);
  assert.equal(page.querySelector("svg text").textContent, "folio 1");
  assert.equal(page.querySelector("a").getAttribute("href"), PANEL.live);
  assert.equal(page.querySelector("code").textContent, PANEL.command);
  assert.equal(page.querySelector("figure").getAttribute("aria-label"), PANEL.caption);
  assert.equal(page.querySelector("button").hidden, true);
  assert.equal(page.querySelector("[src], link"), null);
  const policy = page.querySelector("[http-equiv]").getAttribute("content");
  assert.match(policy, /^default-src 'none';.*frame-src https:\/\/example\.org;$/);
});

test("without an address there is nothing to start", () => {
  const page = read(panelPage({ ...PANEL, live: "" }));
  assert.equal(page.querySelector("a, button, script"), null);
  assert.equal(page.querySelector("code").textContent, PANEL.command);
});

test("text is no markup", () => {
  const page = read(panelPage({ ...PANEL, caption: "<img src=x>", command: "</code><script>1</script>" }));
  assert.equal(page.querySelector("img, code script"), null);
});
