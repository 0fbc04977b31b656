// The address: what is on the screen stands in it, so that a reload, a bookmark or a copied tab opens it again.
/** @import { Model } from "./messages" */
import { listen } from "./dom.js";

/** Milliseconds between two changes of the address: browsers refuse more than about 200 in 30 s. */
const PAUSE = 300;
/** In the tab's own storage: the documents that are too long for an address. */
const KEPT = "folioviz:";

/** Fields of the address that are no part of what is shown: how it looks, where it was opened from, who may see a machine. */
const MORE = ["theme", "from", "live"];

/** What of the address stays whatever is shown. */
export function kept() {
  const asked = new URLSearchParams(location.search);
  return MORE.flatMap((name) => {
    const value = asked.get(name);
    return value ? [`&${name}=${encodeURIComponent(value)}`] : [];
  }).join("");
}

/**
 * Keep the address of a served page equal to what it shows.
 * @param {Pick<Model, "send">} model
 */
export function keepAddress(model) {
  /** @type {string | null} What the page showed first: an address that asks for nothing is left as it is till then. */
  let first = null;
  let shown = "";
  let lost = false;
  let written = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const asked = new URLSearchParams(location.search);
  const name = asked.get("kept");
  const work = name === null ? null : sessionStorage.getItem(KEPT + name);
  if (work) {
    model.send({ open: work });
    model.send({ seek: Number(asked.get("at")) });
    model.send({ looks: location.search });
  } else if (name !== null) model.send({ gone: name });

  /** @param {string} query */
  const replace = (query) => {
    history.replaceState(history.state, "", `${location.pathname}?${query}${kept()}`);
  };
  /**
   * Keep a document for this tab; false if there is no room for it.
   * @param {string} text
   * @param {string} moment the step, and how it is looked at
   */
  const keep = (text, moment) => {
    const name = new URLSearchParams(location.search).get("kept") ?? crypto.randomUUID();
    try {
      sessionStorage.setItem(KEPT + name, text);
    } catch {
      return false;
    }
    replace(`kept=${name}${moment}`);
    return true;
  };
  /**
   * Take what the page shows now.
   * @param {string} query that reopens it, "" if it is too long for an address
   * @param {string} text the document, if it is
   * @param {string} moment the step, and how it is looked at
   */
  const show = (query, text, moment) => {
    const now = query || `${moment} ${text}`;
    first ??= now;
    if (now === shown || (now === first && shown === "")) return;
    shown = now;
    const write = () => {
      written = Date.now();
      if (query) replace(query);
      lost = !query && !keep(text, moment);
    };
    clearTimeout(timer);
    const rest = written + PAUSE - Date.now();
    if (rest > 0) timer = setTimeout(write, rest);
    else write();
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
