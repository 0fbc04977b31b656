// One's own numbers: what is pasted, typed, dropped or chosen as a file goes to the kernel, which says what it means. What
// is too long is refused here, before anything is sent; what stands in the box stays, over a reload of the page, too.
/** @import { Model } from "./messages" */
import { around, listen, takeDrops, within } from "./dom.js";

/** Bytes of a message: the server ends the connection of a page that sends much more (serving/serve.py). */
const MOST = 4 * 1024 * 1024;
const MIB = 1024 * 1024;
/** In the tab's own storage: what stands in the box. No address holds it, and no other tab or server sees it there. */
const KEPT = "folioviz numbers";
/** Letters that are kept: browsers give a tab some five million for all that it keeps. */
const ROOM = 2 * MIB;
/** Milliseconds of rest until a text is looked at. */
const PAUSE = 200;

/**
 * Return how many bytes a text has on its way; of one that is far too long, how many at least.
 * @param {string} text
 */
function bytesOf(text) {
  return text.length > MOST ? text.length : new Blob([JSON.stringify(text)]).size;
}

/**
 * Return why so many bytes are not taken, or "".
 * @param {number} bytes
 */
function refusal(bytes) {
  if (bytes <= MOST) return "";
  const size = (Math.ceil((bytes / MIB) * 10) / 10).toFixed(1);
  return `That is ${size} MiB; at most ${MOST / MIB} MiB go to the kernel, so nothing was sent. Paste only the parts that you ask about.`;
}

/**
 * Keep a text for this tab, instead of the one before; false if there is no room for it.
 * @param {string} text
 */
function keep(text) {
  try {
    sessionStorage.removeItem(KEPT);
    if (text && text.length <= ROOM) sessionStorage.setItem(KEPT, text);
    return text.length <= ROOM;
  } catch {
    return false;
  }
}

/** Return what this tab has kept, "" for nothing. */
function recall() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

/**
 * Put what the tab has kept into a box that has just come, and ask what it means.
 * @param {Element} node that may hold the box
 * @param {Pick<Model, "send">} model
 */
export function bringBack(node, model) {
  /** @type {HTMLTextAreaElement | null} */
  const area = node.querySelector("[data-own-text]");
  const text = area ? recall() : "";
  if (!area || !text) return;
  area.value = text;
  model.send({ numbers: text });
}

/**
 * Watch the box for one's own numbers, if the page has it.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 */
export function watchOwnNumbers(root, model) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} why */
  const refuse = (why) => {
    within(root, "[data-own-refused]").textContent = why;
    return why !== "";
  };
  /** @param {HTMLTextAreaElement} area */
  const send = (area) => {
    clearTimeout(timer);
    const kept = keep(area.value);
    within(root, "[data-own-kept]").hidden = !kept;
    within(root, "[data-own-unkept]").hidden = kept;
    if (!refuse(refusal(bytesOf(area.value)))) model.send({ numbers: area.value });
  };
  /** @param {string} text */
  const fill = (text) => {
    /** @type {HTMLTextAreaElement} */
    const area = within(root, "[data-own-text]");
    area.value = text;
    area.scrollTop = 0;
    send(area);
  };
  /** @param {File | undefined} file */
  const read = async (file) => {
    if (file && !refuse(refusal(file.size))) fill(await file.text());
  };
  /**
   * @param {Event} event
   * @returns {HTMLTextAreaElement | null}
   */
  const box = (event) => {
    const area = event.target;
    return area instanceof HTMLTextAreaElement && area.dataset.ownText !== undefined ? area : null;
  };

  /** @param {ClipboardEvent} event */
  const paste = (event) => {
    if (box(event) && refuse(refusal(bytesOf(event.clipboardData?.getData("text/plain") ?? ""))))
      event.preventDefault();
  };
  /** @param {Event} event */
  const input = (event) => {
    const area = box(event);
    if (!area) return;
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE, area);
  };
  /** @param {Event} event */
  const change = (event) => {
    const chosen = event.target;
    if (!(chosen instanceof HTMLInputElement) || chosen.dataset.ownFile === undefined) return;
    read(chosen.files?.[0]);
    chosen.value = "";
  };
  /** @param {Event} event */
  const click = (event) => {
    const example = around(event, "[data-own-example]");
    if (example) fill(example.dataset.ownExample ?? "");
  };
  const quiet = [listen(root, { paste, input, change, click }), takeDrops(root, "[data-own]", read)];
  return () => {
    clearTimeout(timer);
    for (const one of quiet) one();
  };
}
