// A capture's file on its way to the kernel: as base64, behind its name and a line feed; and what the tab keeps of it, so
// that a reload shows it again. No address holds it, and no other tab or server sees it there.
/** @import { Data, Model } from "./messages" */
import { listen, takeDrops } from "./dom.js";

/** One byte more than may be is enough for the kernel to say so (machine_panels/taken.py). */
const MOST = 3 * 1024 * 1024 + 1;
/** In the tab's own storage. */
const KEPT = "folioviz capture";
/** Letters that are kept: browsers give a tab some five million for all that it keeps. */
const ROOM = 2 * 1024 * 1024;

/** What was sent last; the kernel may refuse it. */
let sent = "";

/**
 * Tell whether a page shows captures.
 * @param {HTMLElement} root
 */
export function takesCaptures(root) {
  return root.matches(".fv-machine");
}

/**
 * Return a file as it is sent.
 * @param {File} file
 * @returns {Promise<string>}
 */
export function readCapture(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(reader.error);
    reader.onload = () => done(`${file.name}\n${String(reader.result).replace(/^data:[^,]*,?/, "")}`);
    reader.readAsDataURL(file.slice(0, MOST));
  });
}

/**
 * Note what is sent, and return it.
 * @param {string} text
 */
export function keepCapture(text) {
  sent = text;
  return text;
}

/**
 * Make what brings a tab's capture back when its page is loaded again.
 * @param {Pick<Model, "send">} model
 * @param {Data} data
 */
export function makeKept(model, data) {
  /** @type {string | undefined} */
  let shown;
  /** Keep what the kernel has taken; ask once for what the address names and the tab has. */
  const show = () => {
    const now = data.get("captured");
    if (now === undefined || now === shown) return;
    const first = shown === undefined;
    shown = now;
    try {
      if (now && sent.startsWith(`${now}\n`) && sent.length < ROOM) sessionStorage.setItem(KEPT, sent);
      const asked = new URLSearchParams(location.search).get("file");
      const kept = first && !now && asked ? sessionStorage.getItem(KEPT) : null;
      if (kept?.startsWith(`${asked}\n`)) model.send({ capture: keepCapture(kept) });
    } catch {
      // A browser that keeps nothing shows it until the page is loaded again.
    }
  };
  return { show };
}

/**
 * Watch the place of a story where a capture is dropped, or chosen as a file: elsewhere it would be opened as a scenario.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchCaptures(root, model) {
  /** @param {File | undefined} file */
  const take = async (file) => {
    if (file) model.send({ capture: keepCapture(await readCapture(file)) });
  };
  /** @param {Event} event */
  const change = (event) => {
    const chosen = event.target;
    if (!(chosen instanceof HTMLInputElement) || chosen.dataset.captureFile === undefined) return;
    take(chosen.files?.[0]);
    chosen.value = "";
  };
  const quiet = [listen(root, { change }), takeDrops(root, "[data-captures]", take)];
  return () => {
    for (const one of quiet) one();
  };
}
