// The offer: the explorer tells a newcomer once that there is a tour; whoever follows a link has come for something else.

/** In the browser's storage once it has been made. */
const MADE = "folioviz:tour";

/** Tell whether this browser has had the offer before, or cannot remember it. */
function made() {
  try {
    const before = localStorage.getItem(MADE);
    localStorage.setItem(MADE, "offered");
    return before !== null;
  } catch {
    return true;
  }
}

/**
 * Offer the tour on the explorer's own page, above everything and in nobody's way; return what takes the offer back.
 * @param {HTMLElement} root
 */
export function offerTour(root) {
  const served = document.body.dataset.voila === "voila" && location.pathname.endsWith("/explorer.ipynb");
  const asked = [...new URLSearchParams(location.search).keys()].some((name) => name !== "theme");
  if (!served || asked || !root.classList.contains("fv-shell") || made()) return () => {};
  const note = document.createElement("aside");
  note.className = "fv-offer";
  note.setAttribute("aria-label", "for newcomers");
  const way = document.createElement("a");
  way.href = "00-tour.ipynb";
  way.textContent = "Take the tour of a minute";
  const close = document.createElement("button");
  close.textContent = "×";
  close.setAttribute("aria-label", "no, thank you");
  /** @param {PointerEvent} event */
  const elsewhere = (event) => {
    if (!(event.target instanceof Node && note.contains(event.target))) stop(); // it never covers what one works on
  };
  const stop = () => {
    document.removeEventListener("pointerdown", elsewhere);
    note.remove();
  };
  document.addEventListener("pointerdown", elsewhere);
  close.addEventListener("click", stop);
  note.append("New to folios? ", way, close);
  document.body.append(note);
  return stop;
}
