// Keeps the theme that an address asks for on the way to every other page of this server: whatever link is about to be
// followed, or copied, asks for it, too.
(() => {
  const theme = new URLSearchParams(location.search).get("theme");
  if (!theme) return;
  /** @param {Event} event */
  const keep = (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || link.origin !== location.origin || link.protocol !== location.protocol) return;
    if (new URLSearchParams(link.search).has("theme")) return;
    link.search += `${link.search ? "&" : "?"}theme=${encodeURIComponent(theme)}`;
  };
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, keep, true);
})();
