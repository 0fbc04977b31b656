// Words of the glossary: what they mean opens over the page, and nothing moves. A mouse opens it by resting on the word, a
// press or the focus of a key keeps it open; a badge, which has a title of its own, is pressed.
/** @import { Tip } from "./tip.js" */
import { around, listen } from "./dom.js";

const TERM = "[data-term]";

/**
 * Watch the words of a page, and return what stops it.
 * @param {HTMLElement} root
 * @param {Pick<Tip, "ask" | "hide">} tip
 */
export function watchTerms(root, tip) {
  /** @param {Event} event */
  const word = (event) => {
    const found = around(event, TERM);
    return found && root.contains(found) ? found : null;
  };
  /** @param {HTMLElement | null} found */
  const show = (found) => {
    if (!found) return;
    const area = found.getBoundingClientRect();
    tip.ask(["term", found.dataset.term ?? ""], area.left, area.bottom - 12, found);
  };
  /** @param {MouseEvent} event */
  const click = (event) => show(word(event));
  /** @param {PointerEvent} event */
  const pointerover = (event) => {
    const found = word(event);
    if (event.pointerType === "mouse" && !found?.title) show(found);
  };
  /** @param {PointerEvent} event */
  const pointerout = (event) => {
    const found = word(event);
    if (found && event.pointerType === "mouse" && found !== document.activeElement) tip.hide();
  };
  /** @param {FocusEvent} event */
  const focusin = (event) => {
    const found = word(event);
    if (found?.matches(":focus-visible")) show(found);
  };
  /** @param {FocusEvent} event */
  const focusout = (event) => {
    if (word(event)) tip.hide();
  };
  return listen(root, { click, pointerover, pointerout, focusin, focusout });
}
