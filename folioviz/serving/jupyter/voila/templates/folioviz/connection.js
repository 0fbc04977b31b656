// What a page does when its kernel has ended, or the server cannot be reached: one message, and the page is dimmed and
// takes no input. The message goes when the server answers again; a kernel that has ended does not come back.
(() => {
  /** Milliseconds: how long a connection may be away, or an answer take, before anybody is told of it. */
  const CALM = 1500;
  const UNANSWERED = 3000;
  /** So long may a busy server take to say that it is there. */
  const BUSY = 12_000;
  const AGAIN = 2000;
  /** Milliseconds until a page whose scripts have come must have found its kernel. */
  const START = 60_000;
  /** A longer query string is not put into an address. */
  const LONGEST = 32_768;
  const ENDED = ["restarting", "autorestarting", "dead", "terminating"];
  const SAY = {
    lost: [
      "The connection is lost",
      "The server does not answer: it has been stopped, or the network is gone. This page goes on by itself when it is back.",
    ],
    ended: [
      "The kernel has ended",
      "The Python process behind this page is gone. Reload begins a new one with what the page shows now.",
    ],
  };

  /** @type {HTMLElement | null} The message. */
  let box = null;
  /** @type {"" | "lost" | "ended"} */
  let told = "";
  /** @type {Element | null} What had the focus before. */
  let focused = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} The next look at the connection. */
  let timer;
  /**
   * @type {ReturnType<typeof setTimeout> | undefined} A look if no answer comes. It has a timer of its own: a message
   * that is read after the connection was closed must not call the other look off.
   */
  let waiting;

  /** Open the page again, with what it shows if it says so, else with its own address. */
  const reload = () => {
    /** @type {HTMLElement | null} */
    const shown = document.querySelector("[data-fv-query]");
    const held = shown?.dataset.fvQuery ?? "";
    const next = new URL(location.href);
    const theme = next.searchParams.get("theme");
    if (held && held.length <= LONGEST)
      next.search = theme ? `${held}&theme=${encodeURIComponent(theme)}` : held;
    next.hash = "";
    if (next.href === location.href) location.reload();
    else location.assign(next.href);
  };
  /** @param {boolean} still */
  const hold = (still) => {
    for (const node of document.body.children) node.toggleAttribute("inert", still && node !== box);
  };
  const back = () => {
    if (told !== "lost") return;
    told = "";
    box?.remove();
    hold(false);
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  };
  /** @param {"lost" | "ended"} what */
  const tell = (what) => {
    if (told === what || told === "ended") return;
    if (!told) focused = document.activeElement;
    told = what;
    box?.remove();
    box = document.createElement("section");
    box.id = "fv-ended";
    box.popover = "manual"; // above whatever menu is open
    box.setAttribute("role", what === "ended" ? "alertdialog" : "alert");
    const [title = "", text = ""] = SAY[what];
    box.setAttribute("aria-label", title);
    const words = { b: title, span: text };
    for (const [tag, textContent] of Object.entries(words))
      box.append(Object.assign(document.createElement(tag), { textContent }));
    document.body.append(box);
    hold(true);
    box.showPopover();
    if (what === "lost") return;
    clearTimeout(timer);
    const button = Object.assign(document.createElement("button"), {
      textContent: "Reload",
      onclick: reload,
    });
    box.append(button);
    button.focus();
  };

  /** @param {any} kernel JupyterLab's connection to it */
  const watch = (kernel) => {
    /** Ask the server for the kernel: it answers 404 if there is none. */
    const look = async () => {
      clearTimeout(waiting);
      waiting = undefined;
      const address = `${document.body.dataset.baseUrl?.replace(/voila\/$/, "") ?? "/"}api/kernels/${kernel.id}`;
      let status = 0;
      try {
        const signal = AbortSignal.timeout(BUSY);
        status = (await fetch(address, { cache: "no-store", signal })).status;
      } catch {} // no answer is one, too
      const answers = status > 0 && status < 500;
      if (status === 404) tell("ended");
      else if (answers && kernel.connectionStatus === "connected") back();
      else {
        tell("lost");
        if (answers) kernel.reconnect().catch(() => undefined);
        later(AGAIN);
      }
    };
    /** @param {number} milliseconds */
    const later = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(look, milliseconds);
    };
    const changed = () => {
      if (ENDED.includes(kernel.status)) tell("ended");
    };
    kernel.statusChanged.connect(changed);
    kernel.disposed.connect(() => later(CALM)); // as when this page is left; it may stay all the same
    kernel.connectionStatusChanged.connect(() => later(CALM));
    kernel.anyMessage.connect((/** @type {unknown} */ _, /** @type {any} */ message) => {
      if (message.direction === "send") {
        waiting ??= setTimeout(look, UNANSWERED);
      } else {
        clearTimeout(waiting);
        waiting = undefined;
      }
    });
    for (const event of ["offline", "online"]) addEventListener(event, () => later(CALM));
    if (!navigator.onLine) later(CALM); // gone before anybody watched
    changed();
  };

  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  let begun = 0;
  const find = setInterval(() => {
    const app = /** @type {any} */ (window).jupyterapp;
    const kernel = app?.widgetManager?.kernel;
    if (kernel) watch(kernel);
    else if (app) begun ||= Date.now();
    const late = begun > 0 && Date.now() - begun > START;
    if (late) tell("ended");
    if (kernel || late) clearInterval(find);
  }, 250);
})();
