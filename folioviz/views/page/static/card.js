// A folio's pages on its card: which one is under the pointer, or under the keyboard's cursor.
/** @import { Side } from "./messages" */
/** @import { Tip } from "./tip.js" */
import { PER_ROW } from "./cells.js";
import { around, clamp, listen } from "./dom.js";

const PAGES = "[data-pages-of]";

/** @param {HTMLElement} box */
const sizeOf = (box) => Number(box.dataset.pages);

/** @param {HTMLElement} box */
const columnsOf = (box) => Math.min(PER_ROW, sizeOf(box));

/**
 * Return which page an event points at, null if it is beside them.
 * @param {HTMLElement} box
 * @param {PointerEvent} event
 */
function pageAt(box, event) {
  if (!box.matches("canvas")) {
    const cell = around(event, "i");
    return cell?.parentNode === box ? [...box.children].indexOf(cell) : null;
  }
  const area = box.getBoundingClientRect();
  const columns = columnsOf(box);
  const rows = Math.ceil(sizeOf(box) / columns);
  const column = Math.floor(((event.clientX - area.left) / area.width) * columns);
  const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
  const page = row * columns + column;
  return column >= 0 && column < columns && page >= 0 && page < sizeOf(box) ? page : null;
}

/**
 * Return where on the window a page is.
 * @param {HTMLElement} box
 * @param {number} page
 */
function placeOf(box, page) {
  const cell = box.children[page];
  if (cell) {
    const { left, top } = cell.getBoundingClientRect();
    return { left, top };
  }
  const area = box.getBoundingClientRect();
  const columns = columnsOf(box);
  const size = area.width / columns;
  return { left: area.left + size * (page % columns), top: area.top + size * Math.floor(page / columns) };
}

/**
 * Watch all cards, and return what stops it.
 * @param {HTMLElement} root
 * @param {Tip} tip
 */
export function watchCards(root, tip) {
  /** @type {(box: HTMLElement, page: number, x: number, y: number) => void} */
  const ask = (box, page, x, y) => {
    const side = /** @type {Side | "S"} */ (box.dataset.kernel);
    tip.ask(["card", side, Number(box.dataset.pagesOf), page], x, y, box);
  };
  /** @param {HTMLElement} box */
  const point = (box) => {
    const page = Number(box.getAttribute("aria-valuenow"));
    const { left, top } = placeOf(box, page);
    ask(box, page, left, top);
  };
  /** @param {PointerEvent} event */
  const pointermove = (event) => {
    const box = around(event, PAGES);
    const page = box && pageAt(box, event);
    if (box && page !== null) ask(box, page, event.clientX, event.clientY);
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const box = around(event, PAGES);
    if (!box) return;
    const now = Number(box.getAttribute("aria-valuenow"));
    const last = sizeOf(box) - 1;
    /** @type {Record<string, number>} */
    const keys = {
      ArrowLeft: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now - columnsOf(box),
      ArrowDown: now + columnsOf(box),
      Home: 0,
      End: last,
    };
    const to = keys[event.key];
    if (to === undefined) return;
    event.preventDefault();
    box.setAttribute("aria-valuenow", String(clamp(to, 0, last)));
    point(box);
  };
  /** @param {FocusEvent} event */
  const focusin = (event) => {
    const box = around(event, PAGES);
    if (box?.matches(":focus-visible")) point(box);
  };
  /** @param {Event} event */
  const leave = (event) => {
    if (around(event, PAGES)) tip.hide();
  };
  return listen(root, { pointermove, keydown, focusin, pointerout: leave, focusout: leave });
}
