import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import {
  keepCapture,
  makeKept,
  readCapture,
  takesCaptures,
  watchCaptures,
} from "../../folioviz/views/page/static/captured.js";
import { makeModel, show } from "./page.js";

beforeEach(() => sessionStorage.clear());

/** A page at an address, and what the kernel has told it. */
function made(search, captured) {
  window.happyDOM.setURL(`http://localhost:8866/voila/render/running-machine.ipynb${search}`);
  const model = makeModel();
  const data = new Map([["captured", captured]]);
  const kept = makeKept(model, data);
  kept.show();
  return { model, data, kept };
}

test("a file goes as base64 behind its name, however it begins", async () => {
  assert.equal(await readCapture(new File([new Uint8Array([0x1f, 0x8b, 0])], "a,b.gz")), "a,b.gz\nH4sA");
  assert.equal(await readCapture(new File([], "empty")), "empty\n");
});

test("a page that shows captures takes them", () => {
  const root = show("");

  assert.equal(takesCaptures(root), false);
  root.classList.add("fv-machine");
  assert.equal(takesCaptures(root), true);
});

test("what the kernel has taken comes back when the page is loaded again", () => {
  const { data, kept } = made("", "");
  keepCapture("svc.gz\nH4sA");
  data.set("captured", "svc.gz");
  kept.show();

  assert.deepEqual(made("?file=svc.gz", "").model.said, [{ capture: "svc.gz\nH4sA" }]);
  assert.deepEqual(made("?file=other.gz", "").model.said, []);
  assert.deepEqual(made("", "").model.said, []);
});

test("what the kernel has refused is not kept", () => {
  const { data, kept } = made("", "");
  keepCapture("bad.gz\nAAAA");
  data.set("captured", "svc.gz");
  kept.show();

  assert.deepEqual(made("?file=bad.gz", "").model.said, []);
});

/** Drop a file onto an element; tell whether the page kept it from what else would open it. */
function drop(node, file) {
  const dataTransfer = { types: ["Files"], files: [file] };
  let others = 0;
  const count = () => {
    others += 1;
  };
  document.addEventListener("drop", count);
  const event = new Event("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: dataTransfer });
  node.dispatchEvent(event);
  document.removeEventListener("drop", count);
  return others === 0;
}

test("a story takes a capture where it has a place for one, and nowhere else", async () => {
  const root = show(
    '<div data-captures><p></p><input type="file" data-capture-file></div><div id="beside"></div>',
  );
  const model = makeModel();
  const stop = watchCaptures(root, model);
  const file = new File([new Uint8Array([0x1f, 0x8b, 0])], "a.gz");

  assert.equal(drop(root.querySelector("p"), file), true);
  for (let rounds = 0; rounds < 1000 && !model.said.length; rounds++) {
    await new Promise((done) => setTimeout(done, 10));
  }
  assert.deepEqual(model.said, [{ capture: "a.gz\nH4sA" }]);
  assert.equal(drop(root.querySelector("#beside"), file), false);
  stop();
  assert.equal(drop(root.querySelector("p"), file), false);
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(model.said.length, 1);
});
