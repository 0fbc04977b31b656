// One tooltip: of a page (lane or card), or of a counter's name. The kernel writes it; asked for once at a time.
/** @import { Look, Model } from "./messages" */
import { clamp } from "./dom.js";

/** @typedef {ReturnType<typeof makeTip>} Tip */

/**
 * Make the tooltip of a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function makeTip(root, model) {
  const box = document.createElement("div");
  box.className = "fv-tip";
  box.setAttribute("role", "status");
  box.hidden = true;
  root.append(box);
  /** @type {Look | null} What it tells, or will. */
  let asked = null;
  let waiting = false;
  /** @type {Look | null} What is asked for after the answer that is waited for. */
  let next = null;
  let at = { x: 0, y: 0 };
  /** @type {Element | null} */
  let holder = null;

  /** @param {Look} look */
  const send = (look) => {
    waiting = true;
    asked = look;
    model.send({ look });
  };
  const place = () => {
    const frame = root.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const left = clamp(at.x - frame.left + 10, 4, frame.width - size.width - 8);
    const under = at.y + 18 + size.height < window.innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${at.y - frame.top + (under ? 18 : -size.height - 10)}px`;
  };
  const hide = () => {
    asked = null;
    next = null;
    holder = null;
    box.hidden = true;
  };

  /**
   * Ask about something.
   * @param {Look} look
   * @param {number} x where on the window it is
   * @param {number} y
   * @param {Element} element says it, too, if it has aria-valuetext
   */
  const ask = (look, x, y, element) => {
    at = { x, y };
    holder = element;
    if (same(look, asked)) {
      if (!box.hidden) place();
    } else if (waiting) next = look;
    else send(look);
  };

  /**
   * Take an answer.
   * @param {string} html
   */
  const told = (html) => {
    waiting = false;
    if (next) {
      const look = next;
      next = null;
      send(look);
    }
    if (!asked || !html) {
      if (!html) box.hidden = true;
      return;
    }
    box.innerHTML = html;
    box.hidden = false;
    if (holder?.hasAttribute("aria-valuetext")) holder.setAttribute("aria-valuetext", box.textContent);
    place();
  };

  /** Ask again: the machine may have moved on, and what was told is no longer so. */
  const stale = () => {
    if (!asked || box.hidden || asked[0] === "term") return;
    const look = asked;
    asked = null;
    if (holder?.isConnected) ask(look, at.x, at.y, holder);
    else hide();
  };
  return { ask, told, hide, stale };
}

/**
 * Tell whether two looks are at the same.
 * @param {Look} one
 * @param {Look | null} other
 */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
