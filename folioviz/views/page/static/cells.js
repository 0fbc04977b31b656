// Pages of a large folio, painted on a canvas from its runs: data-cells="3*1e,509*0" is 3 pages that one PTE maps and
// that are AnonExclusive, then 509 that none maps; "z" is a page of zeros. data-changed lists the places that the last step changed.
const CELL = 7;
const PER_ROW = 64;

function cellValues(text) {
  const values = [];
  for (const run of text.split(",")) {
    const [count, value] = run.split("*");
    for (let k = Number(count); k > 0; k--) values.push(value);
  }
  return values;
}

export function darker(colour, factor) {
  const part = (at) => Math.round(parseInt(colour.slice(at, at + 2), 16) * factor);
  return `rgb(${part(1)} ${part(3)} ${part(5)})`;
}

function paintCells(canvas) {
  const values = cellValues(canvas.dataset.cells);
  const columns = Math.min(PER_ROW, values.length);
  const rows = Math.ceil(values.length / columns);
  const colour = canvas.dataset.colour;
  const shades = ["", colour, darker(colour, 0.8), darker(colour, 0.62), darker(colour, 0.48)];
  const scale = Math.max(1, Math.min(3, Math.round(window.devicePixelRatio || 1)));
  canvas.width = columns * CELL * scale;
  canvas.height = rows * CELL * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  values.forEach((value, place) => {
    const x = (place % columns) * CELL;
    const y = Math.floor(place / columns) * CELL;
    const mappings = parseInt(value, 10);
    if (mappings) {
      pen.fillStyle = shades[Math.min(mappings, 4)];
      pen.fillRect(x, y, CELL - 1, CELL - 1);
      if (value.includes("e")) {
        pen.fillStyle = "rgb(28 33 40 / 60%)";
        pen.fillRect(x + 1, y + CELL - 3, CELL - 3, 1);
      }
    } else {
      pen.strokeStyle = "rgb(125 133 144 / 55%)";
      pen.lineWidth = 1;
      pen.strokeRect(x + 0.5, y + 0.5, CELL - 2, CELL - 2);
    }
    if (value.endsWith("z")) {
      pen.fillStyle = mappings ? "#fff" : "rgb(125 133 144)";
      pen.fillRect(x + 3, y, 3, 3);
    }
  });
  pen.strokeStyle = "#d1344b";
  pen.lineWidth = 2;
  for (const place of (canvas.dataset.changed || "").split(",").filter(Boolean).map(Number)) {
    pen.strokeRect((place % columns) * CELL + 1, Math.floor(place / columns) * CELL + 1, CELL - 3, CELL - 3);
  }
}

export function paintAll(node) {
  if (node?.matches?.("canvas[data-cells]")) paintCells(node);
  for (const canvas of node?.querySelectorAll?.("canvas[data-cells]") ?? []) paintCells(canvas);
}

// Which page of which folio is under the pointer, or under the keyboard's cursor.
export function watchCells(root, tip) {
  const sizeOf = (box) => Number(box.dataset.pages);
  const columnsOf = (box) => Math.min(PER_ROW, sizeOf(box));
  const whole = (box) => box.matches("canvas") && box;
  const pageAt = (box, event) => {
    const canvas = whole(box);
    if (!canvas) {
      const cell = event.target.closest("i");
      return cell && cell.parentNode === box ? [...box.children].indexOf(cell) : null;
    }
    const area = canvas.getBoundingClientRect();
    const columns = columnsOf(box);
    const rows = Math.ceil(sizeOf(box) / columns);
    const column = Math.floor(((event.clientX - area.left) / area.width) * columns);
    const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
    const page = row * columns + column;
    return column >= 0 && column < columns && page >= 0 && page < sizeOf(box) ? page : null;
  };
  const ask = (box, page, x, y) =>
    tip.ask(["card", box.dataset.kernel, Number(box.dataset.pagesOf), page], x, y, box);
  const move = (event) => {
    const box = event.target.closest?.("[data-pages-of]");
    if (!box || !root.contains(box)) return;
    const page = pageAt(box, event);
    if (page !== null) ask(box, page, event.clientX, event.clientY);
  };
  const point = (box) => {
    const page = Number(box.getAttribute("aria-valuenow"));
    const canvas = whole(box);
    const area = canvas ? canvas.getBoundingClientRect() : box.children[page].getBoundingClientRect();
    const columns = columnsOf(box);
    const cell = canvas ? area.width / columns : 0;
    ask(
      box,
      page,
      area.left + cell * (page % columns),
      area.top + (canvas ? cell * Math.floor(page / columns) : 0),
    );
  };
  const key = (event) => {
    const box = event.target.closest?.("[data-pages-of]");
    if (!box) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columnsOf(box), ArrowDown: columnsOf(box) }[
      event.key
    ];
    const now = Number(box.getAttribute("aria-valuenow"));
    const to = { Home: 0, End: sizeOf(box) - 1 }[event.key] ?? (by === undefined ? undefined : now + by);
    if (to === undefined) return;
    event.preventDefault();
    box.setAttribute("aria-valuenow", Math.min(Math.max(to, 0), sizeOf(box) - 1));
    point(box);
  };
  const focus = (event) => {
    const box = event.target.closest?.("[data-pages-of]");
    if (box?.matches(":focus-visible")) point(box);
  };
  root.addEventListener("pointermove", move);
  root.addEventListener("keydown", key);
  root.addEventListener("focusin", focus);
  const leave = (event) => {
    if (event.target.closest?.("[data-pages-of]")) tip.hide();
  };
  root.addEventListener("pointerout", leave);
  root.addEventListener("focusout", leave);
}
