// The help: a modal dialog, in the browser's top layer. Opened by "?" or its button, closed by Esc, "?", its own button,
// or a click beside it; the kernel is not asked. While it is open it hears every key before anybody else.
import { AXIS, BETWEEN, laneHeight, makeInk, paintChosen, paintStrip, STRIP } from "./lane_paint.js";

function makeHelp(root) {
  const dialog = () => root.querySelector("dialog.fv-help");
  let before = null;

  const numbers = (text) => text.split(",").filter(Boolean).map(Number);
  const sample = (canvas, colours, ink) => {
    const strips = canvas.dataset.runs.split(";");
    const width = canvas.clientWidth;
    const height = laneHeight(strips.length, null) - AXIS;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.font = "11px system-ui, 'Segoe UI', sans-serif";
    pen.textBaseline = "middle";
    const pages = Number(canvas.dataset.view);
    const at = (page) => (page * width) / pages;
    strips.forEach((runs, place) => {
      paintStrip(
        pen,
        Int32Array.from(numbers(runs)),
        place * (STRIP + BETWEEN),
        at,
        [0, pages],
        colours,
        ink,
      );
    });
    const [lo, hi] = numbers(canvas.dataset.chosen);
    if (hi) paintChosen(pen, at(lo), at(hi), 0, height, 0.09, ink);
  };
  const paint = (box, colours) => {
    const ink = makeInk(root);
    for (const canvas of box.querySelectorAll("canvas[data-runs]")) sample(canvas, colours, ink);
  };
  const open = (colours) => {
    const box = dialog();
    if (!box || box.open) return;
    before = document.activeElement;
    box.showModal();
    paint(box, colours);
    box.querySelector("[data-help=close]").focus();
    button()?.setAttribute("aria-expanded", "true");
  };
  const close = () => dialog()?.close();
  const button = () => root.querySelector(".fv-help-button");
  // Wherever it was closed from: back to where the person was.
  const closed = (event) => {
    if (event.target !== dialog()) return;
    button()?.setAttribute("aria-expanded", "false");
    (before && before !== document.body && before.isConnected ? before : button())?.focus({
      preventScroll: true,
    });
    before = null;
  };
  const inside = (box) => [...box.querySelectorAll("button, [tabindex='0']")];
  const tab = (box, event) => {
    const stops = inside(box);
    const at = stops.indexOf(document.activeElement);
    const next = (at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length;
    event.preventDefault();
    stops[next].focus();
  };
  return { open, close, closed, tab, dialog };
}

export function watchHelp(root, data) {
  const help = makeHelp(root);
  const typing = (node) =>
    node.isContentEditable || node.closest?.("input:not([type=range]), select, textarea, .cm-editor");
  const show = () => help.open(data.get("view")?.colours ?? []);
  const key = (event) => {
    const box = help.dialog();
    if (box?.open) {
      event.stopImmediatePropagation();
      if (event.key === "Tab") help.tab(box, event);
      else if (event.key === "?") {
        event.preventDefault();
        help.close();
      }
      return;
    }
    const node = event.target;
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing(node)) return;
    if (!(root.contains(node) || node === document.body) || document.querySelector("dialog.fv-help[open]"))
      return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
  };
  const click = (event) => {
    const box = help.dialog();
    if (event.target.closest?.(".fv-help-button") && root.contains(event.target)) show();
    else if (box?.open && (event.target === box || event.target.closest?.("[data-help=close]"))) help.close();
  };
  window.addEventListener("keydown", key, true);
  root.addEventListener("click", click);
  root.addEventListener("close", help.closed, true);
  return () => {
    window.removeEventListener("keydown", key, true);
    root.removeEventListener("click", click);
    root.removeEventListener("close", help.closed, true);
  };
}
