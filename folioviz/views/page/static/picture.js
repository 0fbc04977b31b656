// A panel as a picture: a copy of it, laid out without its controls, and drawn as SVG or, on a canvas, as PNG.
/** @import { Ink } from "./ink.js" */
/** @import { Drawn } from "./vector_pen.js" */
import { penOf } from "./dom.js";
import { vectorOf } from "./vector.js";

const LEFT_OUT =
  ".fv-controls, .fv-zoom, .fv-bar, .fv-playhead, .fv-switch, .fv-tip, .fv-pop, .fv-ways .fv-btn, .fv-back, .fv-tail, style, script";
const UNSEEN =
  /^(--|transition|animation|cursor|pointer|touch|user|caret|scroll|overscroll|app-region|will|perspective-origin|transform-origin|-webkit|(min-|max-)?(inline|block)-size|(border|padding|margin|inset)-(inline|block))/;
const INHERITED =
  /^(color|fill|stroke|font|line-height|letter-spacing|word-spacing|text-(align|anchor|indent|transform|rendering|size)|white-space|list-style|visibility|border-(collapse|spacing)|quotes|tab-size)/;
/** What does not take over all that it could inherit. */
const CONTROLS = ["button", "input", "option", "select"];
const ASIDE = "position:absolute;left:-99999px;";
const MARGIN = 12;
const FOOT = 22;

/**
 * Run something with an element out of sight on the page.
 * @template T
 * @param {HTMLElement} node
 * @param {string} style
 * @param {() => T} run
 */
function aside(node, style, run) {
  node.setAttribute("style", ASIDE + style);
  document.body.append(node);
  try {
    return run();
  } finally {
    node.remove();
  }
}

/**
 * Return what says how an element of a kind looks without any style sheet.
 * @param {HTMLIFrameElement} plain an empty page
 */
function makeUnstyled(plain) {
  /** @type {Map<string, Record<string, string>>} */
  const bare = new Map();
  const page = plain.contentDocument;
  const window = plain.contentWindow;
  if (!page || !window) throw new Error("the empty page has no document");
  /** @param {Element} node */
  return (node) => {
    const kind = `${node.namespaceURI} ${node.localName}`;
    const known = bare.get(kind);
    if (known) return known;
    const one = page.createElementNS(node.namespaceURI, node.localName);
    page.body.append(one);
    const style = window.getComputedStyle(one);
    const found = Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)]));
    one.remove();
    bare.set(kind, found);
    return found;
  };
}

/**
 * Copy an element and all in it, each with a class of its own look.
 * @param {Element} node
 * @param {(node: Element) => Record<string, string>} unstyled
 * @param {(copy: Element, canvas: HTMLCanvasElement) => void} standsFor told what stands in for a canvas
 */
function copyOf(node, unstyled, standsFor) {
  const common = unstyled(document.createElement("div"));
  /** What is looked at of every element, and whether one can take it over from what it stands in. */
  const looks = Object.keys(common)
    .filter((name) => !UNSEEN.test(name))
    .map((name) => ({ name, passes: INHERITED.test(name), margin: /^margin-(left|right)$/.test(name) }));
  /** @type {Map<string, string>} Style -> its class. */
  const classes = new Map();
  /** @type {WeakSet<Element>} Copies that lack something, so that their height is not what it was. */
  const shrunk = new WeakSet();

  /**
   * Give a copy a class with what differs from its kind's usual look, or, if it is inherited, from its parent.
   * @param {Element} copy
   * @param {CSSStyleDeclaration} style
   * @param {CSSStyleDeclaration | null} around
   */
  const dress = (copy, style, around) => {
    const usual = unstyled(copy);
    const inherits = around && !CONTROLS.includes(copy.localName);
    let text = "";
    for (const { name, passes, margin } of looks) {
      if (name === "height" && shrunk.has(copy)) continue;
      let value = style.getPropertyValue(name);
      const passed = inherits && passes && usual[name] === common[name];
      if (value === (passed ? around.getPropertyValue(name) : usual[name]) && !copy.hasAttribute(name))
        continue;
      // An automatic margin comes as the room it took: a pixel less, lest rounding breaks the line.
      if (margin && parseFloat(value) > 20) value = `${parseFloat(value) - 1}px`;
      text += `${name}:${value};`;
    }
    const known = classes.get(text) ?? `s${classes.size}`;
    classes.set(text, known);
    copy.removeAttribute("style");
    copy.setAttribute("class", known);
  };
  /** @type {(node: Element, which: string) => Element | null} */
  const generated = (node, which) => {
    const style = getComputedStyle(node, which);
    if (!/^"/.test(style.content)) return null;
    const span = document.createElement("span");
    span.textContent = style.content.slice(1, -1);
    dress(span, style, getComputedStyle(node));
    return span;
  };
  /** @param {Element} node */
  const bareCopy = (node) => {
    if (node instanceof HTMLCanvasElement) {
      const copy = document.createElement("img");
      copy.src = node.toDataURL();
      standsFor(copy, node);
      return copy;
    }
    const copy = /** @type {Element} */ (node.cloneNode(false));
    if (node instanceof HTMLInputElement) copy.setAttribute("value", node.value);
    else if (node instanceof HTMLOptionElement && node.selected) copy.setAttribute("selected", "");
    return copy;
  };
  /** @type {(node: Node, around: CSSStyleDeclaration | null) => Node | null} */
  const copied = (node, around) => {
    if (node.nodeType === Node.TEXT_NODE) return node.cloneNode();
    if (!(node instanceof Element) || node.matches(LEFT_OUT)) return null;
    const style = getComputedStyle(node);
    if (style.display === "none") return null;
    const copy = bareCopy(node);
    const children = [...node.childNodes]
      .map((child) => copied(child, style))
      .filter((child) => child !== null);
    const lacks = [...node.children].some(
      (child) => child.matches(LEFT_OUT) && !child.matches("style, script"),
    );
    if (lacks || children.some((child) => child instanceof Element && shrunk.has(child))) shrunk.add(copy);
    dress(copy, style, around);
    const all = [generated(node, "::before"), ...children, generated(node, "::after")];
    copy.append(...all.filter((child) => child !== null));
    return copy;
  };
  const inside = copied(node, null);
  const sheet = document.createElement("style");
  sheet.textContent = [...classes].map(([text, name]) => `.${name}{${text}}`).join("\n");
  return inside ? [sheet, inside] : [sheet];
}

/**
 * Lay a panel's copy out, out of sight, and return what something makes of it.
 * @template T
 * @param {HTMLElement} panel
 * @param {string} caption
 * @param {Ink} ink
 * @param {(copy: Element, canvas: HTMLCanvasElement) => void} standsFor
 * @param {(body: HTMLElement, width: number, height: number) => T} make
 */
function laidOut(panel, caption, ink, standsFor, make) {
  const area = panel.getBoundingClientRect();
  const look = getComputedStyle(panel.closest(".fv-root") ?? panel);
  const width = Math.ceil(area.width) + 2 * MARGIN;
  const body = document.createElement("div");
  body.setAttribute(
    "style",
    `box-sizing:border-box;width:${width}px;padding:${MARGIN}px;background:${look.backgroundColor}`,
  );
  const foot = document.createElement("div");
  foot.textContent = caption;
  foot.setAttribute("style", `font:11px/${FOOT}px ${look.fontFamily};height:${FOOT}px;color:${ink.dim}`);
  const plain = document.createElement("iframe");
  body.append(
    ...aside(plain, "visibility:visible", () => copyOf(panel, makeUnstyled(plain), standsFor)),
    foot,
  );
  // How high it is without what was left out.
  const trial = document.createElement("div");
  trial.append(body);
  return aside(trial, "top:0", () => make(body, width, Math.ceil(body.getBoundingClientRect().height)));
}

/**
 * Return a panel's picture as SVG of shapes and text.
 * @param {HTMLElement} panel
 * @param {string} caption
 * @param {Ink} ink
 * @param {Drawn} drawn what its canvases show
 */
export function vectorPicture(panel, caption, ink, drawn) {
  /** @type {Map<Element, string>} */
  const pictures = new Map();
  /** @type {(copy: Element, canvas: HTMLCanvasElement) => void} */
  const standsFor = (copy, canvas) => {
    const shapes = drawn.get(canvas);
    if (shapes !== undefined) pictures.set(copy, shapes);
  };
  return laidOut(panel, caption, ink, standsFor, (body, width, height) => {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${vectorOf(body, pictures)}</svg>`;
  });
}

/**
 * Return a panel's picture as PNG, painted by the browser at twice the page's pixels.
 * @param {HTMLElement} panel
 * @param {string} caption
 * @param {Ink} ink
 * @returns {Promise<Blob>}
 */
export async function paintedPicture(panel, caption, ink) {
  const { svg, width, height } = laidOut(
    panel,
    caption,
    ink,
    () => {},
    (body, width, height) => {
      const xml = new XMLSerializer().serializeToString(body);
      const inside = `<foreignObject width="100%" height="100%">${xml}</foreignObject>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`;
      return { svg, width, height };
    },
  );
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  const pen = penOf(canvas);
  pen.scale(2, 2);
  pen.drawImage(image, 0, 0);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the picture is too large"))), "image/png");
  });
}
