// The menus of the bar: the link of this moment, files to save, pictures to take.
/** @import { Ink } from "./ink.js" */
/** @import { Data, Model } from "./messages" */
import { keepAddress, kept } from "./address.js";
import { around, clamp, listen, within } from "./dom.js";
import { panelPage } from "./panel_page.js";
import { paintedPicture, vectorPicture } from "./picture.js";
import { writtenDown } from "./vector_pen.js";

/** @typedef {ReturnType<typeof makeMenus>} Menus */

const EDGE = 8;
/** @type {Record<string, string>} Key -> the menu that it opens. */
const KEYS = { s: "share", e: "export", o: "open" };
/** @type {Record<string, string>} What can be copied -> what is said of it. */
const COPIED = {
  link: "The link is copied.",
  open: "The command is copied.",
  shell: "The command is copied.",
  cell: "The cell is copied.",
  mail: "The lines are copied.",
};
/** Hosts that are this machine for everybody. */
const NEAR = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Let the browser save a file.
 * @param {string} name
 * @param {BlobPart} content
 */
export function saveFile(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Make what the menus of a page do.
 * @param {HTMLElement} root
 * @param {Pick<Model, "send">} model
 * @param {Data} data
 * @param {() => Ink} inkNow
 * @param {<T>(take: () => T) => T} sharply takes a picture when all has been painted again, at twice the page's pixels
 */
export function makeMenus(root, model, data, inkNow, sharply = (take) => take()) {
  const served = document.body.dataset.voila === "voila";
  /** @param {string} name */
  const menu = (name) => within(root, `[data-pop="${name}"]`);

  /** The step, and how it is looked at. */
  const moment = () => {
    const head = data.get("head");
    return head ? `&at=${head.at}${data.get("looks") ?? ""}` : "";
  };
  /** @param {"query" | "plain"} which */
  const query = (which = "query") => {
    const known = data.get("link")?.[which];
    return known ? known + moment() : "";
  };
  /**
   * Return the address for everybody that opens a page with a query; Binder starts a server of its own for it.
   * @param {string} query
   */
  const addressOf = (query) => {
    const { launch } = document.body.dataset;
    return launch
      ? `${launch}${encodeURIComponent(`?${query}`)}`
      : `${location.origin}${location.pathname}?${query}`;
  };
  const address = served ? keepAddress(model) : null;
  /** Whether a name was entered that the link does not hold yet. */
  let entered = false;
  /** Say what the page would be opened again with, were its kernel to end; the address says it, too. */
  const show = () => {
    const link = data.get("link");
    if (link) address?.show(query(), link.text, moment());
    /** @type {HTMLAnchorElement | null} */
    const explorer = root.querySelector("[data-explorer]");
    if (explorer && link) {
      explorer.hidden = !link.explorer;
      explorer.href = link.explorer + moment();
    }
    if (link && served && !root.matches(".fv-story")) document.title = link.title;
    const box = root.querySelector('[data-pop="share"]:popover-open');
    if (box instanceof HTMLElement) {
      fresh(box);
      say("");
      if (entered) copyAll();
    }
    root.dataset.fvQuery = query() && query() + kept();
  };
  /** @param {string} text */
  const say = (text) => {
    within(menu("share"), ".fv-copied").textContent = text;
  };
  /**
   * @param {string} what
   * @returns {HTMLInputElement | HTMLTextAreaElement}
   */
  const field = (what) => within(menu("share"), `[data-out="${what}"]`);
  /** @type {(what: string, value: string) => void} Not every page has every field. */
  const fill = (what, value) => {
    /** @type {HTMLInputElement | HTMLTextAreaElement | null} */
    const place = menu("share").querySelector(`[data-out="${what}"]`);
    if (place) place.value = value;
  };
  /** @param {string} what */
  const copy = async (what) => {
    try {
      await navigator.clipboard.writeText(field(what).value);
      say(COPIED[what] ?? "");
    } catch {
      field(what).focus();
      field(what).select();
      say("Press Ctrl+C to copy what is selected.");
    }
  };
  /**
   * Show in the menu what is shared; false if no link holds it.
   * @param {HTMLElement} box
   */
  const fresh = (box) => {
    const found = query();
    /** @type {NodeListOf<HTMLElement>} */
    const rows = box.querySelectorAll("[data-row]");
    /** @type {Record<string, boolean>} */
    const absent = { link: !served, shell: !data.get("link")?.shell, open: !query("plain"), cell: served };
    for (const row of rows) row.hidden = !found || Boolean(absent[row.dataset.row ?? ""]);
    if (!found) {
      say(data.get("link")?.why ?? "");
      return false;
    }
    const { launch } = document.body.dataset;
    fill("link", addressOf(found));
    within(box, "[data-near]").hidden = !(served && !launch && NEAR.test(location.hostname));
    within(box, "[data-launched]").hidden = !launch;
    const link = data.get("link");
    fill("open", `folioviz open '?${query("plain")}'`);
    fill("shell", link?.shell ?? "");
    const board = root.matches(".fv-machine") ? "Machine" : "Explorer";
    fill("cell", `${board}(link="${query(board === "Explorer" ? "plain" : "query")}")`);
    return true;
  };
  /** @param {HTMLElement} box */
  const opened = (box) => {
    fill("mail", "");
    if (fresh(box)) copyAll();
  };
  const copyAll = () => {
    entered = false;
    copy(served ? "link" : "cell");
  };
  /** @param {KeyboardEvent} event Enter takes the name, and copies the link that holds it. */
  const keydown = ({ key, target }) => {
    if (key !== "Enter" || !(target instanceof HTMLInputElement) || target.dataset.name === undefined) return;
    if (target.value.trim() === (data.get("noted") ?? "")) copyAll();
    else {
      entered = true;
      model.send({ name: target.value });
    }
  };
  /**
   * Put a menu below its button.
   * @param {HTMLElement} box
   */
  const place = (box) => {
    const button = box.previousElementSibling?.getBoundingClientRect() ?? root.getBoundingClientRect();
    const room = {
      x: window.innerWidth - box.offsetWidth - EDGE,
      y: window.innerHeight - box.offsetHeight - EDGE,
    };
    box.style.left = `${Math.max(clamp(button.right - box.offsetWidth, EDGE, room.x), EDGE)}px`;
    const above = box.dataset.pop === "edit" ? button.top - box.offsetHeight - 6 : Infinity;
    box.style.top = `${Math.max(Math.min(button.bottom + 6, above, room.y), EDGE)}px`;
  };
  /** @param {ToggleEvent} event */
  const toggle = (event) => {
    const box = event.target;
    if (!(box instanceof HTMLElement && box.dataset.pop) || event.newState !== "open") return;
    place(box);
    if (box.dataset.pop === "share") opened(box);
    if (box.dataset.pop === "export") offer(within(box, "[data-picture]"));
    if (box.dataset.asks) model.send({ click: box.dataset.asks });
  };
  /** @param {HTMLSelectElement} pictures Those of panels that are not on the page cannot be taken. */
  const offer = (pictures) => {
    for (const one of pictures.options)
      one.hidden = one.value !== "page" && root.querySelector(`.fv-panel-${one.value}`) === null;
    const there = [...pictures.options].filter((one) => !one.hidden);
    if (!there.some((one) => one.selected) && there[0]) pictures.value = there[0].value;
  };
  /**
   * Return a page around a picture, from which this page can be started.
   * @param {string} svg
   * @param {string} caption
   */
  const alive = (svg, caption) => {
    const title = data.get("link")?.title || document.title;
    const command = query("plain") ? `folioviz open '?${query("plain")}'` : "";
    const live = served && query() ? addressOf(query()) : "";
    return panelPage({ svg, title, caption, live, command });
  };
  /** @param {string} kind */
  const draw = async (kind) => {
    /** @type {HTMLSelectElement} */
    const { value } = within(menu("export"), "[data-picture]");
    const node = value === "page" ? root : within(root, `.fv-panel-${value}`);
    const caption = data.get("link")?.caption ?? "folioviz";
    const vector = () => writtenDown((drawn) => sharply(() => vectorPicture(node, caption, inkNow(), drawn)));
    const content =
      kind === "png"
        ? await sharply(() => paintedPicture(node, caption, inkNow()))
        : kind === "html"
          ? alive(vector(), caption)
          : vector();
    saveFile(`folioviz-${value}.${kind}`, content);
  };
  /** @param {MouseEvent} event */
  const click = (event) => {
    const asked = around(event, "[data-copy], [data-draw]")?.dataset;
    if (asked?.copy) copy(asked.copy);
    else if (asked?.draw) draw(asked.draw);
  };
  /**
   * Take a key; tell whether it is used up. Esc closes a menu, and nothing else then; s and e open one.
   * @param {KeyboardEvent} event
   */
  const key = (event) => {
    if (event.key === "Escape") return root.querySelector("[data-pop]:popover-open") !== null;
    /** @type {HTMLElement | null} */
    const box = root.querySelector(`[data-pop="${KEYS[event.key]}"]`);
    if (!box) return false;
    event.preventDefault();
    box.togglePopover();
    return true;
  };
  /**
   * Take lines for a mail: they are shown, and copied.
   * @param {string} text
   */
  const mailed = (text) => {
    /** @type {HTMLTextAreaElement} */
    const lines = within(menu("share"), '[data-out="mail"]');
    lines.value = text;
    lines.rows = Math.min(text.split("\n").length, 16);
    copy("mail");
  };
  const listening = [listen(root, { click, keydown }), listen(root, { toggle }, { capture: true })];
  const stop = () => {
    address?.stop();
    for (const quiet of listening) quiet();
  };
  return { key, show, mailed, stop };
}
