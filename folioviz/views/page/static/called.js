// What a link calls a moment and highlights: both are given in the menu that shares it, and by a click with Shift.
/** @import { Data, Model } from "./messages" */
import { around, listen, within } from "./dom.js";

/** Milliseconds of rest until a name is taken. */
const PAUSE = 250;

/**
 * Return what a link would say to highlight what an event is on, "" where it is on nothing of the kind.
 * @param {Event} event
 */
export function markOf(event) {
  const card = around(event, "[data-folio]");
  const cells = around(event, ".fv-cells");
  const cell = around(event, ".fv-cells > i");
  if (card && cells && cell) {
    const page = [...cells.children].indexOf(cell);
    return `folio.${card.dataset.folio}.${page}-${page}`;
  }
  const counter = around(event, "[data-counter]");
  if (card && counter) return `counter.${card.dataset.folio}.${counter.dataset.counter}`;
  const folio = card?.dataset.folio ?? around(event, "[data-queued]")?.dataset.queued;
  if (folio) return `folio.${folio}`;
  const cost = around(event, "[data-cost]");
  if (cost) return `cost.${cost.dataset.cost}`;
  const [, kind, what] = around(event, "[data-fv]")?.dataset.fv?.match(/^(op|row):(.+)$/) ?? [];
  if (kind === "op") return `op.${Number(what) + 1}`;
  return kind ? `row.${what?.replace(":", ".")}` : "";
}

/**
 * Bring what is highlighted into sight, and watch the name and the highlight that a person gives.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Data} data
 */
export function makeCalled(root, model, data) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** What was brought into sight. */
  let seen = "";
  /** Bring what is highlighted into sight, once. */
  const show = () => {
    /** @type {HTMLStyleElement | null} */
    const look = root.querySelector("style[data-noted]");
    const rule = look?.sheet?.cssRules[0];
    const found = rule instanceof CSSStyleRule ? rule.selectorText : "";
    if (found === seen) return;
    const places = found ? document.querySelectorAll(found) : [];
    if (found && !places.length) return;
    seen = found;
    for (const place of places) place.scrollIntoView({ block: "nearest" });
  };
  /** @param {Event} event */
  const input = ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.dataset.name === undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => model.send({ name: target.value }), PAUSE);
  };
  /** @param {Event} event */
  const change = ({ target }) => {
    if (target instanceof HTMLSelectElement && target.dataset.mark !== undefined)
      model.send({ mark: target.value });
  };
  /** @param {ToggleEvent} event What it is called already is there to be changed. */
  const toggle = ({ target, newState }) => {
    if (!(target instanceof HTMLElement && target.dataset.pop === "share") || newState !== "open") return;
    /** @type {HTMLInputElement} */
    const field = within(target, "[data-name]");
    field.value = data.get("noted") ?? "";
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    const turn = event.shiftKey && root.contains(/** @type {Node} */ (event.target)) ? markOf(event) : "";
    if (!turn) return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ turn });
  };
  /** @param {MouseEvent} event Nothing is selected on the way. */
  const mousedown = (event) => {
    if (event.shiftKey && markOf(event)) event.preventDefault();
  };
  const listening = [
    listen(root, { input, change, click, mousedown }),
    listen(root, { toggle }, { capture: true }),
  ];
  const stop = () => {
    clearTimeout(timer);
    for (const quiet of listening) quiet();
  };
  return { show, stop };
}
