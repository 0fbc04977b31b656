// The address: what is on the screen stands in it, so that a reload, a bookmark or a copied tab opens it again.
/** @import { Model } from "./messages" */
import { listen } from "./dom.js";

/** Milliseconds: browsers refuse to change the address more often than about 200 times in 30 s. */
const PAUSE = 300;
/** In the tab's own storage: the documents that are too long for an address. */
const KEPT = "folioviz:";

/**
 * Keep the address of a served page equal to what it shows.
 * @param {Pick<Model, "send">} model
 */
export function keepAddress(model) {
  /** @type {string | null} What the page showed first: an address that asks for nothing is left as it is till then. */
  let first = null;
  let shown = "";
  let lost = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const asked = new URLSearchParams(location.search);
  const kept = asked.has("kept") ? sessionStorage.getItem(KEPT + asked.get("kept")) : null;
  if (kept) {
    model.send({ open: kept });
    model.send({ seek: Number(asked.get("at")) });
  }

  /** @param {string} query */
  const replace = (query) => {
    const theme = new URLSearchParams(location.search).get("theme");
    const whole = theme ? `${query}&theme=${encodeURIComponent(theme)}` : query;
    history.replaceState(history.state, "", `${location.pathname}?${whole}`);
  };
  /**
   * Keep a document for this tab; false if there is no room for it.
   * @param {string} text
   * @param {number} at the step
   */
  const keep = (text, at) => {
    const name = new URLSearchParams(location.search).get("kept") ?? crypto.randomUUID();
    try {
      sessionStorage.setItem(KEPT + name, text);
    } catch {
      return false;
    }
    replace(`kept=${name}&at=${at}`);
    return true;
  };
  /**
   * Take what the page shows now.
   * @param {string} query that reopens it, "" if it is too long for an address
   * @param {string} text the document, if it is
   * @param {number} at the step
   */
  const show = (query, text, at) => {
    const now = query || `${at} ${text}`;
    first ??= now;
    if (now === shown || (now === first && shown === "")) return;
    shown = now;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (query) replace(query);
      lost = !query && !keep(text, at);
    }, PAUSE);
  };
  /** @param {BeforeUnloadEvent} event */
  const beforeunload = (event) => {
    if (lost) event.preventDefault();
  };
  const quiet = listen(window, { beforeunload });
  const stop = () => {
    clearTimeout(timer);
    quiet();
  };
  return { show, stop };
}
