import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { makeFollow, placeAt, watchRace } from "../../folioviz/views/page/static/race.js";
import { at, fire, makeModel, show } from "./page.js";

const HTML = `<div data-race-map="10x20" tabindex="0"></div><p class="elsewhere"></p>`;
let close = () => {};
afterEach(() => {
  close();
  mock.timers.reset();
});

test("a point of the map is a place, and outside of it the nearest one", () => {
  const area = { left: 100, top: 50, width: 200, height: 400 };
  assert.equal(placeAt("10x20", area, 100, 50), "0.0");
  assert.equal(placeAt("10x20", area, 159, 91), "2.2");
  assert.equal(placeAt("10x20", area, 0, 9999), "0.19");
  assert.equal(placeAt("10x20", area, 300, 450), "9.19");
});

test("a hand leads the schedule: the last place of each pause is told, and nothing once it is gone", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const root = show(HTML);
  const model = makeModel();
  close = watchRace(root, model);
  const map = root.querySelector("[data-race-map]");
  at(map, 0, 0, 100, 200);
  const point = (name, x, y, where = map) => fire(where, name, { clientX: x, clientY: y, button: 0 });
  point("pointerdown", 15, 25);
  point("pointermove", 25, 25);
  point("pointermove", 35, 45);
  assert.deepEqual(model.said, [{ race: "1.2" }]);
  mock.timers.tick(150);
  assert.deepEqual(model.said.slice(1), [{ race: "3.4" }]);
  point("pointerup", 35, 45);
  point("pointermove", 95, 95);
  mock.timers.tick(1000);
  point("pointerdown", 5, 5, root.querySelector(".elsewhere"));
  assert.equal(model.said.length, 2);
});

test("arrow keys on the map go along the schedule", () => {
  const root = show(HTML);
  const model = makeModel();
  close = watchRace(root, model);
  const map = root.querySelector("[data-race-map]");
  for (const key of ["ArrowDown", "ArrowUp", "Home", "x"]) fire(map, "keydown", { key });
  fire(root.querySelector(".elsewhere"), "keydown", { key: "ArrowDown" });
  assert.deepEqual(model.said, [{ key: "ArrowRight" }, { key: "ArrowLeft" }, { key: "Home" }]);
});

test("the step that was just done stays in sight, and who scrolls is left alone", () => {
  const root = show(
    `<div class="fv-does-box"><button data-fv="do:lane1"></button><button data-fv="do:lane9" aria-current="step"></button></div>`,
  );
  const box = root.querySelector(".fv-does-box");
  const [, now] = root.querySelectorAll("button");
  Object.defineProperty(box, "clientHeight", { value: 100 });
  at(box, 0, 0, 200, 100);
  at(now, 0, 600, 200, 20);
  const { show: follow, stop } = makeFollow(root);
  close = stop;
  follow();
  assert.equal(box.scrollTop, 600 + 20 + 40 - 100);
  box.scrollTop = 7;
  follow();
  assert.equal(box.scrollTop, 7);
  now.removeAttribute("aria-current");
  follow();
  assert.equal(box.scrollTop, 0);
});
