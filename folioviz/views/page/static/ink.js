// Colours for canvases: those of colours.css, which canvases cannot name.

/**
 * @typedef {object} Ink
 * @property {string[]} folios of folio 1, 2, ...; after the last comes the first again
 * @property {string[]} orders of folios of order 0, 1, ...
 * @property {string} onFolio what is written on them
 * @property {string} unmapped pages that are not mapped
 * @property {string} zeros pages of zeros
 * @property {string} changed what the last step changed
 * @property {string} marked what a link highlights
 * @property {string} onMarked what lies around that, whatever it is on
 * @property {string} held what nobody maps
 * @property {string} dim
 * @property {string} accent
 */

/**
 * Tell whether the colours are there: they come with the page, at a time of their own.
 * @param {Element} root
 */
export function hasColours(root) {
  return getComputedStyle(root).getPropertyValue("--fv-page") !== "";
}

/**
 * Return the colours of an element's theme, as "rgb(r, g, b)".
 * @param {Element} root
 * @returns {Ink}
 */
export function makeInk(root) {
  const style = getComputedStyle(root);
  const probe = document.createElement("i");
  root.append(probe);
  /** @param {string} name */
  const colour = (name) => {
    probe.style.color = `var(--fv-${name})`;
    return getComputedStyle(probe).color;
  };
  const folios = [];
  for (let k = 1; style.getPropertyValue(`--fv-folio-${k}`); k++) folios.push(colour(`folio-${k}`));
  const orders = [];
  for (let k = 0; style.getPropertyValue(`--fv-order-${k}`); k++) orders.push(colour(`order-${k}`));
  const ink = {
    folios,
    orders,
    onFolio: colour("on-folio"),
    unmapped: colour("unmapped"),
    zeros: colour("zeros"),
    changed: colour("changed"),
    marked: colour("marked"),
    onMarked: colour("card"),
    held: colour("bad"),
    dim: colour("dim"),
    accent: colour("accent"),
  };
  probe.remove();
  return ink;
}

/**
 * Return what gives an element's colours; it looks again when the theme, an attribute of the body, is another.
 * @param {Element} root
 */
export function inkOf(root) {
  /** @type {Ink | undefined} */
  let ink;
  let theme = "";
  return () => {
    const now = document.body.dataset.jpThemeLight ?? "";
    if (!ink || theme !== now) {
      ink = makeInk(root);
      theme = now;
    }
    return ink;
  };
}

/**
 * Return a folio's colour.
 * @param {Ink} ink
 * @param {number} folio
 */
export function ofFolio(ink, folio) {
  return ink.folios[(folio - 1) % ink.folios.length] ?? ink.unmapped;
}

/**
 * Return an order's colour.
 * @param {Ink} ink
 * @param {number} order
 */
export function ofOrder(ink, order) {
  return ink.orders[order] ?? ink.unmapped;
}

/**
 * Return a colour's red, green and blue.
 * @param {string} colour
 */
const parts = (colour) => (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);

/**
 * Return a colour with each part made smaller.
 * @param {string} colour
 * @param {number} factor
 */
export function darker(colour, factor) {
  return `rgb(${parts(colour)
    .map((part) => Math.round(part * factor))
    .join(" ")})`;
}

/**
 * Return a colour through which one sees.
 * @param {string} colour
 * @param {number} percent 100: not at all
 */
export function faded(colour, percent) {
  return `rgb(${parts(colour).join(" ")} / ${percent}%)`;
}
