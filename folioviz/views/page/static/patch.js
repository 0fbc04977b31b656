// Slots: elements with data-slot, filled with keyed pieces of HTML, of which only those that changed are replaced.
/** @import { Change } from "./messages" */

/**
 * Return the element that a piece is.
 * @param {string} html
 */
function make(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const node = template.content.firstElementChild;
  if (!node) throw new Error(`a piece is one element, not ${JSON.stringify(html)}`);
  return node;
}

/**
 * Make what fills the slots below an element.
 * @param {Element} root
 * @param {(node: Element) => void} painted called for each piece once it is made; it may not be on the page yet
 */
export function makePatcher(root, painted) {
  /** @type {Map<string, { place: Element, pieces: Map<string, Element> }>} */
  const kept = new Map();

  /** @param {string} name */
  const find = (name) => {
    const known = kept.get(name);
    if (known && root.contains(known.place)) return known;
    const place = root.querySelector(`[data-slot="${CSS.escape(name)}"]`);
    if (!place) return null;
    const slot = { place, pieces: new Map() };
    place.replaceChildren();
    kept.set(name, slot);
    return slot;
  };

  /**
   * Change a slot; false if its place is not on the page yet.
   * @param {string} name
   * @param {Change} change
   */
  const patch = (name, { set, order }) => {
    const slot = find(name);
    if (!slot) return false;
    for (const [key, html] of Object.entries(set)) {
      const node = make(html);
      slot.pieces.get(key)?.replaceWith(node);
      slot.pieces.set(key, node);
      painted(node);
    }
    if (order) arrange(slot, order);
    return true;
  };

  /**
   * Fill a slot with all its pieces; false if its place is not on the page yet.
   * @param {string} name
   * @param {[key: string, html: string][]} pieces
   */
  const fill = (name, pieces) => {
    kept.delete(name);
    return patch(name, { set: Object.fromEntries(pieces), order: pieces.map(([key]) => key) });
  };
  return { patch, fill };
}

/**
 * Keep the pieces that are wanted, in the order that is wanted; those that are in place are not moved.
 * @param {{ place: Element, pieces: Map<string, Element> }} slot
 * @param {string[]} order
 */
function arrange({ place, pieces }, order) {
  const wanted = new Set(order);
  for (const [key, node] of pieces) {
    if (wanted.has(key)) continue;
    node.remove();
    pieces.delete(key);
  }
  /** @type {ChildNode | null} */
  let at = place.firstChild;
  for (const key of order) {
    const node = pieces.get(key);
    if (!node) throw new Error(`the slot has no piece ${JSON.stringify(key)}`);
    if (node === at) at = at.nextSibling;
    else place.insertBefore(node, at);
  }
}
