// The screen: takes the kernel's messages, one per change, and hands each part to whom it belongs.
import { paintAll, watchCells } from "./cells.js";
import { watchEvents } from "./events.js";
import { watchHelp } from "./help.js";
import { makeLanes } from "./lane.js";
import { makePatcher } from "./patch.js";
import { makePlayhead } from "./playhead.js";
import { makeMenus, saveFile } from "./share.js";
import { makeTip } from "./tip.js";

const asBytes = (value) => (value instanceof DataView || ArrayBuffer.isView(value) ? value : null);

export const widget = () => {
  const parts = new Map();
  const data = new Map();
  const watchers = new Set();

  const initialize = ({ model }) => {
    let serial = -1;
    const full = () => {
      parts.clear();
      data.clear();
      for (const [name, pieces] of Object.entries(model.get("parts"))) parts.set(name, new Map(pieces));
      for (const [name, value] of Object.entries(model.get("data"))) data.set(name, asBytes(value) ?? value);
      serial = model.get("serial");
    };
    full();
    model.on("change:serial", () => {
      full();
      for (const watcher of watchers) watcher.full();
    });
    model.on("msg:custom", (said, buffers) => {
      if (said.file !== undefined) {
        saveFile(said.file, buffers[0]);
        return;
      }
      if (said.tip !== undefined) {
        for (const watcher of watchers) watcher.told(said.tip);
        return;
      }
      if (said.serial !== serial + 1) {
        model.send({ have: serial });
        return;
      }
      serial = said.serial;
      for (const [name, { set, order }] of Object.entries(said.parts)) {
        const old = parts.get(name) ?? new Map();
        for (const [key, html] of Object.entries(set)) old.set(key, html);
        parts.set(name, order ? new Map(order.map((key) => [key, old.get(key)])) : old);
      }
      const fresh = Object.entries(said.data);
      for (const [place, name] of said.binary.entries()) fresh.push([name, buffers[place]]);
      for (const [name, value] of fresh) {
        if (value === null) data.delete(name);
        else data.set(name, value);
      }
      for (const watcher of watchers) watcher.changed(said.parts, new Set(fresh.map(([name]) => name)));
    });
    model.send({ have: serial });
  };

  const render = ({ model, el }) => {
    el.style.display = "none";
    let stop = () => {};

    const start = (root) => {
      const tip = makeTip(root, model);
      const lanes = makeLanes(root, model, data, tip);
      const head = makePlayhead(root, model, data);
      const menus = makeMenus(root, model, data);
      const stopHelp = watchHelp(root, data);
      const events = watchEvents(root, model, tip, menus);
      const missing = new Set();
      const inside = new Set(); // slots within a piece that has just come
      const patcher = makePatcher(root, (node) => {
        paintAll(node);
        lanes.found(node);
        if (node.dataset?.slot) inside.add(node.dataset.slot);
        for (const place of node.querySelectorAll?.("[data-slot]") ?? []) inside.add(place.dataset.slot);
      });
      watchCells(root, tip);
      const fill = (names) => {
        for (const name of names) {
          const pieces = parts.get(name);
          if (!pieces?.size || patcher.fill(name, [...pieces])) missing.delete(name);
          else missing.add(name);
        }
        const nested = [...inside];
        inside.clear();
        if (nested.length) fill(nested);
        lanes.show();
        head.show();
        menus.show();
      };
      const late = new MutationObserver(() => {
        const before = missing.size;
        if (before) fill([...missing]);
      });
      late.observe(root, { childList: true, subtree: true });
      const watcher = {
        full: () => {
          fill([...parts.keys()]);
          head.answered();
        },
        told: tip.told,
        changed: (changes, names) => {
          for (const [name, change] of Object.entries(changes)) {
            if (!missing.has(name) && !patcher.patch(name, change) && parts.get(name).size) missing.add(name);
          }
          if (inside.size) fill([]);
          if ([...names].some((name) => name !== "head")) lanes.show(names);
          if (names.has("head")) head.show();
          if (names.has("head") || names.has("link")) menus.show();
          events.refocus();
          tip.stale();
          head.answered();
        },
      };
      fill([...parts.keys()]);
      watchers.add(watcher);
      stop = () => {
        watchers.delete(watcher);
        late.disconnect();
        events.stop();
        menus.stop();
        stopHelp();
        head.stop();
        lanes.stop();
      };
    };
    const attach = () => {
      const root = el.closest(".fv-root");
      if (root) start(root);
      else requestAnimationFrame(attach);
    };
    attach();
    return () => stop();
  };
  return { initialize, render };
};
