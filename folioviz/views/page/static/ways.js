// Ways into the explorer, in JupyterLab: a link would load all of JupyterLab again, and not what it asks for.
import { around, listen } from "./dom.js";

const CELL = "The cell that opens this is copied";
const REFUSED = "This cell opens it";

/**
 * Let links into the explorer copy the cell that opens the same, where there are no pages; return what ends that.
 * @param {HTMLElement} root
 */
export function watchWays(root) {
  if (document.body.dataset.voila === "voila") return () => {};
  /** @type {HTMLElement | undefined} */
  let note;
  const hide = () => note?.remove();
  /** @param {string} cell */
  const copied = async (cell) => {
    try {
      await navigator.clipboard.writeText(cell);
      return CELL;
    } catch {
      return REFUSED;
    }
  };
  /** @param {MouseEvent} event */
  const click = async (event) => {
    const link = around(event, 'a[href^="explorer.ipynb?"]')?.getAttribute("href");
    if (!link) return;
    event.preventDefault();
    const cell = `Explorer(link="${link.slice(link.indexOf("?") + 1)}")`;
    hide();
    note = document.createElement("aside");
    note.className = "fv-offer";
    note.setAttribute("role", "status");
    const close = document.createElement("button");
    close.textContent = "×";
    close.setAttribute("aria-label", "close");
    close.addEventListener("click", hide);
    const code = document.createElement("code");
    code.textContent = cell;
    note.append(`${await copied(cell)}: `, code, close);
    document.body.append(note);
  };
  const quiet = listen(root, { click });
  return () => {
    hide();
    quiet();
  };
}
