// The sentences above the work, where they have little room: their button, or a press on them, shows them whole, over what
// is below, until it is pressed again. Where they have their room there is no button, and nothing to open.
import { around, listen } from "./dom.js";

const SENTENCES = ".fv-summary";

/**
 * Watch the sentences of a page, and return what stops it.
 * @param {HTMLElement} root
 */
export function watchSentences(root) {
  /** @param {MouseEvent} event */
  const click = (event) => {
    const button = around(event, SENTENCES)?.querySelector("[aria-expanded]");
    if (!button || getComputedStyle(button).display === "none") return;
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") === "false"));
  };
  return listen(root, { click });
}
