// Keeps the lines just done in sight, in the trace and in the code; whoever scrolls is left alone until they change.
// Another file is read from its top.

/** So many pixels stay free before and after the lines, where there is room. */
const AIR = 42;

/**
 * Return where a row begins, below the top of what scrolls; one that is stuck to an edge says where it would be.
 * @param {HTMLElement} row
 * @param {HTMLElement} box
 */
function topOf(row, box) {
  let stuck = 0;
  let before = row.previousElementSibling;
  while (before?.querySelector(".now")) {
    stuck += before.getBoundingClientRect().height;
    before = before.previousElementSibling;
  }
  const from = before ? before.getBoundingClientRect().bottom : row.getBoundingClientRect().top;
  return from + stuck - box.getBoundingClientRect().top + box.scrollTop;
}

/**
 * Return how far to scroll so that a stretch can be seen: no further than it takes.
 * @param {number} now how far it is scrolled
 * @param {number} room the height of what can be seen
 * @param {number} start
 * @param {number} end
 */
export function scrolled(now, room, start, end) {
  const air = Math.max(0, Math.min(AIR, (room - (end - start)) / 2));
  if (start - air < now) return Math.max(0, start - air);
  return end + air > now + room ? end + air - room : now;
}

/**
 * Watch over what is read; where it stands is asked once for a frame, just before the page is laid out for it anyway.
 * @param {HTMLElement} root
 */
export function makeReading(root) {
  let seen = "";
  let asked = 0;
  const look = () => {
    asked = 0;
    /** @type {HTMLElement | null} */
    const list = root.querySelector(".fv-trace, .fv-code, .fv-proc");
    /** @type {HTMLElement | null | undefined} */
    const box = list?.closest(".fv-panel-trace");
    if (!list || !box) return;
    if (list.dataset.file) {
      if (list.dataset.file !== seen) box.scrollTop = 0;
      seen = list.dataset.file;
      return;
    }
    /** @type {NodeListOf<HTMLElement>} */
    const found = list.querySelectorAll(".now");
    const lines = [...found];
    const mark = lines.map((line) => line.dataset.fv ?? line.dataset.line).join();
    if (!lines.length || mark === seen) return;
    seen = mark;
    let head = 0;
    for (const stuck of box.querySelectorAll(".fv-reading, .fv-origin"))
      head += stuck.getBoundingClientRect().height;
    const room = box.clientHeight - head;
    const stretches = lines
      .filter((line) => line.getBoundingClientRect().height)
      .map((line) => {
        const row = /** @type {HTMLElement} */ (line.parentElement);
        const top = topOf(row, box) - head;
        return {
          followed: list.matches(`.fv-of-${line.classList.contains("b") ? "b" : "a"}`),
          top,
          end: top + row.getBoundingClientRect().height,
        };
      });
    const start = Math.min(...stretches.map(({ top }) => top));
    const end = Math.max(...stretches.map((one) => one.end));
    const one = stretches.find(({ followed }) => followed) ?? stretches[0];
    if (!one) return;
    box.scrollTop =
      end - start <= room
        ? scrolled(box.scrollTop, room, start, end)
        : scrolled(box.scrollTop, room, one.top, one.end);
  };
  return () => {
    if (!asked) asked = requestAnimationFrame(look);
  };
}
