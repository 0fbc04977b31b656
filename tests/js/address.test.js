import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { keepAddress } from "../../folioviz/views/page/static/address.js";
import { makeModel } from "./page.js";

let address;
afterEach(() => {
  address?.stop();
  mock.timers.reset();
  sessionStorage.clear();
});

function made(search = "") {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e6 });
  window.happyDOM.setURL(`http://localhost:8866/voila/render/explorer.ipynb${search}`);
  const model = makeModel();
  address = keepAddress(model);
  return { said: model.said, wait: () => mock.timers.tick(1000) };
}
const asked = () => location.search;

test("who has done nothing keeps the address", () => {
  const { wait } = made();
  address.show("scenario=front&at=3", "", "");
  wait();

  assert.equal(asked(), "");
});

test("the last of several changes stands in the address, with the theme and the way back", () => {
  const { wait } = made("?from=s390&theme=dark");
  for (const at of [3, 4, 5]) address.show(`scenario=front&at=${at}`, "", "");
  wait();

  assert.equal(asked(), "?scenario=front&at=5&theme=dark&from=s390");
});

test("a change after a rest stands in the address at once: a reload in the next moment keeps it", () => {
  const { wait } = made();
  address.show("scenario=front&at=3", "", "");
  address.show("scenario=front&at=4", "", "");
  assert.equal(asked(), "?scenario=front&at=4");
  address.show("scenario=front&at=5", "", "");
  assert.equal(asked(), "?scenario=front&at=4");
  wait();

  assert.equal(asked(), "?scenario=front&at=5");
});

test("going back to what was there first is a change, too", () => {
  const { wait } = made();
  for (const at of [3, 4]) address.show(`scenario=front&at=${at}`, "", "");
  wait();
  address.show("scenario=front&at=3", "", "");
  wait();

  assert.equal(asked(), "?scenario=front&at=3");
});

test("what is too long is kept for the tab, and opened again", () => {
  const { wait } = made();
  address.show("scenario=front&at=3", "", "");
  address.show("", "ops: [mm]", "&at=7&read=code");
  wait();
  const search = asked();
  address.stop();

  assert.match(search, /^\?kept=[0-9a-f-]+&at=7&read=code$/);
  assert.deepEqual(made(search).said, [{ open: "ops: [mm]" }, { seek: 7 }, { looks: search }]);
});

test("work that another tab has kept is asked for by its name", () => {
  assert.deepEqual(made("?kept=abc&at=7").said, [{ gone: "abc" }]);
});

test("closing asks only if nothing holds the work", () => {
  const { wait } = made();
  const closing = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  address.show("scenario=front&at=3", "", "");
  address.show("", "ops: [mm]", "&at=7");
  wait();
  assert.equal(closing(), false);

  const room = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
  const full = () => {
    throw new Error("full");
  };
  Object.defineProperty(globalThis, "sessionStorage", { value: { setItem: full }, configurable: true });
  address.show("", "ops: [mm, mm]", "&at=8");
  wait();
  assert.equal(closing(), true);
  Object.defineProperty(globalThis, "sessionStorage", room);

  address.show("scenario=front&at=9", "", "");
  wait();
  assert.equal(closing(), false);
});
