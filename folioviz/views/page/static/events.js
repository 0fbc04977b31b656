// Reports clicks on elements that carry data-fv, and keys, to the kernel; keeps the focus when a piece is replaced.
const CURSOR = /^(Shift\+)?(Arrow(Left|Right|Up|Down)|Home|End|PageUp|PageDown|Enter)$/;

export function watchEvents(root, model, tip, menus) {
  const mark = (node) => node?.closest?.("[data-fv]")?.dataset.fv;
  let focused = null;

  const click = (event) => {
    const term = event.target.closest?.("[data-term]");
    if (term && root.contains(term)) {
      const area = term.getBoundingClientRect();
      tip.ask(["term", term.dataset.term], area.left, area.bottom - 12, term);
      return;
    }
    if (!event.target.closest?.("[data-pages-of], .fv-lane")) tip.hide();
    const what = mark(event.target);
    if (what && root.contains(event.target)) model.send({ click: what });
  };
  const change = (event) => {
    const menu = event.target;
    if (!root.contains(menu)) return;
    if (menu.matches("[data-count]")) model.send({ count: menu.value });
    else if (menu.matches("[data-pick]")) model.send({ kernel: [menu.dataset.pick, menu.value] });
  };
  const typing = (node) =>
    node.isContentEditable || node.closest?.("input:not([type=range]), select, textarea, .cm-editor");
  const key = (event) => {
    const node = event.target;
    const inside = root.contains(node) || node === document.body;
    if (!inside || typing(node) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") tip.hide();
    const pressed = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
    if (CURSOR.test(pressed) && node.closest("[role=slider], [role=alertdialog]")) return;
    if (menus.key(event)) return;
    if (!model.get("heard").includes(pressed)) return;
    if (pressed === " " && node.closest("button, summary")) return;
    event.preventDefault();
    event.stopPropagation();
    model.send({ key: pressed });
  };
  const focusin = (event) => {
    const what = root.contains(event.target) ? mark(event.target) : null;
    focused = what ? [event.target.closest("[data-slot]")?.dataset.slot ?? "", what] : null;
  };
  // A piece that had the focus may just have been replaced.
  const refocus = () => {
    if (!focused || document.activeElement !== document.body) return;
    const [slot, what] = focused.map((text) => CSS.escape(text));
    const there = root.querySelector(`[data-slot="${slot}"] [data-fv="${what}"]`);
    (there ?? root.querySelector(`[data-fv="${what}"]`))?.focus({ preventScroll: true });
  };
  document.addEventListener("click", click);
  document.addEventListener("change", change);
  document.addEventListener("keydown", key, true);
  document.addEventListener("focusin", focusin);
  const stop = () => {
    document.removeEventListener("click", click);
    document.removeEventListener("change", change);
    document.removeEventListener("keydown", key, true);
    document.removeEventListener("focusin", focusin);
  };
  return { refocus, stop };
}
