// What is painted on canvases, written down as SVG while it is painted.
import { watchPens } from "./dom.js";

/** @typedef {Map<HTMLCanvasElement, string>} Drawn Canvas -> the SVG of what was painted on it last. */

/** @param {number} value */
const short = (value) => `${Math.round(value * 100) / 100}`;

/**
 * Return a text as XML has it.
 * @param {string} text
 */
export function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/**
 * Return attributes as XML has them; numbers with two decimals.
 * @param {Record<string, string | number>} all
 */
export function attributes(all) {
  return Object.entries(all)
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? short(value) : escaped(value)}"`)
    .join("");
}

/**
 * Return a colour as two attributes: not every reader of SVG knows one that can be seen through.
 * @param {string} name "fill" or "stroke"
 * @param {string} colour as a browser computes it
 */
export function inked(name, colour) {
  if (colour.startsWith("#")) return { [name]: colour };
  const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+(?:e-\d+)?/g) ?? []).map(Number);
  const times = colour.startsWith("color(srgb ") ? 255 : 1;
  const parts = [red, green, blue].map((part) => Math.round(part * times));
  const look = { [name]: `rgb(${parts.join(",")})` };
  return alpha < 1 ? { ...look, [`${name}-opacity`]: short(alpha) } : look;
}

/**
 * Return a font's attributes.
 * @param {CSSStyleDeclaration | Record<string, string>} style
 */
export function lettered({ fontFamily = "", fontSize = "", fontWeight = "", fontStyle = "" }) {
  /** @type {Record<string, string>} */
  const look = {
    "font-family": fontFamily.replaceAll('"', "'"),
    "font-size": `${short(parseFloat(fontSize))}px`,
  };
  if (fontWeight && fontWeight !== "400") look["font-weight"] = fontWeight;
  if (fontStyle && fontStyle !== "normal") look["font-style"] = fontStyle;
  return look;
}

/**
 * Return a pen that writes down what it does, and does it.
 * @param {CanvasRenderingContext2D} pen
 * @param {(svg: string) => void} write
 * @param {WeakMap<CanvasPattern, string>} patterns the SVG of each pattern's tile
 * @param {(canvas: HTMLCanvasElement) => string} drawnOn
 */
function writingPen(pen, write, patterns, drawnOn) {
  let path = "";
  /** @param {"fill" | "stroke"} name */
  const look = (name) => {
    const style = name === "fill" ? pen.fillStyle : pen.strokeStyle;
    const opacity = pen.globalAlpha < 1 ? { opacity: pen.globalAlpha } : {};
    if (style instanceof CanvasPattern) return { ...opacity, fill: `url(#${patterns.get(style) ?? ""})` };
    const colour = { ...inked(name, String(style)), ...opacity };
    if (name === "fill") return colour;
    const dash = pen.getLineDash().join(" ");
    return {
      fill: "none",
      ...colour,
      "stroke-width": pen.lineWidth,
      ...(dash && { "stroke-dasharray": dash }),
    };
  };
  /** @type {(name: "fill" | "stroke", x: number, y: number, width: number, height: number) => void} */
  const rect = (name, x, y, width, height) =>
    write(`<rect${attributes({ x, y, width: Math.abs(width), height: Math.abs(height), ...look(name) })}/>`);
  /** @type {Record<string, (...args: any[]) => void>} */
  const notes = {
    fillRect: (...place) => rect("fill", .../** @type {[number, number, number, number]} */ (place)),
    strokeRect: (...place) => rect("stroke", .../** @type {[number, number, number, number]} */ (place)),
    beginPath: () => {
      path = "";
    },
    moveTo: (x, y) => {
      path += `M${short(x)} ${short(y)}`;
    },
    lineTo: (x, y) => {
      path += `L${short(x)} ${short(y)}`;
    },
    ellipse: (x, y, wide, high) => {
      const half = `A${short(wide)} ${short(high)} 0 1 1`;
      path += `M${short(x - wide)} ${short(y)}${half} ${short(x + wide)} ${short(y)}${half} ${short(x - wide)} ${short(y)}`;
    },
    stroke: () => write(`<path${attributes({ d: path, ...look("stroke") })}/>`),
    fillText: (text, x, y) => {
      const [, fontSize = "11px", fontFamily = ""] = pen.font.match(/([\d.]+px)\s+(.*)$/) ?? [];
      // The pen writes around the middle of a line; not every reader of SVG knows one.
      const down = pen.textBaseline === "middle" ? 0.35 * parseFloat(fontSize) : 0;
      const place = { x, y: y + down, ...look("fill"), ...lettered({ fontSize, fontFamily }) };
      write(`<text${attributes(place)}>${escaped(text)}</text>`);
    },
  };
  return new Proxy(pen, {
    get: (real, name) => {
      const own = Reflect.get(real, name);
      if (typeof own !== "function") return own;
      /** @param {any[]} args */
      return (...args) => {
        notes[String(name)]?.(...args);
        const given = own.apply(real, args);
        if (given instanceof CanvasPattern) {
          const [tile] = /** @type {[HTMLCanvasElement]} */ (args);
          const inside = drawnOn(tile);
          const id = `p${inside.length}-${[...inside].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) >>> 0, 7)}`;
          const size = { width: tile.width, height: tile.height, patternUnits: "userSpaceOnUse" };
          write(`<pattern${attributes({ id, ...size })}>${inside}</pattern>`);
          patterns.set(given, id);
        }
        return given;
      };
    },
    set: (real, name, value) => Reflect.set(real, name, value),
  });
}

/**
 * Run something that paints; it is given what it painted, canvas by canvas, as SVG in pixels of the page.
 * @template T
 * @param {(drawn: Drawn) => T} run
 */
export function writtenDown(run) {
  /** @type {Drawn} */
  const drawn = new Map();
  /** @type {WeakMap<CanvasPattern, string>} */
  const patterns = new WeakMap();
  /** @param {HTMLCanvasElement} canvas */
  const drawnOn = (canvas) => drawn.get(canvas) ?? "";
  watchPens((canvas, pen) => {
    drawn.set(canvas, "");
    return writingPen(pen, (svg) => drawn.set(canvas, drawnOn(canvas) + svg), patterns, drawnOn);
  });
  try {
    return run(drawn);
  } finally {
    watchPens(null);
  }
}
