// One tooltip: of a page (lane or card), or of a counter's name. The kernel writes it; asked for once at a time.
export function makeTip(root, model) {
  const box = document.createElement("div");
  box.className = "fv-tip";
  box.setAttribute("role", "status");
  box.hidden = true;
  root.append(box);
  let asked = "";
  let waiting = false;
  let next = null;
  let at = [0, 0];
  let holder = null;

  const send = (what, key) => {
    waiting = true;
    asked = key;
    model.send({ look: what });
  };
  const place = () => {
    const frame = root.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const left = Math.min(Math.max(at[0] - frame.left + 10, 4), frame.width - size.width - 8);
    const under = at[1] + 18 + size.height < window.innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${at[1] - frame.top + (under ? 18 : -size.height - 10)}px`;
  };
  const hide = () => {
    asked = "";
    next = null;
    holder = null;
    box.hidden = true;
  };
  // Ask about something; x and y are where on the window it is; element says it, too, if it has aria-valuetext.
  const ask = (what, x, y, element) => {
    at = [x, y];
    holder = element;
    const key = JSON.stringify(what);
    if (key === asked) {
      if (!box.hidden) place();
    } else if (waiting) next = [what, key];
    else send(what, key);
  };
  const told = (html) => {
    waiting = false;
    if (next) {
      const [what, key] = next;
      next = null;
      send(what, key);
    }
    if (!asked || !html) {
      if (!html) box.hidden = true;
      return;
    }
    box.innerHTML = html;
    box.hidden = false;
    if (holder?.hasAttribute("aria-valuetext")) holder.setAttribute("aria-valuetext", box.textContent);
    place();
  };
  // The machine may have moved on: what was told is no longer so.
  const stale = () => {
    if (!asked || box.hidden) return;
    const what = JSON.parse(asked);
    if (what[0] !== "term") {
      asked = "";
      if (holder?.isConnected) ask(what, at[0], at[1], holder);
      else hide();
    }
  };
  return { ask, told, hide, stale };
}
