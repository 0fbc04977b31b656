// What was fetched once is kept for this build of the site, and answers from then on, with and without a network.
// JupyterLite's own worker, behind it, serves a kernel's files.

const KEPT = "folioviz-BUILD";
/** The pages themselves: they were there before this worker was. */
const PAGES = ["PAGES"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(PAGES)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))),
  );
});

/** @param {Request} request */
async function answer(request) {
  const kept = await caches.open(KEPT);
  const found = await kept.match(request, { ignoreSearch: true });
  if (found) return found;
  const fresh = await fetch(request);
  if (fresh.status === 200) await kept.put(request, fresh.clone());
  return fresh;
}

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const api = /\/api\/(?!contents\/all\.json|translations\/)/.test(pathname);
  if (method !== "GET" || origin !== location.origin || api) return;
  event.stopImmediatePropagation();
  event.respondWith(answer(event.request));
});

importScripts("jupyterlite-service-worker.js");
