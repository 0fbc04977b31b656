import assert from "node:assert/strict";
import { test } from "node:test";
import { watchSentences } from "../../folioviz/views/page/static/sentences.js";
import { fire, show } from "./page.js";

const HTML = `<div class="fv-summary"><p>Both queue folio 1.</p><button aria-expanded="false"></button></div><p>rest</p>`;

function made() {
  const root = show(HTML);
  const stop = watchSentences(root);
  const [sentence, rest] = root.querySelectorAll("p");
  const button = root.querySelector("button");
  return { stop, sentence, rest, button, open: () => button.getAttribute("aria-expanded") };
}

test("a press on the sentences or their button shows them whole, and the next one as they were", () => {
  const { sentence, rest, button, open } = made();
  const seen = [sentence, button, button, rest, sentence].map((node) => {
    fire(node, "click");
    return open();
  });

  assert.deepEqual(seen, ["true", "false", "true", "true", "false"]);
});

test("where there is no button to see, nothing opens; what watches can be stopped", () => {
  const { sentence, button, stop, open } = made();
  button.style.display = "none";
  fire(sentence, "click");
  assert.equal(open(), "false");

  button.style.display = "";
  stop();
  fire(sentence, "click");
  assert.equal(open(), "false");
});
