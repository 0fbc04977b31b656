// Tables in which cells are pressed are one stop for Tab, each: the arrow keys, Home and End go from cell to cell, with Ctrl
// to the table's ends; Enter and space press, as anywhere.
import { around, listen } from "./dom.js";

const GRID = "table[role=grid]";
const CONTROL = "button, a[href]";
/** Rows that a page of a long table has. */
const PAGE = 10;

/**
 * Let Tab stop once in each table: where its current cell is, or else its first that can be pressed.
 * @param {Element} node
 */
export function settleGrids(node) {
  for (const grid of node.querySelectorAll(GRID)) {
    /** @type {NodeListOf<HTMLElement>} */
    const controls = grid.querySelectorAll(CONTROL);
    const stop = grid.querySelector("[aria-current]") ?? controls[0];
    for (const one of controls) one.tabIndex = one === stop ? 0 : -1;
  }
}

/**
 * Return where a key leads in a table; rows are lists of what can be pressed, null where nothing can.
 * @template T
 * @param {(T | null)[][]} rows
 * @param {T} from
 * @param {string} key
 * @param {boolean} ctrl
 */
export function goal(rows, from, key, ctrl) {
  const y = rows.findIndex((row) => row.includes(from));
  const row = rows[y] ?? [];
  const x = row.indexOf(from);
  const column = rows.map((cells) => cells[x] ?? null);
  /** @type {Record<string, (T | null)[]>} What it goes past, until something can be pressed. */
  const ways = {
    ArrowLeft: row.slice(0, x).reverse(),
    ArrowRight: row.slice(x + 1),
    ArrowUp: column.slice(0, y).reverse(),
    ArrowDown: column.slice(y + 1),
    PageUp: column
      .slice(0, Math.max(y - PAGE, 0) + 1)
      .reverse()
      .concat(column.slice(0, y)),
    PageDown: column.slice(Math.min(y + PAGE, rows.length - 1)).concat(column.slice(y + 1).reverse()),
    Home: ctrl ? rows.flat() : row,
    End: (ctrl ? rows.flat() : [...row]).reverse(),
  };
  return ways[key]?.find((one) => one !== null) ?? null;
}

/**
 * Watch the tables of a page, and return what stops it.
 * @param {HTMLElement} root
 */
export function watchGrids(root) {
  /** @param {FocusEvent} event Whatever has the focus is where Tab comes back to. */
  const focusin = (event) => {
    const here = around(event, CONTROL);
    const grid = here?.closest(GRID);
    if (!here || !grid) return;
    /** @type {NodeListOf<HTMLElement>} */
    const controls = grid.querySelectorAll(CONTROL);
    for (const one of controls) one.tabIndex = one === here ? 0 : -1;
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const here = around(event, CONTROL);
    /** @type {HTMLTableElement | null | undefined} */
    const grid = here?.closest(GRID);
    if (!here || !grid || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.ctrlKey && event.key !== "Home" && event.key !== "End") return;
    const rows = [...grid.rows].map((row) =>
      [...row.cells].map((cell) => /** @type {HTMLElement | null} */ (cell.querySelector(CONTROL))),
    );
    const next = goal(rows, here, event.key, event.ctrlKey);
    if (next) next.focus();
    if (next || event.key.startsWith("Arrow")) event.preventDefault();
  };
  return listen(root, { focusin, keydown });
}
