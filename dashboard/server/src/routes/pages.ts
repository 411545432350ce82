/** The web app: its files, and its pages, which are all one document. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import statics from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { Problem } from "../problem.ts";

const pages = [
  "/",
  "/login",
  "/wall",
  "/wall/:id",
  "/wall/:id/edit",
  "/walls",
  "/ingest",
  "/alerts",
  "/alerts/silences",
  "/notify",
  "/orders",
  "/customers",
  "/customers/:id",
  "/customers/:id/memo",
  "/groups",
  "/groups/:id",
  "/runbooks/:rule",
  "/trends",
  "/ops",
  "/people",
  "/oncall",
  "/account",
] as const;

/** The phone's pages are a document of their own, a small one. */
const phonePages = ["/m", "/m/a/:id"] as const;

const hidden = { schema: { hide: true }, config: { needs: "open" } } as const;
const assetSeconds = 31_536_000;

/** `root`: the built web app; pages answer 503 until it is built. */
export async function pageRoutes(
  app: FastifyInstance,
  root: string,
): Promise<void> {
  await app.register(statics, {
    root,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Names of assets carry a hash of their content; the document does not.
      const asset = path.includes("/assets/");
      const value = asset
        ? `public, max-age=${String(assetSeconds)}, immutable`
        : "no-cache";
      void reply.header("cache-control", value);
    },
  });
  const serve = (path: string, file: string): void => {
    app.get(path, hidden, async (_, reply) => {
      if (existsSync(join(root, file))) return reply.sendFile(file);
      throw new Problem(503, "web_not_built", "The web app is not built yet");
    });
  };
  for (const path of pages) serve(path, "index.html");
  for (const path of phonePages) serve(path, "m.html");
}
