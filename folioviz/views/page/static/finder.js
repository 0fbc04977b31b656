// The search for operations: its field has the focus when it opens, arrows go through what is found, Enter does it.
/** @import { Model } from "./messages" */
import { around, listen } from "./dom.js";

/** Characters of a search, and of what is typed beside an operation: one more than may be is enough to be refused. */
const MOST = 61;
/** Pixels between what is open and the dock. */
const EDGE = 8;
/** What arrows go through. */
const STOPS = "[data-find], .fv-do:not([disabled])";

/** @typedef {ReturnType<typeof makeFinder>} Finder */

/**
 * Watch the search of a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function makeFinder(root, model) {
  let open = false;

  /** Let what is open end above the dock, and scroll; where half a window is not free, the page goes up for it. */
  const fit = () => {
    const box = root.querySelector(".fv-below");
    const dock = root.querySelector(".fv-dock");
    if (!box || !dock) return;
    const room = () => dock.getBoundingClientRect().top - box.getBoundingClientRect().top - EDGE;
    /** @param {number} pixels */
    const take = (pixels) => root.style.setProperty("--shell-room", `${pixels}px`);
    root.style.setProperty("--shell-under", `${dock.getBoundingClientRect().height + EDGE}px`);
    take(Math.max(room(), window.innerHeight / 2));
    box.scrollIntoView({ block: "nearest" });
    take(room());
  };
  /** Take note whether it is open: who opens it by a key or a mouse types next, and goes on at its button after. */
  const show = () => {
    /** @type {HTMLElement | null} */
    const button = root.querySelector(".fv-do-more");
    const now = button?.getAttribute("aria-expanded") === "true";
    if (now === open) return;
    open = now;
    if (now) fit();
    /** @type {HTMLInputElement | null} */
    const field = root.querySelector("[data-find]");
    if (now && matchMedia("(hover: hover)").matches) {
      field?.focus({ preventScroll: true });
      field?.select();
    } else if (!now) button?.focus({ preventScroll: true });
  };
  /** @param {HTMLInputElement} field */
  const ask = (field) => model.send({ asked: `${field.dataset.asked} ${field.value.slice(0, MOST)}` });
  /** @param {Event} event */
  const input = ({ target }) => {
    if (target instanceof HTMLInputElement && target.dataset.find !== undefined)
      model.send({ find: target.value.slice(0, MOST) });
  };
  /** @param {Event} event */
  const change = ({ target }) => {
    if (target instanceof HTMLInputElement && target.dataset.asked) ask(target);
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const box = around(event, "[data-finder]");
    const node = event.target;
    if (!box || !(node instanceof HTMLElement)) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      /** @type {NodeListOf<HTMLElement>} */
      const found = box.querySelectorAll(STOPS);
      const stops = [...found];
      const at = stops.indexOf(node) + by;
      stops[Math.min(Math.max(at, 0), stops.length - 1)]?.focus();
      event.preventDefault();
    } else if (node instanceof HTMLInputElement && event.key === "Enter") {
      if (node.dataset.asked) ask(node);
      else if (node.value.trim()) model.send({ dofind: node.value.slice(0, MOST) });
      event.preventDefault();
    } else if (node instanceof HTMLInputElement && event.key === "Escape") {
      model.send({ key: "Escape" });
      event.preventDefault();
    }
  };
  const stop = listen(root, { input, change, keydown });
  return { show, stop };
}
