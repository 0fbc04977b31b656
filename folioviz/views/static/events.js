// Reports clicks on elements that carry data-fv, and keys, to the kernel; keeps the focus when a panel is repainted.
export default {
  render({ model, el }) {
    el.style.display = "none";
    const root = () => el.closest(".fv-root");
    const mark = (node) => node?.closest?.("[data-fv]")?.dataset.fv;
    let focused = null;

    const click = (event) => {
      const what = mark(event.target);
      if (what && root()?.contains(event.target)) model.send({ click: what });
    };
    const typing = (node) =>
      node.isContentEditable || node.closest?.("input:not([type=range]), select, textarea, .cm-editor");
    const key = (event) => {
      const node = event.target;
      const inside = root()?.contains(node) || node === document.body;
      if (!inside || typing(node) || event.ctrlKey || event.metaKey || event.altKey) return;
      const pressed = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
      if (!model.get("heard").includes(pressed)) return;
      if (pressed === " " && node.closest("button, summary")) return;
      event.preventDefault();
      event.stopPropagation();
      model.send({ key: pressed });
    };
    const focusin = (event) => {
      focused = root()?.contains(event.target) ? mark(event.target) : null;
    };
    const repainted = new MutationObserver(() => {
      if (!focused || document.activeElement !== document.body) return;
      root()?.querySelector(`[data-fv="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    });
    const attach = () => {
      if (root()) repainted.observe(root(), { childList: true, subtree: true });
      else requestAnimationFrame(attach);
    };

    document.addEventListener("click", click);
    document.addEventListener("keydown", key, true);
    document.addEventListener("focusin", focusin);
    attach();
    return () => {
      repainted.disconnect();
      document.removeEventListener("click", click);
      document.removeEventListener("keydown", key, true);
      document.removeEventListener("focusin", focusin);
    };
  },
};
