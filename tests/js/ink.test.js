import assert from "node:assert/strict";
import { test } from "node:test";
import { darker, faded, hasColours, inkOf, makeInk, ofFolio } from "../../folioviz/views/page/static/ink.js";
import { INK, show } from "./page.js";

const SHEET = `
  .fv-root { --fv-page: #111111; --fv-folio-1: #010203; --fv-folio-2: #aabbcc; --fv-folio-4: #ffffff;
    --fv-on-folio: #000001; --fv-unmapped: #000002; --fv-zeros: #000003; --fv-changed: #000004; --fv-dim: #000005;
    --fv-marked: #000006; --fv-card: #000007; --fv-bad: #000008; --fv-order-0: #0a0000; --fv-order-1: #0b0000;
    --fv-order-3: #0d0000; }
  [data-jp-theme-light="true"] .fv-root { --fv-accent: #0000aa; }
  [data-jp-theme-light="false"] .fv-root { --fv-accent: #0000bb; }`;

/** A page with our style sheet. */
function styled() {
  const root = show("");
  root.insertAdjacentHTML("beforebegin", `<style>${SHEET}</style>`);
  return root;
}

test("the colours of a page are those of its style sheet, those of folios as many as are numbered", () => {
  document.body.dataset.jpThemeLight = "true";
  const root = styled();

  assert.deepEqual(makeInk(root), {
    folios: ["#010203", "#aabbcc"],
    orders: ["#0a0000", "#0b0000"],
    onFolio: "#000001",
    unmapped: "#000002",
    zeros: "#000003",
    changed: "#000004",
    marked: "#000006",
    onMarked: "#000007",
    held: "#000008",
    dim: "#000005",
    accent: "#0000aa",
  });
  assert.equal(root.innerHTML, "");
});

test("it is known whether the style sheet is there yet", () => {
  assert.deepEqual([show(""), styled()].map(hasColours), [false, true]);
});

test("they are looked up once for a theme", () => {
  const inkNow = inkOf(styled());
  const themes = ["true", "true", "false", "false", "true"].map((light) => {
    document.body.dataset.jpThemeLight = light;
    return inkNow();
  });

  assert.deepEqual(
    themes.map(({ accent }) => accent),
    ["#0000aa", "#0000aa", "#0000bb", "#0000bb", "#0000aa"],
  );
  assert.equal(themes[0], themes[1]);
});

test("folios take their colours in turn", () => {
  assert.deepEqual(
    [1, 3, 4, 6].map((folio) => INK.folios.indexOf(ofFolio(INK, folio))),
    [0, 2, 0, 2],
  );
});

test("a colour can be made darker, and seen through", () => {
  assert.equal(darker("rgb(100, 51, 0)", 0.5), "rgb(50 26 0)");
  assert.equal(faded("rgb(100, 51, 0)", 9), "rgb(100 51 0 / 9%)");
});
