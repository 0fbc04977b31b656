import assert from "node:assert/strict";
import { test } from "node:test";
import { watchEvents } from "../../folioviz/views/page/static/events.js";
import { watchHelp } from "../../folioviz/views/page/static/help.js";
import { watchTerms } from "../../folioviz/views/page/static/terms.js";
import { at, drawnOn, fire, GREY, INK, makeModel, makeTipStub, press, show } from "./page.js";

const HTML = `
  <div data-slot="one"><button data-fv="do:next">next</button><button data-fv="do:back">back</button></div>
  <div data-slot="two"><button data-fv="do:next">next</button><summary>more</summary></div>
  <input id="words"><input id="range" type="range"><textarea></textarea>
  <select data-count><option value="refcount"></select>
  <select data-pick="B"><option value="v6.8"></select>
  <select id="other"><option value="x"></select>
  <div role="slider" tabindex="0"></div>
  <button data-term="refcount" class="fv-term">refcount</button>
  <button class="fv-help-button">?</button>
  <dialog class="fv-help"><button data-help="close">Close</button><div tabindex="0" id="body"></div>
    <canvas data-runs="0,8,1,1,3;0,4,0,1,0" data-view="8" data-chosen="4,8"></canvas></dialog>`;
const HEARD = ["u", "?", " ", "ArrowRight", "Shift+ArrowRight", "Escape"];

let quiet = () => {};
function made({ used = [] } = {}) {
  quiet();
  const root = show(HTML);
  const model = makeModel({ heard: HEARD });
  const tip = makeTipStub();
  const events = watchEvents(root, model, tip, { key: (event) => used.includes(event.key) });
  const stopHelp = watchHelp(root, () => INK);
  const stopTerms = watchTerms(root, tip);
  quiet = () => {
    events.stop();
    stopHelp();
    stopTerms();
  };
  return { root, said: model.said, tip, events, find: (selector) => root.querySelector(selector) };
}

test("a key that the kernel listens to is reported and used up; others are not", () => {
  const { root, said } = made();

  assert.deepEqual(
    [press(root, "u"), press(document.body, "ArrowRight"), press(root, "x")],
    [false, false, true],
  );
  assert.deepEqual(said, [{ key: "u" }, { key: "ArrowRight" }]);
});

test("Shift is named with keys that have a name, and is in the letter of others", () => {
  const { root, said } = made();
  press(root, "ArrowRight", { shiftKey: true });
  press(root, "U", { shiftKey: true });
  press(root, "u", { shiftKey: true });

  assert.deepEqual(said, [{ key: "Shift+ArrowRight" }, { key: "u" }]);
});

test("keys that are typed, the browser's own, and those of another part of the page are left alone", () => {
  const { said, find, root } = made();
  root.insertAdjacentHTML("afterend", "<p id=elsewhere></p>");
  for (const node of [find("#words"), find("textarea"), find("select"), document.querySelector("#elsewhere")])
    assert.equal(press(node, "u"), true, node.localName);
  for (const chord of ["ctrlKey", "metaKey", "altKey"]) press(root, "u", { [chord]: true });
  assert.deepEqual(said, []);

  press(find("#range"), "u");
  assert.deepEqual(said, [{ key: "u" }]);
});

test("a page that takes no input takes no keys, wherever the focus went", () => {
  const { root, said } = made();
  root.setAttribute("inert", "");
  press(document.body, "u");

  assert.deepEqual(said, []);
});

test("a slider keeps the keys that move it, a button the space that presses it", () => {
  const { said, find } = made();
  press(find("[role=slider]"), "ArrowRight");
  press(find("[role=slider]"), "ArrowRight", { shiftKey: true });
  press(find("[data-fv]"), " ");
  press(find("summary"), " ");
  assert.deepEqual(said, []);

  press(find("[role=slider]"), "u");
  press(find("[role=slider]"), " ");
  assert.deepEqual(said, [{ key: "u" }, { key: " " }]);
});

test("Esc hides the tooltip; a key that a menu uses up goes no further", () => {
  const { root, said, tip } = made({ used: ["Escape"] });
  press(root, "u");
  assert.deepEqual(tip.asked, []);
  press(root, "Escape");

  assert.deepEqual([tip.asked, said], [["hide"], [{ key: "u" }]]);
});

test("what is used up is heard by nobody else on the page", () => {
  const { root } = made();
  const heard = [];
  root.addEventListener("keydown", ({ key }) => heard.push(key));
  for (const key of ["u", "x"]) press(root.firstElementChild, key);

  assert.deepEqual(heard, ["x"]);
});

test("no key leaves the page that it was pressed in, but those with Ctrl, Alt or Cmd", () => {
  const { root } = made();
  const heard = [];
  const listener = ({ key }) => heard.push(key);
  document.addEventListener("keydown", listener);
  for (const key of ["u", "x"]) press(root.firstElementChild, key);
  press(root.firstElementChild, "s", { ctrlKey: true });
  document.removeEventListener("keydown", listener);

  assert.deepEqual(heard, ["s"]);
});

test("a click is reported by the mark that it is on", () => {
  const { root, said, find } = made();
  fire(find("[data-fv='do:back']").firstChild, "click");
  fire(find("[data-fv='do:back']"), "click");
  fire(root, "click");
  root.insertAdjacentHTML("afterend", "<b data-fv='do:other'></b>");
  fire(document.querySelector("[data-fv='do:other']"), "click");

  assert.deepEqual(said, [{ click: "do:back" }]);
});

test("a click on a counter's name asks what it is, and reports nothing", () => {
  const { said, tip, find } = made();
  fire(at(find(".fv-term"), 30, 40, 50, 20), "click");
  fire(find("[data-fv]"), "click");

  assert.deepEqual(tip.asked, [[["term", "refcount"], 30, 48], "hide"]);
  assert.deepEqual(said, [{ click: "do:next" }]);
});

test("a counter's name elsewhere on the page is not ours", () => {
  const { tip, root } = made();
  root.insertAdjacentHTML("afterend", "<b data-term='x'></b>");
  fire(document.querySelector("[data-term='x']"), "click");

  assert.deepEqual(tip.asked, ["hide"]);
});

test("menus report what is drawn, and which kernel is picked", () => {
  const { said, find } = made();
  for (const selector of ["[data-count]", "[data-pick]", "#other"]) fire(find(selector), "change");

  assert.deepEqual(said, [{ count: "refcount" }, { kernel: ["B", "v6.8"] }]);
});

test("the focus comes back to a piece that was replaced, in the same slot if it is there", () => {
  const { events, find } = made();
  const replace = () => {
    find("[data-slot=two]").innerHTML = '<button data-fv="do:next">new</button>';
    events.refocus();
    return document.activeElement;
  };
  find("[data-slot=two] [data-fv]").focus();
  assert.equal(replace(), find("[data-slot=two] [data-fv]"));

  find("[data-slot=two]").innerHTML = "";
  events.refocus();
  assert.equal(document.activeElement, find("[data-slot=one] [data-fv]"));
});

test("the focus stays where a person has put it", () => {
  const { events, find } = made();
  find("[data-fv='do:back']").focus();
  find("#words").focus();
  events.refocus();
  assert.equal(document.activeElement, find("#words"));

  find("#words").blur();
  events.refocus();
  assert.equal(document.activeElement, document.body);
});

test("the help opens by its key and its button, and closes by its key, its button and a click beside it", () => {
  const { root, find, said } = made();
  const dialog = find("dialog");
  const states = [
    () => press(root, "?"),
    () => press(dialog, "?"),
    () => fire(find(".fv-help-button"), "click"),
    () => fire(find("[data-help=close]"), "click"),
    () => fire(find(".fv-help-button"), "click"),
    () => fire(find("#body"), "click"),
    () => fire(dialog, "click"),
  ].map((act) => {
    act();
    return dialog.open;
  });

  assert.deepEqual(states, [true, false, true, false, true, true, false]);
  assert.deepEqual(said, []);
});

test("the open help shows pieces of lanes: a strip per kernel, and what is chosen", () => {
  const { root, find } = made();
  const canvas = at(find("canvas"), 0, 0, 92, 48);
  press(root, "?");

  assert.deepEqual(
    drawnOn(canvas).filter(([what]) => what !== "text"),
    [
      ["fill", 0, 0, 91.5, 22, GREY],
      ["fill", 0, 17, 91.5, 5, "rgb(66 66 66)"],
      ["fill", 3, 4, 47, 14, GREY],
      ["fill", 0, 26, 45.5, 22, "rgb(9 9 9 / 9%)"],
      ["dashes 3,2", 0.5, 26.5, 44.5, 21, "rgb(9 9 9 / 75%)", 1],
      ["frame", 47, 1, 44, 46, INK.onFolio, 4],
      ["frame", 47, 1, 44, 46, INK.accent, 2],
      ["fill", 46, 0, 46, 48, INK.accent, 0.09],
    ],
  );
  assert.equal(canvas.style.height, "48px");
});

test("a gap that is cut is drawn in the help as it is in the lanes", () => {
  const { root, find } = made();
  const canvas = at(find("canvas"), 0, 0, 92, 22);
  canvas.dataset.runs = "0,4,1,1,1,36,40,2,2,1";
  canvas.dataset.view = "40";
  canvas.dataset.chosen = "";
  canvas.dataset.cut = "4,36";
  press(root, "?");

  const drawn = drawnOn(canvas);
  assert.deepEqual(
    drawn
      .filter(([what, , top, , high]) => what === "fill" && top === 0 && high === 22)
      .filter(([, , , wide]) => wide > 9)
      .map(([, left, , wide]) => [left, wide]),
    [
      [0, 32.5],
      [60, 31.5],
    ],
  );
  assert.equal(drawn.filter(([, text]) => text === "//").length, 1);
});

test("a question mark that is typed, or chorded, opens nothing", () => {
  const { root, find } = made();
  press(find("#words"), "?");
  press(root, "?", { ctrlKey: true });
  assert.equal(find("dialog").open, false);

  root.insertAdjacentHTML("afterend", "<p id=elsewhere></p><dialog class='fv-help'></dialog>");
  press(document.querySelector("#elsewhere"), "?");
  assert.equal(find("dialog").open, false);

  document.querySelectorAll("dialog")[1].showModal();
  press(root, "?");
  assert.equal(find("dialog").open, false);
});

test("the open help hears every key, and Tab goes round in it", () => {
  const { find, root, said } = made();
  press(root, "?");
  press(root, "u");
  assert.deepEqual(said, []);

  const stops = [find("[data-help=close]"), find("#body")];
  assert.equal(document.activeElement, stops[0]);
  const visited = [{}, {}, { shiftKey: true }, { shiftKey: true }].map((given) => {
    assert.equal(press(document.activeElement, "Tab", given), false);
    return stops.indexOf(document.activeElement);
  });
  assert.deepEqual(visited, [1, 0, 1, 0]);
});

test("when the help closes, the focus is where it was, else on its button", () => {
  const { find, root } = made();
  const dialog = find("dialog");
  find("[data-fv='do:back']").focus();
  press(root, "?");
  assert.equal(find(".fv-help-button").getAttribute("aria-expanded"), "true");
  press(dialog, "?");
  assert.equal(document.activeElement, find("[data-fv='do:back']"));
  assert.equal(find(".fv-help-button").getAttribute("aria-expanded"), "false");

  document.activeElement.blur();
  press(root, "?");
  press(dialog, "?");
  assert.equal(document.activeElement, find(".fv-help-button"));
});
