// Keeps the outline of a page over it until what it stands for is there; without it one would see a page that is built
// bit by bit.
(() => {
  /** Milliseconds after which a page is shown as it is, once its cells are. */
  const LATEST = 5000;
  /** What the output of a cell is, if it is a widget. */
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const outline = document.getElementById("fv-skeleton");
  let widgets = false;
  let since = 0;

  /**
   * Tell whether a board has been filled (it says then what it would be opened again with), or other widgets are there.
   * @param {Element} cells
   */
  const filled = (cells) => {
    if (cells.querySelector(".fv-root")) return cells.querySelector("[data-fv-query]") !== null;
    return !widgets || cells.querySelector(".jupyter-widgets") !== null;
  };
  const look = () => {
    const cells = document.getElementById("rendered_cells");
    const shown = cells && cells.style.display !== "none";
    widgets ||= [...(cells?.querySelectorAll("script") ?? [])].some((one) => one.textContent.includes(VIEW));
    if (shown) since ||= performance.now();
    if (shown && (filled(cells) || performance.now() - since > LATEST)) outline?.remove();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
