// The screen: takes the kernel's messages, one per change, and hands each part to whom it belongs.
/** @import { Model } from "./messages" */
/** @import { Mirror } from "./mirror.js" */
/** @import { View } from "./view.js" */
import { hasColours } from "./ink.js";
import { makeMirror } from "./mirror.js";
import { saveFile } from "./share.js";
import { makeView } from "./view.js";

/** Make what anywidget asks for: what begins a model, and what shows it wherever the page has a place for it. */
export const widget = () => {
  /** @type {Set<View>} */
  const views = new Set();
  /** @type {Mirror | undefined} */
  let mirror;

  /** @param {{ model: Model }} context */
  const initialize = ({ model }) => {
    const now = makeMirror(model);
    mirror = now;
    model.on("change:serial", () => {
      now.full();
      for (const view of views) view.full();
    });
    model.on("msg:custom", (said, buffers) => {
      if ("file" in said) {
        if (buffers[0]) saveFile(said.file, /** @type {BlobPart} */ (buffers[0]));
      } else if ("mail" in said) {
        for (const view of views) view.mailed(said.mail);
      } else if ("tip" in said) {
        for (const view of views) view.told(said.tip);
      } else {
        const names = now.take(said, buffers);
        if (!names) model.send({ have: now.have() });
        else for (const view of views) view.changed(said.parts, names);
      }
    });
    model.send({ have: now.have() });
  };

  /** @param {{ model: Model, el: HTMLElement }} context */
  const render = ({ model, el }) => {
    el.style.display = "none";
    /** @type {View | undefined} */
    let view;
    let gone = false;
    const attach = () => {
      /** @type {HTMLElement | null} */
      const root = el.closest(".fv-root");
      if (gone || !mirror) return;
      if (!root || !hasColours(root)) {
        requestAnimationFrame(attach);
        return;
      }
      view = makeView(root, model, mirror);
      views.add(view);
    };
    attach();
    return () => {
      gone = true;
      if (!view) return;
      views.delete(view);
      view.stop();
    };
  };
  return { initialize, render };
};
