// The menus of the bar: the link of this moment, files to save, pictures to take, a file to open.
import { drawPicture } from "./picture.js";

const LARGEST_FILE = 256 * 1024;

export function saveFile(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function makeMenus(root, model, data) {
  const served = document.body.dataset.voila === "voila";
  const menu = (name) => root.querySelector(`[data-pop="${name}"]`);

  const query = (which = "query") => {
    const known = data.get("link")?.[which];
    const head = data.get("head");
    return known && head ? `${known}&at=${head.value}` : (known ?? "");
  };
  // What the page would be opened again with, were its kernel to end.
  const show = () => {
    const theme = new URLSearchParams(location.search).get("theme");
    root.dataset.fvQuery = query() + (theme && query() ? `&theme=${encodeURIComponent(theme)}` : "");
  };
  const say = (text) => {
    menu("share").querySelector(".fv-copied").textContent = text;
  };
  const copy = async (what) => {
    const field = menu("share").querySelector(`[data-out="${what}"]`);
    try {
      await navigator.clipboard.writeText(field.value);
      say(what === "link" ? "The link is copied." : "The cell is copied.");
    } catch {
      field.focus();
      field.select();
      say("Press Ctrl+C to copy what is selected.");
    }
  };
  const opened = (box) => {
    if (box.dataset.pop !== "share") return;
    const found = query();
    const whole = box.querySelector("[data-explorer]");
    whole.hidden = !served || !query("plain") || !root.matches(".fv-story");
    whole.href = `explorer.ipynb?${query("plain")}`;
    for (const row of box.querySelectorAll("[data-row]"))
      row.hidden = !found || (row.dataset.row === "link" && !served);
    if (!found) {
      say(data.get("link")?.why ?? "");
      return;
    }
    box.querySelector('[data-out="link"]').value = `${location.origin}${location.pathname}?${found}`;
    box.querySelector('[data-out="cell"]').value = `Explorer(link="${query("plain")}")`;
    copy(served ? "link" : "cell");
  };
  const place = (box) => {
    const button = box.previousElementSibling.getBoundingClientRect();
    const left = Math.min(
      Math.max(button.right - box.offsetWidth, 8),
      window.innerWidth - box.offsetWidth - 8,
    );
    box.style.left = `${Math.max(left, 8)}px`;
    box.style.top = `${Math.min(button.bottom + 6, Math.max(window.innerHeight - box.offsetHeight - 8, 8))}px`;
  };
  const toggled = (event) => {
    const box = event.target;
    if (!box.dataset?.pop || event.newState !== "open") return;
    place(box);
    opened(box);
  };
  const open = async (file) => {
    if (!file) return;
    // One byte more than may be is enough for the kernel to say so.
    model.send({ open: await file.slice(0, LARGEST_FILE + 1).text() });
    menu("export").hidePopover();
  };
  const clicked = async (event) => {
    const asked = event.target.closest?.("[data-copy], [data-draw]");
    if (!asked || !root.contains(asked)) return;
    if (asked.dataset.copy) {
      copy(asked.dataset.copy);
      return;
    }
    const kind = asked.dataset.draw;
    const panel = menu("export").querySelector("[data-picture]").value;
    const node = panel === "page" ? root : root.querySelector(`.fv-panel-${panel}`);
    const picture = await drawPicture(node, kind, data.get("link")?.caption ?? "folioviz");
    saveFile(`folioviz-${panel}.${kind}`, picture);
  };
  const chosen = (event) => {
    if (event.target.dataset?.open === undefined) return;
    open(event.target.files[0]);
    event.target.value = "";
  };
  const files = (event) => event.dataTransfer?.types.includes("Files");
  const over = (event) => {
    if (files(event)) event.preventDefault();
  };
  const dropped = (event) => {
    if (!files(event)) return;
    event.preventDefault();
    open(event.dataTransfer.files[0]);
  };
  // Esc closes a menu, and nothing else then; s and e open one.
  const key = (event) => {
    if (event.key === "Escape") return Boolean(root.querySelector("[data-pop]:popover-open"));
    const box = menu({ s: "share", e: "export" }[event.key]);
    if (!box) return false;
    event.preventDefault();
    box.togglePopover();
    return true;
  };

  const heard = [
    ["toggle", toggled, true],
    ["click", clicked],
    ["change", chosen],
    ["dragover", over],
    ["drop", dropped],
  ];
  for (const [name, listener, capture] of heard) root.addEventListener(name, listener, capture);
  const stop = () => {
    for (const [name, listener, capture] of heard) root.removeEventListener(name, listener, capture);
  };
  return { key, show, stop };
}
