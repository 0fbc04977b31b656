import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { makePlayhead } from "../../folioviz/views/page/static/playhead.js";
import { at, fire, makeModel, show } from "./page.js";

const HTML = `<div class="fv-playhead"><input type="range" min="0" max="1"></div>
  <div class="fv-plot"><i class="fv-needle"></i></div>`;
const HEAD = {
  first: 100,
  last: 200,
  end: 300,
  value: 125,
  at: 125,
  words: "step 25 of 100",
  stride: 1,
  playing: false,
  unasked: false,
  interval: 50,
};

function made(head = {}) {
  const root = show(HTML);
  const model = makeModel();
  const data = new Map([["head", { ...HEAD, ...head }]]);
  const playhead = makePlayhead(root, model, data);
  playhead.show();
  const slider = root.querySelector("input");
  const plot = at(root.querySelector(".fv-plot"), 100, 0, 1000, 100);
  plot.setPointerCapture = () => {};
  const put = (value) => {
    slider.value = value;
    fire(slider, "input");
  };
  return { root, said: model.said, data, playhead, slider, plot, put };
}

test("the slider and the needle stand where the kernel says", () => {
  const { root, slider } = made();

  assert.deepEqual([slider.min, slider.max, slider.value], ["100", "200", "125"]);
  assert.equal(slider.getAttribute("aria-valuetext"), "step 25 of 100");
  assert.equal(root.querySelector(".fv-needle").style.getPropertyValue("--x"), "0.25000");
});

test("in a chart that is zoomed, the needle and the hand go by what it shows; outside it there is no needle", () => {
  const { root, data, playhead, plot, said } = made();
  const needle = root.querySelector(".fv-needle");
  data.set("chart", [120, 130]);
  playhead.show();
  assert.deepEqual([needle.style.getPropertyValue("--x"), needle.hidden], ["0.50000", false]);

  data.set("head", { ...HEAD, value: 131 });
  playhead.show();
  assert.equal(needle.hidden, true);

  fire(plot, "pointerdown", { button: 0, clientX: 300 });
  assert.deepEqual(said, [{ seek: 122 }]);
});

test("while an answer is waited for, only the step that is asked last is asked next", () => {
  const { said, playhead, put } = made();
  for (const value of [130, 140, 150]) put(value);
  assert.deepEqual(said, [{ seek: 130 }]);

  playhead.answered();
  playhead.answered();
  assert.deepEqual(said, [{ seek: 130 }, { seek: 150 }]);
});

test("a key may go to an operation's very start, a hand that drags stays in the operation", () => {
  const keys = made();
  keys.put(100);
  assert.deepEqual(keys.said, [{ seek: 100 }]);

  const hand = made();
  fire(hand.slider, "pointerdown", { button: 0 });
  hand.put(100);
  assert.deepEqual(hand.said, [{ seek: 101 }]);

  const whole = made({ first: 0 });
  fire(whole.slider, "pointerdown", { button: 0 });
  whole.put(0);
  assert.deepEqual(whole.said, [{ seek: 0 }]);
});

test("a slider that is dragged is not pushed by the kernel's answer", () => {
  const { root, data, playhead, slider } = made();
  fire(slider, "pointerdown", { button: 0 });
  slider.value = 180;
  data.set("head", { ...HEAD, value: 130 });
  playhead.show();
  assert.equal(slider.value, "180");

  fire(root, "pointerup");
  playhead.show();
  assert.equal(slider.value, "130");
});

test("the chart can be dragged in, by the first button, up to its edges", () => {
  const { said, playhead, plot, root } = made();
  const drag = (kind, clientX, button = 0) => {
    fire(plot, kind, { clientX, button, pointerId: 1 });
    playhead.answered();
  };
  drag("pointermove", 500);
  drag("pointerdown", 500, 2);
  drag("pointermove", 600, 2);
  drag("pointerdown", 600);
  drag("pointermove", 1700);
  drag("pointermove", -5);
  fire(root, "pointerup");
  drag("pointermove", 600);

  assert.deepEqual(said, [{ seek: 150 }, { seek: 200 }, { seek: 101 }]);
});

test("what watches can be stopped", () => {
  const { said, playhead, plot, put } = made();
  playhead.stop();
  put(130);
  fire(plot, "pointerdown", { clientX: 600, button: 0, pointerId: 1 });

  assert.deepEqual(said, []);
});

test("what nobody asked for is played in strides to its goal, or shown at its end where motion is unwelcome", (t) => {
  mock.timers.enable({ apis: ["setInterval"] });
  t.after(() => mock.timers.reset());
  for (const [still, value, asked] of [
    [false, 125, { stride: 7 }],
    [false, 260, { stride: 7 }],
    [true, 125, { stride: 139 }],
    [true, 264, { play: false }],
  ]) {
    globalThis.matchMedia = () => ({ matches: still });
    const { said } = made({ playing: true, unasked: true, stride: 7, end: 264, value });
    mock.timers.tick(50);
    assert.deepEqual(said, [asked]);
  }
});

test("it plays no faster than the kernel answers, and says when it is at the end", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { said, data, playhead } = made({ playing: true });
  mock.timers.tick(49);
  assert.deepEqual(said, []);
  playhead.show();
  mock.timers.tick(1);
  assert.deepEqual(said, [{ step: 1 }]);
  mock.timers.tick(150);
  assert.deepEqual(said, [{ step: 1 }]);

  playhead.answered();
  mock.timers.tick(50);
  assert.equal(said.length, 2);

  data.set("head", { ...HEAD, playing: true, value: 300 });
  playhead.show();
  mock.timers.tick(50);
  assert.deepEqual(said[2], { play: false });

  data.set("head", { ...HEAD, playing: false });
  playhead.show();
  mock.timers.tick(500);
  assert.equal(said.length, 3);
  mock.timers.reset();
});

test("it plays at the pace that is chosen, and stops with the page", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { said, data, playhead } = made({ playing: true });
  data.set("head", { ...HEAD, playing: true, interval: 500 });
  playhead.show();
  mock.timers.tick(499);
  assert.deepEqual(said, []);
  mock.timers.tick(1);
  assert.deepEqual(said, [{ step: 1 }]);

  playhead.answered();
  playhead.stop();
  mock.timers.tick(5000);
  assert.equal(said.length, 1);
  mock.timers.reset();
});

test("the wheel over the playhead scrubs: a notch is a step, small turns add up, and none runs ahead of the kernel", () => {
  const { root, slider, said, playhead } = made();
  const turn = (deltaY, given = {}) => fire(slider, "wheel", { deltaY, deltaMode: 0, ...given });

  assert.equal(turn(120), false, "the page does not scroll");
  assert.deepEqual(said, [{ seek: 126 }]);
  turn(100);
  turn(3, { deltaMode: 1 });
  assert.equal(said.length, 1, "an answer is waited for");
  playhead.answered();
  assert.deepEqual(said.pop(), { seek: 128 });
  playhead.answered();

  turn(-15);
  turn(-15);
  assert.equal(said.length, 1);
  turn(-15);
  assert.deepEqual(said.pop(), { seek: 124 });
  playhead.answered();

  assert.equal(turn(120, { ctrlKey: true }), true, "the browser zooms");
  assert.equal(
    fire(root.querySelector(".fv-plot"), "wheel", { deltaY: 120 }),
    true,
    "elsewhere the page scrolls",
  );
  assert.deepEqual(said, [{ seek: 126 }]);
});

test("the wheel does not go before the beginning", () => {
  const { slider, said } = made({ value: 0, at: 0 });
  fire(slider, "wheel", { deltaY: -120, deltaMode: 0 });

  assert.deepEqual(said, [{ seek: 0 }]);
});
