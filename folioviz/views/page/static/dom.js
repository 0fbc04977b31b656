// What several modules ask of the page.

const FIELDS = "input:not([type=range]), select, textarea, .cm-editor";

/**
 * Return the element that an event is about, or the next one around it, that a selector matches.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function around(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * Return an element's one descendant that a selector matches; the kernel's HTML has it.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {ParentNode} node
 * @param {string} selector
 */
export function within(node, selector) {
  const found = node.querySelector(selector);
  if (!found) throw new Error(`nothing here is ${selector}`);
  return /** @type {E} */ (found);
}

/**
 * Tell whether what is typed there goes into a text or a menu.
 * @param {EventTarget | null} node
 */
export function typing(node) {
  return node instanceof HTMLElement && (node.isContentEditable || node.closest(FIELDS) !== null);
}

/**
 * Tell whether a key is pressed together with one that makes it the browser's own.
 * @param {KeyboardEvent} event
 */
export function chord(event) {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/**
 * Return what lies between two bounds; the upper one wins.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** @typedef {(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D) => CanvasRenderingContext2D} Watcher */
/** @type {Watcher | null} */
let watcher = null;

/**
 * Let each pen be another one, or, with null, be itself again.
 * @param {Watcher | null} next
 */
export function watchPens(next) {
  watcher = next;
}

/**
 * Return what draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function penOf(canvas) {
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws on no canvas");
  return watcher ? watcher(canvas, pen) : pen;
}

/**
 * Listen to events, and return what stops it.
 * @param {EventTarget} target
 * @param {Record<string, (event: any) => void>} listeners
 * @param {AddEventListenerOptions} [options]
 */
export function listen(target, listeners, options = {}) {
  for (const [name, heard] of Object.entries(listeners)) target.addEventListener(name, heard, options);
  return () => {
    for (const [name, heard] of Object.entries(listeners)) target.removeEventListener(name, heard, options);
  };
}

/**
 * Take files that are dropped onto what a selector matches: elsewhere on the page they would be opened as scenarios.
 * @param {HTMLElement} root
 * @param {string} selector
 * @param {(file: File | undefined) => void} take
 * @returns {() => void} stops it
 */
export function takeDrops(root, selector, take) {
  /** @param {DragEvent} event */
  const mine = (event) => Boolean(around(event, selector) && event.dataTransfer?.types.includes("Files"));
  /** @param {DragEvent} event */
  const dragover = (event) => {
    if (mine(event)) event.preventDefault();
  };
  /** @param {DragEvent} event */
  const drop = (event) => {
    if (!mine(event)) return;
    event.preventDefault();
    event.stopPropagation();
    take(event.dataTransfer?.files[0]);
  };
  return listen(root, { dragover, drop }, { capture: true });
}
