// The map of a race: a hand on it leads the schedule through another place, arrow keys go along the schedule; and the step
// that was just done stays in sight.
/** @import { Model } from "./messages" */
import { around, chord, clamp, listen } from "./dom.js";
import { scrolled } from "./reading.js";

const MAP = "[data-race-map]";
/** Milliseconds between two places that a hand is at: each makes a schedule. */
const PAUSE = 150;
/** Key on the map -> the key that means the same on the page. */
const ALONG = new Map([
  ["ArrowLeft", "ArrowLeft"],
  ["ArrowUp", "ArrowLeft"],
  ["ArrowRight", "ArrowRight"],
  ["ArrowDown", "ArrowRight"],
  ["Home", "Home"],
  ["End", "End"],
]);

/**
 * Return the place of a map that a point is at, as Python reads it.
 * @param {string} size its width and height in places, like "50x150"
 * @param {Pick<DOMRect, "left" | "top" | "width" | "height">} area
 * @param {number} x
 * @param {number} y
 */
export function placeAt(size, area, x, y) {
  const [across = 1, down = 1] = size.split("x").map(Number);
  const column = clamp(Math.floor(((x - area.left) / area.width) * across), 0, across - 1);
  const row = clamp(Math.floor(((y - area.top) / area.height) * down), 0, down - 1);
  return `${column}.${row}`;
}

/**
 * Make what scrolls the lanes to the step that was just done, or to their top; whoever scrolls is left alone until the step
 * or the room for it changes.
 * @param {HTMLElement} root
 */
export function makeFollow(root) {
  let seen = "";
  /** @type {HTMLElement | null} */
  let last = null;
  const show = () => {
    /** @type {HTMLElement | null} */
    const box = root.querySelector(".fv-does-box");
    if (!box?.firstElementChild) return;
    /** @type {HTMLElement | null} */
    const row = box.querySelector("[aria-current=step]");
    const mark = `${row?.dataset.fv ?? ""} in ${box.clientHeight}`;
    if (mark === seen && box === last) return;
    [seen, last] = [mark, box];
    if (!row) {
      box.scrollTop = 0;
      return;
    }
    const area = row.getBoundingClientRect();
    const top = area.top - box.getBoundingClientRect().top + box.scrollTop;
    box.scrollTop = scrolled(box.scrollTop, box.clientHeight, top, top + area.height);
  };
  const resized = new ResizeObserver(show);
  resized.observe(root);
  return { show, stop: () => resized.disconnect() };
}

/**
 * Watch the map, if the page has one.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchRace(root, model) {
  let [held, told, wanted] = [false, "", ""];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const tell = () => {
    timer = undefined;
    if (wanted === told) return;
    told = wanted;
    model.send({ race: told });
    timer = setTimeout(tell, PAUSE);
  };
  /** @param {PointerEvent} event The map is drawn anew while a hand is on it: it is looked for each time. */
  const lead = (event) => {
    /** @type {HTMLElement | null} */
    const map = root.querySelector(MAP);
    if (!map) return;
    wanted = placeAt(map.dataset.raceMap ?? "", map.getBoundingClientRect(), event.clientX, event.clientY);
    if (!timer) tell();
  };
  /** @param {PointerEvent} event */
  const pointerdown = (event) => {
    if (event.button > 0 || !around(event, MAP)) return;
    [held, told] = [true, ""];
    lead(event);
  };
  /** @param {PointerEvent} event */
  const pointermove = (event) => {
    if (held) lead(event);
  };
  const pointerup = () => {
    held = false;
  };
  /** @param {SubmitEvent} event A race that somebody has written. */
  const submit = (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.ownRace === undefined) return;
    event.preventDefault();
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    model.send({ ownrace: new URLSearchParams(fields).toString() });
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const key = ALONG.get(event.key);
    if (!key || chord(event) || event.shiftKey || !around(event, MAP)) return;
    event.preventDefault();
    model.send({ key });
  };
  const quiet = [
    listen(root, { pointerdown, keydown, submit }),
    listen(document, { pointermove, pointerup, pointercancel: pointerup }),
  ];
  return () => {
    clearTimeout(timer);
    for (const one of quiet) one();
  };
}
