// Reports clicks on elements that carry data-fv, and keys, to the kernel; keeps the focus when a piece is replaced.
/** @import { Model, Side } from "./messages" */
/** @import { Menus } from "./share.js" */
/** @import { Tip } from "./tip.js" */
import { around, chord, listen, typing } from "./dom.js";

const MARK = "[data-fv]";
/** What has a cursor, or a value, that keys move. */
const MOVED = "[role=slider], [data-slide], [role=grid], [role=alertdialog], [data-finder]";
/** What moves it. */
const CURSOR = /^(Shift\+)?(Arrow(Left|Right|Up|Down)|Home|End|PageUp|PageDown|Enter)$/;

/**
 * Watch a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "get" | "send">} model
 * @param {Tip} tip
 * @param {Pick<Menus, "key">} menus
 */
export function watchEvents(root, model, tip, menus) {
  /** @type {{ slot: string, mark: string } | null} What has the focus. */
  let focused = null;
  root.tabIndex = -1;

  /** @param {MouseEvent} event */
  const click = (event) => {
    const inside = event.target instanceof Node && root.contains(event.target);
    if (inside && !root.contains(document.activeElement)) root.focus({ preventScroll: true });
    const term = around(event, "[data-term]");
    if (term && root.contains(term)) return;
    if (!around(event, "[data-pages-of], .fv-lane")) tip.hide();
    const other = around(event, "[data-b]");
    if (other?.dataset.b && root.contains(other)) model.send({ kernel: ["B", other.dataset.b] });
    const what = around(event, MARK);
    if (what?.dataset.fv && root.contains(what)) model.send({ click: what.dataset.fv });
  };
  /** @param {Event} event */
  const change = (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLSelectElement && root.contains(menu))) return;
    const side = /** @type {Side | undefined} */ (menu.dataset.pick);
    if (menu.matches("[data-count]")) model.send({ count: menu.value });
    else if (side) model.send({ kernel: [side, menu.value] });
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const node = event.target;
    if (!(node instanceof Element) || !(root.contains(node) || node === document.body)) return;
    if (typing(node) || chord(event) || root.closest("[inert]")) return;
    if (event.key === "Escape") tip.hide();
    const pressed = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
    if (CURSOR.test(pressed) && node.closest(MOVED)) return;
    if (menus.key(event)) return;
    if (!model.get("heard").includes(pressed)) return;
    if (pressed === " " && node.closest("button, summary")) return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ key: pressed });
  };
  /** @param {FocusEvent} event */
  const focusin = (event) => {
    const what = around(event, MARK);
    focused = null;
    if (!what?.dataset.fv || !root.contains(what)) return;
    const slot = around(event, "[data-slot]");
    focused = { slot: slot?.dataset.slot ?? "", mark: what.dataset.fv };
  };

  /** Give the focus back: a piece that had it may just have been replaced. */
  const refocus = () => {
    if (!focused || document.activeElement !== document.body) return;
    const mark = `[data-fv="${CSS.escape(focused.mark)}"]`;
    /** @type {HTMLElement | null} */
    const there =
      root.querySelector(`[data-slot="${CSS.escape(focused.slot)}"] ${mark}`) ?? root.querySelector(mark);
    there?.focus({ preventScroll: true });
  };
  /** @param {KeyboardEvent} event JupyterLab would take it for its own: "x" cuts the cell that the page stands in. */
  const keep = (event) => {
    if (!chord(event)) event.stopPropagation();
  };
  const listening = [
    listen(document, { click, change, focusin }),
    listen(document, { keydown }, { capture: true }),
    listen(root, { keydown: keep }),
  ];
  const stop = () => {
    for (const quiet of listening) quiet();
  };
  return { refocus, stop };
}
