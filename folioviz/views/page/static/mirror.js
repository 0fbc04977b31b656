// What is on the screen, as the kernel has said it: whole at first, then change by change, none of which may be missed.
/** @import { Changes, Data, Model } from "./messages" */

/** @typedef {ReturnType<typeof makeMirror>} Mirror */

/**
 * Make a mirror of a model's state.
 * @param {Pick<Model, "get">} model
 */
export function makeMirror(model) {
  /** @type {Map<string, Map<string, string>>} Slot -> its pieces, in order. */
  const parts = new Map();
  /** @type {Map<string, unknown>} */
  const data = new Map();
  let serial = -1;

  /** Take all that is on the screen. */
  const full = () => {
    parts.clear();
    data.clear();
    for (const [name, pieces] of Object.entries(model.get("parts"))) parts.set(name, new Map(pieces));
    for (const [name, value] of Object.entries(model.get("data"))) data.set(name, value);
    serial = model.get("serial");
  };
  /**
   * Take a change; return the names of the data in it, or null if one before it was missed.
   * @param {Changes} said
   * @param {DataView[]} buffers
   */
  const take = (said, buffers) => {
    if (said.serial !== serial + 1) return null;
    serial = said.serial;
    for (const [name, { set, order }] of Object.entries(said.parts)) {
      const old = parts.get(name) ?? new Map();
      for (const [key, html] of Object.entries(set)) old.set(key, html);
      parts.set(name, order ? new Map(order.map((key) => [key, old.get(key)])) : old);
    }
    /** @type {[name: string, value: unknown][]} */
    const fresh = Object.entries(said.data);
    for (const [place, name] of said.binary.entries()) fresh.push([name, buffers[place]]);
    for (const [name, value] of fresh) {
      if (value === null) data.delete(name);
      else data.set(name, value);
    }
    return new Set(fresh.map(([name]) => name));
  };
  full();
  return {
    parts,
    data: /** @type {Data} */ (/** @type {unknown} */ (data)),
    full,
    take,
    /** The number of the last change that was taken. */
    have: () => serial,
  };
}
