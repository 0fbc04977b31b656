// A page to test on: a document, canvases that write down what is drawn, and a kernel that writes down what it is told.
import { GlobalRegistrator } from "@happy-dom/global-registrator";

GlobalRegistrator.register({
  url: "http://localhost:8866/voila/render/explorer.ipynb",
  width: 1000,
  height: 800,
});

/** Colours that no other test needs to know. */
export const INK = {
  folios: ["rgb(100, 100, 100)", "rgb(200, 100, 50)", "rgb(0, 50, 0)"],
  orders: Array.from({ length: 10 }, (_, order) => `order ${order}`),
  held: "held",
  onFolio: "rgb(1, 1, 1)",
  unmapped: "rgb(9, 9, 9)",
  zeros: "zeros",
  changed: "changed",
  marked: "marked",
  onMarked: "onMarked",
  dim: "dim",
  accent: "accent",
};
export const [GREY, ORANGE, GREEN] = INK.folios;

/** A pen that writes down what it draws; its letters are 6 wide. */
export function makePen() {
  const drawn = [];
  const pen = {
    drawn,
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    globalAlpha: 1,
    font: "",
    textBaseline: "",
    dash: [],
    scales: [],
    measureText: (text) => ({ width: 6 * text.length }),
    setLineDash: (dash) => {
      pen.dash = dash;
    },
    getLineDash: () => pen.dash,
    scale: (...by) => pen.scales.push(by),
    setTransform: (...by) => pen.scales.push(by),
    /** A part of a canvas is cleared of the boxes that begin there. */
    clearRect: (left, top, width, high) => {
      const there = ([, x, y]) => x >= left && x < left + width && y >= top && y < top + high;
      const kept = left || top ? drawn.filter((one) => !there(one)) : [];
      drawn.splice(0, drawn.length, ...kept);
    },
    createPattern: (tile) => `hatch ${tile.getContext("2d").strokeStyle}`,
    beginPath: () => {},
    moveTo: () => {},
    lineTo: () => {},
    ellipse: (...at) => drawn.push(["ellipse", ...at.slice(0, 4), pen.strokeStyle]),
    stroke: () => {},
    fillRect: (...box) => {
      const clear = pen.globalAlpha === 1 ? [] : [pen.globalAlpha];
      drawn.push(["fill", ...box, pen.fillStyle, ...clear]);
    },
    strokeRect: (...box) =>
      drawn.push([pen.dash.length ? `dashes ${pen.dash}` : "frame", ...box, pen.strokeStyle, pen.lineWidth]),
    fillText: (text, ...at) => drawn.push(["text", text, ...at, pen.fillStyle]),
  };
  return pen;
}

const pens = new WeakMap();
HTMLCanvasElement.prototype.getContext = function getContext() {
  if (!pens.has(this)) pens.set(this, makePen());
  return pens.get(this);
};

/** What a canvas shows. */
export const drawnOn = (canvas) => canvas.getContext("2d").drawn;

/** Put HTML onto the page, and return its root. */
export function show(html) {
  document.body.innerHTML = `<div class="fv-root">${html}</div>`;
  return document.body.firstElementChild;
}

/** Say where an element is. */
export function at(node, left, top, width, height) {
  const box = { left, top, width, height, right: left + width, bottom: top + height };
  node.getBoundingClientRect = () => box;
  for (const [name, value] of Object.entries({
    offsetWidth: width,
    offsetHeight: height,
    clientWidth: width,
  }))
    Object.defineProperty(node, name, { configurable: true, get: () => value });
  return node;
}

/** Let something happen to an element; tell whether the browser would still do what it does by itself. */
export function fire(node, kind, given = {}) {
  const event = new Event(kind, { bubbles: true, cancelable: true });
  return node.dispatchEvent(Object.assign(event, given));
}

/** Press a key. */
export function press(node, key, given = {}) {
  return node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...given }));
}

/** A model whose messages are written down. */
export function makeModel(state = {}) {
  const heard = {};
  const said = [];
  const model = {
    said,
    state: { parts: {}, data: {}, serial: 0, heard: [], ...state },
    get: (name) => model.state[name],
    on: (name, listener) => {
      heard[name] = listener;
    },
    send: (message) => said.push(message),
    tell: (name, ...what) => heard[name](...what),
  };
  return model;
}

/** A tooltip whose questions are written down. */
export function makeTipStub() {
  const asked = [];
  return { asked, ask: (look, x, y) => asked.push([look, x, y]), hide: () => asked.push("hide") };
}

const observers = new Set();
globalThis.ResizeObserver = class {
  constructor(told) {
    this.told = told;
    this.nodes = new Set();
    observers.add(this);
  }
  observe(node) {
    this.nodes.add(node);
  }
  unobserve(node) {
    this.nodes.delete(node);
  }
  disconnect() {
    this.nodes.clear();
  }
};

/** Give an element a width that the page's observers hear of; return how many did. */
export function resize(node, width) {
  const told = [...observers].filter(({ nodes }) => nodes.has(node));
  for (const observer of told) observer.told([{ target: node, contentRect: { width } }]);
  return told.length;
}

/** Bytes as they come from Python, in the middle of a larger buffer. */
export function bytesOf(array) {
  const whole = new Uint8Array(array.byteLength + 8);
  whole.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), 4);
  return new DataView(whole.buffer, 4, array.byteLength);
}

/** Let what waits for its turn happen. */
export const turn = () => new Promise((done) => setTimeout(done, 0));

/** Let files be saved into a list: their names, and which are still held. Timers stand still; `later` lets them run. */
export function watchFiles(mock) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const files = { saved: [], held: [], later: (time) => mock.timers.tick(time) };
  URL.createObjectURL = (blob) => `blob:${files.held.push(blob)}`;
  URL.revokeObjectURL = () => files.held.pop();
  HTMLAnchorElement.prototype.click = function click() {
    files.saved.push([this.download, this.href]);
  };
  return files;
}
