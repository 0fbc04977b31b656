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
  const place = () => Number(within(root, ".fv-edits").dataset.place);
  const check = () => model.send({ operation: field().value.slice(0, MOST) });
  /** @param {string} what */
  const send = (what) => {
    const kind = /** @type {Reports["edit"][0]} */ (what);
    model.send({ edit: [kind, place(), field().value.slice(0, MOST)] });
    within(root, '[data-pop="edit"]').hidePopover();
  };

  /** @param {ToggleEvent} event */
  const toggle = (event) => {
    const box = event.target;
    if (!(box instanceof HTMLElement && box.dataset.pop === "edit") || event.newState !== "open") return;
    field().value = within(root, ".fv-edits").dataset.short ?? "";
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
    const chip = node.closest("[data-fv^='op:']");
    if (chip instanceof HTMLElement && event.key === "Delete") {
      model.send({ edit: ["delete", Number(chip.dataset.fv?.slice(3)), ""] });
    }
  };
  const quiet = [listen(root, { input, click, keydown }), listen(root, { toggle }, { capture: true })];
  return () => {
    for (const one of quiet) one();
  };
}
