// The clock of live counters: once they are on the page, the kernel is asked for a sample each second while the page is
// seen, and not before it has answered.
/** @import { Model } from "./messages" */

export const SECOND = 1000;

/**
 * Make the clock of a page.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function makeTicks(root, model) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  let waiting = false;
  const tick = () => {
    if (waiting || document.hidden) return;
    waiting = true;
    model.send({ click: "do:tick" });
  };
  /** Start, if there is something to count; whatever came, the kernel has answered. */
  const show = () => {
    waiting = false;
    if (timer === undefined && root.querySelector("[data-ticks]")) timer = setInterval(tick, SECOND);
  };
  const stop = () => clearInterval(timer);
  return { show, stop };
}
