// Where a page's links lead. The gallery's, which notebooks call ".", leads to where this server has it. A theme that the
// address asks for goes along to every other page of this server: whatever link is about to be followed, or copied, asks
// for it, too. A server's token does not: it leaves the address before anybody can copy it.
(() => {
  const here = new URL(location.href);
  if (here.searchParams.has("token")) {
    here.searchParams.delete("token");
    history.replaceState(history.state, "", here);
  }
  const theme = here.searchParams.get("theme");
  /** @param {Event} event */
  const lead = (event) => {
    /** @type {HTMLAnchorElement | null} */
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link) return;
    const { gallery } = document.body.dataset;
    if (gallery && link.getAttribute("href") === ".") link.href = gallery;
    if (!theme || link.origin !== location.origin || link.protocol !== location.protocol) return;
    if (new URLSearchParams(link.search).has("theme")) return;
    link.search += `${link.search ? "&" : "?"}theme=${encodeURIComponent(theme)}`;
  };
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, lead, true);
})();
