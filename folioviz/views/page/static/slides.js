// Sliders of a story: what a hand moves is told when it rests; where the kernel says that they are is shown at once.
/** @import { Model } from "./messages" */
/** @import { Mirror } from "./mirror.js" */
import { listen } from "./dom.js";

/** Milliseconds of rest until a value is told. */
const PAUSE = 120;

/** @param {HTMLInputElement} slider */
function name(slider) {
  const words = (slider.dataset.words ?? "").split("|")[Number(slider.value)] ?? "";
  slider.setAttribute("aria-valuetext", words);
  const shown = slider.parentElement?.querySelector("output");
  if (shown) shown.textContent = words;
}

/**
 * Watch the sliders, if the page has any.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Mirror["data"]} data
 */
export function makeSlides(root, model, data) {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} Sliders that are moved, by name. */
  const moved = new Map();

  /** @param {HTMLInputElement} slider */
  const tell = (slider) => {
    const key = slider.dataset.slide ?? "";
    moved.delete(key);
    model.send({ slide: `${key}=${slider.value}` });
  };
  /** @param {Event} event */
  const input = (event) => {
    const slider = event.target;
    if (!(slider instanceof HTMLInputElement && slider.dataset.slide !== undefined)) return;
    name(slider);
    clearTimeout(moved.get(slider.dataset.slide));
    moved.set(slider.dataset.slide, setTimeout(tell, PAUSE, slider));
  };
  /** Put the sliders where they are, but for those that a hand is moving. */
  const show = () => {
    for (const [key, place] of Object.entries(data.get("slides") ?? {})) {
      /** @type {HTMLInputElement | null} */
      const slider = root.querySelector(`[data-slide="${CSS.escape(key)}"]`);
      if (!slider || moved.has(key)) continue;
      slider.value = String(place);
      name(slider);
    }
  };
  const quiet = listen(root, { input });
  const stop = () => {
    for (const timer of moved.values()) clearTimeout(timer);
    quiet();
  };
  return { show, stop };
}
