import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { makeSlides } from "../../folioviz/views/page/static/slides.js";
import { fire, makeModel, show } from "./page.js";

const HTML = `<label><input type="range" min="0" max="2" value="0" data-slide="near" data-words="20 ns|57 ns|140 ns">
  <output></output></label><input type="range" class="other">`;
let stop = () => {};
afterEach(() => {
  stop();
  mock.timers.reset();
});

function made(places) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const root = show(HTML);
  const model = makeModel();
  const data = new Map([["slides", places]]);
  const slides = makeSlides(root, model, data);
  stop = slides.stop;
  const slider = root.querySelector("[data-slide]");
  const move = (place) => {
    slider.value = String(place);
    fire(slider, "input");
  };
  return {
    root,
    said: model.said,
    data,
    slides,
    slider,
    move,
    words: () => root.querySelector("output").textContent,
  };
}

test("a slider stands where the kernel says, and says what that is", () => {
  const { slides, slider, words } = made({ near: 1 });
  slides.show();
  assert.equal(slider.value, "1");
  assert.equal(words(), "57 ns");
  assert.equal(slider.getAttribute("aria-valuetext"), "57 ns");
});

test("what a hand moves is named at once and told once it rests", () => {
  const { move, said, words } = made({ near: 0 });
  move(1);
  mock.timers.tick(80);
  move(2);
  mock.timers.tick(80);
  assert.equal(words(), "140 ns");
  assert.deepEqual(said, []);
  mock.timers.tick(60);
  assert.deepEqual(said, [{ slide: "near=2" }]);
});

test("the kernel does not move a slider under a hand; sliders of others are left alone", () => {
  const { data, move, root, said, slider, slides } = made({ near: 0 });
  move(2);
  data.set("slides", { near: 1 });
  slides.show();
  assert.equal(slider.value, "2");
  mock.timers.tick(200);
  slides.show();
  assert.equal(slider.value, "1");
  fire(root.querySelector(".other"), "input");
  mock.timers.tick(200);
  assert.equal(said.length, 1);
});
