import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { makeTicks, SECOND } from "../../folioviz/views/page/static/ticks.js";
import { makeModel, show } from "./page.js";

let stop = () => {};
afterEach(() => {
  stop();
  mock.timers.reset();
});

function made(html) {
  mock.timers.enable({ apis: ["setInterval"] });
  const model = makeModel();
  const ticks = makeTicks(show(html), model);
  stop = ticks.stop;
  ticks.show();
  return { said: model.said, ticks };
}

test("a sample is asked for each second, and not before the one before was answered", () => {
  const { said, ticks } = made("<div data-ticks></div>");
  mock.timers.tick(3 * SECOND);
  assert.deepEqual(said, [{ click: "do:tick" }]);
  ticks.show();
  mock.timers.tick(SECOND);
  assert.equal(said.length, 2);
});

test("a page without live counters asks for nothing", () => {
  const { said } = made("<p></p>");
  mock.timers.tick(9 * SECOND);
  assert.deepEqual(said, []);
});

test("nor does one that has been left", () => {
  const { said } = made("<div data-ticks></div>");
  stop();
  mock.timers.tick(9 * SECOND);
  assert.deepEqual(said, []);
});
