// Lanes: their canvases, and what a person does on them: drag, keys, zoom, and looking at a page.
import {
  AXIS,
  asRuns,
  BETWEEN,
  laneHeight,
  makeInk,
  OVERVIEW,
  paintAxis,
  paintChosen,
  paintOverview,
  paintStrip,
  STRIP,
} from "./lane_paint.js";

export function makeLanes(root, model, data, tip) {
  const lanes = new Map();
  let ink = null;
  let theme = "";
  let drag = null;
  let sending = null;
  let shown = null;

  const view = () => data.get("view");
  const overview = (mm) => data.get(`over:${mm}`);
  const resized = new ResizeObserver((entries) => {
    for (const entry of entries) {
      const lane = lanes.get(entry.target.dataset.lane);
      if (lane && entry.contentRect.width) {
        lane.width = entry.contentRect.width;
        paint(lane);
      }
    }
  });
  const place = (lane) => {
    const [lo, hi] = view().view;
    return (page) => ((page - lo) * lane.width) / (hi - lo);
  };
  const selection = (mm) => {
    const chosen = drag && drag.kind === "select" ? drag : view();
    return chosen.mm === mm ? [chosen.lo, chosen.hi] : null;
  };
  const paint = (lane) => {
    const now = view();
    if (!now || !lane.width) return;
    const light = document.body.dataset.jpThemeLight ?? "";
    if (!ink || theme !== light) [ink, theme] = [makeInk(root), light];
    const bins = overview(lane.mm);
    const height = laneHeight(now.sides.length, bins);
    const scale = window.devicePixelRatio || 1;
    const size = [Math.round(lane.width * scale), Math.round(height * scale)];
    if (lane.canvas.width !== size[0]) lane.canvas.width = size[0];
    if (lane.canvas.height !== size[1]) lane.canvas.height = size[1];
    if (lane.height !== height) {
      lane.height = height;
      lane.canvas.style.height = `${height}px`;
    }
    const pen = lane.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, lane.width, height);
    pen.font = "11px system-ui, 'Segoe UI', sans-serif";
    pen.textBaseline = "middle";
    let top = 0;
    if (bins) {
      const bytes = new Uint8Array(bins.buffer, bins.byteOffset, bins.byteLength);
      paintOverview(pen, bytes, now.view, now.whole, lane.width, now.colours, ink);
      top = OVERVIEW + 6;
    }
    lane.top = top;
    const at = place(lane);
    const first = top;
    for (const side of now.sides) {
      pen.font = "11px system-ui, 'Segoe UI', sans-serif";
      paintStrip(pen, asRuns(data.get(`lane:${lane.mm}:${side}`)), top, at, now.view, now.colours, ink);
      top += STRIP + BETWEEN;
    }
    const chosen = selection(lane.mm);
    const mark = (lo, hi, fill) => {
      const left = Math.max(at(lo), 0);
      const right = Math.min(at(hi), lane.width);
      if (right < 0 || left > lane.width) return;
      paintChosen(pen, left, right, first, top - BETWEEN - first, fill, ink);
    };
    if (chosen) mark(...chosen, 0.09);
    if (lane.cursor !== null && document.activeElement === lane.el) mark(lane.cursor, lane.cursor + 1, 0.25);
    paintAxis(pen, top - BETWEEN + 1, at, now.view, now.base, lane.width, ink);
  };
  const pageAt = (lane, x, range = view().view) => {
    const area = lane.el.getBoundingClientRect();
    const page = Math.floor(range[0] + ((x - area.left) / area.width) * (range[1] - range[0]));
    return Math.min(Math.max(page, range[0]), range[1] - 1);
  };
  const laneOf = (event) => {
    const el = event.target.closest?.("[data-lane]");
    return el && root.contains(el) ? lanes.get(el.dataset.lane) : null;
  };
  const inOverview = (lane, event) =>
    overview(lane.mm) && event.clientY - lane.el.getBoundingClientRect().top < OVERVIEW + 4;

  // Send what is asked for last, one at a time: a fast hand does not flood the kernel.
  const send = (message) => {
    const idle = sending === null;
    sending = message;
    if (idle) setTimeout(flush, 0);
  };
  const flush = () => {
    if (sending) model.send(sending);
    sending = null;
  };
  const select = (mm, lo, hi) => send({ select: [mm, lo, hi] });
  const moveWindow = (lane, x) => {
    const [lo, hi] = view().view;
    const whole = view().whole;
    const size = hi - lo;
    const start = Math.round(pageAt(lane, x, whole) - size / 2);
    const first = Math.min(Math.max(start, whole[0]), whole[1] - size);
    send({ zoom: [first, first + size] });
  };
  const down = (event) => {
    const lane = laneOf(event);
    if (!lane || event.button > 0) return;
    lane.el.setPointerCapture(event.pointerId);
    tip.hide();
    if (inOverview(lane, event)) {
      drag = { kind: "window", lane };
      moveWindow(lane, event.clientX);
      return;
    }
    const page = pageAt(lane, event.clientX);
    drag = { kind: "select", lane, mm: lane.mm, from: page, lo: page, hi: page + 1 };
    paint(lane);
  };
  const move = (event) => {
    if (drag?.kind === "window") moveWindow(drag.lane, event.clientX);
    else if (drag) {
      const page = pageAt(drag.lane, event.clientX);
      const [lo, hi] = [Math.min(drag.from, page), Math.max(drag.from, page) + 1];
      if (lo === drag.lo && hi === drag.hi) return;
      Object.assign(drag, { lo, hi });
      paint(drag.lane);
      select(drag.mm, lo, hi);
    } else {
      const lane = laneOf(event);
      if (!lane || inOverview(lane, event)) return;
      const area = lane.el.getBoundingClientRect();
      if (event.clientY - area.top < lane.height - AXIS) {
        tip.ask(["lane", lane.mm, pageAt(lane, event.clientX)], event.clientX, event.clientY, lane.el);
      } else tip.hide();
    }
  };
  const up = () => {
    if (drag?.kind === "select") select(drag.mm, drag.lo, drag.hi);
    drag = null;
  };
  const cancel = () => {
    drag = null;
    show();
  };
  const key = (event) => {
    const lane = laneOf(event);
    if (!lane || event.ctrlKey || event.metaKey || event.altKey) return;
    const [lo, hi] = view().view;
    const leap = Math.max(1, Math.round((hi - lo) / 16));
    const now = lane.cursor ?? Math.min(Math.max(view().lo, lo), hi - 1);
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -leap, PageDown: leap }[event.key];
    const to = { Home: lo, End: hi - 1, Enter: now }[event.key] ?? (by === undefined ? undefined : now + by);
    if (to === undefined) return;
    event.preventDefault();
    lane.cursor = Math.min(Math.max(to, view().whole[0]), view().whole[1] - 1);
    if (event.shiftKey) {
      lane.anchor ??= now;
      select(lane.mm, Math.min(lane.anchor, lane.cursor), Math.max(lane.anchor, lane.cursor) + 1);
    } else {
      lane.anchor = null;
      if (event.key === "Enter") select(lane.mm, lane.cursor, lane.cursor + 1);
    }
    if (lane.cursor < lo || lane.cursor >= hi) {
      const first = Math.min(
        Math.max(lane.cursor - ((hi - lo) >> 1), view().whole[0]),
        view().whole[1] - (hi - lo),
      );
      model.send({ zoom: [first, first + hi - lo] });
    }
    lane.el.setAttribute("aria-valuenow", lane.cursor);
    look(lane);
    paint(lane);
  };
  const look = (lane) => {
    const area = lane.el.getBoundingClientRect();
    tip.ask(
      ["lane", lane.mm, lane.cursor],
      area.left + place(lane)(lane.cursor),
      area.top + lane.height - AXIS,
      lane.el,
    );
  };
  const focus = (event) => {
    const lane = laneOf(event);
    if (!lane?.el.matches(":focus-visible")) return;
    const [lo, hi] = view().view;
    lane.cursor ??= Math.min(Math.max(view().lo, lo), hi - 1);
    lane.el.setAttribute("aria-valuenow", lane.cursor);
    look(lane);
    paint(lane);
  };
  const leave = (event) => {
    const lane = laneOf(event);
    if (!lane || drag) return;
    tip.hide();
    if (event.type === "focusout") requestAnimationFrame(() => paint(lane));
  };
  const quiet = (event) => {
    if (!laneOf(event)) return;
    event.preventDefault(); // a click does not take the arrow keys away from the playhead
    document.activeElement?.blur?.();
  };
  const wheel = (event) => {
    const lane = laneOf(event);
    if (!lane || !event.ctrlKey) return;
    event.preventDefault();
    const [lo, hi] = view().view;
    const page = pageAt(lane, event.clientX);
    const size = Math.max(16, Math.round((hi - lo) * (event.deltaY > 0 ? 2 : 0.5)));
    const start = Math.round(page - ((page - lo) * size) / (hi - lo));
    send({ zoom: [start, start + size] });
  };
  const listeners = [
    ["pointerdown", down],
    ["pointermove", move],
    ["pointerup", up],
    ["pointercancel", cancel],
    ["keydown", key],
    ["focusin", focus],
    ["focusout", leave],
    ["pointerout", leave],
    ["mousedown", quiet],
    ["wheel", wheel],
  ];
  for (const [name, heard] of listeners) root.addEventListener(name, heard, { passive: false });

  // A piece is about to come onto the page: take its lanes.
  const found = (node) => {
    const fresh = [...(node.querySelectorAll?.("[data-lane]") ?? [])];
    for (const el of fresh) {
      const canvas = el.querySelector("canvas");
      lanes.set(el.dataset.lane, {
        el,
        canvas,
        mm: Number(el.dataset.lane),
        width: 0,
        height: 0,
        top: 0,
        cursor: null,
      });
      resized.observe(el);
    }
  };
  const forget = () => {
    for (const [name, lane] of lanes) {
      if (root.contains(lane.el)) continue;
      resized.unobserve(lane.el);
      lanes.delete(name);
    }
  };
  const show = (names = null) => {
    const all = names === null || names.has("view") || shown === null;
    shown = view();
    forget();
    for (const lane of lanes.values()) {
      const mine = (name) => name.startsWith(`lane:${lane.mm}:`) || name === `over:${lane.mm}`;
      if (all || [...names].some(mine)) paint(lane);
    }
  };
  // The theme is an attribute of the body: its colours are in what is painted.
  const themed = new MutationObserver(() => show());
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const stop = () => {
    resized.disconnect();
    themed.disconnect();
  };
  return { show, found, stop };
}
