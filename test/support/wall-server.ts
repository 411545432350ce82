/**
 * A wall without a product behind it: the built pages, the real feed over a
 * real socket, and rows that a test chooses. What is tried is what the page
 * makes of freshness, sizes and moments; the test holds server time and
 * watermark in its hand.
 */
import { createReadStream, existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AlertView } from "@riskwall/schemas";
import {
  topicKey,
  type Json,
  type LiveTopic,
  type SubscribeRequest,
} from "@riskwall/schemas/live";
import { Server } from "socket.io";
import { createFeed } from "../../dashboard/server/src/core/feed.ts";
import { wallRows } from "./wall-rows.ts";
import { createWallAnswers } from "./wall-answers.ts";

const dist = fileURLToPath(
  new URL("../../dashboard/web/dist", import.meta.url),
);
const beatMs = 200;
const kinds: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface WallServer {
  readonly url: string;
  /** How far the log is behind, ms. */
  lag: number;
  /** False: the server says nothing any more. */
  beating: boolean;
  /** What history answers. */
  moment: object | null;
  put: (topic: LiveTopic, rows: Readonly<Record<string, object>>) => void;
  close: () => Promise<void>;
}

/** Permissions of who looks. */
export async function startWallServer(
  may: readonly string[] = ["watch", "look"],
): Promise<WallServer> {
  const feed = createFeed("wall-test");
  const rows = wallRows(Date.now());
  const answer = (reply: ServerResponse, body: unknown): void => {
    reply.setHeader("content-type", "application/json");
    reply.end(JSON.stringify(body));
  };
  const answers: Readonly<Record<string, () => unknown>> = {
    "/api/session": () => ({
      ...{ user: "wall", role: "reader", name: "", may },
      ...{ mustChange: false, twoFactor: false, external: false },
    }),
    "/api/wall/cash": () => rows.cash,
    "/api/forecast": () => rows.forecast,
    "/api/wall/at": () => made.moment,
    "/api/wall/figures/exposure": () => rows.origin,
    "/api/wall/figures/panel-classes": () => rows.origin,
  };
  const walls = createWallAnswers();
  const http = createServer((request, reply) => {
    const path = new URL(request.url ?? "/", "http://wall").pathname;
    const known = answers[path];
    if (known) {
      answer(reply, known());
      return;
    }
    if (path.startsWith("/api/walls")) {
      void walls(request, reply);
      return;
    }
    const file = join(dist, path);
    const shown = extname(path) !== "" && existsSync(file);
    const name = shown ? file : join(dist, "index.html");
    reply.setHeader("content-type", kinds[extname(name)] ?? "text/plain");
    createReadStream(name).pipe(reply);
  });
  const io = new Server(http, { path: "/live", transports: ["websocket"] });
  io.on("connection", (socket) => {
    socket.on(
      "subscribe",
      (
        { topic, params, have }: SubscribeRequest,
        reply: (r: object) => void,
      ) => {
        void socket.join(topicKey(topic, params));
        reply(feed.subscribe(topic, params, have));
      },
    );
  });
  const put: WallServer["put"] = (topic, changed) => {
    const ops = Object.entries(changed).map(([key, value]) => ({
      ...{ op: "set" as const, key },
      // Views hold JSON values only.
      value: value as Json,
    }));
    const now = Date.now();
    const times = { emitTime: now, eventTime: now, appendTime: now };
    io.to(topic).emit("delta", feed.commit(topic, undefined, ops, times));
  };
  const timer = setInterval(() => {
    if (!made.beating) return;
    feed.setWatermark(Date.now() - made.lag);
    io.emit("hb", feed.heartbeat(Date.now()));
  }, beatMs);
  await new Promise<void>((go) => http.listen(0, "127.0.0.1", go));
  const address = http.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const made: WallServer = {
    url: `http://127.0.0.1:${String(port)}`,
    ...{ lag: 0, beating: true, moment: null, put },
    close: async () => {
      clearInterval(timer);
      await io.close();
    },
  };
  feed.setWatermark(Date.now());
  put("portfolio", { ...rows.portfolio });
  put("ops", { pipeline: rows.ops });
  const byId = <Row extends object>(
    list: readonly Row[],
    id: (row: Row) => string,
  ): Record<string, Row> =>
    Object.fromEntries(list.map((row) => [id(row), row]));
  put(
    "alerts",
    byId<AlertView>(rows.alerts, (row) => row.alertId),
  );
  put(
    "orders",
    byId(rows.orders, (row) => row.id),
  );
  put(
    "scores",
    byId(rows.scores, (row) => row.id),
  );
  return made;
}
