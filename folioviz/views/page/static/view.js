// One view of the screen: the page around it, kept equal to the mirror.
/** @import { Changes, Model } from "./messages" */
/** @import { Mirror } from "./mirror.js" */
import { makeCalled } from "./called.js";
import { makeKept, watchCaptures } from "./captured.js";
import { watchCards } from "./card.js";
import { paintAll } from "./cells.js";
import { watchEdit } from "./edit.js";
import { watchEvents } from "./events.js";
import { makeFinder } from "./finder.js";
import { settleGrids, watchGrids } from "./grid.js";
import { watchCurve } from "./guess_curve.js";
import { makeHeatMap } from "./heat_map.js";
import { watchHelp } from "./help.js";
import { inkOf } from "./ink.js";
import { watchLanes } from "./lane_hands.js";
import { makeLanes } from "./lanes.js";
import { offerTour } from "./offer.js";
import { watchOpen } from "./open.js";
import { bringBack, watchOwnNumbers } from "./own_numbers.js";
import { makePatcher } from "./patch.js";
import { makePlayhead } from "./playhead.js";
import { makeFollow, watchRace } from "./race.js";
import { makeReading } from "./reading.js";
import { watchSentences } from "./sentences.js";
import { makeMenus } from "./share.js";
import { makeSlides } from "./slides.js";
import { watchTerms } from "./terms.js";
import { makeTicks } from "./ticks.js";
import { makeTip } from "./tip.js";
import { watchWays } from "./ways.js";

/** @typedef {ReturnType<typeof makeView>} View */

/**
 * Make a view.
 * @param {HTMLElement} root
 * @param {Model} model
 * @param {Mirror} mirror
 */
export function makeView(root, model, mirror) {
  const { parts, data } = mirror;
  const tip = makeTip(root, model);
  const inkNow = inkOf(root);
  const lanes = makeLanes(root, data, inkNow);
  const heat = makeHeatMap(root, model, data, inkNow, tip);
  const head = makePlayhead(root, model, data);
  const reading = makeReading(root);
  const follow = makeFollow(root);
  const menus = makeMenus(root, model, data, inkNow, (take) =>
    lanes.sharply(() =>
      heat.sharply(() => {
        paintAll(root, inkNow());
        return take();
      }),
    ),
  );
  const events = watchEvents(root, model, tip, menus);
  const called = makeCalled(root, model, data);
  const slides = makeSlides(root, model, data);
  const finder = makeFinder(root, model);
  const kept = makeKept(model, data);
  const ticks = makeTicks(root, model);
  /** @type {Set<string>} Slots that have pieces and no place on the page yet. */
  const missing = new Set();
  /** @type {Set<string>} Slots within a piece that has just come. */
  const inside = new Set();

  const patcher = makePatcher(root, (node) => {
    paintAll(node, inkNow());
    settleGrids(node);
    lanes.found(node);
    heat.found(node);
    bringBack(node, model);
    /** @type {NodeListOf<HTMLElement>} */
    const slots = node.querySelectorAll("[data-slot]");
    if (node instanceof HTMLElement && node.dataset.slot) inside.add(node.dataset.slot);
    for (const place of slots) inside.add(place.dataset.slot ?? "");
  });

  /** @param {Iterable<string>} names */
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
    heat.show();
    head.show();
    menus.show();
    slides.show();
    reading();
    follow.show();
    called.show();
    finder.show();
    kept.show();
    ticks.show();
  };
  const late = new MutationObserver(() => {
    if (missing.size) fill([...missing]);
  });
  late.observe(root, { childList: true, subtree: true });
  const themed = new MutationObserver(() => {
    paintAll(root, inkNow());
    lanes.show();
    heat.show();
  });
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });

  /** Show all of the mirror. */
  const full = () => {
    fill([...parts.keys()]);
    head.answered();
  };
  /**
   * Show a change.
   * @param {Changes["parts"]} changes
   * @param {Set<string>} names of the data in it
   */
  const changed = (changes, names) => {
    for (const [name, change] of Object.entries(changes)) {
      if (!missing.has(name) && !patcher.patch(name, change) && parts.get(name)?.size) missing.add(name);
    }
    if (inside.size) fill([]);
    if ([...names].some((name) => name !== "head" && name !== "chart")) lanes.show(names);
    heat.show(names);
    if (names.has("head") || names.has("chart")) head.show();
    if (["head", "link", "looks"].some((name) => names.has(name))) menus.show();
    if (names.has("slides")) slides.show();
    if (names.has("captured")) kept.show();
    if (names.has("ticked")) ticks.show();
    if (changes.trace || changes.tracelines || changes.codelines || changes.proclines) reading();
    if (changes.racesteps) follow.show();
    if (changes.called) called.show();
    events.refocus();
    if (changes["act:more"]) finder.show();
    tip.stale();
    head.answered();
  };
  const quiet = [
    watchCards(root, tip),
    watchLanes(root, model, lanes, tip),
    watchTerms(root, tip),
    watchSentences(root),
    watchHelp(root, inkNow),
    offerTour(root),
    watchCurve(root, model),
    watchOwnNumbers(root, model),
    watchOpen(root, model),
    watchCaptures(root, model),
    watchEdit(root, model),
    watchWays(root),
    watchGrids(root),
    watchRace(root, model),
  ];
  const stop = () => {
    late.disconnect();
    themed.disconnect();
    for (const one of [events, menus, head, lanes, heat, follow, slides, called, finder, ticks]) one.stop();
    for (const one of quiet) one();
  };
  fill([...parts.keys()]);
  return { full, changed, told: tip.told, mailed: menus.mailed, stop };
}
