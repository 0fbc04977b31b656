// What is laid out on the page, as SVG that any reader of SVG can draw: boxes, lines of text, and what is SVG already.
import { penOf } from "./dom.js";
import { attributes, escaped, inked, lettered } from "./vector_pen.js";

/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

const SIDES = /** @type {const} */ (["Top", "Right", "Bottom", "Left"]);
/** What SVG takes from a style sheet, which a picture of its own has not. */
const DRAWN = [
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "text-anchor",
];
const COLOURS = ["fill", "stroke"];
const UNSEEN = /^(class|style|id|data-.*|aria-.*|role|tabindex|fill|stroke|(fill|stroke)-opacity|font.*)$/;
const COLOUR = /(?:rgba?|color)\([^)]*\)/;

/** @param {string} colour */
const seenThrough = (colour) => /^rgba\(.*, 0\)$|\/ 0\)$|^transparent$/.test(colour);

/**
 * Return a gradient that repeats along a line, as the hatches of the page do, and its name; nothing for any other.
 * @param {string} image a layer of a background
 * @param {number} tile the width after which the layer comes again
 * @param {Box} box
 * @param {string} id
 */
export function hatched(image, tile, box, id) {
  const [, again, degrees, inside] =
    image.match(/^(repeating-)?linear-gradient\((-?[\d.]+)deg, (.*)\)$/) ?? [];
  if (!inside || !(again || tile)) return "";
  const angle = (Number(degrees) * Math.PI) / 180;
  const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
  const long = Math.abs(box.width * dx) + Math.abs(box.height * dy);
  const [x1, y1] = [box.left + (box.width - long * dx) / 2, box.top + (box.height - long * dy) / 2];
  const stops = [...inside.matchAll(new RegExp(`(${COLOUR.source})((?: [\\d.]+px)*)`, "g"))].flatMap(
    ([, colour = "", places = ""]) =>
      (places.match(/[\d.]+/g) ?? ["0"]).map((at) => ({ colour, at: Number(at) })),
  );
  const last = stops.at(-1);
  const period = again ? (last?.at ?? 0) : tile;
  if (!period || !last) return "";
  const ends = again ? stops : [...stops, { colour: last.colour, at: tile }];
  const marks = ends.map(({ colour, at }) => {
    const { fill, "fill-opacity": opacity = "1" } = /** @type {Record<string, string>} */ (
      inked("fill", colour)
    );
    return `<stop${attributes({ offset: `${Math.round((at / period) * 1e4) / 1e4}`, "stop-color": fill ?? "", "stop-opacity": opacity })}/>`;
  });
  const line = { x1, y1, x2: x1 + period * dx, y2: y1 + period * dy };
  const how = { id, gradientUnits: "userSpaceOnUse", spreadMethod: "repeat" };
  return `<linearGradient${attributes({ ...how, ...line })}>${marks.join("")}</linearGradient>`;
}

/**
 * Return the layers of a list in a style: commas in brackets part nothing.
 * @param {string} text
 */
const layers = (text) => text.split(/, (?![^(]*\))(?![^(]*\([^)]*\)[^(]*\))/);

/**
 * Return what is laid out, as SVG.
 * @param {Element} whole
 * @param {Map<Element, string>} pictures what stands in for canvases -> the SVG of what was painted on them
 */
export function vectorOf(whole, pictures) {
  const origin = whole.getBoundingClientRect();
  const ruler = penOf(document.createElement("canvas"));
  let names = 0;
  const name = () => `v${names++}`;
  /** @param {DOMRect} rect @returns {Box} */
  const boxOf = ({ left, top, width, height }) => ({
    left: left - origin.left,
    top: top - origin.top,
    width,
    height,
  });

  /** @type {(box: Box, style: CSSStyleDeclaration) => string} */
  const backOf = ({ left, top, width, height }, style) => {
    const round = Math.min(parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
    const place = { x: left, y: top, width, height, ...(round && { rx: round }) };
    let out = seenThrough(style.backgroundColor)
      ? ""
      : `<rect${attributes({ ...place, ...inked("fill", style.backgroundColor) })}/>`;
    for (const image of layers(style.backgroundImage).filter((one) => one !== "none")) {
      const id = name();
      const made = hatched(image, parseFloat(style.backgroundSize) || 0, { left, top, width, height }, id);
      if (made) out += `${made}<rect${attributes({ ...place, fill: `url(#${id})` })}/>`;
    }
    return out;
  };

  /** @type {(box: Box, style: CSSStyleDeclaration) => string} */
  const edgesOf = ({ left, top, width, height }, style) => {
    const edges = SIDES.map((side) => ({
      wide: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]) || 0,
      colour: style[`border${side}Color`],
      kind: style[`border${side}Style`],
    }));
    /** @type {(edge: { wide: number, colour: string, kind: string }) => Record<string, string | number>} */
    const line = ({ wide, colour, kind }) => ({
      fill: "none",
      ...inked("stroke", colour),
      "stroke-width": wide,
      ...(kind === "dashed" && { "stroke-dasharray": `${3 * wide} ${2 * wide}` }),
      ...(kind === "dotted" && { "stroke-dasharray": `${wide}` }),
    });
    const [first] = edges;
    if (first?.wide && edges.every((one) => one.wide === first.wide && one.colour === first.colour)) {
      const round = Math.min(parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
      const inner = { x: left + first.wide / 2, y: top + first.wide / 2, ...(round && { rx: round }) };
      const size = { width: Math.max(width - first.wide, 0), height: Math.max(height - first.wide, 0) };
      return seenThrough(first.colour) ? "" : `<rect${attributes({ ...inner, ...size, ...line(first) })}/>`;
    }
    const [right, bottom] = [left + width, top + height];
    return edges
      .map((edge, at) => {
        if (!edge.wide || seenThrough(edge.colour)) return "";
        const half = edge.wide / 2;
        const [x1, y1, x2, y2] = /** @type {[number, number, number, number]} */ (
          [
            [left, top + half, right, top + half],
            [right - half, top, right - half, bottom],
            [left, bottom - half, right, bottom - half],
            [left + half, top, left + half, bottom],
          ][at]
        );
        return `<line${attributes({ x1, y1, x2, y2, ...line(edge) })}/>`;
      })
      .join("");
  };

  /** @type {(box: Box, style: CSSStyleDeclaration) => string} An outline, and the shadows inside that are lines. */
  const ringsOf = ({ left, top, width, height }, style) => {
    /** @type {(out: number, wide: number, colour: string) => string} */
    const ring = (out, wide, colour) => {
      const place = { x: left - out, y: top - out, width: width + 2 * out, height: height + 2 * out, rx: 4 };
      return `<rect${attributes({ ...place, fill: "none", ...inked("stroke", colour), "stroke-width": wide })}/>`;
    };
    const wide = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
    let out = wide ? ring(parseFloat(style.outlineOffset) + wide / 2, wide, style.outlineColor) : "";
    const [, colour = "", x = "", y = "", blur = "", spread = ""] =
      style.boxShadow.match(/^(.*\)) (\S+)px (\S+)px (\S+)px (\S+)px inset$/) ?? [];
    if (colour && !Number(blur) && !Number(y)) {
      if (Number(spread)) out += ring(-Number(spread) / 2, Number(spread), colour);
      const bar = { x: left, y: top, width: Number(x), height, ...inked("fill", colour) };
      if (Number(x)) out += `<rect${attributes(bar)}/>`;
    }
    return out;
  };

  /** @type {(text: string, left: number, top: number, width: number, style: CSSStyleDeclaration) => string} */
  const line = (text, left, top, width, style) => {
    const shown = style.textTransform === "uppercase" ? text.toUpperCase() : text;
    /** @param {string} family */
    const measured = (family) => {
      ruler.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${family}`;
      return ruler.measureText(shown);
    };
    // The page's own fonts have names that only a browser knows: in a general one, as large as fits in their place.
    const fontFamily = /mono/.test(style.fontFamily) ? "monospace" : "sans-serif";
    const { fontBoundingBoxAscent: ascent, width: own } = measured(style.fontFamily);
    const fontSize = `${(parseFloat(style.fontSize) * own) / (measured(fontFamily).width || own)}px`;
    const { fontWeight, fontStyle } = style;
    const place = { x: left, y: top + ascent, textLength: width, ...inked("fill", style.color) };
    const look = lettered({ fontFamily, fontSize, fontWeight, fontStyle });
    return `<text${attributes({ ...place, ...look })} xml:space="preserve">${escaped(shown)}</text>`;
  };

  /** @type {(node: Text, style: CSSStyleDeclaration) => string} */
  const wordsOf = (node, style) => {
    const range = document.createRange();
    /** @type {{ text: string, left: number, right: number, top: number }[]} */
    const lines = [];
    for (const { 0: text, index } of node.data.matchAll(/\S+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + text.length);
      const rect = range.getClientRects()[0];
      if (!rect?.width) continue;
      const last = lines.at(-1);
      if (last && Math.abs(last.top - rect.top) < 2) {
        const gap = style.whiteSpace.startsWith("pre") ? node.data.slice(0, index).match(/\s*$/)?.[0] : " ";
        last.text += `${gap}${text}`;
        last.right = rect.right;
      } else lines.push({ text, left: rect.left, right: rect.right, top: rect.top });
    }
    return lines
      .map(({ text, left, right, top }) =>
        line(text, left - origin.left, top - origin.top, right - left, style),
      )
      .join("");
  };

  /** @param {Element} node What is SVG keeps its shapes, with the looks that the page gave them. @returns {string} */
  const shapeOf = (node) => {
    const style = getComputedStyle(node);
    if (style.display === "none" || node.localName === "foreignObject") return "";
    /** @type {Record<string, string | number>} */
    const look = {};
    for (const { name, value } of node.attributes) if (!UNSEEN.test(name)) look[name] = value;
    for (const name of DRAWN) {
      const value = style.getPropertyValue(name);
      if (value && !["none", "normal", "auto", "butt", "miter", "start"].includes(value)) look[name] = value;
    }
    for (const name of COLOURS) {
      const value = style.getPropertyValue(name);
      const opacity = style.getPropertyValue(`${name}-opacity`);
      Object.assign(look, /^(none|url)/.test(value) ? { [name]: value } : inked(name, value));
      if (opacity !== "1") look[`${name}-opacity`] = opacity;
    }
    if (style.visibility === "hidden") look.visibility = "hidden";
    if (node.localName === "text" || node.localName === "tspan") Object.assign(look, lettered(style));
    if (node.id) look.id = node.id;
    return `<${node.localName}${attributes(look)}>${insideOf(node, shapeOf)}</${node.localName}>`;
  };

  /** @type {(node: Element, one: (node: Element) => string) => string} */
  const insideOf = (node, one) =>
    [...node.childNodes]
      .map((child) => {
        if (child instanceof Element) return one(child);
        return child instanceof Text ? escaped(child.data) : "";
      })
      .join("");

  /** @type {(box: Box, inside: string) => string} */
  const cutTo = ({ left, top, width, height }, inside) => {
    if (!inside) return "";
    const id = name();
    const place = attributes({ x: left, y: top, width, height });
    return `<clipPath id="${id}"><rect${place}/></clipPath><g clip-path="url(#${id})">${inside}</g>`;
  };

  /** @param {Element} node @returns {string} */
  const drawn = (node) => {
    const style = getComputedStyle(node);
    const rect = node.getBoundingClientRect();
    const box = boxOf(rect);
    // Clipped to nothing are words for those who do not see the page.
    if (style.display === "none" || node.localName === "style" || style.clipPath === "inset(50%)") return "";
    const { left, top, width, height } = box;
    const place = { x: left, y: top, width, height };
    const painted = pictures.get(node);
    if (painted !== undefined) return `<svg${attributes(place)} overflow="hidden">${painted}</svg>`;
    if (node instanceof HTMLImageElement) return `<image${attributes({ ...place, href: node.src })}/>`;
    if (node instanceof SVGSVGElement) {
      const inside = insideOf(node, shapeOf);
      const view = node.getAttribute("viewBox");
      const seen = style.overflow === "visible" ? "visible" : "hidden";
      return `<svg${attributes({ ...place, overflow: seen, ...(view && { viewBox: view }) })}>${inside}</svg>`;
    }
    const hidden = style.visibility === "hidden";
    let out = hidden ? "" : backOf(box, style) + edgesOf(box, style) + ringsOf(box, style);
    if (node instanceof HTMLInputElement || node instanceof HTMLSelectElement) {
      const said = node instanceof HTMLInputElement ? node.value : (node.selectedOptions[0]?.text ?? "");
      const size = parseFloat(style.fontSize);
      const inset = parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth);
      ruler.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const wide = ruler.measureText(said).width;
      const text = () => cutTo(box, line(said, left + inset, top + (height - 1.2 * size) / 2, wide, style));
      return hidden ? out : out + text();
    }
    const shut = node instanceof HTMLDetailsElement && !node.open;
    const inside = [...node.childNodes].map((child) => {
      if (shut && !(child instanceof Element && child.localName === "summary")) return "";
      if (child instanceof Text) return hidden ? "" : wordsOf(child, style);
      return child instanceof Element ? drawn(child) : "";
    });
    const cut = style.overflowX !== "visible" && node instanceof HTMLElement && width > 0;
    out += cut ? cutTo(box, inside.join("")) : inside.join("");
    return style.opacity === "1" || !out ? out : `<g opacity="${style.opacity}">${out}</g>`;
  };
  return drawn(whole);
}
