import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { offerTour } from "../../folioviz/views/page/static/offer.js";
import { show } from "./page.js";

afterEach(() => localStorage.clear());

function opened({ path = "explorer.ipynb", shell = true, voila = "voila" } = {}) {
  window.happyDOM.setURL(`http://localhost:8866/voila/render/${path}`);
  const root = show("");
  document.body.dataset.voila = voila;
  root.classList.toggle("fv-shell", shell);
  const stop = offerTour(root);
  return { stop, note: document.querySelector(".fv-offer") };
}

test("a newcomer is offered the tour once", () => {
  const { note } = opened();

  assert.equal(note.querySelector("a").getAttribute("href"), "00-tour.ipynb");
  assert.equal(opened().note, null);
});

test("the offer goes away when it is declined, and with the board", () => {
  const declined = opened().note;
  declined.querySelector("button").click();
  assert.equal(declined.isConnected, false);

  localStorage.clear();
  const { note, stop } = opened({ path: "explorer.ipynb?theme=dark" });
  assert.equal(note.isConnected, true);
  stop();
  assert.equal(note.isConnected, false);
});

test("who follows a link, a story's reader and JupyterLab are offered nothing, and may be later", () => {
  const others = [
    { path: "explorer.ipynb?scenario=front" },
    { path: "01-counters.ipynb" },
    { shell: false },
    { voila: "" },
  ];
  for (const one of others) assert.equal(opened(one).note, null);

  assert.notEqual(opened().note, null);
});

test("a browser that cannot remember is not asked again and again", () => {
  const kept = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get: () => {
      throw new Error("no storage");
    },
  });
  const { note } = opened();
  Object.defineProperty(globalThis, "localStorage", kept);

  assert.equal(note, null);
});

test("the offer covers what one works on no longer than until one begins", () => {
  const { note } = opened();
  note.querySelector("a").dispatchEvent(new window.PointerEvent("pointerdown", { bubbles: true }));
  assert.equal(note.isConnected, true);
  document.body.dispatchEvent(new window.PointerEvent("pointerdown", { bubbles: true }));
  assert.equal(note.isConnected, false);
});
