// The editor of the strip of operations.
/** @import { Model, Reports } from "./messages" */
import { around, listen, within } from "./dom.js";

/** Characters of an operation: one more than the longest is enough to be refused. */
const MOST = 200;

/**
 * Watch the editor.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchEdit(root, model) {
  /** @returns {HTMLInputElement} */
  const field = () => within(root, "[data-edit]");
  /** @type {HTMLElement | null} The chip whose operation is edited; null: that under the playhead. */
  let chosen = null;
  const edited = () => chosen ?? within(root, ".fv-edits");
  const check = () => model.send({ operation: field().value.slice(0, MOST) });
  /** @param {string} what */
  const send = (what) => {
    const kind = /** @type {Reports["edit"][0]} */ (what);
    model.send({ edit: [kind, Number(edited().dataset.place), field().value.slice(0, MOST)] });
    within(root, '[data-pop="edit"]').hidePopover();
  };

  /** @param {ToggleEvent} event */
  const toggle = (event) => {
    const box = event.target;
    if (!(box instanceof HTMLElement && box.dataset.pop === "edit")) return;
    if (event.newState !== "open") {
      chosen = null;
      return;
    }
    field().value = edited().dataset.short ?? "";
    check();
    field().select();
  };
  /** @param {Event} event */
  const input = (event) => {
    if (event.target === root.querySelector("[data-edit]")) check();
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    const what = around(event, "[data-edits]")?.dataset.edits;
    if (what) send(what);
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const node = event.target;
    if (!(node instanceof HTMLElement)) return;
    if (node.matches("[data-edit]") && event.key === "Enter") send("change");
    const chip = node.closest(".fv-chip[data-place]");
    if (!(chip instanceof HTMLElement)) return;
    if (event.key === "Delete") model.send({ edit: ["delete", Number(chip.dataset.place), ""] });
    else if (event.key === "Enter") {
      event.preventDefault(); // the button would lead to its operation
      chosen = chip;
      within(root, '[data-pop="edit"]').showPopover();
    }
  };
  const quiet = [listen(root, { input, click, keydown }), listen(root, { toggle }, { capture: true })];
  return () => {
    for (const one of quiet) one();
  };
}
