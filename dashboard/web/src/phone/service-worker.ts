/**
 * Keeps the shell of the phone's pages: they open at once and without a
 * network. Data is never kept; whatever is not of the shell goes by untouched.
 */

interface Waiting {
  readonly waitUntil: (work: Promise<unknown>) => void;
}
interface Fetching {
  readonly request: Request;
  readonly respondWith: (answer: Promise<Response>) => void;
}
interface Worker {
  /** Written into this file by the build: the files, and a hash of the list. */
  readonly shell: { readonly version: string; readonly files: string[] };
  readonly location: Location;
  readonly clients: { readonly claim: () => Promise<void> };
  readonly skipWaiting: () => Promise<void>;
  addEventListener(
    name: "install" | "activate",
    listen: (event: Waiting) => void,
  ): void;
  addEventListener(name: "fetch", listen: (event: Fetching) => void): void;
}

// The one cast: this file runs as a service worker, the project is typed as a page.
const worker = globalThis as unknown as Worker;
const cachePrefix = "riskwall-m-";
const cacheName = `${cachePrefix}${worker.shell.version}`;
const files = new Set(worker.shell.files);
/** All pages of the phone are this one document. */
const documentPath = "/m";

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  const fresh = worker.shell.files.map(
    (file) => new Request(file, { cache: "reload" }),
  );
  await cache.addAll(fresh);
  await worker.skipWaiting();
}

async function dropOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter(
    (name) => name.startsWith(cachePrefix) && name !== cacheName,
  );
  await Promise.all(older.map(async (name) => caches.delete(name)));
  await worker.clients.claim();
}

/** The kept file that answers a request; null: not of the shell. */
function keptPath({ method, mode, url }: Request): string | null {
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== worker.location.origin) return null;
  const isPage = pathname === documentPath || pathname.startsWith("/m/");
  if (mode === "navigate") return isPage ? documentPath : null;
  return files.has(pathname) ? pathname : null;
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  return (await cache.match(path)) ?? fetch(request);
}

worker.addEventListener("install", (event) => {
  event.waitUntil(install());
});
worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder());
});
worker.addEventListener("fetch", (event) => {
  const path = keptPath(event.request);
  if (path !== null) event.respondWith(answer(path, event.request));
});
