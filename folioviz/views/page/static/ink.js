// Colours for canvases, which know no variables of a style sheet.

/**
 * @typedef {object} Ink
 * @property {string} dim
 * @property {string} accent
 */

/**
 * Return the colours of a page's theme.
 * @param {Element} root
 * @returns {Ink}
 */
export function makeInk(root) {
  const style = getComputedStyle(root);
  /** @param {string} name */
  const get = (name) => style.getPropertyValue(name).trim();
  return { dim: get("--fv-dim"), accent: get("--fv-accent") };
}

/**
 * Return a colour with each part made smaller.
 * @param {string} colour #rrggbb
 * @param {number} factor
 */
export function darker(colour, factor) {
  /** @param {number} at */
  const part = (at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * factor);
  return `rgb(${part(1)} ${part(3)} ${part(5)})`;
}
