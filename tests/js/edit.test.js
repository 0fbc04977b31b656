import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { watchEdit } from "../../folioviz/views/page/static/edit.js";
import { fire, makeModel, press, show } from "./page.js";

const HTML = `<button class="fv-edits" data-place="4" data-short="fork 1">Edit 5</button>
  <div data-pop="edit"><input data-edit><button data-edits="insert">Insert</button></div>
  <button class="fv-chip" data-fv="op:2" data-place="2" data-short="munmap 1 0 8">munmap</button>
  <button class="fv-chip" data-fv="op:9">3 × fork</button><button data-fv="do:next">step</button>`;
let close = () => {};
afterEach(() => close());

function made() {
  const root = show(HTML);
  const model = makeModel();
  const find = (selector) => root.querySelector(selector);
  const hidden = [];
  const box = find("[data-pop=edit]");
  box.hidePopover = () => hidden.push("edit");
  box.showPopover = () => fire(box, "toggle", { newState: "open" });
  close = watchEdit(root, model);
  return { said: model.said, find, hidden };
}

test("the editor opens with the operation under the playhead, and asks what each text is", () => {
  const { find, said } = made();
  fire(find("[data-pop=edit]"), "toggle", { newState: "closed" });
  fire(find("[data-pop=edit]"), "toggle", { newState: "open" });
  assert.equal(find("[data-edit]").value, "fork 1");

  find("[data-edit]").value = "x".repeat(500);
  fire(find("[data-edit]"), "input");
  assert.deepEqual(said, [{ operation: "fork 1" }, { operation: "x".repeat(200) }]);
});

test("a button, Enter and Delete change the operations", () => {
  const { find, said, hidden } = made();
  find("[data-edit]").value = "exit 1";
  fire(find("[data-edits]"), "click");
  press(find("[data-edit]"), "Enter");
  press(find("[data-edit]"), "Delete");
  press(find("[data-fv='op:2']"), "Delete");
  for (const name of ["do:next", "op:9"]) press(find(`[data-fv='${name}']`), "Delete");

  assert.deepEqual(said, [
    { edit: ["insert", 4, "exit 1"] },
    { edit: ["change", 4, "exit 1"] },
    { edit: ["delete", 2, ""] },
  ]);
  assert.deepEqual(hidden, ["edit", "edit"]);
});

test("Enter on a chip edits its operation, not that under the playhead", () => {
  const { find, said } = made();
  press(find("[data-fv='op:9']"), "Enter");
  press(find("[data-fv='op:2']"), "Enter");
  assert.equal(find("[data-edit]").value, "munmap 1 0 8");
  fire(find("[data-edits]"), "click");
  fire(find("[data-pop=edit]"), "toggle", { newState: "closed" });
  fire(find("[data-edits]"), "click");

  assert.deepEqual(said, [
    { operation: "munmap 1 0 8" },
    { edit: ["insert", 2, "munmap 1 0 8"] },
    { edit: ["insert", 4, "munmap 1 0 8"] },
  ]);
});
