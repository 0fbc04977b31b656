/**
 * What Python and the browser say to each other. views/page/screen.py sends, views/panels/events.py hears; these types
 * are read by the checker alone, and a test holds real messages against them.
 */

export type Side = "A" | "B";

/** The first virtual page, and the one after the last. */
export type Range = [start: number, end: number];

// ----------------------------------------------------------------------------------------------- from Python

/** What all lanes show, and the selection [lo, hi) of process `mm`. */
export interface View {
  view: Range;
  whole: Range;
  /** Gaps of the view that are cut short. */
  breaks: Range[];
  mm: number;
  lo: number;
  hi: number;
  sides: Side[];
  /** The address of page 0. */
  base: number;
  /** The pages [lo, hi) of a process that are highlighted. */
  marked: [mm: number, lo: number, hi: number] | null;
}

/** The playhead among the steps [first, last] of the timeline; playing goes on to `end`, `stride` steps at a time. */
export interface Head {
  first: number;
  last: number;
  end: number;
  value: number;
  /** Where that is by step, as links say it. */
  at: number;
  words: string;
  stride: number;
  playing: boolean;
  /** Nobody has pressed Play: who wants less motion is shown the end at once. */
  unasked: boolean;
  /** Milliseconds between two steps. */
  interval: number;
}

/** The query string of this moment, as this page and as the explorer would be asked for it, or why there is none. */
export interface Link {
  query: string;
  plain: string;
  /** The explorer's address for it, beside this page's; from a story, with the way back. */
  explorer: string;
  why: string;
  /** The document itself, where no query string holds it. */
  text: string;
  /** What stands below a picture. */
  caption: string;
  /** What prints the costs in a shell, "" if it is too long. */
  shell: string;
  /** The page's title. */
  title: string;
}

/** Data by name: a lane is runs of five int32 each (panels/lane_runs.py), an overview a byte for each part. */
export interface Given {
  view: View;
  head: Head;
  /** The steps that the chart shows; without it, those of the playhead. */
  chart: Range;
  link: Link;
  /** What follows a link and says how it is looked at: each field after an `&`. */
  looks: string;
  /** What this moment is called, "" for nothing. */
  noted: string;
  /** Four bytes for each 2 MiB of a running machine's memory (machine_panels/heat_map.py), and the block that is selected. */
  heat: DataView;
  chosen: { region: number; block: number };
  /** What the capture's file is called that is shown, "" for the example. */
  captured: string;
  /** How many samples of live counters there were. */
  ticked: number;
  /** Where the sliders of a story are, from 0, by name. */
  slides: Record<string, number>;
  [lane: `lane:${number}:${Side}`]: DataView;
  [overview: `over:${number}`]: DataView;
}

/** A change of a slot: the pieces that are new or differ, and the keys of all, if they or their order changed. */
export interface Change {
  set: Record<string, string>;
  order: string[] | null;
}

/** A change of the page. Data that is gone is null; the buffers are the data named in `binary`, in that order. */
export interface Changes {
  serial: number;
  parts: Record<string, Change>;
  data: { [Name in keyof Given]?: Given[Name] | null };
  binary: string[];
}

/** A tooltip as HTML, "" for none. */
export interface Told {
  tip: string;
}

/** A file to save; its content is the only buffer. */
export interface Saved {
  file: string;
}

/** Lines for a mail. */
export interface Mailed {
  mail: string;
}

export type FromPython = Changes | Told | Saved | Mailed;

/** All that is on the screen: slots with their pieces in order, data, the number of the last change, and the keys heard. */
export interface State {
  parts: Record<string, [key: string, html: string][]>;
  data: Partial<Given>;
  serial: number;
  heard: string[];
}

// ------------------------------------------------------------------------------------------------- to Python

/** What a tooltip is asked for. */
export type Look =
  | ["lane", mm: number, vpn: number]
  | ["card", side: Side | "S", folio: number, page: number]
  | ["block", region: number, block: number]
  | ["term", name: string];

/** What the browser reports, by the name in its message; a message holds one. */
export interface Reports {
  /** A `data-fv`. */
  click: string;
  key: string;
  /** The counter that the timeline is to draw. */
  count: string;
  kernel: [side: Side, key: string];
  /** What this moment is called. */
  name: string;
  /** What is highlighted, as a link says it; "" for nothing. */
  mark: string;
  /** The same; what is highlighted already is so no more. */
  turn: string;
  /** What was pasted, or a file’s text. */
  open: string;
  /** The address of work that this tab has kept: how it is looked at stands there. */
  looks: string;
  /** The work that an address names and this tab does not have. */
  gone: string;
  /** The same, to be told what it holds. */
  check: string;
  /** An operation in the short form, to be told what it is. */
  operation: string;
  /** What operations are searched by, and the same, of which the first found is to be done. */
  find: string;
  dofind: string;
  /** What was typed beside an operation: the field's name, a space, the text. */
  asked: string;
  /** A change of the past: of which operation, and the new one. */
  edit: [what: "change" | "insert" | "delete", place: number, text: string];
  /** A step of the history. */
  seek: number;
  step: 1;
  /** So many steps on in what nobody has asked for, if it still plays. */
  stride: number;
  play: false;
  select: [mm: number, lo: number, hi: number];
  zoom: Range;
  look: Look;
  /** The number of the last change that was taken. */
  have: number;
}

/** What a story reports besides: the curve that a person guesses, a value per column. */
export interface Guess {
  drawn: number[];
}

/** What a story reports that explains one's own numbers: what was pasted. */
export interface Own {
  numbers: string;
}

/** What a story reports whose sliders were moved: a name, "=", and the place, from 0. */
export interface Slid {
  slide: string;
}

/** What a race reports: the place of its map that the schedule is to go through, a number for each CPU. */
export interface Through {
  race: string;
}

/** A race that somebody has written: the fields of its form as a query string. */
export interface OwnRace {
  ownrace: string;
}

/** What a heat map reports: a block that was selected; and a file: its name, a line feed, base64. */
export interface OfMachine {
  cell: [region: number, block: number];
  capture: string;
}

export type ToPython =
  | Guess
  | { [Name in keyof OfMachine]: Pick<OfMachine, Name> }[keyof OfMachine]
  | Own
  | OwnRace
  | Slid
  | Through
  | { [Name in keyof Reports]: Pick<Reports, Name> }[keyof Reports];

// ---------------------------------------------------------------------------------------------- the go-between

/** What anywidget gives to a widget. */
export interface Model {
  get<Name extends keyof State>(name: Name): State[Name];
  on(event: "change:serial", heard: () => void): void;
  on(event: "msg:custom", heard: (said: FromPython, buffers: DataView[]) => void): void;
  send(message: ToPython): void;
}

/** What has been given so far. */
export interface Data {
  get<Name extends keyof Given>(name: Name): Given[Name] | undefined;
}
