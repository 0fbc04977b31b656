import assert from "node:assert/strict";
import { test } from "node:test";
import { paintCells } from "../../folioviz/views/page/static/cells.js";
import { hatched } from "../../folioviz/views/page/static/vector.js";
import { attributes, inked, lettered, writtenDown } from "../../folioviz/views/page/static/vector_pen.js";
import { drawnOn, INK, show } from "./page.js";

globalThis.CanvasPattern ??= class {};
const BOX = { left: 10, top: 20, width: 40, height: 30 };

test("what is painted on a canvas is written down as shapes, and painted all the same", () => {
  const canvas = show(`<canvas data-cells="2*1,1*0" data-pages-of="1"></canvas>`).firstElementChild;
  const svg = writtenDown((drawn) => {
    paintCells(canvas, INK);
    return drawn.get(canvas);
  });

  assert.equal(svg.match(/<rect/g).length, 3);
  assert.match(svg, /^<rect x="0" y="0" width="6" height="6" fill=/);
  assert.match(svg, /fill="none" stroke=/);
  assert.equal(drawnOn(canvas).length, 3);
});

test("afterwards a pen is only a pen", () => {
  const canvas = show(`<canvas data-cells="1*1" data-pages-of="1"></canvas>`).firstElementChild;
  const drawn = writtenDown((all) => all);
  paintCells(canvas, INK);

  assert.equal(drawn.size, 0);
});

test("a colour that can be seen through is two attributes, whatever way a browser writes it", () => {
  assert.deepEqual(inked("fill", "#102030"), { fill: "#102030" });
  assert.deepEqual(inked("fill", "rgb(1, 2, 3)"), { fill: "rgb(1,2,3)" });
  assert.deepEqual(inked("stroke", "rgba(1, 2, 3, 0.25)"), {
    stroke: "rgb(1,2,3)",
    "stroke-opacity": "0.25",
  });
  assert.deepEqual(inked("fill", "color(srgb 1 0.5 0 / 0.5)"), {
    fill: "rgb(255,128,0)",
    "fill-opacity": "0.5",
  });
});

test("attributes are escaped and short; usual letters say nothing of their weight", () => {
  assert.equal(attributes({ x: 1 / 3, name: 'a<"b"&' }), ' x="0.33" name="a&lt;&quot;b&quot;&amp;"');
  assert.deepEqual(lettered({ fontFamily: '"A", b', fontSize: "11px", fontWeight: "400" }), {
    "font-family": "'A', b",
    "font-size": "11px",
  });
});

test("a hatch is a gradient that repeats along its line", () => {
  const made = hatched(
    "repeating-linear-gradient(90deg, rgb(1, 2, 3) 0px, rgb(1, 2, 3) 2px, rgba(0, 0, 0, 0) 2px, rgba(0, 0, 0, 0) 8px)",
    0,
    BOX,
    "v1",
  );

  assert.match(
    made,
    /^<linearGradient id="v1" gradientUnits="userSpaceOnUse" spreadMethod="repeat" x1="10" /,
  );
  assert.match(made, /x2="18"/);
  assert.deepEqual(
    [...made.matchAll(/offset="([\d.]+)"/g)].map(([, at]) => at),
    ["0", "0.25", "0.25", "1"],
  );
});

test("a gradient that is tiled repeats after its tile; any other is left out", () => {
  const tiled = hatched("linear-gradient(90deg, rgb(1, 2, 3) 1px, rgba(0, 0, 0, 0) 1px)", 5, BOX, "v1");

  assert.match(tiled, /x1="10" y1="35" x2="15"/);
  assert.equal(hatched("linear-gradient(90deg, rgb(1, 2, 3) 1px, rgba(0, 0, 0, 0) 1px)", 0, BOX, "v1"), "");
  assert.equal(hatched("none", 0, BOX, "v1"), "");
});
