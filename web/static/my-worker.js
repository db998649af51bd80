// my-worker.js - the service worker of My HER-SYS: without a network the page of the entry opens from what the browser kept. Nothing
// that names anybody is kept, and nothing else is touched.
const NAME = "my-1";
const SHELL = "/my/shell";
const FILES = ["/static/hersys.css", "/static/my.js", "/static/early.js", "/static/icon.svg"];

async function keep() {
  const cache = await caches.open(NAME);
  await cache.addAll(FILES);
  const shell = await fetch(SHELL, { cache: "no-store" });
  if (shell.ok) await cache.put(SHELL, shell);
}

async function fromNetworkOrKept(request, kept) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(kept)) ?? Response.error();
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(keep()));
self.addEventListener("fetch", (event) => {
  const { request } = event, { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET" && pathname.startsWith("/my/entry/"))
    event.respondWith(fromNetworkOrKept(request, SHELL));
  else if (FILES.includes(pathname)) event.respondWith(fromNetworkOrKept(request, pathname));
});
