/** HTTP and sockets on one port, and how they end. */
import { fileURLToPath } from "node:url";
import type { Codec } from "@riskwall/schemas/codec";
import type { Logger } from "pino";
import { createActions } from "./actions.ts";
import type { Config } from "./config.ts";
import type { IngestDoor } from "./io/ingest-door.ts";
import type { LogWriter } from "./io/kafka.ts";
import type { Past } from "./io/past.ts";
import type { Present } from "./io/present.ts";
import type { Processor } from "./io/processor.ts";
import type { Redrives } from "./io/redrives.ts";
import type { Sessions } from "./io/sessions.ts";
import type { Settings } from "./io/settings.ts";
import { createLiveSockets, type LiveSockets } from "./io/socket.ts";
import type { Live } from "./live/live.ts";
import type { Metrics } from "./metrics.ts";
import { createGatekeeper } from "./routes/request.ts";
import { buildServer } from "./server.ts";

export interface ServeDeps {
  readonly config: Config;
  readonly live: Live;
  readonly present: Present;
  readonly past: Past;
  readonly processor: Processor;
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly writer: LogWriter;
  readonly codec: Codec;
  readonly redrives: Redrives;
  readonly door: IngestDoor;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly redisUp: () => boolean;
  readonly now: () => number;
}

export interface Serving {
  readonly port: number;
  /** Not ready first, then clients are told, then the port closes. */
  stop: () => Promise<void>;
}

/** Without these the dashboard shows nothing; without history, less. */
const needed = ["redis", "live"];

export async function serve(deps: ServeDeps): Promise<Serving> {
  const { config, live, settings, sessions, metrics, log, now } = deps;
  let draining = false;
  let sockets: LiveSockets | null = null;
  const app = await buildServer({
    gate: createGatekeeper(sessions, settings),
    actions: createActions({
      writer: deps.writer,
      answers: live.hub.answers,
      now,
    }),
    ...{ settings, sessions, log, now },
    present: deps.present,
    past: deps.past,
    processor: deps.processor,
    writer: deps.writer,
    codec: deps.codec,
    redrives: deps.redrives,
    door: deps.door,
    directory: live.directory,
    standingHeads: live.standingHeads,
    queue: live.queue,
    book: live.hub.book,
    decisions: live.hub.decisions,
    feed: live.feed,
    broadcast: live.broadcast,
    subscribe: live.subscribe,
    scale: live.scale,
    totals: live.portfolio.totals,
    onSignOut: (token) => sockets?.endSession(token),
    parts: async () => ({
      redis: deps.redisUp(),
      live: live.caughtUp(),
      history: await deps.past.ping(),
    }),
    needed,
    draining: () => draining,
    metrics: metrics.registry,
    webRoot: fileURLToPath(new URL("../../web/dist", import.meta.url)),
  });
  const io = createLiveSockets({
    http: app.server,
    feed: live.feed,
    ...{ sessions, settings, log, now },
    subscribe: live.subscribe,
    onPixel: live.onPixel,
    onDigestMismatch: () => {
      metrics.digestMismatches.inc();
    },
  });
  sockets = io;
  live.attach({
    send: io.send,
    hasRoom: io.hasRoom,
    clients: () => {
      metrics.clients.set(io.clients());
      return io.clients();
    },
  });
  await app.listen({ host: config.host, port: config.port });
  const address = app.server.address();
  return {
    port: typeof address === "object" && address ? address.port : config.port,
    stop: async () => {
      draining = true;
      await io.close();
      await app.close();
    },
  };
}
