// What is opened: a text that is pasted, of which the kernel says what it holds; or a file, chosen or dropped.
/** @import { Model } from "./messages" */
import { keepCapture, readCapture, takesCaptures } from "./captured.js";
import { around, listen, within } from "./dom.js";

/** One byte more than may be is enough for the kernel to say so. */
const MOST = 256 * 1024 + 1;
/** Milliseconds of rest until a text is looked at. */
const PAUSE = 200;

/**
 * Watch what a person opens.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchOpen(root, model) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const hide = () => within(root, '[data-pop="open"]').hidePopover();
  /** @param {File | undefined} file */
  const open = async (file) => {
    if (!file) return;
    if (takesCaptures(root)) model.send({ capture: keepCapture(await readCapture(file)) });
    else model.send({ open: await file.slice(0, MOST).text() });
    hide();
  };
  /** @param {Event} event */
  const input = (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || area.dataset.paste === undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => model.send({ check: area.value.slice(0, MOST) }), PAUSE);
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    if (!around(event, "[data-opens]")) return;
    /** @type {HTMLTextAreaElement} */
    const area = within(root, "[data-paste]");
    clearTimeout(timer);
    const text = area.value.slice(0, MOST);
    if (root.querySelector('[data-pop="open"] [data-good]')) {
      model.send({ open: text });
      hide();
    } else model.send({ check: text });
  };
  /** @param {Event} event */
  const change = (event) => {
    const chosen = event.target;
    if (!(chosen instanceof HTMLInputElement) || chosen.dataset.open === undefined) return;
    open(chosen.files?.[0]);
    chosen.value = "";
  };
  /** @param {DragEvent} event */
  const files = (event) => event.dataTransfer?.types.includes("Files");
  /** @param {DragEvent} event */
  const dragover = (event) => {
    if (files(event)) event.preventDefault();
  };
  /** @param {DragEvent} event */
  const drop = (event) => {
    if (!files(event)) return;
    event.preventDefault();
    open(event.dataTransfer?.files[0]);
  };
  /** @param {ToggleEvent} event */
  const toggle = (event) => {
    const box = event.target;
    if (!(box instanceof HTMLElement && box.dataset.pop === "open") || event.newState !== "open") return;
    within(root, "[data-paste]").focus();
  };
  const quiet = [
    listen(root, { input, click, change, dragover, drop }),
    listen(root, { toggle }, { capture: true }),
  ];
  return () => {
    clearTimeout(timer);
    for (const one of quiet) one();
  };
}
