// A page of the static site: a notebook in JupyterLite, run as soon as its kernel is there, with this address's query.

const NOTEBOOK = document.body.dataset.notebook;
/** What of the notebook is not shown: a reader sees what its cells show. */
const OUTPUTS_ONLY = `
  .jp-Cell-inputWrapper:not(.jp-MarkdownCell *), .jp-OutputPrompt, .jp-InputPrompt, .jp-Notebook-footer,
  .jp-Toolbar, .jp-Notebook .jp-Cell .jp-Collapser { display: none !important; }
  .jp-Notebook .jp-Cell { padding: 0 !important; }
`;

/** @param {string} text */
function say(text) {
  const place = document.querySelector(".state");
  if (place) place.textContent = text;
}

/** @template T @param {() => T} look @returns {Promise<NonNullable<T>>} */
async function until(look) {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Let what is fetched from now on be kept for a visit without a network, where the browser can do that. */
async function keep() {
  const workers = navigator.serviceWorker;
  if (!workers || !(await workers.register("../service-worker.js").catch(() => null))) return;
  await workers.ready;
  await Promise.race([until(() => workers.controller), new Promise((done) => setTimeout(done, 5000))]);
}

/** The cell that makes the kernel answer as Voila's do: the query string is in its environment. */
function asking() {
  return `import os; os.environ["QUERY_STRING"] = ${JSON.stringify(location.search.slice(1))}`;
}

/** @param {any} kernel @param {string} code */
async function ask(kernel, code) {
  const { content } = await kernel.requestExecute({ code, store_history: false }).done;
  if (content.status !== "ok") throw new Error(content.evalue);
}

/**
 * Let links between notebooks lead from page to page.
 * @param {MouseEvent} event
 */
function follow(event) {
  const link = /** @type {Element | null} */ (event.target)?.closest?.("a[href]");
  if (!(link && "href" in link)) return;
  const to = new URL(String(link.href));
  const notebook = /\/([\w-]+)\.ipynb$/.exec(to.pathname);
  if (to.origin !== location.origin || !notebook) return;
  event.preventDefault();
  event.stopPropagation();
  open(`../${notebook[1]}/${to.search}`, link.getAttribute("target") === "_blank" ? "_blank" : "_top");
}

async function start() {
  await keep();
  const frame = document.createElement("iframe");
  frame.src = `../notebooks/index.html?path=${NOTEBOOK}`;
  frame.title = document.title;
  document.body.prepend(frame);
  const app = await until(() => /** @type {any} */ (frame.contentWindow)?.jupyterapp);
  const inner = /** @type {any} */ (frame.contentWindow);
  await app.restored;
  const panel = await until(() => app.shell.currentWidget?.sessionContext && app.shell.currentWidget);
  await panel.sessionContext.ready;
  app.shell.collapseTop?.();
  app.shell.menu?.setHidden(true);
  panel.toolbar?.setHidden(true);
  inner.document.head.append(
    Object.assign(inner.document.createElement("style"), { textContent: OUTPUTS_ONLY }),
  );
  say("Starting Python: some 20 MB the first time, none after that …");
  const kernel = await until(() => panel.sessionContext.session?.kernel);
  await ask(kernel, asking());
  say("Loading folioviz …");
  await ask(kernel, "import folioviz.views");
  // What is shown stands in the address, as on a server: the frame has it for its scripts, and this page for the reader.
  const replace = inner.history.replaceState.bind(inner.history);
  inner.history.replaceState = (
    /** @type {any} */ state,
    /** @type {string} */ title,
    /** @type {string} */ url,
  ) => {
    replace(state, title, url);
    history.replaceState(history.state, "", inner.location.href);
  };
  replace(null, "", location.href);
  inner.document.body.dataset.voila = "voila";
  inner.document.addEventListener("click", follow, true);
  await app.commands.execute("notebook:run-all-cells");
  frame.className = "ready";
}

start().catch((error) => {
  const why = /No module named/.test(error.message)
    ? "The site was built without a package that it needs."
    : "Reload it to try again.";
  say(`This page could not start. ${why}\n\n${error.message}`);
});
