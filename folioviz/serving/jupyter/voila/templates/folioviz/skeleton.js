// Keeps the outline of a page over it until what it stands for is there; without it one would see a page that is built
// bit by bit.
(() => {
  /** Milliseconds after which a page is shown as it is, once its cells are. */
  const LATEST = 5000;
  /** What the output of a cell is, if it is a widget. */
  const VIEW = "application/vnd.jupyter.widget-view+json";
  const outline = document.getElementById("fv-skeleton");
  let widgets = false;
  let begun = false;
  let late = false;
  let asked = 0;

  /**
   * Tell whether a board has been filled (it says then what it would be opened again with), or other widgets are there.
   * @param {Element} cells
   */
  const filled = (cells) => {
    if (cells.querySelector(".fv-root")) return cells.querySelector("[data-fv-query]") !== null;
    return !widgets || cells.querySelector(".jupyter-widgets") !== null;
  };
  const look = () => {
    asked = 0;
    const cells = document.getElementById("rendered_cells");
    if (!cells || cells.style.display === "none") return;
    widgets ||= [...cells.querySelectorAll("script")].some((one) => one.textContent.includes(VIEW));
    if (!begun) setTimeout(lastly, LATEST);
    begun = true;
    if (!filled(cells) && !late) return;
    changes.disconnect();
    outline?.remove();
  };
  const lastly = () => {
    late = true;
    look();
  };
  // Only what changes is looked at: a page that waits for its kernel costs a browser nothing.
  const changes = new MutationObserver(() => {
    if (!asked) asked = requestAnimationFrame(look);
  });
  const attributeFilter = ["style", "data-fv-query"];
  changes.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter });
})();
