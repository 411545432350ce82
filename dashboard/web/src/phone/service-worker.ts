/**
 * Keeps the shell of the phone's pages: they open at once and without a
 * network. Data is never kept; whatever is not of the shell goes by untouched.
 */
import { pathOfPush, readPush } from "./read-push.ts";

interface Waiting {
  readonly waitUntil: (work: Promise<unknown>) => void;
}
interface Fetching {
  readonly request: Request;
  readonly respondWith: (answer: Promise<Response>) => void;
}
interface Pushed {
  readonly data: { readonly json: () => unknown } | null;
  readonly waitUntil: (work: Promise<unknown>) => void;
}
interface Clicked {
  readonly notification: Notification;
  readonly waitUntil: (work: Promise<unknown>) => void;
}
interface Page {
  readonly url: string;
  readonly focus: () => Promise<unknown>;
  readonly navigate: (url: string) => Promise<unknown>;
  readonly postMessage: (message: string) => void;
}
interface Worker {
  /** Written into this file by the build: the files, and a hash of the list. */
  readonly shell: { readonly version: string; readonly files: string[] };
  readonly location: Location;
  readonly clients: {
    readonly claim: () => Promise<void>;
    readonly matchAll: (of: { readonly type: "window" }) => Promise<Page[]>;
    readonly openWindow: (url: string) => Promise<unknown>;
  };
  readonly registration: {
    readonly showNotification: (
      title: string,
      options: object,
    ) => Promise<void>;
  };
  readonly skipWaiting: () => Promise<void>;
  addEventListener(
    name: "install" | "activate",
    listen: (event: Waiting) => void,
  ): void;
  addEventListener(name: "fetch", listen: (event: Fetching) => void): void;
  addEventListener(name: "push", listen: (event: Pushed) => void): void;
  addEventListener(
    name: "notificationclick",
    listen: (event: Clicked) => void,
  ): void;
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

/** Every push has to show something: browsers take the right away otherwise. */
async function show(said: unknown): Promise<void> {
  const push = readPush(said);
  await worker.registration.showNotification(push.title, {
    ...{ body: push.text, tag: push.tag, renotify: push.tag !== "" },
    ...{ icon: "/m-icon-192.png", data: push.path },
    requireInteraction: push.isUrgent,
  });
  for (const page of await worker.clients.matchAll({ type: "window" })) {
    page.postMessage("push-shown");
  }
}

/** To look is all that a tap does: it opens the alert. */
async function open(path: string): Promise<void> {
  const pages = await worker.clients.matchAll({ type: "window" });
  const page = pages.find(({ url }) => new URL(url).pathname.startsWith("/m"));
  if (!page) {
    await worker.clients.openWindow(path);
    return;
  }
  await page.navigate(path);
  await page.focus();
}

worker.addEventListener("push", (event) => {
  event.waitUntil(show(event.data?.json() ?? null));
});
worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(pathOfPush(event.notification.data)));
});
