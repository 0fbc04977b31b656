// What a person does on lanes: drag, keys, zoom, and looking at a page.
/** @import { Lane, Lanes, Selection } from "./lanes.js" */
/** @import { Model, Range, ToPython } from "./messages" */
/** @import { Tip } from "./tip.js" */
import { chord, clamp, listen } from "./dom.js";
import { AXIS } from "./lane_paint.js";
import { pagesOn } from "./lane_scale.js";

/** @typedef {{ kind: "window", lane: Lane }} Sliding The part that is shown, in the overview. */
/** @typedef {{ kind: "select", lane: Lane, from: number } & Selection} Selecting */

/** The fewest pages that are zoomed to. */
const LEAST = 16;

/**
 * Watch the lanes of a page, and return what stops it.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Lanes} lanes
 * @param {Tip} tip
 */
export function watchLanes(root, model, lanes, tip) {
  /** @type {Sliding | Selecting | null} */
  let drag = null;
  /** @type {ToPython | null} */
  let sending = null;

  // Send what is asked for last, one at a time: a fast hand does not flood the kernel.
  const flush = () => {
    if (sending) model.send(sending);
    sending = null;
  };
  /** @param {ToPython} message */
  const send = (message) => {
    if (!sending) setTimeout(flush, 0);
    sending = message;
  };

  /**
   * Return so many pages from a first one on, inside the whole.
   * @param {number} start
   * @param {number} size
   * @returns {Range}
   */
  const windowFrom = (start, size) => {
    const { whole } = lanes.view();
    const first = clamp(start, whole[0], whole[1] - size);
    return [first, first + size];
  };
  /** @param {Selection} selection */
  const select = ({ mm, lo, hi }) => send({ select: [mm, lo, hi] });
  /** @type {(lane: Lane, x: number) => void} */
  const slide = (lane, x) => {
    const { view } = lanes.view();
    const size = view[1] - view[0];
    send({ zoom: windowFrom(Math.round(lanes.pageOfAll(lane, x) - size / 2), size) });
  };
  /** @type {(lane: Lane, cursor: number) => void} */
  const look = (lane, cursor) => {
    const area = lane.el.getBoundingClientRect();
    const x = area.left + lanes.place(lane)(cursor);
    tip.ask(["lane", lane.mm, cursor], x, area.top + lane.height - AXIS, lane.el);
  };
  /** @type {(lane: Lane, cursor: number) => void} */
  const put = (lane, cursor) => {
    lane.cursor = cursor;
    lane.el.setAttribute("aria-valuenow", String(cursor));
    look(lane, cursor);
    lanes.paint(lane);
  };
  /** @param {Lane} lane */
  const cursorOf = (lane) => {
    const { lo, view } = lanes.view();
    return lane.cursor ?? clamp(lo, view[0], view[1] - 1);
  };

  /** @param {PointerEvent} event */
  const pointerdown = (event) => {
    const lane = lanes.laneOf(event);
    if (!lane || event.button > 0) return;
    lane.el.setPointerCapture(event.pointerId);
    tip.hide();
    if (lanes.inOverview(lane, event)) {
      drag = { kind: "window", lane };
      slide(lane, event.clientX);
      return;
    }
    const page = lanes.pageAt(lane, event.clientX);
    drag = { kind: "select", lane, from: page, mm: lane.mm, lo: page, hi: page + 1 };
    lanes.hold(drag);
    lanes.paint(lane);
  };
  /** @type {(drag: Selecting, x: number) => void} */
  const pull = (held, x) => {
    const page = lanes.pageAt(held.lane, x);
    const [lo, hi] = [Math.min(held.from, page), Math.max(held.from, page) + 1];
    if (lo === held.lo && hi === held.hi) return;
    Object.assign(held, { lo, hi });
    lanes.paint(held.lane);
    select(held);
  };
  /** @param {PointerEvent} event */
  const pointermove = (event) => {
    if (drag?.kind === "window") slide(drag.lane, event.clientX);
    else if (drag) pull(drag, event.clientX);
    else {
      const lane = lanes.laneOf(event);
      if (!lane || lanes.inOverview(lane, event)) return;
      const area = lane.el.getBoundingClientRect();
      if (event.clientY - area.top < lane.height - AXIS) {
        const page = lanes.pageAt(lane, event.clientX);
        tip.ask(["lane", lane.mm, page], event.clientX, event.clientY, lane.el);
      } else tip.hide();
    }
  };
  const pointerup = () => {
    if (drag?.kind === "select") select(drag);
    drag = null;
    lanes.hold(null);
  };
  const pointercancel = () => {
    drag = null;
    lanes.hold(null);
    lanes.show();
  };

  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    const lane = lanes.laneOf(event);
    if (!lane || chord(event)) return;
    const { view, whole, breaks } = lanes.view();
    const [lo, hi] = view;
    const seen = breaks.reduce((sum, [start, end]) => sum - end + start, hi - lo);
    const leap = Math.max(1, Math.round(seen / 16));
    const now = cursorOf(lane);
    /** @param {number} by */
    const on = (by) => pagesOn(now, by, breaks);
    /** @type {Record<string, number>} */
    const keys = {
      ArrowLeft: on(-1),
      ArrowRight: on(1),
      PageUp: on(-leap),
      PageDown: on(leap),
      Home: lo,
      End: hi - 1,
      Enter: now,
    };
    const to = keys[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const cursor = clamp(to, whole[0], whole[1] - 1);
    const { mm } = lane;
    if (event.shiftKey) {
      lane.anchor ??= now;
      select({ mm, lo: Math.min(lane.anchor, cursor), hi: Math.max(lane.anchor, cursor) + 1 });
    } else {
      lane.anchor = null;
      if (event.key === "Enter") select({ mm, lo: cursor, hi: cursor + 1 });
    }
    if (cursor < lo || cursor >= hi) model.send({ zoom: windowFrom(cursor - ((hi - lo) >> 1), hi - lo) });
    put(lane, cursor);
  };
  /** @param {FocusEvent} event */
  const focusin = (event) => {
    const lane = lanes.laneOf(event);
    if (lane?.el.matches(":focus-visible")) put(lane, cursorOf(lane));
  };
  /** @param {Event} event */
  const leave = (event) => {
    const lane = lanes.laneOf(event);
    if (!lane || drag) return;
    tip.hide();
    if (event.type === "focusout") requestAnimationFrame(() => lanes.paint(lane));
  };
  /** @param {MouseEvent} event */
  const mousedown = (event) => {
    if (!lanes.laneOf(event)) return;
    event.preventDefault(); // a click does not take the arrow keys away from the playhead
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  };
  /** @param {WheelEvent} event */
  const wheel = (event) => {
    const lane = lanes.laneOf(event);
    if (!lane || !event.ctrlKey) return;
    event.preventDefault();
    const [lo, hi] = lanes.view().view;
    const page = lanes.pageAt(lane, event.clientX);
    const size = Math.max(LEAST, Math.round((hi - lo) * (event.deltaY > 0 ? 2 : 0.5)));
    const start = Math.round(page - ((page - lo) * size) / (hi - lo));
    send({ zoom: [start, start + size] });
  };
  const pointer = { pointerdown, pointermove, pointerup, pointercancel, pointerout: leave, mousedown, wheel };
  return listen(root, { ...pointer, keydown, focusin, focusout: leave }, { passive: false });
}
