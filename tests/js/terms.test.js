import assert from "node:assert/strict";
import { test } from "node:test";
import { watchTerms } from "../../folioviz/views/page/static/terms.js";
import { at, fire, makeTipStub, show } from "./page.js";

const HTML = `<button data-term="queue" class="plain">queue</button>
  <button data-term="spurious" class="badge" title="this operation goes on to unmap all of it">spurious</button>`;
const MOUSE = { pointerType: "mouse" };
const QUEUE = [["term", "queue"], 30, 48];

function made() {
  const root = show(HTML);
  const tip = makeTipStub();
  watchTerms(root, tip);
  const plain = at(root.querySelector(".plain"), 30, 40, 50, 20);
  return { tip, plain, badge: root.querySelector(".badge") };
}

test("a mouse opens a word by resting on it, and closes it by leaving", () => {
  const { tip, plain } = made();
  fire(plain, "pointerover", MOUSE);
  fire(plain, "pointerout", MOUSE);

  assert.deepEqual(tip.asked, [QUEUE, "hide"]);
});

test("what has the focus stays open until it has lost it", () => {
  const { tip, plain } = made();
  plain.focus();
  fire(plain, "click");
  fire(plain, "pointerout", MOUSE);
  assert.deepEqual(tip.asked.at(-1), QUEUE);

  plain.blur();
  assert.equal(tip.asked.at(-1), "hide");
});

test("a finger opens it by a press alone, and a badge is pressed, for it has a title of its own", () => {
  const { tip, plain, badge } = made();
  fire(plain, "pointerover", { pointerType: "touch" });
  fire(badge, "pointerover", MOUSE);
  assert.deepEqual(tip.asked, []);

  fire(plain, "click");
  fire(badge, "click");
  assert.deepEqual(
    tip.asked.map(([look]) => look[1]),
    ["queue", "spurious"],
  );
});
