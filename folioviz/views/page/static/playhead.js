// The playhead: a native slider, a line in the chart that can be dragged, and the clock that plays. It reports only
// what a person does, and plays no faster than the kernel answers.
/** @import { Data, Model, ToPython } from "./messages" */
import { around, clamp, listen } from "./dom.js";

const SLIDER = ".fv-playhead input";
/** Pixels that a wheel turns for one step: less than a notch of any mouse, so that a notch is a step. */
const TURN = 40;
/** Pixels of a line, where a browser counts lines. */
const LINE = 16;

/**
 * Make what moves the playhead of a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Data} data
 */
export function makePlayhead(root, model, data) {
  let dragging = false;
  let waiting = false;
  /** @type {number | null} The step asked for after the answer that is waited for. */
  let wanted = null;
  /** @type {number | null} The step asked for that is not answered yet. */
  let going = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  let pace = "";
  /** Pixels that the wheel has turned and that made no step yet. */
  let turned = 0;
  /** @type {Element | null} The chart that is dragged in. */
  let chart = null;

  /** @param {ToPython} message */
  const ask = (message) => {
    waiting = true;
    model.send(message);
  };
  const headNow = () => {
    const head = data.get("head");
    if (!head) throw new Error("the playhead came before its place");
    return head;
  };
  /** @param {number} position */
  const seek = (position) => {
    if (waiting) {
      wanted = position;
      return;
    }
    going = position;
    ask({ seek: position });
  };
  /**
   * Go where a hand drags. At its very start, an operation gives way to the one before: a hand stays in the operation.
   * @param {number} position
   */
  const seekInside = (position) => {
    const { first } = headNow();
    seek(Math.max(position, first + (first > 0 ? 1 : 0)));
  };
  /** Go on playing, as long as somebody answers: a board that has just been taken down cannot send. */
  const tick = () => {
    try {
      play();
    } catch {
      clearInterval(timer);
    }
  };
  const play = () => {
    const head = headNow();
    const still = head.unasked && matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!root.isConnected) clearInterval(timer);
    else if (head.value >= head.end) model.send({ play: false });
    else if (waiting) return;
    else if (!head.unasked) ask({ step: 1 });
    else ask({ stride: still ? head.end - head.value : head.stride });
  };

  /** Show where the playhead is. */
  const show = () => {
    const head = data.get("head");
    /** @type {HTMLInputElement | null} */
    const slider = root.querySelector(SLIDER);
    if (!head || !slider) return;
    if (Number(slider.min) !== head.first) slider.min = String(head.first);
    if (Number(slider.max) !== head.last) slider.max = String(head.last);
    if (!dragging) slider.value = String(head.value);
    slider.setAttribute("aria-valuetext", head.words);
    /** @type {HTMLElement | null} */
    const line = root.querySelector(".fv-needle");
    const [left, right] = data.get("chart") ?? [head.first, head.last];
    const share = (head.value - left) / (right - left);
    line?.style.setProperty("--x", share.toFixed(5));
    if (line) line.hidden = share < 0 || share > 1;
    const asked = `${head.playing} ${head.interval}`;
    if (pace === asked) return;
    pace = asked;
    clearInterval(timer);
    if (head.playing) timer = setInterval(tick, head.interval);
  };
  /** The kernel has answered, whatever it said. */
  const answered = () => {
    waiting = false;
    going = null;
    if (wanted === null) return;
    const next = wanted;
    wanted = null;
    seek(next);
  };

  /** @param {PointerEvent} event */
  const inChart = (event) => {
    if (!chart) return;
    const head = headNow();
    const area = chart.getBoundingClientRect();
    const share = clamp((event.clientX - area.left) / area.width, 0, 1);
    const [left, right] = data.get("chart") ?? [head.first, head.last];
    seekInside(Math.round(left + share * (right - left)));
  };
  /** @param {Event} event */
  const input = (event) => {
    const slider = event.target;
    if (!(slider instanceof HTMLInputElement && slider.matches(SLIDER))) return;
    if (dragging) seekInside(Number(slider.value));
    else seek(Number(slider.value));
  };
  /** @param {PointerEvent} event */
  const pointerdown = (event) => {
    dragging = event.target instanceof Element && event.target.matches(SLIDER);
    chart = around(event, ".fv-plot");
    if (!chart) return;
    if (event.button > 0) chart = null;
    else {
      chart.setPointerCapture(event.pointerId);
      inChart(event);
    }
  };
  /**
   * Scrub: a notch is a step, and what a touchpad turns bit by bit adds up.
   * @param {WheelEvent} event
   */
  const wheel = (event) => {
    if (event.ctrlKey || !event.deltaY || !around(event, ".fv-drive, .fv-playhead")) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode ? LINE : 1);
    turned = clamp(pixels, -TURN, TURN) + (turned * pixels > 0 ? turned : 0);
    const steps = Math.trunc(turned / TURN);
    turned -= steps * TURN;
    if (steps) seek(Math.max((wanted ?? going ?? headNow().value) + steps, 0));
  };
  const release = () => {
    dragging = false;
    chart = null;
  };
  const hand = { input, pointerdown, pointermove: inChart, pointerup: release, pointercancel: release };
  const quiet = [listen(root, hand), listen(root, { wheel }, { passive: false })];
  const stop = () => {
    for (const one of quiet) one();
    clearInterval(timer);
  };
  return { show, answered, stop };
}
