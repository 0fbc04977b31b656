// Slots: elements with data-slot, filled with keyed pieces of HTML, of which only those that changed are replaced.
export function makePatcher(root, painted) {
  const kept = new Map();

  const make = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html.trim();
    return template.content.firstElementChild;
  };
  const find = (name) => {
    const known = kept.get(name);
    if (known && root.contains(known.place)) return known;
    const place = root.querySelector(`[data-slot="${CSS.escape(name)}"]`);
    if (!place) return null;
    const slot = { place, pieces: new Map() };
    place.replaceChildren();
    kept.set(name, slot);
    return slot;
  };
  const patch = (name, { set, order }) => {
    const slot = find(name);
    if (!slot) return false;
    for (const [key, html] of Object.entries(set)) {
      const node = make(html);
      const old = slot.pieces.get(key);
      if (old) old.replaceWith(node);
      slot.pieces.set(key, node);
      painted(node);
    }
    if (order) {
      const wanted = new Set(order);
      for (const [key, node] of slot.pieces) {
        if (wanted.has(key)) continue;
        node.remove();
        slot.pieces.delete(key);
      }
      let at = slot.place.firstChild;
      for (const key of order) {
        const node = slot.pieces.get(key);
        if (node === at) at = at.nextSibling;
        else slot.place.insertBefore(node, at);
      }
    }
    return true;
  };
  // Fill a slot with all its pieces; false if its place is not on the page yet.
  const fill = (name, pieces) => {
    kept.delete(name);
    return patch(name, { set: Object.fromEntries(pieces), order: pieces.map(([key]) => key) });
  };
  return { patch, fill };
}
