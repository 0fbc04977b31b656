import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCalled, markOf } from "../../folioviz/views/page/static/called.js";
import { fire, makeModel, show } from "./page.js";

const HTML = `
  <article data-folio="2"><header>folio 2</header><span data-counter="mapped">8</span>
    <div class="fv-cells"><i>1</i><i class="second">1</i></div></article>
  <ul><li data-queued="3"><button data-fv="folio:3">folio 3</button></li></ul>
  <table><tbody><tr data-cost="sqlock"><td>1</td></tr></tbody></table>
  <button data-fv="op:5">munmap</button><button data-fv="row:A:153">pte</button><button data-fv="do:back">◀</button>
  <div data-pop="share"><input data-name><select data-mark><option value=""><option value="op.1"></select></div>`;

function made(name = "") {
  const root = show(HTML);
  const model = makeModel();
  const called = makeCalled(root, model, new Map([["noted", name]]));
  return { root, said: model.said, called, find: (selector) => root.querySelector(selector) };
}

test("what a click is on is told as a link tells it", () => {
  const { find } = made();
  const told = (selector) => markOf({ target: find(selector) });

  assert.deepEqual(
    [
      "header",
      "[data-counter]",
      ".second",
      "li button",
      "td",
      '[data-fv="op:5"]',
      '[data-fv="row:A:153"]',
    ].map(told),
    ["folio.2", "counter.2.mapped", "folio.2.1-1", "folio.3", "cost.sqlock", "op.6", "row.A.153"],
  );
  assert.deepEqual(["[data-name]", '[data-fv="do:back"]'].map(told), ["", ""]);
});

test("a click with Shift highlights and does nothing else; one without does not", () => {
  const { said, find } = made();
  let further = 0;
  const count = () => further++;
  document.addEventListener("click", count);
  fire(find("header"), "click", { shiftKey: true });
  fire(find("header"), "click");
  document.removeEventListener("click", count);

  assert.deepEqual(said, [{ turn: "folio.2" }]);
  assert.equal(further, 1);
});

test("the menu tells what was chosen, and shows what the moment is called already", () => {
  const { said, find } = made("Here");
  fire(find("[data-pop]"), "toggle", { newState: "open" });
  find("[data-mark]").value = "op.1";
  fire(find("[data-mark]"), "change");

  assert.equal(find("[data-name]").value, "Here");
  assert.deepEqual(said, [{ mark: "op.1" }]);
});
